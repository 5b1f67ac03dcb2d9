"""case_log.py - the log of a command: live, in order of both outputs, to any number of readers, however slow they are."""

import base64
import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import sections
from case_ctl import DONE, at
from case_disk import FOREVER, errors
from daemon import BUILD, Daemon, SmallDaemon, eventually
from disk import DaemonOnDisk
from tap import case

# Lines "out TEXT" and "err TEXT" of a FIFO.
TELL = 'while read -r to text; do if [ "$to" = err ]; then echo "$text" >&2; else echo "$text"; fi; done < "$1"'
MANY = 4 << 20
COMMANDS = (
    sections.command("tell", "/bin/sh", "-c", TELL, "tell", "{file}", timeout="1h")
    + sections.command("cat", "/bin/cat", "{file}", timeout="1h")
    + sections.command("again", "/bin/sh", "-c", 'cat "$1"; exit 75', "again", "{file}", timeout="1h", retryable_exit_codes=["75"])
    + sections.command("many", "/bin/sh", "-c", f'read -r go < "$1"; head -c {MANY} /dev/zero', "many", "{file}")
)


class Writer:
    """A FIFO that a command reads: what it is to write comes from the test, so nobody sleeps."""

    def __init__(self, daemon, command, **members):
        self.path = Path(tempfile.mkdtemp(dir=daemon.folder)) / "fifo"
        os.mkfifo(self.path)
        self.job = daemon.client.submit("command", {"command": command, "args": {"file": str(self.path)}}, **members)
        self.open()

    def open(self):
        self.file = open(self.path, "wb", buffering=0)  # pylint: disable=consider-using-with; waits for the command

    def write(self, data):
        self.file.write(data)

    def close(self):
        self.file.close()


class Follower:
    """A connection on which the records of a log come in."""

    def __init__(self, daemon, job, query="?follow=1", receive_buffer=None):
        self.connection = http.client.HTTPConnection(daemon.client.host, daemon.client.port, timeout=60)
        if receive_buffer:
            self.connection.sock = socket.socket()
            self.connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            self.connection.sock.connect((daemon.client.host, daemon.client.port))
        self.connection.request("GET", f"/jobs/{job}/log{query}")
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200 and self.answer.headers["Content-Type"] == "application/x-ndjson", self.answer

    def next(self):
        """The next record, without its time, which all but those of a result have."""
        record = json.loads(self.answer.readline())
        record.pop("at", None)
        return record

    def rest(self):
        """All records up to the last."""
        return [{k: v for k, v in json.loads(line).items() if k != "at"} for line in self.answer.read().splitlines()]

    def close(self):
        self.answer.close()
        self.connection.close()


def out(text):
    return {"stream": "stdout", "text": text}


def err(text):
    return {"stream": "stderr", "text": text}


@case
def what_a_command_writes_comes_at_once_and_in_order_to_all_who_follow():
    with SmallDaemon(COMMANDS) as daemon:
        writer = Writer(daemon, "tell")
        one = Follower(daemon, writer.job)
        assert one.next() == {"attempt": 1}
        writer.write(b"out first\n")
        assert one.next() == out("first\n")
        writer.write(b"err second\n")
        assert one.next() == err("second\n")
        other = Follower(daemon, writer.job)
        writer.write(b"out third\n")
        assert one.next() == out("third\n")
        heard = [{"attempt": 1}, out("first\n"), err("second\n"), out("third\n")]
        assert [other.next() for _ in heard] == heard
        assert Follower(daemon, writer.job, query="").rest() == [*heard, {"end": "running"}]
        writer.close()
        assert one.rest() == other.rest() == [{"end": "succeeded"}]
        kept = [{"attempt": 1}, out("first\nthird\n"), err("second\n"), {"end": "succeeded"}]
        for query in ("", "?follow=1"):
            assert Follower(daemon, writer.job, query).rest() == kept


@case
def what_is_no_text_comes_in_base64_and_no_character_is_cut():
    with SmallDaemon(COMMANDS) as daemon:
        writer = Writer(daemon, "cat")
        follower = Follower(daemon, writer.job)
        assert follower.next() == {"attempt": 1}
        writer.write("Gr\u00fc".encode()[:-1])
        assert follower.next() == out("Gr")
        writer.write(b"\xbc\xc3\x9fe")
        assert follower.next() == out("\u00fc\u00dfe")
        writer.write(b"\xff\0")
        assert follower.next() == {"stream": "stdout", "base64": base64.b64encode(b"\xff\0").decode()}
        writer.write(b"\xe2\x82")
        writer.close()
        assert follower.rest() == [{"stream": "stdout", "base64": base64.b64encode(b"\xe2\x82").decode()}, {"end": "succeeded"}]
        plain = daemon.client.get(f"/jobs/{writer.job}/log", Accept="text/plain")
        assert plain.type == "text/plain" and plain.body == "Gr\u00fc\u00dfe".encode() + b"\xff\0\xe2\x82", plain


@case
def each_attempt_is_told_and_followed_from_before_the_first_to_the_last():
    with SmallDaemon(COMMANDS) as daemon:
        writer = Writer(daemon, "again", retry={"max_attempts": 2, "min": "1ms", "max": "1ms"})
        follower = Follower(daemon, writer.job)
        writer.write(b"one")
        assert [follower.next(), follower.next()] == [{"attempt": 1}, out("one")]
        writer.close()
        assert follower.next() == {"attempt": 2}
        late = Follower(daemon, writer.job)
        assert late.next() == {"attempt": 2}
        writer.open()
        writer.write(b"two")
        assert follower.next() == late.next() == out("two")
        writer.close()
        assert follower.rest() == late.rest() == [{"end": "failed"}]


