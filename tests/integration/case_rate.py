"""case_rate.py - how often a tenant's jobs begin and how many slots they take, as those see it who are called by them; over a kill too."""

from case_reload import reload
from daemon import SmallDaemon, eventually
from server import Server
from tap import case

RATED = 'tenant "rated" { rate = 1/h\n burst = 3 }\n'
OPEN = 'tenant "rated" { rate = none }\n'
SLOTS = 'allow-networks = 127.0.0.0/8\ntenant "acme" { max-running = 5\n max-queued = 30 }\n'


def begun(daemon, jobs):
    return [daemon.client.state(job) != "queued" for job in jobs].count(True)


@case
def of_a_tenant_with_a_rate_no_more_begin_than_it_allows_and_the_others_go_on():
    with SmallDaemon(RATED) as daemon:
        jobs = [daemon.client.submit("echo", number, tenant="rated") for number in range(8)]
        for job in jobs[:3]:
            daemon.client.result(job)
        for _ in range(10):
            daemon.client.run("echo", tenant="other")
        assert begun(daemon, jobs) == 3
        assert daemon.client.stats()["penstock_tenant_limit_waiting_jobs"] == 5
        reload(daemon, OPEN)
        for job in jobs:
            daemon.client.result(job)
        assert daemon.client.stats()["penstock_tenant_limit_waiting_jobs"] == 0


def slots_in_flight(server):
    """By the tenant's name that a call tells the server, which says how many slots it has."""
    return sum(count * int(name) for name, count in server.in_flight.items())


def call(daemon, server, slots):
    url = server.url(tenant=str(slots), hold="all")
    return daemon.client.submit("http", {"url": url}, tenant="acme", slots=slots, timeout="1h")


@case
def no_more_slots_are_taken_than_a_tenant_has_also_after_a_kill():
    with Server() as server, SmallDaemon(SLOTS) as daemon:
        jobs = [call(daemon, server, slots) for slots in (2, 2, 5, 1, 3)]
        server.wait_in_flight(2)
        answer = daemon.client.post({"kind": "echo", "tenant": "acme", "slots": 6})
        assert answer.status == 400 and answer.json["errors"][0]["pointer"] == "/slots", answer
        daemon.client.run("echo", tenant="other")
        assert slots_in_flight(server) == 4 and begun(daemon, jobs) == 2, "the one of 5 waits, and nobody overtakes it"
        daemon.kill()
        server.wait_in_flight(0)
        daemon.restart()
        eventually(lambda: slots_in_flight(server) >= 4, "those that were running run again")
        daemon.client.run("echo", tenant="other")
        assert slots_in_flight(server) <= 5
        server.open("all")
        for job in jobs:
            assert daemon.client.result(job)["state"] == "succeeded"
        assert server.peak["5"] == 1 and server.peak["2"] <= 2, server.peak


@case
def who_finds_a_full_backlog_is_told_its_size_and_when_to_come_again():
    with SmallDaemon('tenant "full" { max-running = 0\n max-queued = 2 }\n') as daemon:
        for _ in range(2):
            daemon.client.submit("echo", tenant="full")
        answer = daemon.client.post({"kind": "echo", "tenant": "full"})
        assert answer.status == 429 and answer.json["code"] == "backlog-full", answer
        assert answer.headers["Retry-After"] == "1", answer.headers
        assert answer.headers["RateLimit-Policy"] == '"max-queued";q=2', answer.headers
        assert answer.headers["RateLimit"] == '"max-queued";r=0;t=1', answer.headers
        answer = daemon.client.post_lines([{"kind": "echo", "tenant": "full"}], "?atomic=true")
        assert answer.status == 429 and answer.headers["RateLimit"] == '"max-queued";r=0;t=1', answer
