"""case_bulk.py - many jobs in one request: each by itself, or all or none; its limits; and that nothing accepted is lost."""

import json
import threading

from daemon import SANITIZER, SmallDaemon, eventually
from tap import case

HELD = 'tenant "held" { max-running = 0 }'
MANY = 2000 if SANITIZER else 10000


def echoes(n, **members):
    return [{"kind": "echo", "spec": number, **members} for number in range(n)]


def both_stores(conf, test):
    for store in ("sqlite", "memory"):
        with SmallDaemon(f"store = {store}\n{conf}") as daemon:
            test(daemon.client)


def queued(client):
    return client.stats()['penstock_jobs{state="queued"}']


@case
def many_jobs_are_accepted_in_order_and_run():
    def test(client):
        answer = client.post_lines(echoes(MANY))
        assert answer.status == 200 and len(answer.lines) == MANY, answer
        assert len({line["id"] for line in answer.lines}) == MANY
        for number in range(0, MANY, MANY // 20):
            line = answer.lines[number]
            assert set(line) == {"id", "state", "kind", "tenant", "links"}, line
            assert client.result(line["id"])["result"] == number
        eventually(lambda: client.stats()['penstock_jobs_finished_total{kind="echo",outcome="succeeded"}'] == MANY, "all ended")
        listed = client.get("/jobs?limit=1000").json["jobs"]
        assert [job["id"] for job in listed] == [line["id"] for line in answer.lines[: -1001 : -1]]

    both_stores("", test)


@case
def each_line_is_answered_as_its_job_would_be_by_itself():
    def test(client):
        lines = [
            b'{"kind":"echo","tenant":"held"}', b"", b'{"kind":"ech"}', b"{", b"[]", b'{"kind":"sleep","spec":{"for":"x"}}', b"\t",
            b'{"kind":"command","spec":{"command":"rm"}}', b'{"kind":"echo","tenant":"full"}', b"\xff", b'{"kind":"echo","delay":"1h"}',
        ]
        answer = client.post_lines(b"\n".join(lines))
        jobs = [line for line in lines if line.strip()]
        assert answer.status == 200 and len(answer.lines) == len(jobs), answer
        for job, line in zip(jobs, answer.lines):
            alone = client.post(job)
            if alone.status == 202:
                assert (line["state"], line["tenant"]) == (alone.json["state"], alone.json["tenant"]), (line, alone)
                assert client.get(line["links"]["self"]).status == 200, line
            else:
                told = {key: value for key, value in alone.json.items() if key not in ("instance", "request_id")}
                assert line == told, (line, alone)

    both_stores(f'{HELD}\ntenant "full" {{ max-queued = 0 }}', test)


@case
def all_or_none_takes_none_where_one_is_wrong_or_there_is_no_room():
    def test(client):
        jobs = echoes(10, tenant="held")
        for bad, status, code in (({"kind": "x"}, 400, "bad-field"), ({"kind": "echo", "tenant": "full"}, 429, "backlog-full")):
            answer = client.post_lines(jobs[:5] + [bad] + jobs[5:], "?atomic=true")
            assert answer.status == status and answer.type == "application/x-ndjson", answer
            assert [line["code"] for line in answer.lines] == ["not-taken"] * 5 + [code] + ["not-taken"] * 5, answer
            assert (answer.headers["Retry-After"] is not None) == (status == 429), answer
        answer = client.post_lines(echoes(101, tenant="held"), "?atomic=true")
        assert answer.status == 429 and [line["status"] for line in answer.lines] == [424] * 100 + [429], answer
        assert queued(client) == 0 and client.get("/jobs").json["jobs"] == []
        answer = client.post_lines(echoes(100, tenant="held"), "?atomic=true")
        assert answer.status == 200 and all(line["state"] == "queued" for line in answer.lines), answer
        assert queued(client) == 100
        answer = client.post_lines(echoes(2, tenant="held"))
        assert answer.status == 200 and [line["code"] for line in answer.lines] == ["backlog-full"] * 2, answer

    both_stores('tenant "held" { max-running = 0 max-queued = 100 }\ntenant "full" { max-queued = 0 }', test)


@case
def what_is_too_much_is_refused_as_a_whole():
    with SmallDaemon(f"bulk-max = 10\nbulk-bytes-max = 64KiB\nbody-max = 16KiB\n{HELD}") as daemon:
        client = daemon.client

        def line(size):
            return b'{"kind":"echo","tenant":"held","spec":"' + b"x" * (size - 43) + b'"} \n'

        for body in (line(100) * 11, line(100) * 10 + b" " * 65536, line(65536 // 4 + 1) * 4, line(70000), b"\n" * 65537):
            answer = client.post_lines(body)
            assert (answer.status, answer.json["code"]) == (413, "too-large"), answer
        assert queued(client) == 0
        answer = client.post_lines(line(16384) * 4)
        assert answer.status == 200 and all("id" in told for told in answer.lines), answer
        answer = client.post_lines(line(16385 + 1) + line(100))
        assert [told.get("code") for told in answer.lines] == ["too-large", None], answer
        assert client.post_lines(b"").json["code"] == "not-json"


@case
def what_is_for_one_job_is_refused_with_several():
    with SmallDaemon() as daemon:
        for header in ({"Idempotency-Key": "k"}, {"Prefer": "wait=1"}):
            answer = daemon.client.request(
                "POST", "/jobs", b'{"kind":"echo"}\n', {"Content-Type": "application/x-ndjson", **header}
            )
            assert (answer.status, answer.json["code"]) == (400, "bad-request"), answer
        answer = daemon.client.post_lines(echoes(1), "?atomic=maybe")
        assert answer.status == 400 and answer.json["errors"][0]["parameter"] == "atomic", answer


@case
def a_daemon_that_is_killed_has_all_of_a_request_or_none():
    with SmallDaemon(f"retention-jobs = 0\n{HELD}") as daemon:
        told, stop = [], threading.Event()

        def submit():
            while not stop.is_set():
                try:
                    answer = daemon.client.post_lines(echoes(1000, tenant="held"), "?atomic=true")
                    told.append([line["id"] for line in answer.lines])
                except OSError:
                    stop.wait(0.01)
                except Exception:  # pylint: disable=broad-except; the answer was cut off
                    pass

        thread = threading.Thread(target=submit)
        thread.start()
        try:
            for _ in range(3):
                have = len(told)
                eventually(lambda before=have: len(told) > before, "jobs were accepted")
                daemon.kill()
                daemon.restart()
                assert queued(daemon.client) % 1000 == 0
        finally:
            stop.set()
            thread.join()
        for ids in told:
            for job in ids[:: 199]:
                assert daemon.client.state(job) == "queued", job


@case
def others_are_served_while_many_jobs_come_in():
    with SmallDaemon(HELD) as daemon:
        body = "".join(f"{json.dumps(job)}\n" for job in echoes(MANY, tenant="held")).encode()
        threads = [threading.Thread(target=daemon.client.post_lines, args=(body,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(20):
            assert daemon.client.run("echo", number)["result"] == number
        for thread in threads:
            thread.join()
        assert queued(daemon.client) == 4 * MANY
