"""case_fair.py - many tenants with limits of every sort, and a daemon that is killed at any moment: whom it calls sees no limit exceeded.

A server that is called counts what is in flight by tenant, by slots and by limit_key, and notes when each call comes.  What a killed
daemon had begun ends with its sockets, so all that the server hears from then on is the next one's.
"""

import json
import os
import random
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import sections
from case_kill import BROKEN, SEED, check_file, check_numbers
from client import JSON
from daemon import SANITIZER, Daemon, eventually
from server import Server
from tap import case

LASTS_S = 90 if os.environ.get("SOAK") else 7
LIFE_S = 2 if SANITIZER else 0.7  # the most from one READY=1 to the next kill
WORKERS = 12 if SANITIZER else 32  # fewer than could be busy
CALLS_LEAST = 300  # so that limits are tried, however slow the machine is
LINES = 30  # of one request
TENANTS = 24
QUEUED_MAX = 12
KEYS = "xy"


class Limits:
    """Of one tenant.  Each has one sort of limit that is closer than its others; every other tenant's are set over HTTP."""

    def __init__(self, number, dice):
        self.name = f"tenant-{number}"
        self.over_http = number % 2 == 1
        self.sort = ("running", "slots", "key", "rate", "endpoint")[number % 5]
        self.running = dice.randrange(3, 6) if self.sort != "running" else dice.randrange(1, 4)
        self.key_running = dice.randrange(1, 3) if self.sort == "key" else 100
        self.calls = dice.randrange(1, 3) if self.sort == "endpoint" else 100
        self.rate, self.burst = (dice.randrange(10, 30), dice.randrange(1, 4)) if self.sort == "rate" else (0, 0)

    def values(self):
        values = {"max_running": self.running, "max_queued": QUEUED_MAX, "host_connections": self.calls, "key_max_running": self.key_running}
        return values | ({"rate": f"{self.rate}/s", "burst": self.burst} if self.rate else {})

    def section(self):
        return "" if self.over_http else sections.tenant(self.name, **self.values())

    def set_over_http(self, client):
        if self.over_http:
            answer = client.request("PUT", f"/tenants/{self.name}", json.dumps(self.values()), {"Content-Type": JSON})
            assert answer.status == 200, answer

    def job(self, server, number, dice):
        """One of this tenant, and what is called by it, which is no other's."""
        wishes = {"tenant": self.name, "delay": dice.choice((0.05, 0.1, 0.15))}
        job = {"kind": "http", "tenant": self.name, "priority": dice.randrange(10), "retry": {"max_attempts": 1}}
        if self.sort == "slots":
            wishes["slots"] = job["slots"] = dice.randrange(1, self.running + 1)
        if self.sort == "key" or dice.random() < 0.2:
            wishes["key"] = job["limit_key"] = dice.choice(KEYS)
        url = server.url(f"/{number}", **wishes)
        return job | {"spec": {"url": url}}, url.split(str(server.port), 1)[1]

    def counted_as(self):
        """By what the server counts what is closest to its limit."""
        return [(self.name, key) for key in KEYS] if self.sort == "key" else [self.name]

    def most(self):
        """What may be in flight at one time, as the server counts it."""
        return {self.name: min(self.running, self.calls)} | {(self.name, key): self.key_running for key in KEYS}


