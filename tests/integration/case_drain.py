"""case_drain.py - being told to stop: what runs may end, what waits is kept, nothing is left, whatever the moment."""

import os
import queue
import random
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sections
from daemon import SANITIZER, Daemon, eventually
from server import Server
from tap import case

CALL = Path(__file__).parent / "call"
CALL_ARGS = ("{port}", "{target}", "{text}", "{status}")
STUBBORN = "trap '' TERM; exec \"$@\""
FAMILY = "trap '' $1; (trap '' $1; sleep 1000 > /dev/null 2>&1; sleep 1000) & sleep 1000 & wait; wait"
COMMANDS = (
    sections.command("call", CALL, *CALL_ARGS)
    + sections.command("stubborn", "/bin/sh", "-c", STUBBORN, "stubborn", CALL, *CALL_ARGS)
    + sections.command("family", "/bin/sh", "-c", FAMILY, "family", "{ignored}", timeout="1h")
)


def conf(**keys):
    """Jobs end by nothing but the drain."""
    return sections.keys(**{"drain_timeout": "10m", "command_grace": "10m", "timeout": "1h"} | keys) + COMMANDS


def call_spec(server, name="call", path="/", **wishes):
    target = server.url(path, **wishes).split(str(server.port), 1)[1]
    return {"command": name, "args": {"port": server.port, "target": target, "text": "", "status": 0}}


def stop(daemon, number=signal.SIGTERM):
    """Tell it to stop and wait until it says that it does."""
    daemon.signal(number)
    return daemon.wait_notice("STOPPING=1")


def refused(answer):
    """Whether new work is refused as it must be during a drain."""
    assert answer.status == 503 and answer.json["code"] == "draining", answer
    assert int(answer.headers["Retry-After"]) > 0, answer


@case
def running_jobs_end_and_their_clients_are_answered_while_new_ones_are_refused_and_none_is_started():
    one = sections.tenant("one", max_running=1)
    with Server() as server, Daemon(conf() + one) as daemon, ThreadPoolExecutor(8) as clients:
        ids = [
            daemon.client.submit("http", {"url": server.url("/http", hold="all")}, tenant="one"),
            daemon.client.submit("command", call_spec(server, path="/command", hold="all")),
        ]
        server.wait_in_flight(2)
        waits = [
            daemon.client.submit("http", {"url": server.url("/queued")}, tenant="one"),
            daemon.client.submit("http", {"url": server.url("/later")}, delay="1h"),
        ]
        results = [clients.submit(daemon.client.get, f"/results/{job}?wait=60s") for job in ids + waits]
        preferring = clients.submit(daemon.client.post, {"kind": "sleep", "spec": {"for": "1h"}}, {"Prefer": "wait=60"})
        eventually(lambda: daemon.client.stats()['penstock_jobs{state="running"}'] == 3, "three jobs run")
        status = stop(daemon)
        assert re.search(r"^STATUS=draining: 3 jobs running, (10m|9m[0-9]+s|5[0-9]{2}s) left$", status, re.M), status

        refused(daemon.client.post({"kind": "echo"}))
        refused(daemon.client.get("/readyz"))
        assert daemon.client.get("/healthz").status == 200
        assert daemon.client.stats()["penstock_drain_state"] == 1
        assert [daemon.client.state(job) for job in ids + waits] == ["running", "running", "queued", "scheduled"]

        server.open("all")
        for result in results[:2]:
            answer = result.result()
            assert (answer.status, answer.json["state"]) == (200, "succeeded"), answer
        eventually(lambda: daemon.client.stats()['penstock_jobs{state="running"}'] == 1, "one job runs")
        assert daemon.client.state(waits[0]) == "queued", "a job was started during the drain"
        daemon.signal()  # the sleep would take an hour
        for result in results[2:]:
            answer = result.result()
            assert answer.status == 202 and int(answer.headers["Retry-After"]) > 0, answer
        assert preferring.result().status == 202, preferring.result()
        daemon.wait()
        assert {request.path for request in server.requests} == {"/http", "/command"}, server.requests


@case
def the_daemon_ends_as_soon_as_nothing_runs():
    with Server() as server, Daemon(conf()) as daemon:
        daemon.client.submit("http", {"url": server.url("/", hold="all")})
        daemon.client.submit("http", {"url": server.url("/later")}, delay="1h")
        server.wait_in_flight(1)
        stop(daemon)
        server.open("all")
        daemon.wait()


