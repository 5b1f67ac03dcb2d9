"""case_tenants.py - limits and pauses set while the daemon runs: at once, on record, by whoever was first; and why a job waits."""

import json
import sqlite3
import threading
from contextlib import closing

from case_reload import reload
from client import JSON
from daemon import DEADLINE_S, Daemon, SmallDaemon, eventually
from server import Server
from tap import case

HELD = 'tenant "held" { max-running = 0 }\n'
TWO = "workers = 2\n"
ONE_SLOW = {"kind": "sleep", "spec": {"for": "1h"}, "timeout": "1h"}


def send(daemon, method, name, document=None, **headers):
    headers = {header.replace("_", "-"): value for header, value in headers.items()}
    body = None if document is None else document if isinstance(document, str) else json.dumps(document)
    return daemon.client.request(method, f"/tenants/{name}", body, {"Content-Type": JSON, **headers})


def put(daemon, name, **limits):
    answer = send(daemon, "PUT", name, limits)
    assert answer.status == 200, answer
    return answer.json


def see(daemon, name):
    answer = send(daemon, "GET", name)
    assert answer.status == 200 and answer.json["tenant"] == name, answer
    return answer.json


def submit(daemon, tenant, document=None, **members):
    answer = daemon.client.post({**(document or {"kind": "echo", "spec": 1}), "tenant": tenant, **members})
    assert answer.status == 202, answer
    return answer.json["id"]


def running(daemon, tenant):
    job = submit(daemon, tenant, ONE_SLOW)
    eventually(lambda: daemon.client.state(job) == "running", "it runs")
    return job


def cancel(daemon, *jobs):
    for job in jobs:
        assert daemon.client.request("DELETE", f"/jobs/{job}").status == 202


def why(daemon, job):
    answer = daemon.client.get(f"/jobs/{job}/explain")
    assert answer.status == 200 and answer.json["id"] == job and answer.json["detail"], answer
    return answer.json


def audited(daemon):
    answer = daemon.client.request("POST", "/audit")
    assert answer.status == 200 and answer.json["differences"] == 0, answer
    assert daemon.client.stats()["penstock_audit_differences_total"] == 0
    return answer.json


def came_from(daemon, name):
    """Where the limits come from that do not have their default."""
    return {limit: source for limit, source in see(daemon, name)["from"].items() if source != "default"}


@case
def a_raised_limit_starts_jobs_at_once_and_a_lowered_one_stops_none():
    with SmallDaemon(HELD) as daemon:
        jobs = [submit(daemon, "held", ONE_SLOW) for _ in range(4)]
        assert see(daemon, "held")["jobs"] == {"running": 0, "queued": 4, "scheduled": 0, "limit_waiting": 4}
        assert put(daemon, "held", max_running=3)["max_running"] == 3
        eventually(lambda: see(daemon, "held")["jobs"]["running"] == 3, "as many run as may now")
        lowered = put(daemon, "held", max_running=1, weight=7)
        assert lowered["jobs"]["running"] == 3 and lowered["jobs"]["limit_waiting"] == 1, lowered
        cancel(daemon, jobs[0])
        eventually(lambda: see(daemon, "held")["jobs"]["running"] == 2, "one has ended")
        assert daemon.client.state(jobs[3]) == "queued"
        audited(daemon)


@case
def what_the_api_sets_overrides_the_configuration_says_so_and_can_be_taken_back():
    conf = "tenant-defaults { max-queued = 50 }\n" + 'tenant "held" { max-running = 0 }\n'
    with SmallDaemon(conf) as daemon:
        assert came_from(daemon, "held") == {"max_running": "configuration", "max_queued": "configuration"}
        assert came_from(daemon, "other") == {"max_queued": "configuration"}
        told = put(daemon, "held", max_running=2)
        assert told["from"]["max_running"] == "api" and told["max_queued"] == 50 and told["weight"] == 1, told
        reload(daemon, 'tenant "held" { max-running = 5 max-queued = 60 }\n')
        told = see(daemon, "held")
        assert (told["max_running"], told["max_queued"]) == (2, 60), told
        assert put(daemon, "held", weight=9)["max_running"] == 5  # what is not said is as the configuration says
        told = send(daemon, "DELETE", "held")
        assert told.status == 200 and told.json["weight"] == 1 and "api" not in told.json["from"].values(), told
        assert send(daemon, "DELETE", "held").headers["ETag"] == told.headers["ETag"]


