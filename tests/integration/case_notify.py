"""case_notify.py - what the service manager is told, and that nothing waits for it to listen."""

import socket

from daemon import Daemon
from tap import case


def fill(path):
    """Leave no room in a datagram socket's queue."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        try:
            while True:
                sender.sendto(b"FILLED=1", path)
        except BlockingIOError:
            pass


@case
def a_manager_that_does_not_listen_does_not_hold_up_the_drain():
    with Daemon() as daemon:
        fill(str(daemon.folder / "notify"))
        daemon.stop()


@case
def a_drain_is_told_with_the_jobs_it_waits_for():
    with Daemon() as daemon:
        job = daemon.client.submit("sleep", {"for": "2s"})
        daemon.signal()
        assert "STATUS=draining: 1 jobs running" in daemon.wait_notice("STOPPING=1"), daemon.notices
        assert daemon.client.result(job)["state"] == "succeeded"
