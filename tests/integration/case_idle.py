"""case_idle.py - a daemon that has nothing to do does nothing."""

import time
from pathlib import Path

from daemon import THREAD_SANITIZER, Daemon, eventually
from tap import Skip, case

WATCHED_S = 3
CPUCLOCK_SCHED = 2
USED_NS = 30_000_000  # one percent; a handful of looks takes less, also with a sanitizer
ECHOED = 'penstock_jobs_finished_total{kind="echo",outcome="succeeded"}'
A_HANDFUL = 12  # a look at the clock each second, and what happens to come


def used(pid):
    """Processor time of all its threads so far, in nanoseconds."""
    return time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED)  # as clock_getcpuclockid(3) makes it


def switches(pid):
    """How often its threads have gone to sleep or were put to it."""
    count = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text(encoding="utf-8").splitlines()
        count += sum(int(line.split()[1]) for line in lines if "voluntary_ctxt_switches" in line)
    return count


def watch(daemon):
    """It is left alone; what it has used meanwhile, which is the point, so this must take its time."""
    pid = daemon.process.pid
    before, switched = used(pid), switches(pid)
    time.sleep(WATCHED_S)
    assert used(pid) - before <= USED_NS, f"{used(pid) - before} ns"
    assert switches(pid) - switched <= A_HANDFUL, f"woke {switches(pid) - switched} times"


def without_sanitizer():
    if THREAD_SANITIZER:
        raise Skip("the thread sanitizer has a thread that wakes up by itself")


def settle(daemon):
    """Its own work is done once it has answered; a thread may still spin for a moment before it sleeps."""
    pid, last = daemon.process.pid, -1
    while (now := switches(pid)) != last:
        last = now
        time.sleep(0.2)


@case
def a_daemon_that_was_just_started_uses_no_processor():
    without_sanitizer()
    with Daemon() as daemon:
        settle(daemon)
        watch(daemon)


@case
def a_daemon_with_idle_clients_and_jobs_for_later_uses_no_processor():
    without_sanitizer()
    with Daemon() as daemon:
        for number in range(300):
            daemon.client.submit("echo", number, tenant=f"tenant-{number % 30}", delay="0s" if number % 2 else "1h", durability="relaxed")
        clients = [daemon.client.connect() for _ in range(100)]
        eventually(lambda: daemon.client.stats().get(ECHOED) == 150, "no job is left for now")
        settle(daemon)
        watch(daemon)
        for client in clients:
            client.close()
