"""case_backlog.py - a backlog far longer than what of it is in memory: nothing is forgotten, overtaken or done twice."""

import itertools
import os
import random
from pathlib import Path
from datetime import datetime, timedelta, timezone

from case_reload import reload
from daemon import SANITIZER, SmallDaemon, eventually
from tap import case

WINDOW = "backlog-window = 4\n"
HELD = 'tenant "held" { max-running = 0 }\n'
ONE = 'tenant "held" { max-running = 1 }\n'
A_REQUEST = 1_000 if SANITIZER else 10_000
LONG = 10_000_000 if os.environ.get("SOAK") else 2 * A_REQUEST


def queued(daemon, count, **members):
    return [daemon.client.submit("echo", number, tenant="held", **members) for number in range(count)]


def started(daemon, jobs):
    return [daemon.client.result(job)["started_at"] for job in jobs]


@case
def jobs_run_by_priority_and_in_the_order_of_their_coming_also_those_that_were_away():
    with SmallDaemon(WINDOW + HELD) as daemon:
        jobs = {(priority, n): job for n in range(40) for priority in (2, 7) for job in queued(daemon, 1, priority=priority)}
        reload(daemon, WINDOW + ONE)
        order = [jobs[7, n] for n in range(40)] + [jobs[2, n] for n in range(40)]
        times = started(daemon, order)
        assert times == sorted(times), times


@case
def a_backlog_outlives_a_kill_and_is_counted_before_it_is_read():
    with SmallDaemon(WINDOW + HELD) as daemon:
        jobs = queued(daemon, 100) + queued(daemon, 50, delay="1h")
        daemon.kill()
        daemon.restart()
        stats = daemon.client.stats()
        assert stats['penstock_jobs{state="queued"}'] == 100 and stats['penstock_jobs{state="scheduled"}'] == 50, stats
        assert daemon.client.state(jobs[99]) == "queued" and daemon.client.state(jobs[149]) == "scheduled"
        reload(daemon, WINDOW + ONE)
        for job in jobs[:100]:
            assert daemon.client.result(job)["attempts"] == 1
        for job in jobs[100:]:
            assert daemon.client.request("DELETE", f"/jobs/{job}").status == 202
        eventually(lambda: daemon.client.stats()['penstock_jobs{state="scheduled"}'] == 0, "none is left")


@case
def a_job_that_is_away_can_be_cancelled_and_only_once():
    with SmallDaemon(WINDOW + HELD) as daemon:
        jobs = queued(daemon, 30)
        for job in jobs[::2]:
            assert daemon.client.request("DELETE", f"/jobs/{job}").json["state"] == "cancelled"
            assert daemon.client.result(job)["state"] == "cancelled"
            assert daemon.client.request("DELETE", f"/jobs/{job}").status == 409
        assert daemon.client.stats()['penstock_jobs{state="queued"}'] == 15
        reload(daemon, WINDOW + ONE)
        assert [daemon.client.result(job)["state"] for job in jobs] == ["cancelled", "succeeded"] * 15


@case
def jobs_that_are_away_come_due_and_expire_in_time():
    with SmallDaemon(WINDOW + HELD) as daemon:
        dying = queued(daemon, 20, expires_in="1s")
        late = queued(daemon, 60, delay="1500ms", expires_in="1h")
        later = [daemon.client.submit("echo", n, tenant="other", delay="1s") for n in range(60)]
        assert [daemon.client.result(job)["state"] for job in dying] == ["expired"] * 20
        assert [daemon.client.result(job)["state"] for job in later] == ["succeeded"] * 60
        eventually(lambda: daemon.client.stats()['penstock_jobs{state="queued"}'] == 60, "all are due")
        reload(daemon, WINDOW + ONE)
        assert [daemon.client.result(job)["state"] for job in late] == ["succeeded"] * 60


@case
def many_jobs_that_are_due_at_once_take_no_more_memory_than_others_leave_them():
    conf = "backlog-window = 10\nbacklog-window-bytes = 1MiB\njobs-bytes-max = 4MiB\n"
    with SmallDaemon(conf + HELD) as daemon:
        due = (datetime.now(timezone.utc) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        job = {"kind": "echo", "tenant": "held", "run_at": due, "spec": "x" * 1000}
        accepted = 0

        def all_are_accepted():  # on a slow machine the last come when the first are due, and then some are told to come again
            nonlocal accepted
            told = daemon.client.post_lines([job] * min(1000, 8000 - accepted)).lines
            accepted += sum("id" in line for line in told)
            return accepted == 8000

        def all_are_due():
            assert daemon.client.run("echo", "let me pass")["state"] == "succeeded"
            return daemon.client.stats()['penstock_jobs{state="queued"}'] == 8000

        eventually(all_are_accepted, "all are accepted")
        eventually(all_are_due, "all are due")


def memory_mib(daemon):
    status = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@case
def a_long_backlog_takes_no_memory_and_is_there_at_once():
    conf = "jobs-max = 20000000\ntenant \"held\" {\nmax-running = 0\nmax-queued = 20000000\n}\n"
    with SmallDaemon(conf) as daemon:
        jobs = b'{"kind":"echo","tenant":"held","spec":{"order":17}}\n' * A_REQUEST
        before = memory_mib(daemon)
        for _ in range(LONG // A_REQUEST):
            assert daemon.client.post_lines(jobs, "?atomic=true").status == 200
        assert SANITIZER or memory_mib(daemon) < before + 40, (before, memory_mib(daemon))
        daemon.kill()
        daemon.restart()
        assert daemon.client.stats()['penstock_jobs{state="queued"}'] == LONG
        assert len(daemon.client.get("/jobs?limit=1000").json["jobs"]) == 1000
        assert SANITIZER or memory_mib(daemon) < before + 40, (before, memory_mib(daemon))
        audit = daemon.client.request("POST", "/audit").json
        assert audit["differences"] == 0 and audit["jobs"] == LONG, audit


@case
def whatever_happens_to_a_backlog_each_job_ends_once():
    dice = random.Random(23)
    with SmallDaemon(WINDOW + 'tenant-defaults { max-running = 3 }') as daemon:
        jobs = []
        for number in range(1500):
            members = {"delay": f"{dice.randrange(1500)}ms"} if dice.random() < 0.4 else {}
            members |= {"expires_in": f"{dice.randrange(1, 4)}s"} if dice.random() < 0.2 else {}
            tenant = f"t{dice.randrange(3)}"
            jobs.append(daemon.client.submit("echo", number, tenant=tenant, priority=dice.randrange(3), **members))
            if dice.random() < 0.1:
                daemon.client.request("DELETE", f"/jobs/{dice.choice(jobs)}")
            if number in (500, 1000):
                daemon.kill()
                daemon.restart()
        ends = [daemon.client.result(job) for job in jobs]
        assert all(end["attempts"] <= 1 or end["state"] == "succeeded" for end in ends)
        for state, group in itertools.groupby(sorted(end["state"] for end in ends)):
            assert state in ("succeeded", "cancelled", "expired"), (state, len(list(group)))
        stats = daemon.client.stats()
        assert all(stats[f'penstock_jobs{{state="{state}"}}'] == 0 for state in ("queued", "scheduled", "running")), stats
        assert "cannot be had from the record" not in daemon.log()