@case
def whatever_a_tenant_may_and_its_jobs_are_like_can_be_set_while_it_runs():
    with SmallDaemon("backlog-window = 2\n") as daemon:
        wanted = {"key_policy": "reject", "ageing": "0s", "timeout_max": "90s", "durability": "relaxed"}
        told = put(daemon, "a", max_running=1, **wanted)
        assert {name: told[name] for name in wanted} == wanted and set(map(told["from"].get, wanted)) == {"api"}, told
        job = submit(daemon, "a", {"kind": "sleep", "spec": {"for": "1h"}, "limit_key": "k"})
        assert daemon.client.post({"kind": "echo", "tenant": "a", "limit_key": "k"}).json["code"] == "limit-key-full"
        answer = daemon.client.post({"kind": "echo", "tenant": "a", "timeout": "91s"})
        assert answer.status == 400 and answer.json["errors"][0]["pointer"] == "/timeout", answer
        daemon.kill()
        daemon.restart()
        eventually(lambda: daemon.client.state(job) == "running", "it runs again")
        told = see(daemon, "a")
        assert {name: told[name] for name in wanted} == wanted, told
        assert daemon.client.post({"kind": "echo", "tenant": "a", "limit_key": "k"}).json["code"] == "limit-key-full"
        told = put(daemon, "a", key_policy="queue")
        assert (told["key_policy"], told["ageing"], told["timeout_max"], told["durability"]) == ("queue", "1m", "0s", "sync"), told
        cancel(daemon, submit(daemon, "a", {"kind": "echo", "limit_key": "k", "timeout": "91s"}), job)
        audited(daemon)


@case
def what_cannot_be_set_is_refused_with_a_pointer_and_sets_nothing():
    bad = {
        "/max_running": ({"max_running": 65537}, {"max_running": -1}, {"max_running": "5"}, {"max_running": 1.5}, {"max_running": None}),
        "/max_queued": ({"max_queued": 100000001},),
        "/weight": ({"weight": 0}, {"weight": 1001}),
        "/key_policy": ({"key_policy": "queues"}, {"key_policy": 1}),
        "/timeout_max": ({"timeout_max": "366d"}, {"timeout_max": 5}),
        "/paused": ({"paused": 1}, {"paused": {}}),
        "/max_runing": ({"weight": 2, "max_runing": 1},),
        "/from": ({"from": {}},),
        "": ([], "{", "", '{"weight":1,"weight":2}'),
    }
    with SmallDaemon() as daemon:
        for pointer, documents in bad.items():
            for document in documents:
                answer = send(daemon, "PUT", "a", document)
                assert answer.status == 400, (document, answer)
                assert not pointer or answer.json["errors"][0]["pointer"] == pointer, (document, answer)
        for document, pointer in (({"for": "0s"}, "/for"), ({"for": 5}, "/for"), ({"reason": ""}, "/reason"), ({"until": "x"}, "/until")):
            answer = send(daemon, "POST", "a:pause", document)
            assert answer.status == 400 and answer.json["errors"][0]["pointer"] == pointer, answer
        assert send(daemon, "POST", "a:pause", {"reason": "x" * 201}).status == 400
        assert daemon.client.request("PUT", "/tenants/a", "{}", {"Content-Type": "text/plain"}).status == 415
        for name in ("-a", "a" * 65, "a%20b"):
            assert send(daemon, "PUT", name, {}).status == 404, name
        assert put(daemon, "a" * 64, weight=2)["weight"] == 2
        assert see(daemon, "a")["from"]["weight"] == "default"
        assert send(daemon, "POST", "a", {}).headers["Allow"] == "GET, HEAD, PUT, DELETE"


