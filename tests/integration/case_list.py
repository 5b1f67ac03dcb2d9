"""case_list.py - GET /jobs of a real daemon: pages, filters, and that nothing is missed or told twice while jobs come in and end; and POST /jobs:retry of what they tell."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from daemon import SmallDaemon
from tap import case

HELD = 'tenant "held" { max-running = 0 }'


def pages(client, query=""):
    """Each page's jobs, from the newest on."""
    cursor = ""
    while cursor is not None:
        answer = client.get(f"/jobs?cursor={cursor}{query}")
        assert answer.status == 200 and set(answer.json) == {"jobs", "next_cursor"}, answer
        yield answer.json["jobs"]
        cursor = answer.json["next_cursor"]


def ids(client, query=""):
    return [job["id"] for page in pages(client, query) for job in page]


def both_stores(test):
    for store in ("sqlite", "memory"):
        with SmallDaemon(f'store = {store}\nretention-jobs = 1000\n{HELD}') as daemon:
            test(daemon.client)


@case
def jobs_are_listed_newest_first_as_each_is_shown():
    def test(client):
        jobs = [client.submit("echo", number, tenant="held") for number in range(5)]
        ended = client.run("echo", "done")["id"]
        listed = [job for page in pages(client, "&limit=2") for job in page]
        assert [job["id"] for job in listed] == [ended, *reversed(jobs)], listed
        assert listed[1:] == [client.get(f"/jobs/{job}").json for job in reversed(jobs)], listed
        assert listed[0]["state"] == "succeeded" and "result" not in listed[0], listed
        assert client.request("HEAD", "/jobs").status == 200

    both_stores(test)


@case
def filters_are_as_the_job_was_submitted():
    def test(client):
        wanted = client.submit("echo", 1, tenant="held", labels={"order": "17", "ort": "Köln & Bonn"})
        other = client.submit("echo", 2, tenant="held", labels={"order": "18"})
        later = client.submit("sleep", {"for": "1s"}, delay="1h")
        for query, expected in (
            ("&label.order=17", [wanted]), (f"&label.ort={quote('Köln & Bonn')}", [wanted]), ("&label.order=1", []),
            ("&tenant=held", [other, wanted]), ("&kind=sleep", [later]), ("&state=queued", [other, wanted]),
            ("&state=queued&state=scheduled", [later, other, wanted]), ("&state=running,scheduled&tenant=default", [later]),
            ("&state=failed", []),
        ):
            assert ids(client, query) == expected, query
        assert client.request("DELETE", f"/jobs/{other}").status == 202
        client.result(other)
        assert ids(client, "&state=cancelled&tenant=held") == [other]

    both_stores(test)


@case
def pages_are_stable_while_jobs_come_in_and_end():
    def test(client):
        before = [client.submit("echo", number, tenant="held") for number in range(60)]
        stop = threading.Event()

        def submit():
            while not stop.is_set():
                client.run("echo")

        thread = threading.Thread(target=submit)
        thread.start()
        try:
            for limit in (1, 7, 1000):
                seen = ids(client, f"&limit={limit}")
                assert len(set(seen)) == len(seen), seen
                assert [job for job in seen if job in set(before)] == before[::-1], (before, seen)
        finally:
            stop.set()
            thread.join()

    both_stores(test)


@case
def a_list_outlives_the_daemon_in_its_order():
    with SmallDaemon(HELD) as daemon:
        jobs = [daemon.client.submit("echo", tenant="held") for _ in range(5)]
        first = daemon.client.get("/jobs?limit=2").json
        daemon.kill()
        daemon.restart()
        assert [job["id"] for job in first["jobs"]] == jobs[:2:-1]
        later = daemon.client.submit("echo", tenant="held")
        rest = daemon.client.get(f"/jobs?limit=10&cursor={first['next_cursor']}").json
        assert [job["id"] for job in rest["jobs"]] == jobs[2::-1] and rest["next_cursor"] is None, rest
        assert ids(daemon.client) == [later, *reversed(jobs)]


@case
def what_is_asked_for_wrongly_is_refused_with_the_parameter():
    with SmallDaemon() as daemon:
        for name, value in (
            ("limit", "0"), ("limit", "1001"), ("limit", "ten"), ("state", "done"), ("kind", "shell"), ("tenant", "a/b"),
            ("cursor", "zzz"), ("cursor", "0" * 24), ("order", "asc"), ("label.", "x"),
        ):
            answer = daemon.client.get(f"/jobs?{name}={value}")
            assert answer.status == 400 and answer.json["code"] == "bad-request", answer
            assert answer.json["errors"][0]["parameter"] == name, answer


NOWHERE = {"url": "http://127.0.0.1:1/"}


def retry_all(client, query, retried, limit=1000):
    """Page by page, so many in all."""
    cursor, done = "", 0
    while cursor is not None:
        answer = client.request("POST", f"/jobs:retry?limit={limit}&cursor={cursor}{query}")
        assert answer.status == 200 and set(answer.json) == {"retried", "skipped", "next_cursor"}, answer
        assert answer.json["retried"] <= limit and answer.json["skipped"] == 0, answer
        done += answer.json["retried"]
        cursor = answer.json["next_cursor"]
    assert done == retried, f"{done} of {retried}"


def cancelled(client, number, **members):
    jobs = [client.submit("echo", i, **{"tenant": "held"} | members) for i in range(number)]
    for job in jobs:
        assert client.request("DELETE", f"/jobs/{job}").status == 202
        client.result(job)
    return jobs


@case
def what_a_filter_finds_among_the_failed_runs_again_once():
    def test(client):
        failed = [client.run("http", NOWHERE, tenant=tenant, retry={"max_attempts": 1}, labels={"run": "1"}) for tenant in "aaaab"]
        assert {document["state"] for document in failed} == {"failed"}, failed
        client.run("echo", tenant="a")
        held = cancelled(client, 2)
        retry_all(client, "&tenant=a&label.run=2", 0)
        retry_all(client, "&tenant=a&label.run=1&kind=http", 4, limit=3)
        for document in failed[:4]:
            assert client.result(document["id"])["attempts"] == 2
        assert client.result(failed[4]["id"])["attempts"] == 1
        retry_all(client, "&state=cancelled,expired&state=failed", 2 + 5)
        assert [client.state(job) for job in held] == ["queued", "queued"]
        retry_all(client, "&state=cancelled", 0)
        for state in ("succeeded", "queued", "failed,running"):
            answer = client.request("POST", f"/jobs:retry?state={state}")
            assert answer.status == 400 and answer.json["errors"][0]["parameter"] == "state", answer
        assert client.get("/jobs:retry").status == 405

    both_stores(test)


@case
def a_job_that_several_ask_to_retry_at_once_is_retried_by_one():
    def test(client):
        cancelled(client, 20)
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: client.request("POST", "/jobs:retry?state=cancelled&limit=20"), range(4)))
        assert {answer.status for answer in answers} == {200}, answers
        assert sum(answer.json["retried"] for answer in answers) == 20, [answer.json for answer in answers]

    both_stores(test)


@case
def what_finds_no_room_is_not_retried_and_the_answer_says_why():
    with SmallDaemon('tenant "full" { max-running = 0\n max-queued = 2 }') as daemon:
        client = daemon.client
        jobs = [job for _ in range(2) for job in cancelled(client, 2, tenant="full")]
        answer = client.request("POST", "/jobs:retry?state=cancelled")
        assert answer.status == 429 and answer.json["code"] == "backlog-full", answer
        assert sorted(client.state(job) for job in jobs) == ["cancelled", "cancelled", "queued", "queued"]
