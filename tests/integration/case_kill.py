"""case_kill.py - killed at any moment and started again: what got a 202 has one result, and keeps it."""

import http.client
import os
import random
import signal
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import sections
from daemon import DEADLINE_S, SANITIZER, Daemon, SmallDaemon
from server import Server, heard
from tap import case

SEED = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 32)
KILLS = 1000 if os.environ.get("SOAK") else 10 if SANITIZER else 100
LIFE_S = 2 if SANITIZER else 0.7  # the most from one READY=1 to the next kill
CLIENTS = 4
WAITING_MAX = 150  # accepted and not seen ended; with more, clients only look
LIMITS = {f"tenant-{i}": i + 1 for i in range(4)}
BROKEN = (ConnectionError, TimeoutError, http.client.HTTPException)
CONF = (
    # fewer workers than could be busy, and hardly a waiting job in memory
    sections.keys(crash_limit=100, retention_jobs=10_000_000, workers=16, backlog_window=3)
    + "".join(sections.tenant(name, max_running=limit) for name, limit in LIMITS.items())
)


# A spec, the target that it calls, and whether a result is right.


def echo(_, __, number, dice):
    spec = {"number": number, "text": "x" * dice.randrange(2000)}
    return spec, None, lambda result: result == spec


def sleep(_, __, ___, dice):
    spec = {"for": f"{dice.randrange(1, 200)}ms"}
    return spec, None, lambda result: result == {"slept": spec["for"]}


def call(server, tenant, number, dice):
    """Some work only the second time."""
    wishes = dice.choice(({}, {}, {"status": 503, "fail": 1}))
    url = server.url(f"/{number}", tenant=tenant, delay=dice.choice((0, 0.02, 0.1)), **wishes)
    target = url.split(str(server.port), 1)[1]
    return {"url": url}, target, lambda result: result["status"] == 200 and heard(result)["target"] == target


KINDS = {"echo": echo, "sleep": sleep, "http": call}


class Oracle:
    """Knows every job that was accepted, and every result that was seen."""

    def __init__(self, daemon, server):
        self.daemon, self.server = daemon, server
        self.lock = threading.Lock()
        self.accepted = {}  # what the result must be, and the target that is called, by id
        self.ids = []  # of all of them
        self.waiting = set()
        self.seen = {}  # the document and how often the target had been called by then, by id
        self.stop = threading.Event()
        self.broken = 0

    def client(self, name):
        """Submit and look, until told to stop; whatever breaks off has promised nothing."""
        dice = random.Random(f"{SEED} {name}")
        number = 0
        while not self.stop.is_set():
            number += 1
            try:
                self.act(f"{name}-{number}", dice)
            except BROKEN:
                self.broken += 1
                time.sleep(0.02)  # it is starting again
            time.sleep(dice.random() / 40)

    def act(self, number, dice):
        with self.lock:
            look = len(self.waiting) > WAITING_MAX or (self.accepted and dice.random() < 0.4)
            job = dice.choice(sorted(self.waiting) if self.waiting and dice.random() < 0.5 else self.ids) if look else None
        if look:
            self.look(job)
        else:
            self.submit(number, dice)

    def submit(self, number, dice):
        """No two jobs ask for the same, so one that is there twice was taken twice."""
        tenant, kind = dice.choice(sorted(LIMITS)), dice.choice(sorted(KINDS))
        spec, target, right = KINDS[kind](self.server, tenant, number, dice)
        job = {"kind": kind, "tenant": tenant, "spec": spec, "priority": dice.randrange(10), "labels": {"number": number}}
        job |= {"retry": {"max_attempts": 3, "min": "1ms", "max": "50ms"}} | dice.choice(({}, {}, {"delay": "150ms"}))
        job |= dice.choice(({}, {"durability": "relaxed"}))
        answer = self.post(job, dice.choice(({}, {"Idempotency-Key": f"key {number}"})))
        assert answer.status == 202, answer
        with self.lock:
            self.accepted[answer.json["id"]] = (right, target)
            self.ids.append(answer.json["id"])
            self.waiting.add(answer.json["id"])

    def post(self, job, headers):
        """What has a key is sent again until it is answered."""
        while True:
            try:
                return self.daemon.client.post(job, headers)
            except BROKEN:
                if not headers or self.stop.is_set():
                    raise
                self.broken += 1
                time.sleep(0.02)

    def look(self, job, wait="0s"):
        """It is known, and what was seen once stays."""
        called = self.calls(job)
        had_ended = job in self.seen  # before the question: another client may hear of the end meanwhile
        answer = self.daemon.client.get(f"/results/{job}?wait={wait}")
        assert answer.status in (200, 202), f"job {job}, which got a 202: {answer}"
        if answer.status == 202:
            assert not had_ended, f"job {job} had ended: {answer}"
            return False
        with self.lock:
            self.waiting.discard(job)
            before, _ = self.seen.setdefault(job, (answer.body, self.calls(job)))
        assert before == answer.body, f"job {job} had another result before: {before}, now {answer.body}"
        assert called <= self.calls(job)
        return True

    def calls(self, job):
        return self.server.times[self.accepted[job][1]]

    def check(self):
        """Every job that was accepted has ended right, and none ran on after its end was seen."""
        with ThreadPoolExecutor(CLIENTS) as clients:
            assert all(clients.map(lambda job: self.look(job, "60s"), list(self.accepted)))
        for job, (right, target) in self.accepted.items():
            document = self.daemon.client.get(f"/results/{job}").json
            assert document["state"] == "succeeded" and right(document["result"]), document
            assert not target or self.seen[job][1] == self.calls(job) > 0, f"job {job} ran on after its end"