@case
def of_two_that_change_what_both_have_seen_one_wins():
    with SmallDaemon() as daemon:
        tag = send(daemon, "GET", "a").headers["ETag"]
        assert tag == send(daemon, "GET", "a").headers["ETag"] and tag != send(daemon, "GET", "b").headers["ETag"]
        for n in range(4):
            answers = []
            tasks = [
                threading.Thread(target=lambda w=w: answers.append(send(daemon, "PUT", "a", {"weight": w}, If_Match=tag)))
                for w in range(100 + 10 * n, 108 + 10 * n)
            ]
            for task in tasks:
                task.start()
            for task in tasks:
                task.join(DEADLINE_S)
            won = [answer for answer in answers if answer.status == 200]
            assert sorted(answer.status for answer in answers) == [200] + [412] * 7, answers
            assert see(daemon, "a")["weight"] == won[0].json["weight"]
            tag = won[0].headers["ETag"]
        lost = send(daemon, "PUT", "a", {"weight": 3}, If_Match='"0123456789abcdef"')
        assert lost.status == 412 and lost.json["code"] == "precondition-failed" and tag in lost.json["detail"], lost
        assert send(daemon, "PUT", "a", {"weight": 3}, If_Match=f"W/{tag}").status == 412
        assert send(daemon, "PUT", "a", {"weight": 3}, If_None_Match="*").status == 412
        assert send(daemon, "PUT", "a", {"weight": 3}, If_None_Match=tag).status == 400
        assert send(daemon, "POST", "a:pause", {}, If_Match=f'"x", {tag}').status == 200
        assert send(daemon, "DELETE", "a", If_Match=tag).status == 412
        assert send(daemon, "DELETE", "a", If_Match="*").status == 200
        assert send(daemon, "PUT", "a", {"weight": 3}, If_None_Match="*").status == 200


@case
def what_was_set_outlives_a_restart_and_a_kill_right_after_the_answer():
    with SmallDaemon(HELD) as daemon:
        job = submit(daemon, "held")
        for n in range(1, 5):
            put(daemon, "a", max_running=n, weight=10 * n)
            assert send(daemon, "POST", "b:pause", {"reason": f"the {n}. \u20ac \"time\""}).status == 200
            assert send(daemon, "POST", "c:pause", {"for": "1h"}).status == 200
            before = see(daemon, "a"), see(daemon, "b"), see(daemon, "c")
            daemon.kill()
            daemon.restart()
            assert (see(daemon, "a"), see(daemon, "b"), see(daemon, "c")) == before
            assert before[1]["pause"]["reason"] == f"the {n}. \u20ac \"time\"", before
            send(daemon, "DELETE", "c")
            daemon.kill()
            daemon.restart()
            assert not see(daemon, "c")["paused"]
        put(daemon, "held", max_running=1)
        assert daemon.client.result(job)["state"] == "succeeded"
        daemon.stop()
        daemon.restart()
        assert see(daemon, "held")["max_running"] == 1


@case
def a_paused_tenant_takes_jobs_and_starts_none_until_it_is_resumed():
    with SmallDaemon() as daemon:
        slow = running(daemon, "a")
        told = send(daemon, "POST", "a:pause", {"reason": "invoices"})
        assert told.status == 200 and told.json["paused"], told
        assert told.json["pause"]["reason"] == "invoices" and told.json["pause"]["until"] is None, told
        jobs = [submit(daemon, "a") for _ in range(3)]
        assert daemon.client.run("echo", 1, tenant="b")["state"] == "succeeded"
        assert daemon.client.state(slow) == "running" and see(daemon, "a")["jobs"]["queued"] == 3
        assert daemon.client.stats()["penstock_tenants_paused"] == 1
        assert put(daemon, "a", weight=2)["paused"]  # which did not say that it is to be resumed
        daemon.kill()
        daemon.restart()
        reason = why(daemon, jobs[0])
        assert reason["reason"] == "paused" and reason["numbers"]["pause_reason"] == "invoices", reason
        assert reason["estimated_start_at"] is None, reason
        told = send(daemon, "POST", "a:resume")
        assert told.status == 200 and not told.json["paused"] and told.json["pause"] is None, told
        for job in jobs:
            assert daemon.client.result(job)["state"] == "succeeded"
        assert put(daemon, "a", paused=True)["paused"] and not put(daemon, "a", paused=False)["paused"]
        cancel(daemon, slow)
        audited(daemon)


