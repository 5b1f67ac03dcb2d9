"""case_disk.py - a disk that is full, broken, locked or not ours: it is told, nothing is lost, and all goes on when it has passed."""

import errno
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path

import sections
from case_power import check_file
from daemon import SANITIZER, SmallDaemon, eventually
from disk import CHANGES, READ, SYNC, TRUNCATE, WRITE, DaemonOnDisk
from tap import Skip, case

CONF = sections.keys(loops=1, crash_limit=100)
FOREVER = 1 << 40
CALLS = 16 if SANITIZER else 48  # more than there are from a submission to the end
STARTS = (1, 2, 3, 200) if SANITIZER else (*range(1, 10), *range(10, 100, 7), 150, 200)  # calls until it is ready, and more
TROUBLES = ((errno.ENOSPC, WRITE | TRUNCATE), (errno.EIO, SYNC), (errno.EROFS, CHANGES), (errno.EIO, CHANGES | READ))


def refused(daemon):
    """A submission is, and says when to come again."""
    answer = daemon.client.post({"kind": "echo", "spec": "not now"})
    assert (answer.status, answer.json["code"]) == (503, "store-unavailable"), answer
    assert int(answer.headers["Retry-After"]) >= 1, answer
    return answer


def ready(daemon):
    return daemon.client.get("/readyz").status == 200


def errors(daemon):
    return {name.split('"')[1]: value for name, value in daemon.client.stats().items() if name.startswith("penstock_store_errors")}


@case
def while_the_disk_fails_submissions_get_503_reads_go_on_and_what_ran_ends_later():
    with DaemonOnDisk(CONF) as daemon:
        before = daemon.client.submit("echo", "before")
        daemon.client.result(before)
        for error, kinds in TROUBLES:
            running = daemon.client.submit("sleep", {"for": "200ms"})
            eventually(lambda job=running: daemon.client.state(job) == "running", "it runs")
            counted = errors(daemon)
            daemon.disk.fail(error, kinds, calls=FOREVER)
            assert os.strerror(error if error == errno.ENOSPC else errno.EIO) in refused(daemon).json["detail"]
            told = daemon.client.get("/readyz")
            assert (told.status, told.json["code"]) == (503, "store-unavailable") and told.headers["Retry-After"], told
            assert daemon.client.get("/healthz").status == 200
            assert daemon.client.get(f"/results/{before}").json["result"] == "before"
            eventually(lambda c=counted: errors(daemon)["finish"] > c["finish"], "the end could not be put on record")
            assert errors(daemon)["accept"] == counted["accept"] + 1, (counted, errors(daemon))
            assert daemon.client.get(f"/results/{running}").status == 202
            daemon.disk.heal()
            assert daemon.client.result(running)["state"] == "succeeded"
            eventually(lambda: ready(daemon), "it is ready again, though nobody submits")
            assert daemon.client.run("echo", "after")["result"] == "after"
        assert "jobs can be put on record again" in daemon.log()


@case
def trouble_passes_though_nothing_is_tried_again():
    with DaemonOnDisk(CONF) as daemon:
        daemon.client.run("echo")
        daemon.disk.fail(errno.ENOSPC, calls=FOREVER)
        refused(daemon)
        assert not ready(daemon)
        time.sleep(1.5)  # longer than from one trial to the next
        assert not ready(daemon)
        daemon.disk.heal()
        eventually(lambda: ready(daemon), "it is ready again")


