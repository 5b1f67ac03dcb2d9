"""case_power.py - the power is cut at any moment: what got a 202 is there, ends once, and a result that was seen stays.

Relaxed jobs may be lost, and their results, until a job that is not relaxed has got its 202 after them.
"""

import errno
import os
import random
import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import sections
from case_kill import BROKEN, check_file
from daemon import DEADLINE_S, SANITIZER, eventually
from disk import SYNC, DaemonOnDisk
from tap import case

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 32)
CUTS = 10_000 if os.environ.get("SOAK") else 8 if SANITIZER else 200
CUTS_A_FOLDER = 25  # then with a new one, so that its making is cut too
CALLS = (60, 150, 150, 800)  # that change a file, from one cut to the next, at most; the last may have a checkpoint in it
CLIENTS = 3
CONF = sections.keys(crash_limit=100, retention_jobs=10_000_000, loops=1)
KILLED = -9


class Lost(Exception):
    """What was promised is not there."""


class Oracle:
    """Knows every job that was accepted, and every result that was seen."""

    def __init__(self, daemon):
        self.daemon, self.disk = daemon, daemon.disk
        self.lock = threading.Lock()
        self.specs = {}  # of what was accepted, by id
        self.keys = {}  # a key and what was asked for under it, by id
        self.seen = {}  # documents, by id
        self.n_lost = 0
        self.relaxed_jobs = set()
        self.loose = set()  # what a power cut may take: ("job", id), ("result", id)
        self.number = 0
        self.syncs_fail = False
        self.relaxed = 0.0  # so many of all jobs

    def client(self, dice):
        """Submit and look until it breaks off."""
        try:
            while True:
                recent = list(self.specs)[-20:]
                if recent and dice.random() < 0.5:
                    self.look(dice.choice(recent), dice.choice(("0s", "2s")))
                else:
                    self.submit(dice)
        except BROKEN:
            pass

    def submit(self, dice):
        with self.lock:
            self.number += 1
            number = self.number
            loose = set(self.loose)
        kind, spec = dice.choice((("echo", {"number": number, "text": "x" * dice.choice((0, 300, 5000))}), ("sleep", {"for": "1ms"})))
        headers = dice.choice(({}, {"Idempotency-Key": f"key {number}"}))
        job = {"kind": kind, "spec": spec, "labels": {"number": str(number)}}
        relaxed = dice.random() < self.relaxed
        if relaxed:
            job["durability"] = "relaxed"
        answer = self.daemon.client.post(job, headers)
        if self.syncs_fail and answer.status == 503:
            return
        assert answer.status == 202, answer
        with self.lock:
            if relaxed:
                self.relaxed_jobs.add(answer.json["id"])
                self.loose.add(("job", answer.json["id"]))
            else:
                self.loose -= loose
        self.specs[answer.json["id"]] = spec if kind == "echo" else {"slept": spec["for"]}
        if headers:
            self.keys[answer.json["id"]] = (job, headers)

    def look(self, job, wait):
        had_ended = job in self.seen  # before the question: another client may hear of the end meanwhile
        answer = self.daemon.client.get(f"/results/{job}?wait={wait}")
        assert answer.status in (200, 202), f"job {job}, which got a 202: {answer}"
        assert answer.status == 200 or not had_ended, f"job {job} had ended: {answer}"
        if answer.status == 200:
            with self.lock:
                if job not in self.seen and job in self.relaxed_jobs:
                    self.loose.add(("result", job))
            assert self.seen.setdefault(job, answer.body) == answer.body, f"job {job} had another result before"
        return answer

    def live(self, dice):
        """Start, and work until the power is cut, be it while starting."""
        self.daemon.launch()
        try:
            self.daemon.wait_ready()
        except AssertionError:
            status = self.daemon.process.wait(DEADLINE_S)
            if status != KILLED and not (self.syncs_fail and status == 1):
                raise
            return
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(self.client, [random.Random(dice.random()) for _ in range(CLIENTS)]))
        self.daemon.process.wait(DEADLINE_S)

    def check_image(self):
        """What the cut left, looked at in a copy, as to look is to change it."""
        if not self.specs:
            return
        copy = self.daemon.folder / "copy"
        self.disk.write(copy)
        try:
            with closing(sqlite3.connect(copy / "jobs.db")) as database:
                rows = database.execute("SELECT lower(hex(id)), result FROM jobs").fetchall()
        except sqlite3.Error as error:
            raise Lost(f"all {len(self.specs)} jobs are lost: {error}") from error
        results = dict(rows)
        assert len(results) == len(rows)
        self.forget_loose(results)
        lost = [job for job in self.specs if job.replace("-", "") not in results]
        if lost:
            raise Lost(f"{len(lost)} of {len(self.specs)} jobs that got a 202 are lost: {lost[:5]}")
        changed = [job for job, body in self.seen.items() if results[job.replace("-", "")] != body]
        if changed:
            raise Lost(f"{len(changed)} results were seen and are not on record: {changed[:5]}")
        shutil.rmtree(copy)

    def forget_loose(self, results):
        """What was allowed to be lost and is, was never promised; what of it is there is as safe as all else now."""
        gone = [job for what, job in self.loose if what == "job" and job.replace("-", "") not in results]
        for known in (self.specs, self.keys, self.seen):
            for job in gone:
                known.pop(job, None)
        for what, job in self.loose:
            if what == "result" and results.get(job.replace("-", ""), b"") is None:
                self.seen.pop(job, None)
        self.n_lost += len(gone)
        self.loose.clear()

    def check_end(self):
        """With power that stays, each job ends right, and its key still stands for it."""
        self.daemon.start()
        for job, spec in self.specs.items():
            document = self.look(job, "60s").json
            assert document["state"] == "succeeded" and document["result"] == spec, document
        for job, (request, headers) in list(self.keys.items())[-50:]:
            answer = self.daemon.client.post(request, headers)
            assert answer.status == 202 and answer.json["id"] == job, answer
        eventually(lambda: self.unfinished() == 0, "all jobs have ended, also those whose 202 never came")
        self.daemon.stop()
        check_file(self.daemon, self.specs)

    def unfinished(self):
        stats = self.daemon.client.stats()
        return sum(stats[f'penstock_jobs{{state="{state}"}}'] for state in ("scheduled", "queued", "running", "cancelling"))


