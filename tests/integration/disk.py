"""disk.py - what a power cut leaves of a folder, by the journal that disk.c writes; and calls that fail when a test wants it.

A file is what was synced, and what was written since.  A cut leaves of the latter what chance wants: nothing, all, the first
calls, any of the calls, or any of their sectors; what a file has grown by and nobody wrote is zeros, or what was there on the
disk before.  A name is there once its folder was synced; before, names are made and go in the order of the calls.
"""

import mmap
import os
import random
import shutil
import struct

from daemon import SmallDaemon, preload

SECTOR = 512
RECORD = struct.Struct("8s3Q")
CONTROL = ("calls", "cut_at", "fail_from", "fail_to", "error", "kinds", "lies", "failed")
WRITE, SYNC, TRUNCATE, NAME, READ = 1, 2, 4, 8, 16
CHANGES = WRITE | SYNC | TRUNCATE | NAME
STYLES = ("nothing", "all", "first", "calls", "sectors")


class Control:
    """The page that disk.c looks at before each call: `control.cut_at = 7`."""

    def __init__(self, path):
        path.write_bytes(bytes(mmap.PAGESIZE))
        with open(path, "r+b") as file:
            self.__dict__["page"] = mmap.mmap(file.fileno(), mmap.PAGESIZE)

    def __getattr__(self, name):
        return struct.unpack_from("Q", self.page, 8 * CONTROL.index(name))[0]

    def __setattr__(self, name, value):
        struct.pack_into("Q", self.page, 8 * CONTROL.index(name), value)


class File:
    """What is safe of it, and the calls since: ("write", at, data) or ("truncate", size, b"")."""

    def __init__(self, content=b""):
        self.safe = bytearray(content)
        self.calls = []

    def sync(self):
        for call in self.calls:
            apply(self.safe, call, b"")
        self.calls = []

    def cut(self, style, dice):
        """What is left, which is all there is from now on."""
        garbage = dice.randbytes(SECTOR) if dice.random() < 0.3 else b""
        for call in chosen(self.calls, style, dice):
            apply(self.safe, call, garbage)
        self.calls = []


def apply(content, call, garbage):
    what, at, data = call
    if what == "truncate" and at < len(content):
        del content[at:]
    if at > len(content):
        gap = at - len(content)
        content.extend((garbage * (gap // SECTOR + 1))[:gap] if garbage and what == "write" else bytes(gap))
    if what == "write":
        content[at : at + len(data)] = data


def sectors(call):
    """A call in pieces of which each is on the disk or not."""
    what, at, data = call
    if what != "write":
        return [call]
    ends = [*range(at // SECTOR * SECTOR + SECTOR, at + len(data), SECTOR), at + len(data)]
    return [(what, begin, data[begin - at : end - at]) for begin, end in zip([at, *ends], ends)]


def chosen(calls, style, dice):
    if style in ("nothing", "all"):
        return calls if style == "all" else []
    if style == "first":
        return calls[: dice.randrange(len(calls) + 1)]
    if style == "sectors":
        calls = [piece for call in calls for piece in sectors(call)]
    share = dice.random()
    return [call for call in calls if dice.random() < share]


class Disk:
    """The one below a daemon's state folder, as long as the daemon is started with its environment."""

    def __init__(self, daemon):
        self.folder = daemon.folder / "state"
        self.journal = daemon.folder / "journal"
        self.control = Control(daemon.folder / "control")
        self.dice = random.Random(1)
        self.there = False  # the folder itself
        self.names = {}  # that are safe, and their files
        self.changes = []  # of names, since: (name, file), without a file where it goes; "": the folder
        self.files = {}  # by inode
        daemon.environment |= preload("disk.so") | {
            "DISK_FOLDER": str(self.folder),
            "DISK_JOURNAL": str(self.journal),
            "DISK_CONTROL": str(daemon.folder / "control"),
        }

    def read_journal(self):
        data = self.journal.read_bytes() if self.journal.exists() else b""
        at = 0
        while at + RECORD.size <= len(data):
            what, file, where, size = RECORD.unpack_from(data, at)
            at += RECORD.size
            if at + size <= len(data):  # else the process ended within it
                yield what.rstrip(b"\0").decode(), file, where, data[at : at + size]
            at += size

    def replay(self):
        """Take in what happened since the last time."""
        for what, file, where, data in self.read_journal():
            if what in ("write", "truncate"):
                self.files[file].calls.append((what, where, data))
            elif what == "sync" and data.decode() in ("", ".."):
                self.sync_names(data.decode())
            elif what == "sync":
                self.files[file].sync()
            elif what == "lost":
                self.lose(file)
            elif what == "make":
                self.files[file] = File()
                self.changes.append((data.decode(), self.files[file]))
            else:
                self.changes.append((data.decode(), None))
        self.journal.unlink(missing_ok=True)

    def lose(self, file):
        """A sync failed: what was to be synced is on the disk, or will never be."""
        if file in self.files and self.dice.random() < 0.5:
            self.files[file].sync()
        elif file in self.files:
            self.files[file].calls = []

    def sync_names(self, folder):
        """The folder's own name is in the one above."""
        for name, file in self.changes:
            if (name == "") == (folder == ".."):
                self.set_name(name, file)
        self.changes = [(name, file) for name, file in self.changes if (name == "") != (folder == "..")]

    def set_name(self, name, file):
        if name == "":
            self.there = True
        elif file:
            self.names[name] = file
        else:
            self.names.pop(name, None)

    def cut(self, dice, styles=None):
        """The power was cut: the daemon has ended; make the folder what is left of it.  Gives how it was chosen.

        `styles` says it for files by name; the others are as chance wants.
        """
        self.replay()
        style = dice.choice(STYLES)
        for name, file in chosen(self.changes, "first", dice):
            self.set_name(name, file)
        self.changes = []
        if not self.there:
            self.names = {}
        for name in sorted(self.names):
            self.names[name].cut((styles or {}).get(name, style), dice)
        self.write(self.folder)
        self.files = {(self.folder / name).stat().st_ino: file for name, file in self.names.items()}
        return style

    def write(self, folder):
        """The files as they are safe, in a folder that is made anew."""
        shutil.rmtree(folder, ignore_errors=True)
        if not self.there:
            return
        folder.mkdir(0o700)
        for name, file in self.names.items():
            (folder / name).write_bytes(file.safe)
            (folder / name).chmod(0o600)

    def fail(self, error, kinds=CHANGES, after=1, calls=1):
        """Let calls from the next but `after` - 1 on fail, `calls` of them; 0: none."""
        self.control.fail_from = self.control.fail_to = 0
        self.control.error, self.control.kinds = error, kinds
        self.control.fail_from = self.control.calls + after
        self.control.fail_to = self.control.fail_from + calls

    def heal(self):
        self.control.fail_from = self.control.fail_to = 0


class DaemonOnDisk(SmallDaemon):
    """One with such a disk, `daemon.disk`."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.disk = Disk(self)