@case
def a_follower_waits_for_the_start_and_hears_when_there_will_be_none():
    with SmallDaemon(COMMANDS) as daemon:
        spec = {"command": "cat", "args": {"file": "/dev/null"}}
        first, second = (daemon.client.submit("command", spec, delay=delay) for delay in ("1h", "100ms"))
        followers = Follower(daemon, first), Follower(daemon, second)
        assert daemon.client.request("DELETE", f"/jobs/{first}").status == 202
        assert followers[0].rest() == [{"end": "cancelled"}]
        assert followers[1].rest() == [{"attempt": 1}, {"end": "succeeded"}]


@case
def until_the_end_of_a_command_is_on_record_its_log_is_there_and_nobody_gives_up():
    with DaemonOnDisk("wait-max = 10ms\n" + COMMANDS) as daemon:
        writer = Writer(daemon, "tell")
        daemon.disk.fail(errno.ENOSPC, calls=FOREVER)
        writer.write(b"out kept\n")
        writer.close()
        eventually(lambda: errors(daemon)["finish"] > 0, "the end could not be put on record")
        assert Follower(daemon, writer.job, query="").rest() == [{"attempt": 1}, out("kept\n"), {"end": "running"}]
        late = Follower(daemon, writer.job)
        assert [late.next(), late.next()] == [{"attempt": 1}, out("kept\n")]
        daemon.disk.heal()
        assert late.rest() == [{"end": "succeeded"}]


@case
def a_slow_follower_holds_nothing_back_and_is_told_what_it_missed():
    with SmallDaemon(COMMANDS) as daemon:
        writer = Writer(daemon, "many")
        slow = Follower(daemon, writer.job, receive_buffer=4096)
        assert slow.next() == {"attempt": 1}
        writer.write(b"go\n")
        writer.close()
        assert daemon.client.result(writer.job)["state"] == "succeeded"  # though nobody reads
        records = slow.rest()
        heard = sum(len(record.get("text", "")) + len(base64.b64decode(record.get("base64", ""))) for record in records)
        missed = sum(record.get("missed", 0) for record in records)
        assert heard + missed == MANY and 0 < missed < MANY, (heard, missed)
        assert records[-1] == {"end": "succeeded"}, records[-1]


@case
def a_follower_that_goes_away_leaves_no_descriptor_while_the_command_runs():
    with SmallDaemon(COMMANDS) as daemon:
        writer = Writer(daemon, "tell")
        stays = Follower(daemon, writer.job)
        assert stays.next() == {"attempt": 1}
        before = daemon.descriptors_open()
        for _ in range(10):
            follower = Follower(daemon, writer.job)
            assert follower.next() == {"attempt": 1}
            follower.close()
        eventually(lambda: daemon.descriptors_open() <= before, "their connections are closed")
        writer.write(b"out still\n")
        assert stays.next() == out("still\n")
        writer.close()
        assert stays.rest() == [{"end": "succeeded"}]


@case
def a_drain_lets_followers_hear_the_end_and_then_lets_go_of_all():
    conf = sections.keys(drain_timeout="10m", command_grace="10ms") + COMMANDS
    with Daemon(conf) as daemon:
        ends, stays = Writer(daemon, "tell"), Writer(daemon, "cat")
        waits = daemon.client.submit("command", {"command": "cat", "args": {"file": "/dev/null"}}, delay="1h")
        first, second, third = (Follower(daemon, job) for job in (ends.job, stays.job, waits))
        assert first.next() == second.next() == {"attempt": 1}
        daemon.signal()
        daemon.wait_notice("STOPPING=1")
        ends.write(b"err late\n")
        assert first.next() == err("late\n")
        ends.close()
        assert first.rest() == [{"end": "succeeded"}]
        daemon.signal(signal.SIGTERM)  # it waits no longer
        assert second.rest() == [{"end": "queued"}]
        assert third.rest() == [{"end": "scheduled"}]
        daemon.wait()
        stays.close()


@case
def penstock_logs_writes_what_the_command_writes_to_the_same_outputs():
    with SmallDaemon("wait-max = 10ms\n" + COMMANDS) as daemon:
        writer = Writer(daemon, "tell")
        command = [BUILD / "penstock", "-s", daemon.client.url, "logs", "-f", writer.job]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as follow:
            writer.write(b"out first\n")
            assert follow.stdout.readline() == b"first\n"
            writer.write(b"err second\n")
            assert follow.stderr.readline() == b"second\n"
            told = at(daemon)("logs", writer.job)
            assert (told.status, told.out, told.err) == (DONE, "first\n", "second\n"), told
            writer.close()
            assert follow.communicate() == (b"", b"") and follow.returncode == DONE, follow.returncode
        job = daemon.client.submit("command", {"command": "cat", "args": {"file": "/dev/null"}}, delay="100ms")
        told = at(daemon)("logs", "-f", job)  # it waits, though the server does so for 10 ms at a time
        assert (told.status, told.out, told.err) == (DONE, "", ""), told
        at(daemon)("logs", daemon.client.submit("echo")).complains(1, "no log")
        at(daemon)("logs").complains(2, "id")
