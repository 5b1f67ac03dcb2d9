"""case_keys.py - Idempotency-Key: one job a key, however often it is asked for, and whatever ends in between."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from daemon import SmallDaemon
from tap import case

TOGETHER = 100


def keyed(daemon, key, job):
    return daemon.client.post(job, {"Idempotency-Key": key})


@case
def a_hundred_submissions_at_once_with_one_key_make_one_job():
    with SmallDaemon() as daemon, ThreadPoolExecutor(TOGETHER) as clients:
        answers = list(clients.map(lambda _: keyed(daemon, "order 17", {"kind": "echo", "spec": 17}), range(TOGETHER)))
        taken = [answer for answer in answers if answer.status == 202]
        early = [answer for answer in answers if answer.status == 409]
        assert len(taken) + len(early) == TOGETHER, answers
        assert len({answer.body for answer in taken}) == 1, taken
        assert Counter(answer.headers.get("Idempotent-Replayed") for answer in taken)[None] == 1, taken
        assert all(answer.json["code"] == "idempotency-key-in-flight" for answer in early), early
        again = keyed(daemon, "order 17", {"kind": "echo", "spec": 17})
        assert again.status == 202 and again.body == taken[0].body and again.headers["Idempotent-Replayed"] == "true", again
        assert daemon.client.result(taken[0].json["id"])["result"] == 17
        stats = daemon.client.stats()
        assert stats['penstock_jobs_submitted_total{kind="echo",result="accepted"}'] == 1, stats
        assert stats['penstock_jobs_submitted_total{kind="echo",result="replayed"}'] == len(taken), stats


@case
def a_key_outlives_the_daemon_and_stands_for_one_job_of_one_tenant():
    job = {"kind": "echo", "spec": {"order": 17}, "delay": "20ms"}
    with SmallDaemon() as daemon:
        first = keyed(daemon, "k", job)
        assert first.status == 202 and first.json["state"] == "scheduled", first
        daemon.kill()
        daemon.restart()
        again = keyed(daemon, "k", job)
        assert (again.status, again.body) == (202, first.body), (first, again)
        assert again.headers["Location"] == first.headers["Location"]
        assert again.headers["Idempotent-Replayed"] == "true", again
        other = keyed(daemon, "k", job | {"spec": {"order": 18}})
        assert (other.status, other.json["code"]) == (422, "idempotency-key-reused"), other
        for answer in (keyed(daemon, "k", job | {"tenant": "acme"}), keyed(daemon, "K", job)):
            assert answer.status == 202 and "Idempotent-Replayed" not in answer.headers, answer
        waited = daemon.client.post(job, {"Idempotency-Key": "k", "Prefer": "wait=10"})
        assert waited.status == 200 and waited.json["id"] == first.json["id"], waited


@case
def a_key_that_cannot_be_one_is_refused():
    with SmallDaemon() as daemon:
        for key in ("", "x" * 256, "\t", "caf\xe9"):
            answer = keyed(daemon, key, {"kind": "echo"})
            assert (answer.status, answer.json["code"]) == (400, "bad-request"), (key, answer)


@case
def a_repetition_needs_no_room_and_a_new_job_does():
    def is_full(answer):
        assert (answer.status, answer.json["code"]) == (429, "backlog-full") and answer.headers["Retry-After"] == "1", answer

    job = {"kind": "echo", "spec": 1, "tenant": "small"}
    for store in ("sqlite", "memory"):
        with SmallDaemon(f'store = {store}\njobs-max = 2\ntenant "small" {{ max-running = 0\n max-queued = 1 }}') as daemon:
            first = keyed(daemon, "k", job)
            for _ in range(2):  # the tenant's backlog is full, then the daemon's
                again = keyed(daemon, "k", job)
                assert (again.status, again.body) == (202, first.body), (first, again)
                assert again.headers["Idempotent-Replayed"] == "true", again
                assert keyed(daemon, "k", job | {"spec": 2}).status == 422
                is_full(keyed(daemon, "other", job))
                is_full(daemon.client.post(job))
                keyed(daemon, "later", {"kind": "echo", "delay": "1h"})
            is_full(keyed(daemon, "new", {"kind": "echo"}))
            assert daemon.client.stats()['penstock_jobs{state="queued"}'] == 1
            assert daemon.client.request("DELETE", f"/jobs/{first.json['id']}").status == 202
            daemon.client.result(first.json["id"])
            answer = keyed(daemon, "other", job)
            assert answer.status == 202 and "Idempotent-Replayed" not in answer.headers, answer
            assert daemon.client.stats()['penstock_store_errors_total{op="accept"}'] == 0