def cut_again_and_again(dice, cuts, lies=0, syncs_fail=False, relaxed=0.0):
    """On one folder; gives the oracle."""
    daemon = DaemonOnDisk(CONF)
    disk = daemon.disk
    oracle = Oracle(daemon)
    disk.control.lies = lies
    oracle.syncs_fail = syncs_fail
    oracle.relaxed = relaxed
    try:
        for _ in range(cuts):
            disk.control.cut_at = disk.control.calls + dice.randrange(1, dice.choice(CALLS))
            if syncs_fail:
                disk.fail(errno.EIO, SYNC, after=dice.randrange(1, CALLS[1]), calls=dice.choice((1, 1, 20)))
            oracle.live(dice)
            style = disk.cut(dice)
            try:
                oracle.check_image()
            except Lost as error:
                raise Lost(f"after a cut that left {style} of what was not synced: {error}") from error
        disk.control.cut_at = 0
        disk.heal()
        oracle.check_end()
    finally:
        if daemon.process.poll() is None:
            daemon.kill()
        shutil.rmtree(daemon.folder)
    return oracle


@case
def what_was_accepted_outlives_every_power_cut_and_ends_once():
    dice = random.Random(SEED)
    jobs = 0
    for begin in range(0, CUTS, CUTS_A_FOLDER):
        jobs += len(cut_again_and_again(dice, min(CUTS_A_FOLDER, CUTS - begin)).specs)
    print(f"# seed {SEED}: {CUTS} cuts, {jobs} jobs accepted")


