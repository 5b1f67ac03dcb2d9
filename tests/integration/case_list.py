"""case_list.py - GET /jobs of a real daemon: pages, filters, and that nothing is missed or told twice while jobs come in and end."""

import threading
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