def kill_and_restart(oracle, dice):
    time.sleep(dice.random() * LIFE_S)
    oracle.daemon.kill()
    oracle.server.wait_for_the_dead()  # else the server might hear the new daemon before it misses the old one
    oracle.daemon.restart()


def check_file(daemon, accepted):
    """The store's own file, once the daemon has ended."""
    with closing(sqlite3.connect(daemon.folder / "state" / "jobs.db")) as database:
        rows = database.execute("SELECT lower(hex(id)), state, result, request FROM jobs").fetchall()
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ended = {row[0] for row in rows if row[1] == "succeeded" and row[2]}
    lost = {job for job in accepted if job.replace("-", "") not in ended}
    assert not lost, f"{len(lost)} of {len(accepted)} jobs are not on record as ended: {sorted(lost)[:5]}"
    assert len(ended) == len(rows), "some rows have no end"
    assert len({row[3] for row in rows}) == len(rows), "some jobs were taken twice"


def check_numbers(daemon):
    audit = daemon.client.request("POST", "/audit")
    assert audit.status == 200 and audit.json["differences"] == 0, audit
    stats = daemon.client.stats()
    for name in ("penstock_audit_differences_total", "penstock_slots_reconciled_total", "penstock_finishes_refused_total"):
        assert stats[name] == 0, f"{name} {stats[name]}"
    errors = {name: value for name, value in stats.items() if name.startswith("penstock_store_errors") and value}
    assert not errors, errors


def check_peaks(server):
    over = {tenant: peak for tenant, peak in server.peak.items() if tenant and peak > LIMITS[tenant]}
    assert not over, f"more calls at one time than the limits allow: {over}"


@case
def jobs_that_were_accepted_outlive_every_kill_and_end_once():
    dice = random.Random(SEED)
    with Server() as server, Daemon(CONF) as daemon, ThreadPoolExecutor(CLIENTS) as threads:
        oracle = Oracle(daemon, server)
        clients = [threads.submit(oracle.client, name) for name in range(CLIENTS)]
        try:
            for _ in range(KILLS):
                kill_and_restart(oracle, dice)
        finally:
            oracle.stop.set()
        for client in clients:
            client.result()
        oracle.check()
        check_numbers(daemon)
        check_peaks(server)
        daemon.stop()
        check_file(daemon, oracle.accepted)
        print(f"# seed {SEED}: {KILLS} kills, {len(oracle.accepted)} jobs accepted, {oracle.broken} requests broken off")


def end_after_restart(daemon, job):
    """The job's document, or None: the daemon was killed again, be it before it was ready."""
    daemon.relaunch()
    try:
        daemon.wait_ready()
        return daemon.client.result(job)
    except (AssertionError, *BROKEN):
        assert daemon.process.wait(DEADLINE_S) == -signal.SIGKILL, daemon.log()
        return None


@case
def a_job_that_kills_the_daemon_each_time_fails_after_crash_limit_and_the_others_go_on():
    kill = "read -r _ _ _ starter _ < /proc/$PPID/stat; read -r _ _ _ daemon _ < /proc/$starter/stat; kill -9 $daemon"
    conf = sections.keys(crash_limit=3) + sections.command("poison", "/bin/sh", "-c", kill)
    with SmallDaemon(conf) as daemon:
        other = daemon.client.submit("echo", "me", delay="1s")
        poison = daemon.client.submit("command", {"command": "poison", "args": {}}, delay="200ms", priority=9)
        assert daemon.process.wait(DEADLINE_S) == -signal.SIGKILL
        deaths = 1
        while not (document := end_after_restart(daemon, poison)):
            deaths += 1
        assert deaths in (3, 4), deaths  # the first may have come before its attempt was on record
        assert document["state"] == "failed" and document["error"]["code"] == "crash-loop", document
        attempts = daemon.client.get(f"/jobs/{poison}").json["attempts"]
        assert [attempt["error"]["code"] for attempt in attempts] == ["crashed"] * 3, attempts
        assert daemon.client.result(other)["result"] == "me"
