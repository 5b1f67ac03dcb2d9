"""case_lanes.py - limits by name, as those see it who are called: of an endpoint, a command, a limit_key."""

from pathlib import Path

import sections
from daemon import SmallDaemon, eventually
from server import Server
from tap import case

CALL = Path(__file__).parent / "call"
CALL_ARGS = ("{port}", "{target}", "x", "0")


def limited(daemon, by):
    return daemon.client.stats()[f'penstock_limited_jobs{{by="{by}"}}']


def all_succeed(daemon, jobs):
    for job in jobs:
        document = daemon.client.result(job)
        assert document["state"] == "succeeded", document


@case
def no_endpoint_has_more_calls_than_it_may_while_others_are_called_and_after_a_crash():
    conf = sections.tenant("a", max_running=12, host_connections=3)
    with Server() as full, Server() as other, SmallDaemon(conf) as daemon:
        jobs = [daemon.client.submit("http", {"url": full.url(hold="all", tenant="a")}, tenant="a") for _ in range(20)]
        full.wait_in_flight(3)
        eventually(lambda: limited(daemon, "endpoint") == 17, "the others wait for it")
        assert daemon.client.stats()["penstock_tenant_limit_waiting_jobs"] == 0
        assert daemon.client.run("http", {"url": other.url()}, tenant="a")["state"] == "succeeded"
        foreign = daemon.client.submit("http", {"url": full.url(hold="all", tenant="b")}, tenant="b")
        full.wait_in_flight(4)
        daemon.kill()
        full.wait_in_flight(0)
        daemon.restart()
        full.wait_in_flight(4)
        assert daemon.client.run("http", {"url": other.url()}, tenant="a")["state"] == "succeeded"
        full.open("all")
        all_succeed(daemon, [*jobs, foreign])
        assert full.peak["a"] == 3 and full.peak["b"] == 1, full.peak
        assert limited(daemon, "endpoint") == 0


@case
def of_a_command_no_more_run_than_may_whoever_wants_it():
    conf = sections.command("call", CALL, *CALL_ARGS, max_running=1)
    with Server() as server, SmallDaemon(conf) as daemon:
        spec = {"command": "call", "args": {"port": server.port, "target": "/?hold=all"}}
        jobs = [daemon.client.submit("command", spec, tenant=tenant) for tenant in "aababc"]
        server.wait_in_flight(1)
        eventually(lambda: limited(daemon, "command") == 5, "the others wait for it")
        for tenant in "abc":
            assert daemon.client.run("echo", 1, tenant=tenant)["state"] == "succeeded"
        server.open("all")
        all_succeed(daemon, jobs)
        assert server.peak_of_all == 1, server.peak_of_all


@case
def a_limit_key_with_more_jobs_than_are_in_memory_lets_those_through_that_were_there_before_and_all_other_tenants():
    conf = "backlog-window = 4\n" + sections.tenant("a", max_running=5, key_max_running=2)
    with Server() as server, SmallDaemon(conf) as daemon:
        members = {"tenant": "a", "limit_key": "customer-42"}
        url = server.url(hold="all")
        jobs = [daemon.client.submit("http", {"url": url}, **members) for _ in range(4)]
        server.wait_in_flight(2)
        assert daemon.client.run("echo", 1, tenant="a")["state"] == "succeeded"
        jobs += [daemon.client.submit("http", {"url": url}, **members) for _ in range(20)]
        behind = daemon.client.submit("echo", 1, tenant="a")
        assert daemon.client.run("echo", 1, tenant="b", limit_key="customer-42")["state"] == "succeeded"
        assert limited(daemon, "key") == 4 and daemon.client.state(behind) == "queued"
        daemon.kill()
        server.wait_in_flight(0)
        daemon.restart()
        server.wait_in_flight(2)
        server.open("all")
        all_succeed(daemon, [*jobs, behind])
        assert server.peak_of_all == 2, server.peak_of_all


@case
def an_old_job_and_those_of_a_higher_priority_that_are_not_in_memory_do_not_wait_for_each_other():
    conf = "backlog-window = 1\n" + sections.tenant("a", host_connections=1, ageing="1ms")
    with Server() as server, SmallDaemon(conf) as daemon:
        jobs = [daemon.client.submit("http", {"url": server.url(hold="all")}, tenant="a")]
        server.wait_in_flight(1)
        call = {"url": server.url()}
        jobs.append(daemon.client.submit("http", call, tenant="a", priority=0))
        eventually(lambda: limited(daemon, "endpoint") == 1, "it waits for the endpoint")
        for _ in range(20):  # each takes a millisecond at least; so it is older than nine steps
            daemon.client.run("sleep", {"for": "1ms"}, tenant="b")
        jobs += [daemon.client.submit("http", call, tenant="a", priority=9) for _ in range(3)]
        eventually(lambda: limited(daemon, "endpoint") == 2, "one of them waits for the endpoint, the others on record")
        server.open("all")
        all_succeed(daemon, jobs)


@case
def a_full_limit_key_is_told_by_a_code_of_its_own_or_in_the_result():
    conf = "".join(sections.tenant(policy, key_policy=policy) for policy in ("reject", "cancel-oldest", "cancel-newest"))
    with SmallDaemon(conf) as daemon:
        held = {}
        for policy in ("reject", "cancel-oldest", "cancel-newest"):
            held[policy] = daemon.client.submit("sleep", {"for": "1h"}, tenant=policy, limit_key="é", timeout="1h")
            eventually(lambda policy=policy: daemon.client.state(held[policy]) == "running", "it runs")
        answer = daemon.client.post({"kind": "echo", "tenant": "reject", "limit_key": "é"})
        assert answer.status == 429 and answer.json["code"] == "limit-key-full" and answer.headers["Retry-After"] == "1", answer
        assert daemon.client.run("echo", 1, tenant="cancel-oldest", limit_key="é")["state"] == "succeeded"
        assert daemon.client.result(held["cancel-oldest"])["error"]["code"] == "superseded"
        newest = daemon.client.run("echo", 1, tenant="cancel-newest", limit_key="é")
        assert newest["state"] == "cancelled" and newest["error"]["code"] == "limit-key-full", newest
        answer = daemon.client.get(f"/jobs/{held['reject']}")
        assert answer.json["limit_key"] == "é", answer