@case
def a_pause_ends_by_itself_also_one_that_ended_while_there_was_no_daemon():
    with SmallDaemon() as daemon:
        told = send(daemon, "POST", "a:pause", {"for": "1s"}).json
        job = submit(daemon, "a")
        assert why(daemon, job)["estimated_start_at"] is None or told["pause"]["until"] <= why(daemon, job)["estimated_start_at"]
        assert daemon.client.result(job)["started_at"] >= told["pause"]["until"]
        assert not see(daemon, "a")["paused"]
        put(daemon, "b", weight=2)
        send(daemon, "POST", "b:pause", {"for": "1s"})
        job = submit(daemon, "b")
        daemon.kill()
        daemon.restart()
        assert daemon.client.result(job)["state"] == "succeeded"
        assert not see(daemon, "b")["paused"] and see(daemon, "b")["weight"] == 2
        tenants = daemon.client.get("/tenants").json["tenants"]
        assert [tenant["tenant"] for tenant in tenants] == ["b"], tenants


@case
def settings_that_are_damaged_on_record_are_told_and_the_configuration_holds():
    with SmallDaemon(HELD) as daemon:
        put(daemon, "held", max_running=3)
        put(daemon, "other", weight=5)
        daemon.kill()
        with closing(sqlite3.connect(daemon.folder / "state/jobs.db")) as database:
            database.execute("UPDATE tenants SET settings = '{\"max_running\":4}' WHERE tenant = 'held'")
            database.commit()
        daemon.restart()
        assert "what is set for a tenant cannot be read back" in daemon.log()
        assert see(daemon, "held")["max_running"] == 0 and see(daemon, "other")["weight"] == 5
        put(daemon, "held", max_running=5)
        daemon.stop()
        daemon.restart()
        assert see(daemon, "held")["max_running"] == 5


@case
def tenants_are_listed_by_name_in_pages_each_once():
    with SmallDaemon(HELD + "tenants-max = 20\n") as daemon:
        names = [f"t{n:02}" for n in range(18)]
        for name in names:
            put(daemon, name, weight=2)
        submit(daemon, "held")
        submit(daemon, "t03", delay="1h")
        submit(daemon, "unset", delay="1h")
        seen, cursor = [], ""
        while cursor is not None:
            page = daemon.client.get(f"/tenants?limit=7&cursor={cursor}").json
            seen += [tenant["tenant"] for tenant in page["tenants"]]
            cursor = page["next_cursor"]
            assert cursor is None or len(page["tenants"]) == 7
        assert seen == ["held", *names, "unset"], seen
        assert daemon.client.get("/tenants?limit=20").json["next_cursor"] is None
        assert daemon.client.get("/tenants?limit=1001").status == 400 and daemon.client.get("/tenants?cursor=-").status == 400
        put(daemon, "u1", weight=2), put(daemon, "u2", weight=2)
        refused = send(daemon, "PUT", "u3", {"weight": 2})
        assert refused.status == 429 and refused.json["code"] == "too-many-tenants", refused
        assert send(daemon, "PUT", "u3", {}).status == 200  # which sets nothing
        send(daemon, "DELETE", "u1")
        put(daemon, "u3", weight=2)


