"""case_api.py - the HTTP contract, said back by a running daemon: jobs, results, cancelling, health."""

import datetime
import json
import re
import threading
import time
import uuid

from daemon import SmallDaemon, eventually
from tap import case

HELD = 'tenant "held" { max-running = 0 }'  # its jobs wait for ever
NEVER_GIVEN = "01a21404-640b-7296-9fcb-55d12cb5c4a0"
ACCEPTED = {"id", "state", "kind", "tenant", "links"}
RESULT = {
    "id", "kind", "tenant", "state", "attempts", "result", "error", "created_at", "started_at", "finished_at",
}
ALLOWED = {
    "/jobs": "POST, GET, HEAD",
    f"/jobs/{NEVER_GIVEN}": "GET, HEAD, DELETE",
    f"/jobs/{NEVER_GIVEN}:cancel": "POST",
    f"/results/{NEVER_GIVEN}": "GET, HEAD",
    "/healthz": "GET, HEAD",
    "/readyz": "GET, HEAD",
    "/stats": "GET, HEAD",
    "/metrics": "GET, HEAD",
}


def at(text):
    """A time as API.md writes them: RFC 3339 in UTC with milliseconds."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text), text
    return datetime.datetime.fromisoformat(text[:-1] + "+00:00")


def seconds(later, earlier):
    return (at(later) - at(earlier)).total_seconds()


def refused(answer, status, code):
    assert answer.status == status, answer
    assert answer.json["code"] == code, answer
    return answer


def retry_after(answer):
    assert re.fullmatch(r"[1-9]\d*", answer.headers["Retry-After"]), answer


def running(client, job):
    """Wait until a job that was submitted runs."""
    eventually(lambda: client.state(job) == "running", "the job runs")
    return job


def sleeper(client, **members):
    return running(client, client.submit("sleep", {"for": "1h"}, timeout="1h", **members))


@case
def a_job_is_accepted_with_its_place_and_links():
    with SmallDaemon() as daemon:
        answer = daemon.client.post({"kind": "echo", "spec": 1, "tenant": "acme"})
        body = answer.json
        assert answer.status == 202 and answer.type == "application/json", answer
        assert set(body) == ACCEPTED, answer
        assert answer.headers["Location"] == f"/jobs/{body['id']}", answer
        assert body["links"] == {"self": f"/jobs/{body['id']}", "result": f"/results/{body['id']}"}, answer
        assert (body["state"], body["kind"], body["tenant"]) == ("queued", "echo", "acme"), answer
        for link in body["links"].values():
            assert daemon.client.get(link).status in (200, 202), link


@case
def ids_are_uuids_of_version_7_in_the_order_of_time():
    with SmallDaemon() as daemon:
        before = time.time_ns() // 1000000
        ids = [daemon.client.submit("echo") for _ in range(4)]
        after = time.time_ns() // 1000000
        for number in map(uuid.UUID, ids):
            assert number.version == 7 and number.variant == uuid.RFC_4122, number
            assert before <= number.int >> 80 <= after, number
        assert len(set(ids)) == len(ids), ids
        assert [i[:13] for i in ids] == sorted(i[:13] for i in ids), ids


@case
def only_the_kind_is_needed_and_the_tenant_is_default():
    with SmallDaemon() as daemon:
        result = daemon.client.run("echo")
        assert daemon.client.post('{"kind":"echo"}').status == 202
        assert (result["tenant"], result["result"]) == ("default", None), result
        assert daemon.client.get(f"/jobs/{result['id']}").json["priority"] == 5


@case
def each_kind_gives_its_result():
    with SmallDaemon('command "say" { exec = "/bin/echo"\n args = {"-n", "{what}"} }') as daemon:
        client = daemon.client
        spec = {"deep": [1, "zwei", None, 0.10], "ünï": "\u2713 😀 \" \\ / \b\f\n\r\t"}
        jobs = [
            client.submit("echo", spec),
            client.submit("sleep", {"for": "10ms"}),
            client.submit("http", {"url": f"{client.url}/healthz"}),
            client.submit("command", {"command": "say", "args": {"what": "hello"}}),
        ]
        echo, sleep, http, command = map(client.result, jobs)
        for result in (echo, sleep, http, command):
            assert result["state"] == "succeeded" and result["error"] is None, result
        assert echo["result"] == spec, echo
        assert sleep["result"] == {"slept": "10ms"}, sleep
        assert http["result"]["status"] == 200 and http["result"]["body"] == '{"status":"ok"}', http
        assert set(http["result"]) == {"status", "headers", "body", "truncated", "timing"}, http
        assert command["result"]["stdout"] == "hello" and command["result"]["exit_code"] == 0, command
        assert set(command["result"]) == {
            "exit_code", "signal", "stdout", "stderr", "truncated", "rusage",
        }, command


@case
def a_result_has_all_its_members_and_times_in_order():
    with SmallDaemon() as daemon:
        result = daemon.client.run("echo", "x", tenant="acme")
        assert set(result) == RESULT, result
        assert (result["kind"], result["tenant"], result["attempts"]) == ("echo", "acme", 1), result
        assert at(result["created_at"]) <= at(result["started_at"]) <= at(result["finished_at"]), result


@case
def a_job_is_shown_with_its_request_but_without_secrets():
    with SmallDaemon(HELD) as daemon:
        spec = {
            "url": "http://user:sesame@127.0.0.1:9/x",
            "headers": {"Authorization": "Bearer sesame", "X-Other": "shown"},
        }
        job = {
            "kind": "http", "tenant": "held", "priority": 7, "timeout": "5s", "labels": {"order": "17"},
            "retry": {"max_attempts": 2, "min": "1s", "max": "5m"}, "callback": None, "spec": spec,
        }
        answer = daemon.client.get(daemon.client.post(job).headers["Location"])
        shown = answer.json
        assert b"sesame" not in answer.body, answer
        assert shown["request"]["spec"]["headers"]["X-Other"] == "shown", answer
        for member in ("kind", "tenant", "priority", "timeout", "labels", "retry"):
            assert shown["request"][member] == job[member], answer
        assert (shown["state"], shown["attempts"], shown["next_run_at"]) == ("queued", [], None), answer
        assert shown["labels"] == {"order": "17"} and shown["started_at"] is None, answer
        assert set(shown["links"]) == {"self", "result"}, answer


@case
def a_delayed_job_is_scheduled_and_runs_when_it_is_due():
    with SmallDaemon() as daemon:
        job = daemon.client.submit("echo", delay="1h")
        shown = daemon.client.get(f"/jobs/{job}").json
        assert shown["state"] == "scheduled" and shown["started_at"] is None, shown
        assert seconds(shown["next_run_at"], shown["created_at"]) == 3600, shown
        result = daemon.client.run("echo", delay="150ms")
        assert seconds(result["started_at"], result["created_at"]) >= 0.15, result


@case
def run_at_stands_for_a_delay_and_a_time_that_has_passed_is_now():
    with SmallDaemon() as daemon:
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(milliseconds=150)
        result = daemon.client.run("echo", run_at=soon.isoformat(timespec="milliseconds"))
        assert at(result["started_at"]) >= soon.replace(microsecond=soon.microsecond // 1000 * 1000), result
        assert daemon.client.run("echo", run_at="2001-09-09T01:46:40Z")["state"] == "succeeded"
        job = daemon.client.submit("echo", run_at="2030-01-01T01:00:00+01:00")
        assert daemon.client.get(f"/jobs/{job}").json["next_run_at"] == "2030-01-01T00:00:00.000Z"


@case
def a_job_that_was_not_run_in_time_expires():
    with SmallDaemon(HELD) as daemon:
        for members in ({"tenant": "held"}, {"delay": "1h"}):
            result = daemon.client.run("echo", expires_in="50ms", **members)
            assert (result["state"], result["attempts"], result["result"]) == ("expired", 0, None), result
            assert result["error"]["code"] == "expired" and result["started_at"] is None, result
        assert daemon.client.run("echo", expires_in="1h")["state"] == "succeeded"


@case
def a_higher_priority_goes_first_inside_its_tenant():
    daemon = SmallDaemon()
    daemon.write_conf(
        f"""tenant "one" {{ max-running = 1 }}
        command "note" {{ exec = "/bin/sh"
        args = {{"-c", 'echo "$0" >> {daemon.folder}/notes', "{{what}}"}} }}"""
    )
    with daemon:
        blocker = sleeper(daemon.client, tenant="one")
        jobs = [
            daemon.client.submit(
                "command", {"command": "note", "args": {"what": n}}, tenant="one", priority=n % 10
            )
            for n in (5, 0, 9, 3, 19, 8)
        ]
        assert daemon.client.request("DELETE", f"/jobs/{blocker}").status == 202
        for job in jobs:
            assert daemon.client.result(job)["state"] == "succeeded", daemon.log()
        assert (daemon.folder / "notes").read_text().split() == ["9", "19", "8", "5", "3", "0"]


@case
def an_attempt_that_takes_longer_than_its_timeout_is_ended():
    with SmallDaemon('command "hang" { exec = "/bin/sleep"\n args = {"3600"}\n timeout = 50ms }') as daemon:
        for kind, spec, members in (
            ("sleep", {"for": "1h"}, {"timeout": "50ms"}),
            ("command", {"command": "hang"}, {}),
            ("command", {"command": "hang"}, {"timeout": "20ms"}),
        ):
            result = daemon.client.run(kind, spec, **members)
            assert (result["state"], result["error"]["code"]) == ("failed", "timeout"), result


@case
def a_failed_attempt_is_tried_again_as_often_as_was_asked_for():
    with SmallDaemon() as daemon:
        retry = {"max_attempts": 3, "min": "1ms", "max": "2ms"}
        result = daemon.client.run("http", {"url": "http://127.0.0.1:1/"}, retry=retry)
        assert (result["state"], result["attempts"]) == ("failed", 3), result
        assert result["error"]["code"] == "connect", result
        attempts = daemon.client.get(f"/jobs/{result['id']}").json["attempts"]
        assert [attempt["number"] for attempt in attempts] == [1, 2, 3], attempts
        for attempt in attempts:
            assert attempt["error"]["code"] == "connect" and attempt["error"]["message"], attempts
            assert at(attempt["started_at"]) <= at(attempt["finished_at"]), attempts
        job = daemon.client.submit("http", {"url": "http://127.0.0.1:1/"}, retry={"min": "1h", "max": "1h"})
        eventually(lambda: daemon.client.get(f"/jobs/{job}").json["attempts"], "one attempt was made")
        eventually(lambda: daemon.client.state(job) == "scheduled", "the next try is scheduled")
        assert daemon.client.get(f"/jobs/{job}").json["next_run_at"], job


@case
def a_result_that_is_not_there_yet_is_202_with_retry_after():
    with SmallDaemon(HELD) as daemon:
        job = daemon.client.submit("echo", tenant="held")
        for wait in ("", "?wait=0s", "?wait=50ms"):
            answer = daemon.client.get(f"/results/{job}{wait}")
            assert answer.status == 202 and set(answer.json) == ACCEPTED, answer
            assert answer.json["state"] == "queued" and "ETag" not in answer.headers, answer
            retry_after(answer)


@case
def a_waiting_request_is_held_until_the_job_ends():
    with SmallDaemon(HELD) as daemon:
        job = daemon.client.submit("echo", tenant="held")
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(daemon.client.get(f"/results/{job}?wait=50s")))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: daemon.client.stats()["penstock_http_connections"] > 5, "all are waiting")
        assert not answers, answers
        assert daemon.client.request("DELETE", f"/jobs/{job}").status == 202
        for thread in threads:
            thread.join()
        assert [answer.json["state"] for answer in answers] == ["cancelled"] * 5, answers
        assert len({answer.body for answer in answers}) == 1, answers


@case
def nobody_waits_longer_than_wait_max():
    with SmallDaemon(f"wait-max = 100ms\n{HELD}") as daemon:
        job = daemon.client.submit("echo", tenant="held")
        assert daemon.client.get(f"/results/{job}?wait=7d").status == 202
        preferring = daemon.client.post({"kind": "echo", "tenant": "held"}, {"Prefer": "wait=86400"})
        assert preferring.status == 202, preferring


@case
def who_prefers_to_wait_gets_the_result_at_once_if_it_ends_in_time():
    with SmallDaemon(HELD) as daemon:
        for prefer in ("wait=10", "respond-async, wait=10", "WAIT = 10", 'wait="10"', "foo; wait=9, wait=10;x=y"):
            answer = daemon.client.post({"kind": "echo", "spec": "x"}, {"Prefer": prefer})
            assert answer.status == 200 and set(answer.json) == RESULT, (prefer, answer)
            assert answer.headers["Preference-Applied"] == "wait=10", (prefer, answer)
            assert answer.headers["ETag"] == daemon.client.get(f"/results/{answer.json['id']}").headers["ETag"]
        for prefer in ("wait=1", "wait=0", "wait=x", "wait", "respond-async"):
            answer = daemon.client.post({"kind": "echo", "tenant": "held"}, {"Prefer": prefer})
            assert answer.status == 202 and answer.headers["Location"], (prefer, answer)
            assert "Preference-Applied" not in answer.headers, (prefer, answer)


@case
def a_result_has_a_strong_etag_and_who_has_it_gets_304():
    with SmallDaemon() as daemon:
        path = f"/results/{daemon.client.run('echo', 'x')['id']}"
        first, other = daemon.client.get(path), daemon.client.run("echo", "x")
        etag = first.headers["ETag"]
        assert re.fullmatch(r'"[\x21\x23-\x7e]+"', etag), first
        assert daemon.client.get(path).headers["ETag"] == etag
        assert daemon.client.get(f"/results/{other['id']}").headers["ETag"] != etag
        for tags in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            answer = daemon.client.get(path, **{"If-None-Match": tags})
            assert answer.status == 304 and answer.body == b"", (tags, answer)
            assert answer.headers["ETag"] == etag, (tags, answer)
        for tags in ('"other"', etag.strip('"'), ""):
            answer = daemon.client.get(path, **{"If-None-Match": tags})
            assert answer.status == 200 and answer.body == first.body, (tags, answer)


@case
def an_id_that_was_never_given_is_404():
    with SmallDaemon() as daemon:
        for method, path in (
            ("GET", "/jobs/{}"), ("DELETE", "/jobs/{}"), ("POST", "/jobs/{}:cancel"), ("GET", "/results/{}"),
            ("GET", "/results/{}?wait=30s"),
        ):
            path = path.format(NEVER_GIVEN)
            answer = refused(daemon.client.request(method, path), 404, "no-such-job")
            assert answer.json["instance"] == path.split("?", maxsplit=1)[0], answer


@case
def a_job_that_is_forgotten_is_410():
    for conf in ("retention-jobs = 0\ncache-bytes = 0", "retention = 0s"):
        with SmallDaemon(conf) as daemon:
            jobs = [daemon.client.post({"kind": "echo"}, {"Prefer": "wait=30"}).json["id"] for _ in range(3)]
            for method, path in (
                ("GET", "/results/{}"), ("GET", "/results/{}?wait=30s"), ("GET", "/jobs/{}"),
                ("DELETE", "/jobs/{}"), ("POST", "/jobs/{}:cancel"),
            ):
                path = path.format(jobs[0])
                eventually(lambda: daemon.client.request(method, path).status == 410, f"{path} is gone")
                refused(daemon.client.request(method, path), 410, "result-expired")


@case
def a_waiting_job_that_is_cancelled_ends_at_once():
    with SmallDaemon(HELD) as daemon:
        for members in ({"tenant": "held"}, {"delay": "1h"}):
            for method, path in (("DELETE", "/jobs/{}"), ("POST", "/jobs/{}:cancel")):
                job = daemon.client.submit("echo", **members)
                answer = daemon.client.request(method, path.format(job))
                assert answer.status == 202 and set(answer.json) == ACCEPTED, answer
                assert answer.json["state"] == "cancelled" and answer.json["id"] == job, answer
                result = daemon.client.result(job)
                assert (result["state"], result["attempts"]) == ("cancelled", 0), result
                assert result["error"]["code"] == "cancelled" and result["started_at"] is None, result


@case
def a_running_job_that_is_cancelled_is_told_and_ends():
    with SmallDaemon('command "hang" { exec = "/bin/sleep"\n args = {"3600"}\n timeout = 1h }') as daemon:
        for kind, spec in (("sleep", {"for": "1h"}), ("command", {"command": "hang"})):
            for method, path in (("DELETE", "/jobs/{}"), ("POST", "/jobs/{}:cancel")):
                job = running(daemon.client, daemon.client.submit(kind, spec, timeout="1h"))
                answer = daemon.client.request(method, path.format(job))
                assert answer.status == 202 and answer.json["state"] == "cancelling", answer
                result = daemon.client.result(job)
                assert (result["state"], result["attempts"]) == ("cancelled", 1), result
                assert result["started_at"], result


@case
def a_job_that_does_not_want_to_end_may_be_cancelled_twice_and_is_made_to():
    conf = """command-grace = 300ms
        command "deaf" { exec = "/bin/sh"
        args = {"-c", 'trap "" TERM; while :; do sleep 0.05; done'} timeout = 1h }"""
    with SmallDaemon(conf) as daemon:
        job = running(daemon.client, daemon.client.submit("command", {"command": "deaf"}, timeout="1h"))
        answers = [daemon.client.request("DELETE", f"/jobs/{job}") for _ in range(2)]
        assert answers[0].status == 202 and answers[0].json["state"] == "cancelling", answers
        assert answers[1].status in (202, 409), answers
        assert daemon.client.result(job)["state"] == "cancelled"


@case
def a_job_that_has_ended_cannot_be_cancelled():
    with SmallDaemon(HELD) as daemon:
        cancelled = daemon.client.submit("echo", tenant="held")
        assert daemon.client.request("DELETE", f"/jobs/{cancelled}").status == 202
        for job in (daemon.client.run("echo")["id"], cancelled):
            refused(daemon.client.request("DELETE", f"/jobs/{job}"), 409, "already-finished")
            refused(daemon.client.request("POST", f"/jobs/{job}:cancel"), 409, "already-finished")


@case
def a_full_backlog_is_429_and_other_tenants_do_not_feel_it():
    conf = 'jobs-max = 6\ntenants-max = 4\ntenant "held" { max-running = 0\n max-queued = 2 }'
    with SmallDaemon(conf) as daemon:
        client = daemon.client
        held = [client.submit("echo", tenant="held", **members) for members in ({}, {"delay": "1h"})]
        retry_after(refused(client.post({"kind": "echo", "tenant": "held"}), 429, "backlog-full"))
        assert client.run("echo")["state"] == "succeeded"
        client.request("DELETE", f"/jobs/{held[0]}")
        client.result(held[0])
        client.submit("echo", tenant="held")
        for tenant in ("b", "c", "d"):
            client.submit("echo", tenant=tenant, delay="1h")
        retry_after(refused(client.post({"kind": "echo", "tenant": "e"}), 429, "too-many-tenants"))
        client.submit("echo", tenant="b", delay="1h")
        retry_after(refused(client.post({"kind": "echo", "tenant": "b"}), 429, "backlog-full"))


@case
def head_gives_what_get_gives_but_the_body():
    with SmallDaemon(HELD) as daemon:
        ended = daemon.client.run("echo")["id"]
        held = daemon.client.submit("echo", tenant="held")
        for path in (
            "/healthz", "/readyz", f"/jobs/{ended}", f"/results/{ended}", f"/results/{held}",
            f"/results/{NEVER_GIVEN}", "/nothing",
        ):
            get, head = daemon.client.get(path), daemon.client.request("HEAD", path)
            assert head.status == get.status and head.body == b"", (get, head)
            for name in ("Content-Type", "Content-Length", "ETag", "Retry-After"):
                assert head.headers.get(name) == get.headers.get(name), (name, get, head)


@case
def a_method_that_is_not_served_is_405_and_allow_tells_which_are():
    with SmallDaemon() as daemon:
        for path, allowed in ALLOWED.items():
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "X"):
                if method in allowed.split(", "):
                    continue
                answer = refused(daemon.client.request(method, path), 405, "method-not-allowed")
                assert answer.headers["Allow"] == allowed, answer
        for path in ("/", "/job", "/jobs/", "/Jobs", f"/jobs/{NEVER_GIVEN}/x", f"/jobs/{NEVER_GIVEN}:x"):
            refused(daemon.client.get(path), 404, "not-found")


@case
def a_request_is_answered_with_its_own_id_if_that_is_harmless():
    with SmallDaemon() as daemon:
        for given in ("a", "01a21404-640b-7296-9fcb-55d12cb5c4a0", "A.b_c:d", "x" * 64):
            for path in ("/healthz", "/nothing"):
                answer = daemon.client.get(path, **{"X-Request-Id": given})
                assert answer.headers["X-Request-Id"] == given, answer
        for given in ("", "x" * 65, "a b", "<script>", "\xe4".encode("latin-1"), "a\tb"):
            answer = daemon.client.get("/healthz", **{"X-Request-Id": given})
            assert uuid.UUID(answer.headers["X-Request-Id"]).version == 7, answer
        ids = {daemon.client.get("/healthz").headers["X-Request-Id"] for _ in range(20)}
        assert len(ids) == 20, ids


@case
def a_connection_serves_many_requests_and_those_sent_ahead():
    with SmallDaemon() as daemon:
        get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        job = json.dumps({"kind": "echo", "spec": "x" * 5000}).encode()
        post = b"POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
        last = b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        answers = daemon.client.raw(get * 3 + post % (len(job), job) + get + last)
        assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200"] * 3 + [b"202", b"200", b"200"], answers
        assert answers.endswith(b'{"status":"ready"}'), answers


@case
def the_daemon_is_alive_and_takes_work():
    with SmallDaemon() as daemon:
        assert daemon.client.get("/healthz").json == {"status": "ok"}
        assert daemon.client.get("/readyz").json == {"status": "ready"}


@case
def what_is_not_done_yet_is_refused_and_not_passed_over():
    with SmallDaemon() as daemon:
        callback = refused(daemon.client.post({"kind": "echo", "callback": {"url": "x"}}), 400, "bad-field")
        assert callback.json["errors"][0]["pointer"] == "/callback/url", callback
        assert daemon.client.stats()['penstock_jobs{state="queued"}'] == 0