@case
def whatever_call_fails_on_the_way_from_submit_to_end_nothing_is_lost():
    with DaemonOnDisk(CONF) as daemon:
        jobs = []
        failed = 0
        for number in range(CALLS):
            error, kinds = TROUBLES[number % len(TROUBLES)]
            daemon.disk.fail(error, kinds, after=number // len(TROUBLES) * 2 + 1, calls=1 + number % 3)
            answer = daemon.client.post({"kind": "echo", "spec": number}, {"Idempotency-Key": str(number)})
            while answer.status == 503:
                answer = daemon.client.post({"kind": "echo", "spec": number}, {"Idempotency-Key": str(number)})
            assert answer.status == 202, answer
            jobs.append(answer.json["id"])
            assert daemon.client.result(jobs[-1])["result"] == number
            failed += daemon.disk.control.failed
            daemon.disk.control.failed = 0
        assert failed >= CALLS / 2, failed
        eventually(lambda: ready(daemon), "it is ready again")
        for number, job in enumerate(jobs):
            assert daemon.client.result(job)["result"] == number
        daemon.stop()
        daemon.restart()
        for number, job in enumerate(jobs):
            assert daemon.client.result(job)["result"] == number
        daemon.stop()
        check_file(daemon, jobs)
        print(f"# {failed} calls failed")


@case
def a_call_that_fails_while_the_daemon_starts_is_told_and_harms_nothing():
    with DaemonOnDisk(CONF, status=1) as daemon:
        job = daemon.client.submit("echo", "before")
        daemon.client.result(job)
        daemon.kill()
        starts = 0
        for number, kinds in ((number, kinds) for kinds in (CHANGES, CHANGES | READ) for number in STARTS):
            told = len(daemon.log())
            daemon.disk.fail(errno.EIO, kinds, after=number)
            daemon.relaunch()
            try:
                daemon.wait_ready()
            except AssertionError:
                assert daemon.process.wait() == 1 and "could not start" in daemon.log()[told:], daemon.log()[told:]
                continue
            assert daemon.client.result(job)["result"] == "before"
            starts += 1
            daemon.kill()
        assert 2 <= starts < 2 * len(STARTS) - 2, starts
        daemon.disk.heal()
        daemon.status = 0
        daemon.restart()
        assert daemon.client.result(job)["result"] == "before"


@case
def a_database_that_somebody_else_has_locked_can_be_read_and_is_waited_for():
    with SmallDaemon(CONF) as daemon:
        before = daemon.client.submit("echo", "before")
        daemon.client.result(before)
        with closing(sqlite3.connect(daemon.folder / "state" / "jobs.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert "busy" in refused(daemon).json["detail"].lower()
            assert not ready(daemon)
            assert daemon.client.get(f"/results/{before}").json["result"] == "before"
            other.execute("ROLLBACK")
        eventually(lambda: ready(daemon), "it is ready again")
        assert daemon.client.run("echo", 1)["result"] == 1


@contextmanager
def small_file_system():
    """Of 4 MB, for root."""
    folder = tempfile.mkdtemp(prefix="penstock-test-")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder]
    try:
        if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            raise Skip("only root may mount a file system, where it may")
        yield Path(folder)
    finally:
        subprocess.run(["umount", folder], capture_output=True, check=False)
        shutil.rmtree(folder)


@case
def a_full_file_system_is_told_and_room_is_all_that_is_needed():
    with small_file_system() as folder, SmallDaemon(CONF, arguments=("--state-dir", folder / "state")) as daemon:
        spec = "x" * 100_000
        jobs = []
        while (answer := daemon.client.post({"kind": "echo", "spec": spec})).status == 202 and len(jobs) < 100:
            jobs.append(answer.json["id"])
        assert answer.status == 503 and "No space left" in answer.json["detail"], answer
        assert len(jobs) > 5
        assert not ready(daemon)
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        for job in jobs:
            assert daemon.client.result(job)["result"] == spec
        eventually(lambda: ready(daemon), "it is ready again")
        daemon.client.run("echo", spec)
        daemon.stop()


def refuses_to_start(daemon, *words):
    told = len(daemon.log())
    daemon.relaunch()
    assert daemon.process.wait(30) == 1, daemon.log()[told:]
    line = [line for line in daemon.log()[told:].splitlines() if "could not start" in line][-1]
    assert all(word in line for word in words), line


@case
def a_folder_that_cannot_be_used_is_refused_with_what_to_do():
    with SmallDaemon(CONF, status=1) as daemon:
        state = daemon.folder / "state"
        with SmallDaemon(CONF, status=1) as second:
            second.kill()
            second.arguments = ("--state-dir", state)
            refuses_to_start(second, f"in use by another penstockd, process {daemon.process.pid}")
            second.process, daemon.process = daemon.process, second.process
            second.status = 0
        state.chmod(0o777)
        refuses_to_start(daemon, "may be written by others", "chmod go-w")
        state.chmod(0o700)
        data = (state / "jobs.db").read_bytes()
        (state / "jobs.db").write_bytes(data[:8192] + bytes(4096) + data[12288:])
        refuses_to_start(daemon, "damaged", "penstock export")
        (state / "jobs.db-wal").unlink(missing_ok=True)
        (state / "jobs.db").write_bytes(b"not a database, but of some length".ljust(8192))
        refuses_to_start(daemon, "not a database", "penstock verify")
        (state / "jobs.db").unlink()
        (state / "jobs.db").mkdir()
        refuses_to_start(daemon, "state", "s a directory")