@case
def why_a_job_waits_is_told_by_the_first_reason():
    with Daemon(TWO + HELD) as daemon:
        later = submit(daemon, "a", delay="1h")
        reason = why(daemon, later)
        assert reason["reason"] == "not-yet-due" and reason["position"] is None, reason
        assert reason["estimated_start_at"] == reason["numbers"]["due_at"] == daemon.client.get(f"/jobs/{later}").json["next_run_at"]
        jobs = [submit(daemon, "held", priority=priority) for priority in (5, 5, 9, 0)]
        told = [why(daemon, job) for job in jobs]
        assert [reason["reason"] for reason in told] == ["tenant-limit"] * 4, told
        assert [reason["position"] for reason in told] == [2, 3, 1, 4], told
        assert told[0]["numbers"] == {"running": 0, "max_running": 0, "ahead": 1} and told[0]["estimated_start_at"] is None, told
        slow = [running(daemon, "a"), running(daemon, "b")]
        assert why(daemon, slow[0])["reason"] == "running" and "position" not in why(daemon, slow[0])
        queue = [submit(daemon, "c") for _ in range(3)]
        told = [why(daemon, job) for job in queue]
        assert [reason["reason"] for reason in told] == ["no-free-worker", "behind-others", "behind-others"], told
        assert told[0]["numbers"]["workers"] == 2 and told[2]["numbers"] == {"ahead": 2, "ahead_by_priority": 0}, told
        send(daemon, "POST", "c:pause", {"for": "1h"})
        reason = why(daemon, queue[2])
        assert reason["reason"] == "paused" and reason["numbers"]["until"] == see(daemon, "c")["pause"]["until"], reason
        send(daemon, "POST", "c:resume")
        cancel(daemon, slow[0])
        assert daemon.client.result(queue[2])["state"] == "succeeded"
        reason = why(daemon, queue[2])
        assert reason["reason"] == "ended" and reason["state"] == "succeeded", reason
        reason = why(daemon, submit(daemon, "c", delay="1h"))
        assert reason["reason"] == "not-yet-due"
        cancel(daemon, slow[1])
        assert daemon.client.get("/jobs/0193b0a0-0000-7000-8000-000000000000/explain").status == 404
        audited(daemon)


@case
def why_is_right_too_of_jobs_that_are_on_record_only():
    with SmallDaemon("backlog-window = 4\n" + HELD) as daemon:
        jobs = [submit(daemon, "held", priority=4) for _ in range(40)]
        first = [submit(daemon, "held", priority=5) for _ in range(20)]
        assert [why(daemon, job)["position"] for job in first] == list(range(1, 21))
        for n in (0, 3, 4, 20, 39):
            reason = why(daemon, jobs[n])
            assert reason["position"] == 21 + n and reason["reason"] == "tenant-limit" and not reason["position_is_at_least"], reason
        cancel(daemon, jobs[10], first[19])
        assert why(daemon, jobs[39])["position"] == 58
        late = [submit(daemon, "held", delay="1h") for _ in range(40)]
        assert {why(daemon, job)["reason"] for job in late} == {"not-yet-due"}
        audited(daemon)
        daemon.kill()
        daemon.restart()
        assert why(daemon, jobs[39])["position"] == 58 and see(daemon, "held")["jobs"]["scheduled"] == 40
        put(daemon, "held", max_running=1)
        assert daemon.client.result(jobs[39])["state"] == "succeeded"
        assert audited(daemon)["jobs"] == 40


@case
def a_job_that_waits_for_its_endpoint_is_told_so():
    with Server() as server, Daemon("workers = 4\nbreaker-failures = 1\nbreaker-min = 1h\nbreaker-max = 1h\n") as daemon:
        spec = {"method": "GET", "url": server.url(status=500)}
        assert daemon.client.run("http", spec, retry={"max_attempts": 1})["state"] == "failed"
        job = submit(daemon, "default", {"kind": "http", "spec": spec})
        eventually(lambda: daemon.client.state(job) == "scheduled", "it is put off")
        reason = why(daemon, job)
        assert reason["reason"] == "endpoint-breaker" and reason["numbers"]["until"] == reason["estimated_start_at"], reason
        send(daemon, "POST", "default:pause")
        assert why(daemon, job)["reason"] == "paused"
