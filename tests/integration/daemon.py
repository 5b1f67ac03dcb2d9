"""daemon.py - a real penstockd for a test: on a port of the system's choice, ready when it says so, ended by pid."""

import ctypes
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from client import Client

BUILD = Path(os.environ["top_builddir"])
DEADLINE_S = 60  # for what hangs; nothing here is timed
SANITIZER_WORDS = (b"Sanitizer", b"runtime error:")
PR_SET_CHILD_SUBREAPER = 36

# A worker takes the thread sanitizer ten milliseconds to start, and the address sanitizer a stack to look through at the end; so
# with them there are few where a test does not say how many.
PROGRAM = (BUILD / "penstockd").read_bytes()
THREAD_SANITIZER = b"__tsan_init" in PROGRAM
SANITIZER = THREAD_SANITIZER or b"__asan_init" in PROGRAM
FEW_WORKERS = "workers = 24\n"
OPEN_TO_JOBS = 'allow-networks = {"127.0.0.0/8", "::1/128"}'  # where the servers of tests are


def preload(name):
    """The environment of a daemon with this in front of the C library, without which the dynamic linker would just go on."""
    path = BUILD / "tests/integration" / name
    assert path.exists(), f"{path} is not built"
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": str(path), "ASAN_OPTIONS": options}


def adopt_orphans():
    """What a daemon leaves behind becomes a child of this process, where it is seen."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _lives(pid):
    """Whether it goes on: it has not ended, and SIGKILL, which takes a moment, is not on its way to it."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    status = dict(line.split(":\t", 1) for line in text.splitlines())
    return status["State"][0] not in "ZX" and not int(status["ShdPnd"], 16) >> (signal.SIGKILL - 1) & 1


def children(pid):
    """The pids of the living children of a process."""
    while Path(f"/proc/{pid}").exists():
        try:
            threads = [(task / "children").read_text(encoding="ascii") for task in Path(f"/proc/{pid}/task").iterdir()]
            return [int(child) for thread in threads for child in thread.split() if _lives(child)]
        except (FileNotFoundError, ProcessLookupError):
            pass  # a thread has ended meanwhile, and its children are another's
    return []


def eventually(holds, what):
    """Wait until `holds()` is true and give what it gave; for what nothing tells us of."""
    deadline = time.monotonic() + DEADLINE_S
    while not (value := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {DEADLINE_S} s: {what}")
        time.sleep(0.01)
    return value


class Daemon:
    """Start with `with Daemon(conf) as daemon`; at the end it is stopped and must have ended cleanly, without a trace."""

    def __init__(self, conf="", arguments=(), descriptors=None, status=0):
        self.folder = Path(tempfile.mkdtemp(prefix="penstock-test-"))
        self.conf = self.folder / "penstock.conf"
        self.arguments = arguments
        self.descriptors = descriptors
        self.environment = {}  # besides that of the test
        self.passed = None  # a socket that it is started with, as the service manager does
        self.status = status  # how it is to end
        self.process = self.address = self.client = None
        self.notices = []
        self.listen = "127.0.0.1:0"
        self.write_conf(conf)

    def write_conf(self, text):
        text += "\n" + FEW_WORKERS if SANITIZER and "workers" not in text else ""
        opened = "" if "allow-networks" in text else f" {OPEN_TO_JOBS}"
        self.conf.write_text(f'state-dir = "{self.folder}/state"{opened}\n{text}\n', encoding="utf-8")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.stop()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self.notify.close()
            if kind is not None:
                print("\n".join(f"# {line}" for line in self.log().splitlines()[-20:]))
            shutil.rmtree(self.folder)

    def start(self):
        self.launch()
        self.wait_ready()

    def launch(self):
        adopt_orphans()
        (self.folder / "notify").unlink(missing_ok=True)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(str(self.folder / "notify"))
        environment = {**os.environ, **self.environment, "NOTIFY_SOCKET": str(self.folder / "notify")}
        limit = [] if self.descriptors is None else ["prlimit", f"--nofile={self.descriptors}"]
        passing = ["sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\" 3<&0 0</dev/null", "sh"] if self.passed else []
        command = [BUILD / "penstockd", "--config", self.conf, "--listen", self.listen, *self.arguments]
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with; ended in __exit__
            [*limit, *passing, *command], stdin=self.passed or subprocess.DEVNULL, stderr=open(self.folder / "log", "ab"),
            env=environment,
        )

    def wait_ready(self):
        ready = self.wait_notice("READY=1")
        self.address = ready.split("STATUS=serving on ", 1)[1].split("\n", 1)[0]
        self.client = Client(self.address)

    def wait_notice(self, text):
        """Wait for a message to the service manager that has the text."""
        deadline = time.monotonic() + DEADLINE_S
        with open(os.pidfd_open(self.process.pid), "rb") as end:
            while time.monotonic() < deadline:
                heard = select.select([self.notify, end], [], [], deadline - time.monotonic())[0]
                if self.notify in heard:
                    self.notices.append(self.notify.recv(4096).decode())
                    if text in self.notices[-1]:
                        return self.notices[-1]
                elif heard:
                    self.process.wait()
                    raise AssertionError(f"penstockd ended with {self.process.returncode}: {self.log()}")
        raise AssertionError(f"never told: {text}")

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    def wait_log(self, text, after=0):
        """Wait until the log has the text in what comes after a position; gives that part."""
        eventually(lambda: text in self.log()[after:], f"the log says {text}")
        return self.log()[after:]

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """Wait for the end and look at what is left: exit status, sanitizers, processes."""
        status = self.process.wait(DEADLINE_S)
        log = (self.folder / "log").read_bytes()
        assert not any(word in log for word in SANITIZER_WORDS), log.decode(errors="replace")
        assert status == self.status, f"exit status {status}, not {self.status}\n{log.decode(errors='replace')}"
        assert b"a task was left behind" not in log, log.decode(errors="replace")
        left = children(os.getpid())
        assert not left, f"processes left behind: {[Path(f'/proc/{p}/cmdline').read_bytes() for p in left]}"

    def stop(self):
        if self.process.poll() is None:
            self.signal()
        self.wait()

    def kill(self):
        """End it as a crash would, with nothing told to it."""
        self.process.kill()
        self.process.wait(DEADLINE_S)

    def relaunch(self):
        """Start it once more, on the same state folder and address, after its end."""
        self.listen = self.address
        self.notify.close()
        self.launch()

    def restart(self):
        self.relaunch()
        self.wait_ready()

    def descriptors_open(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class SmallDaemon(Daemon):
    """With few workers, for cases that need no more: a thread sanitizer takes seconds to make the usual ones."""

    def write_conf(self, text):
        super().write_conf(f"workers = 8\n{text}")