@case
def after_the_timeout_what_runs_is_cancelled_as_shutdown_and_is_queued_again():
    with Server() as server, Daemon(conf(drain_timeout="100ms")) as daemon:
        calls = daemon.client.submit("http", {"url": server.url("/", hold="never")})
        sleeps = daemon.client.submit("sleep", {"for": "1h"})
        family = daemon.client.submit("command", {"command": "family", "args": {"ignored": "HUP"}})
        stubborn = daemon.client.submit("command", call_spec(server, "stubborn", hold="all"))
        server.wait_in_flight(2)
        stop(daemon)
        daemon.wait_notice("STATUS=ending what still runs")
        for job in (calls, sleeps, family):
            eventually(lambda job=job: daemon.client.state(job) == "queued", "a cancelled job is queued")
            (attempt,) = daemon.client.get(f"/jobs/{job}").json["attempts"]
            assert attempt["error"]["code"] == "shutdown", attempt
        assert daemon.client.state(stubborn) == "running"
        server.wait_in_flight(1)
        stats = daemon.client.stats()
        assert stats["penstock_drain_state"] == 2, stats
        assert stats['penstock_jobs{state="queued"}'] == 3 and stats['penstock_jobs{state="running"}'] == 1, stats
        server.open("all")
        daemon.wait()


@case
def a_group_that_heeds_no_term_is_killed_after_command_grace():
    for ignored in ("TERM", "HUP"):
        with Server() as server, Daemon(conf(drain_timeout="0s", command_grace="100ms")) as daemon:
            daemon.client.submit("command", {"command": "family", "args": {"ignored": ignored}})
            daemon.client.submit("command", call_spec(server, "stubborn", hold="never"))
            server.wait_in_flight(1)
            stop(daemon)
            daemon.wait()


@case
def a_second_signal_does_not_wait_for_the_timeout_and_sigint_is_the_same_as_sigterm():
    signals = (signal.SIGTERM, signal.SIGINT)
    for first, second in ((first, second) for first in signals for second in signals):
        with Server() as server, Daemon(conf(command_grace="100ms")) as daemon:
            job = daemon.client.submit("http", {"url": server.url("/", hold="never")})
            server.wait_in_flight(1)
            stop(daemon, first)
            assert daemon.client.state(job) == "running"
            daemon.signal(second)
            daemon.wait()
            assert "ending what still runs" in daemon.log(), daemon.log()


@case
def sighup_does_not_hurry_a_drain():
    with Server() as server, Daemon(conf()) as daemon:
        daemon.client.submit("http", {"url": server.url("/", hold="all")})
        server.wait_in_flight(1)
        stop(daemon)
        daemon.signal(signal.SIGHUP)
        daemon.wait_notice("STATUS=draining")  # told anew, the signal having been heard
        assert daemon.client.stats()["penstock_drain_state"] == 1
        server.open("all")
        daemon.wait()
        assert "ending what still runs" not in daemon.log(), daemon.log()


