"""case_clock.py - the clock on the wall is set by hours, forward and back: no job is lost, and none is done twice."""

import mmap
import struct

from case_reload import reload
from daemon import SmallDaemon, eventually, preload
from tap import case

WINDOW = "backlog-window = 4\n"
HELD = 'tenant "held" { max-running = 0 }\n'
ONE = 'tenant "held" { max-running = 1 }\n'
HOUR_NS = 3600 * 10**9
LIVE = ("scheduled", "queued", "running")


class DaemonWithClock(SmallDaemon):
    """One whose clock can be turned, see clock.c."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        control = self.folder / "clock"
        control.write_bytes(bytes(mmap.PAGESIZE))
        with open(control, "r+b") as file:
            self.control = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.environment |= preload("clock.so") | {"CLOCK_CONTROL": str(control)}

    def turn(self, hours):
        """Set the clock so many hours ahead of what it shows, or back."""
        struct.pack_into("q", self.control, 0, struct.unpack_from("q", self.control)[0] + hours * HOUR_NS)

    def submit(self, count, **members):
        return [self.client.submit("echo", number, **members) for number in range(count)]

    def ends(self, jobs):
        return [self.client.result(job) for job in jobs]

    def count(self, state):
        return self.client.stats()[f'penstock_jobs{{state="{state}"}}']


def once(ends):
    """All of them have succeeded, with one attempt."""
    return all(end["state"] == "succeeded" and end["attempts"] == 1 for end in ends)


@case
def hours_forward_make_due_what_was_delayed_and_end_what_expires_and_leave_the_rest():
    with DaemonWithClock(WINDOW + HELD) as daemon:
        due, later = daemon.submit(40, delay="2h"), daemon.submit(40, delay="10h")
        dying = daemon.submit(20, tenant="held", expires_in="1h") + daemon.submit(20, delay="9h", expires_in="2h")
        waiting = daemon.submit(20, tenant="held", expires_in="9h")
        daemon.turn(3)
        assert once(daemon.ends(due))
        assert [end["state"] for end in daemon.ends(dying)] == ["expired"] * 40
        assert daemon.count("scheduled") == 40 and daemon.count("queued") == 20
        reload(daemon, WINDOW + ONE)
        assert once(daemon.ends(waiting))
        daemon.turn(8)
        assert once(daemon.ends(later))


@case
def hours_back_lose_nothing_and_repeat_nothing():
    with DaemonWithClock(WINDOW + HELD) as daemon:
        before = daemon.ends(daemon.submit(20) + daemon.submit(1, expires_in="1ms", tenant="held"))
        later, waiting = daemon.submit(40, delay="1h"), daemon.submit(40, tenant="held", expires_in="2h")
        daemon.turn(-5)
        assert once(daemon.ends(daemon.submit(20)))
        assert daemon.count("scheduled") == 40 and daemon.count("queued") == 40
        daemon.kill()
        daemon.restart()
        assert daemon.ends(end["id"] for end in before) == before
        reload(daemon, WINDOW + ONE)
        assert once(daemon.ends(waiting))
        assert daemon.count("scheduled") == 40
        daemon.turn(7)
        assert once(daemon.ends(later))


@case
def a_clock_that_goes_to_and_fro_and_a_daemon_that_is_killed_do_each_job_once():
    with DaemonWithClock(WINDOW + "retention = 365d\n") as daemon:
        jobs = []
        for hours in (30, -20, 5, -14, 1):
            jobs += daemon.submit(10) + daemon.submit(10, delay="2h") + daemon.submit(10, delay="40h")
            daemon.turn(hours)
        daemon.kill()
        daemon.restart()
        daemon.turn(70)
        ends = daemon.ends(jobs)
        assert all(end["state"] == "succeeded" and end["attempts"] <= 2 for end in ends), ends
        eventually(lambda: all(daemon.count(state) == 0 for state in LIVE), "none is left")