@case
def of_relaxed_jobs_none_is_lost_before_one_that_is_not_and_none_by_half():
    dice = random.Random(SEED)
    jobs, lost = 0, 0
    for begin in range(0, CUTS, 100):
        for syncs_fail in (False, True):
            oracle = cut_again_and_again(dice, min(12, CUTS - begin), syncs_fail=syncs_fail, relaxed=dice.choice((0.5, 0.9)))
            jobs += len(oracle.specs)
            lost += oracle.n_lost
    print(f"# seed {SEED}: {jobs} jobs stayed, {lost} relaxed ones were lost")
    assert lost or SANITIZER, "nothing was relaxed"


@case
def what_could_not_be_synced_is_not_counted_on_by_a_later_sync():
    dice = random.Random(SEED)
    jobs = 0
    for begin in range(0, CUTS, 200):
        jobs += len(cut_again_and_again(dice, min(12, CUTS - begin), syncs_fail=True).specs)
    print(f"# seed {SEED}: {jobs} jobs accepted")


@case
def a_disk_that_lies_about_fsync_is_noticed():
    dice = random.Random(SEED)
    for _ in range(CUTS):
        try:
            cut_again_and_again(dice, 1, lies=1)
        except Lost as error:
            print(f"# seed {SEED}: {error}")
            return
        except AssertionError as ended:
            if "could not start" not in str(ended):
                raise
            # else the daemon has noticed by itself, and what the oracle notices is to be seen another time
    raise AssertionError("nothing was lost")


@case
def a_daemon_below_which_transactions_were_lost_says_so_and_does_not_start():
    with DaemonOnDisk(CONF, status=1) as daemon:
        daemon.disk.control.lies = 1
        daemon.client.run("echo", 1)
        daemon.kill()
        daemon.disk.cut(random.Random(SEED), {"jobs.db": "all", "jobs.db-wal": "nothing", "lock": "all"})
        daemon.relaunch()
        daemon.wait_log("transactions that were on record are missing")


@case
def what_was_relaxed_and_failed_to_be_flushed_is_there_before_what_is_synced_next():
    with DaemonOnDisk(CONF + sections.tenant("fast", durability="relaxed")) as daemon:
        disk, client = daemon.disk, daemon.client
        job = {"kind": "sleep", "spec": {"for": "1h"}, "timeout": "1h", "tenant": "fast"}
        disk.dice = random.Random(2)  # what a sync fails for is lost
        disk.fail(errno.EIO, SYNC, calls=1 << 30)
        relaxed = client.post(job).json["id"]
        eventually(lambda: disk.control.failed, "it is flushed by itself, which fails")
        disk.heal()
        job["durability"] = "sync"
        synced = eventually(lambda: (answer := client.post(job)).status == 202 and answer.json["id"], "the disk works again")
        assert client.get(f"/jobs/{synced}").json["request"] == job
        disk.fail(errno.EIO, SYNC, calls=1 << 30)
        assert client.post(job).status == 503
        disk.heal()
        daemon.kill()
        disk.cut(random.Random(SEED), {"jobs.db": "nothing", "jobs.db-wal": "nothing", "lock": "all"})
        daemon.restart()
        for job in (relaxed, synced):
            assert client.get(f"/jobs/{job}").status == 200


@case
def a_cancellation_is_told_when_it_outlives_a_power_cut():
    with DaemonOnDisk(CONF + sections.tenant("held", max_running=0)) as daemon:
        disk, client = daemon.disk, daemon.client
        waiting, other = [client.submit("echo", 1, tenant="held") for _ in range(2)]
        running = client.submit("sleep", {"for": "1h"}, timeout="1h")
        eventually(lambda: client.state(running) == "running", "the job runs")
        disk.fail(errno.EIO, SYNC, calls=1 << 30)
        answer = client.request("DELETE", f"/jobs/{waiting}")
        assert answer.status == 503, answer
        assert client.state(waiting) == "queued"
        disk.heal()
        eventually(lambda: client.state(waiting) == "cancelled", "it is tried again")
        for job in (other, running):
            assert client.request("DELETE", f"/jobs/{job}").status == 202
        daemon.kill()
        disk.cut(random.Random(SEED), {"jobs.db": "nothing", "jobs.db-wal": "nothing"})
        daemon.restart()
        for job in (other, running):
            assert client.result(job)["state"] == "cancelled"