@case
def clients_that_do_nothing_do_not_hold_up_the_end():
    with Daemon(conf()) as daemon:
        idle = [daemon.client.connect() for _ in range(50)]
        half = daemon.client.connect()
        half.sendall(b"POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
        deaf = [daemon.client.connect() for _ in range(3)]
        for connection in deaf:
            connection.sendall(b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        stop(daemon)
        daemon.wait()
        for connection in (*idle, half, *deaf):
            connection.close()


class StoppedEarly(Daemon):
    """Told to stop before it can have said that it is ready; the signal is blocked until it is listened to."""

    blocks = {signal.SIGTERM}

    def start(self):
        signal.pthread_sigmask(signal.SIG_BLOCK, self.blocks)
        try:
            self.launch()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.blocks)
        self.signal()

    def stop(self):
        self.wait()


@case
def a_stop_during_the_start_is_a_stop_after_it():
    for _ in range(5):
        with StoppedEarly(conf()) as daemon:
            daemon.wait_ready()
            daemon.wait()
            assert "stopped" in daemon.log(), daemon.log()


@case
def a_stop_right_after_the_start_is_clean():
    for _ in range(5):
        with Daemon(conf()) as daemon:
            daemon.signal()
            daemon.wait()
            assert "stopped" in daemon.log(), daemon.log()


@case
def a_stop_during_a_reload_is_clean():
    tenants = "".join(sections.tenant(f"tenant-{i}", max_running=i) for i in range(1000))
    for text in (conf() + tenants, "what = is this"):
        for _ in range(3):
            with Daemon(conf()) as daemon:
                daemon.client.submit("echo", 1)
                daemon.write_conf(text)
                daemon.signal(signal.SIGHUP)
                daemon.signal(signal.SIGTERM)
                daemon.wait()
                assert "stopped" in daemon.log(), daemon.log()


class Load:
    """Clients that submit jobs of all sorts until no more are taken, and others that wait for the results."""

    SUBMITTERS, WAITERS = 4, 4

    def __init__(self, daemon, server, seed):
        self.daemon, self.server, self.seed = daemon, server, seed
        self.accepted = queue.Queue()  # ids
        self.wrong = []
        self.threads = [threading.Thread(target=self.client, args=(self.submit, i)) for i in range(self.SUBMITTERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for thread in self.threads:
            thread.join()

    def wait_for(self, count):
        """Until so many jobs were accepted; from some on, there are clients that wait for the results."""
        ids = [self.accepted.get() for _ in range(count)]
        self.threads += [threading.Thread(target=self.client, args=(self.wait, job)) for job in ids[: self.WAITERS]]
        for thread in self.threads[self.SUBMITTERS :]:
            thread.start()

    def client(self, function, argument):
        try:
            function(argument)
        except ConnectionError:
            pass  # the daemon is gone
        except Exception as wrong:  # pylint: disable=broad-except; told by the test's own thread
            self.wrong.append(wrong)

    def submit(self, number):
        dice = random.Random(f"{self.seed} {number}")
        answer = None
        while not answer or answer.status == 202:
            kind, spec = self.job(dice)
            delay = {"delay": "1h"} if dice.random() < 0.1 else {}
            answer = self.daemon.client.post({"kind": kind, "spec": spec, "tenant": f"tenant-{dice.randrange(4)}", **delay})
            if answer.status == 202:
                self.accepted.put(answer.json["id"])
        refused(answer)

    def wait(self, job):
        answer = self.daemon.client.get(f"/results/{job}?wait=60s")
        if answer.status not in (200, 202):
            refused(answer)  # it came at the last moment

    def job(self, dice):
        server = self.server
        return dice.choice(
            (
                lambda: ("echo", dice.random()),
                lambda: ("sleep", {"for": "1h"}),
                lambda: ("sleep", {"for": f"{dice.randrange(100)}ms"}),
                lambda: ("http", {"url": server.url("/", hold="never")}),
                lambda: ("http", {"url": server.url("/", delay=dice.random() / 10)}),
                lambda: ("command", call_spec(server, dice.choice(("call", "stubborn")), delay=dice.random() / 10)),
                lambda: ("command", {"command": "family", "args": {"ignored": dice.choice(("TERM", "HUP"))}}),
            )
        )()


def drain_under_load(seed):
    """From SIGTERM to the end, in seconds beyond the drain-timeout."""
    dice = random.Random(seed)
    timeout_ms, grace_ms = dice.choice(((0, 200), (200, 200), (500, 0)))
    size = sections.keys(loops=dice.randrange(1, 4), workers=dice.choice((4, 24)))
    limits = "".join(sections.tenant(f"tenant-{i}", max_running=4 * i + 1) for i in range(4))
    keys = {"drain_timeout": f"{timeout_ms}ms", "command_grace": f"{grace_ms}ms"}
    with Server() as server, Daemon(size + conf(**keys) + limits) as daemon:
        with Load(daemon, server, seed) as load:
            load.wait_for(dice.randrange(1, 60))
            daemon.signal()
            told = time.monotonic()
            daemon.wait()
            took = time.monotonic() - told
        assert not load.wrong, load.wrong
    return took - timeout_ms / 1000


@case
def every_drain_under_load_is_clean():
    took = [drain_under_load(seed) for seed in range(400 if os.environ.get("SOAK") else 5 if SANITIZER else 20)]
    print(f"# the longest took {max(took):.2f} s more than its drain-timeout")
