"""case_notify.py - what the service manager is told, that nothing waits for it to listen, and the socket that it passes."""

import socket

import sections
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
def a_drain_is_told_with_the_jobs_it_waits_for_and_the_time_it_may_take():
    with Daemon("drain-timeout = 10m") as daemon:
        job = daemon.client.submit("sleep", {"for": "2s"})
        daemon.signal()
        notice = dict(line.split("=", 1) for line in daemon.wait_notice("STOPPING=1").splitlines())
        assert notice["STATUS"].startswith("draining: 1 jobs running"), notice
        assert int(notice["EXTEND_TIMEOUT_USEC"]) > 600e6, notice  # more than drain-timeout, whatever the unit says
        assert daemon.client.result(job)["state"] == "succeeded"


@case
def a_socket_that_is_passed_is_served_and_no_command_takes_it_for_its_own():
    with socket.create_server(("127.0.0.1", 0)) as passed:
        daemon = Daemon(sections.command("env", "/usr/bin/env"))
        daemon.passed = passed
        with daemon:
            assert daemon.address == f"127.0.0.1:{passed.getsockname()[1]}", daemon.address
            job = daemon.client.submit("command", {"command": "env"})
            result = daemon.client.result(job)
            assert result["state"] == "succeeded", result
            assert "LISTEN_" not in result["result"]["stdout"], result