class Trial:
    """The tenants, the daemon, the server, and all that was accepted."""

    def __init__(self, daemon, server, tenants):
        self.daemon, self.server, self.tenants = daemon, server, tenants
        self.targets = {}  # of jobs that were accepted, by id
        self.ended = {}  # how often a target had been called when its job's end was seen
        self.begun = [time.monotonic()]  # before the start of each daemon
        self.stop = threading.Event()
        self.number = 0

    def submit(self):
        """Many at a time, more than there is room for, until told to stop; whatever breaks off has promised nothing."""
        dice = random.Random(f"{SEED} jobs")
        while not self.stop.wait(0.05):
            try:
                self.submit_some(dice)
                self.note_ended()
            except BROKEN:
                pass  # it is starting again

    def submit_some(self, dice):
        jobs = []
        for _ in range(LINES):
            self.number += 1
            jobs.append(dice.choice(self.tenants).job(self.server, self.number, dice))
        answer = self.daemon.client.post_lines([job for job, _ in jobs])
        assert answer.status == 200 and len(answer.lines) == LINES, answer
        for line, (_, target) in zip(answer.lines, jobs):
            assert "id" in line or line["code"] == "backlog-full", line
            if "id" in line:
                self.targets[line["id"]] = target

    def note_ended(self):
        """The latest.  All calls of those have been heard, so there shall be no more."""
        listed = self.daemon.client.get("/jobs?state=succeeded&limit=20")
        assert listed.status == 200, listed
        for job in listed.json["jobs"]:
            if target := self.targets.get(job["id"]):
                self.ended.setdefault(target, self.server.times[target])

    def kill(self):
        self.daemon.kill()
        self.server.wait_for_the_dead()
        self.begun.append(time.monotonic())
        self.daemon.restart()

    def finish(self):
        def left():
            return sum(value for name, value in self.daemon.client.stats().items() if name.startswith("penstock_jobs{"))

        eventually(lambda: left() == 0, "all have ended")

    def check_calls(self):
        called = {target: times for target, times in self.ended.items() if self.server.times[target] != times}
        assert not called, f"called again after their jobs' ends: {called}"
        again = {target: times for target, times in self.server.times.items() if target != "/" and times > len(self.begun)}
        assert not again, f"called more often than there were daemons: {again}"

    def check_peaks(self):
        most = {name: limit for tenant in self.tenants for name, limit in tenant.most().items()}
        peaks = {name: peak for name, peak in self.server.taken_peak.items() if name}
        over = {name: (peak, most[name]) for name, peak in peaks.items() if peak > most[name]}
        assert not over, f"more at one time than the limits allow: {over}"
        for sort in ("running", "slots", "key", "endpoint"):
            counted = [name for tenant in self.tenants if tenant.sort == sort for name in tenant.counted_as()]
            assert any(peaks.get(name) == most[name] for name in counted), f"no limit of {sort} was reached, so none was tried"

    def check_rates(self):
        """A call is heard after its start.  So whatever took its time in between, no more can have come since a daemon began than may start."""
        came = defaultdict(list)
        for request in self.server.requests:
            came[request.wishes.get("tenant")].append(request.came)
        most = 0
        for tenant in (tenant for tenant in self.tenants if tenant.rate):
            for began, ended in zip(self.begun, [*self.begun[1:], float("inf")]):
                times = [moment - began for moment in came[tenant.name] if began <= moment < ended]
                for n, passed in enumerate(times, 1):
                    assert n <= tenant.burst + tenant.rate * passed, f"{tenant.values()}: {n} calls in {passed} s"
                most = max(most, len(times) - tenant.burst)
        assert most > 0, "none waited for a token, so no rate was tried"


@case
def no_limit_is_ever_exceeded_as_those_see_it_who_are_called_while_the_daemon_is_killed_again_and_again():
    dice = random.Random(SEED)
    tenants = [Limits(number, dice) for number in range(TENANTS)]
    conf = sections.keys(crash_limit=100, retention_jobs=10_000_000, workers=WORKERS, backlog_window=5) + "".join(tenant.section() for tenant in tenants)
    with Server() as server, Daemon(conf) as daemon:
        trial = Trial(daemon, server, tenants)
        for tenant in tenants:
            tenant.set_over_http(daemon.client)
        with ThreadPoolExecutor(1) as client:
            submitted = client.submit(trial.submit)
            try:
                while time.monotonic() < trial.begun[0] + LASTS_S or sum(server.times.values()) < CALLS_LEAST:
                    time.sleep(dice.random() * LIFE_S)
                    trial.kill()
            finally:
                trial.stop.set()
        submitted.result()
        trial.finish()
        check_numbers(daemon)
        daemon.stop()
        trial.check_calls()
        trial.check_peaks()
        trial.check_rates()
        check_file(daemon, trial.targets)
        print(f"# seed {SEED}: {len(trial.begun) - 1} kills, {len(trial.targets)} jobs accepted, {sum(server.times.values())} calls")
