"""case_conf.py - a wrong configuration or command line: exit status 2, and text that says where and why."""

import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from daemon import BUILD, DEADLINE_S, SANITIZER_WORDS, SmallDaemon
from tap import Skip, case

SHIPPED = Path(os.environ["top_srcdir"]) / "etc" / "penstock.conf"
NOTHING_LIKES_THIS = "{wrong"  # no number, word, address, path, template or variable


class Key:
    """A key of the shipped file, with its section and the range that the comment above it tells."""

    def __init__(self, section, name, value, comment):
        self.section, self.name, self.value = section, name, value
        bounds = re.search(r"From (\S+) to (\S+)\. ", comment + " ")
        self.least, self.most = bounds.groups() if bounds else (None, None)

    def text(self, value):
        """A configuration that sets it, on line 3."""
        if not self.section:
            return f"\n\n{self.name} = {value}\n"
        others = 'exec = "/bin/true"' if self.section.startswith("command") and self.name != "exec" else ""
        return f"\n{self.section} {{\n{self.name} = {value}\n{others}}}\n"

    def beyond(self):
        """Values just outside of the range."""
        if self.most:
            number, unit = re.fullmatch(r"(\d+)(\D*)", self.most).groups()
            yield f"{int(number) + 1}{unit}"
        if self.least and (bound := re.fullmatch(r"(\d+)(\D*)", self.least))[1] != "0":
            yield f"{int(bound[1]) - 1}{bound[2]}"


def shipped_keys():
    """All keys of etc/penstock.conf, which is made from the table that the daemon reads by."""
    keys, section, comment = [], "", ""
    for line in SHIPPED.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"#\t?([a-z-]+) = (.*)", line):
            keys.append(Key(section, found[1], found[2], comment))
            comment = ""
        elif found := re.fullmatch(r"#([a-z-]+(?: \"[a-z]+\")?) \{", line):
            section, comment = found[1], ""
        elif line == "#}":
            section = ""
        else:
            comment += line.strip("#\t ") + " "
    assert len(keys) > 30 and {"", "tenant-defaults", 'tenant "acme"', 'command "hello"'} == {k.section for k in keys}
    return keys


def penstockd(*arguments, **options):
    """Run it to its end, which must be near; gives what it told."""
    ended = subprocess.run(
        [BUILD / "penstockd", *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S,
        check=False, **options
    )
    told = ended.stdout + ended.stderr
    assert not any(word in told for word in SANITIZER_WORDS), told.decode()
    return ended.returncode, ended.stdout.decode(), ended.stderr.decode()


def all_of(rows, try_row):
    """Try the rows, a few at a time: most of the time goes into starting the program."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for future in [pool.submit(try_row, *row) for row in rows]:
            future.result()


def one_of_each_section(keys):
    """Of the same table in the same way; the tests of its units try every one."""
    return {key.section: key for key in keys}.values()


class Trial:
    """A folder for configuration files."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="penstock-test-"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def write(self, text):
        path = self.folder / "penstock.conf"
        path.write_text(text, encoding="utf-8")
        return path

    def refused(self, text, line, words, *arguments):
        """The text must be refused with these words about this line, in one line."""
        with tempfile.NamedTemporaryFile(dir=self.folder) as file:
            file.write(text if isinstance(text, bytes) else text.encode())
            file.flush()
            status, out, err = penstockd("--config", file.name, *arguments)
            assert (status, out) == (2, ""), (text, status, out, err)
            assert err.startswith(f"penstockd: {file.name}:{line}: ") and err.count("\n") == 1, (text, err)
        assert words in err, (text, words, err)

    def unreadable(self, path, words, **options):
        for arguments in ((), ("--check",)):
            status, out, err = penstockd("--config", path, *arguments, **options)
            assert (status, out) == (2, ""), (path, status, out, err)
            assert err.startswith(f"penstockd: {path}: ") and words in err and err.count("\n") == 1, (path, err)


@case
def each_key_with_a_wrong_value_is_refused_with_its_line():
    def wrong(key):
        fine = key.value.strip("{}").split(",")[0].strip('"')  # of a list, the first element is right
        value = f'{{"{fine}", "{NOTHING_LIKES_THIS}"}}' if key.value.startswith("{") else f'"{NOTHING_LIKES_THIS}"'
        trial.refused(key.text(value), 3, f'{key.name}: "{NOTHING_LIKES_THIS}" is ')

    with Trial() as trial:
        all_of(((key,) for key in shipped_keys()), wrong)


@case
def a_key_just_out_of_its_range_is_refused_with_its_line():
    def beyond(key, value):
        trial.refused(key.text(value), 3, f'{key.name}: "{value}" is out of range', "--check")

    with Trial() as trial:
        keys = one_of_each_section(key for key in shipped_keys() if key.most)
        rows = [(key, value) for key in keys for value in key.beyond()]
        assert len(rows) >= 4, rows
        all_of(rows, beyond)


@case
def a_key_that_is_set_twice_is_refused_with_both_lines():
    with Trial() as trial:
        for key in one_of_each_section(shipped_keys()):
            twice = key.text(f"{key.value}\n{key.name} = {key.value}")
            trial.refused(twice, 4, f"{key.name} is set twice, before on line 3", "--check")


@case
def a_key_that_is_misspelt_is_refused_and_the_right_one_is_told():
    with Trial() as trial:
        for key in one_of_each_section(shipped_keys()):
            wrong = key.name + "x"
            text = key.text(key.value).replace(key.name, wrong, 1)
            trial.refused(text, 3, f"unknown key {wrong}; did you mean {key.name}?", "--check")


@case
def the_shipped_file_and_every_default_in_it_are_right():
    with Trial() as trial:
        text = SHIPPED.read_text(encoding="utf-8")
        bare = re.sub(r"(?m)^#(?=[a-z\t}])", "", text)
        assert bare.count("\n\tmax-running = 16\n") == 2, bare
        for path in (SHIPPED, trial.write(bare)):
            assert penstockd("--check", "--config", path) == (0, "penstockd: the configuration is right\n", ""), path


@case
def keys_that_do_not_go_together_are_refused():
    with Trial() as trial:
        trial.refused("timeout-max = 10s\ntimeout = 11s\n", 2, "timeout is more than timeout-max")
        trial.refused('tenants-max = 1\ntenant "a" { weight = 2 }\ntenant "b" { weight = 2 }\n', 3, "tenants-max")


@case
def sections_that_are_wrong_are_refused_with_their_line():
    with Trial() as trial:
        rows = (
            ('tenants "x" {\n}\n', 1, "unknown key tenants"),
            ("\nlimits {\n weight = 1\n}\n", 2, "unknown key limits"),
            ('tenant {\n}\n', 1, "tenant"),
            ('tenant "" { weight = 1 }\n', 1, "tenant"),
            ('tenant "a b" { weight = 1 }\n', 1, "is not a name"),
            ('tenant "../x" { weight = 1 }\n', 1, "is not a name"),
            ('tenant "x" { weight = 1 }\n\ntenant "x" { weight = 2 }\n', 3, "x"),
            ("tenant-defaults { weight = 1 }\ntenant-defaults { weight = 2 }\n", 2, "there twice, before on line 1"),
            ('command "x" {\n timeout = 1s\n}\n', 1, 'command "x" has no exec'),
            ('command "a/b" { exec = "/bin/true" }\n', 1, "is not a name"),
            ('command "x" { exec = "/nonexistent/program" }\n', 1, "is not a program"),
            ('command "x" { exec = "/tmp" }\n', 1, "is not a program"),
            ('command "x" { exec = "/etc/passwd" }\n', 1, "is not a program"),
            ('command "x" { exec = "bin/true" }\n', 1, "is not a path"),
            ('command "x" { exec = "/bin/true"\n workers = 2 }\n', 2, "unknown key workers"),
            ('weight = 2\n', 1, "unknown key weight"),
            ('tenant "x" {\n weight = 1\n', 1, "no closing }"),
            ("}\n", 1, "unexpected }"),
        )
        all_of([(*row, "--check") for row in rows], trial.refused)


@case
def text_that_is_no_configuration_is_refused_with_its_line():
    with Trial() as trial:
        rows = (
            (b"workers", 1), (b"workers =", 1), (b"\nworkers = \n", 2), (b"= 3\n", 1), (b"workers 3\n", 1),
            (b"workers == 3\n", 1),
            (b"workers = 3 4\n", 1), (b"workers = 3,\n", 1), (b"workers = {3}\n", 1), (b"workers: 3\n", 1),
            (b"[daemon]\n", 1),
            (b'{"workers": 3}\n', 1), (b'listen = "127.0.0.1:1\n', 1), (b"listen = '127.0.0.1:1\n", 1),
            (b'state-dir = "${HOME}/x"\n', 1),
            (b"state-dir = $HOME\n", 1), (b"# fine\n\nworkers = 3\x00\n", 3), (b"workers = 3\x07\n", 1),
            (b"\xef\xbb\xbfworkers = 3\n", 1),
            (b"\xff\xfew\x00", 1), (b"// comment\n", 1), (b"include(\"/etc/passwd\")\n", 1), (b"workers += 3\n", 1),
            (b"\x7fELF\x02\x01\x01", 1),
            (b"workers = 3; loops = 1\n", 1), (b"a" * 100000 + b" = 1\n", 1),
            (b"workers = " + b"9" * 100000 + b"\n", 1), (b"x {" * 5000, 1),
        )
        all_of([(text, line, "", "--check") for text, line in rows], trial.refused)


@case
def a_file_that_cannot_be_read_is_refused_by_its_name():
    with Trial() as trial:
        trial.unreadable(trial.folder / "missing.conf", "No such file or directory")
        trial.unreadable(trial.folder / "missing" / "x.conf", "No such file or directory")
        trial.unreadable(trial.folder, "Is a directory")
        trial.unreadable("/dev/zero", "File too large")
        loop = trial.folder / "loop"
        loop.symlink_to(loop)
        trial.unreadable(loop, "Too many levels of symbolic links")


@case
def a_file_that_one_may_not_read_is_refused_by_its_name():
    with Trial() as trial:
        path = trial.write("workers = 3\n")
        path.chmod(0)
        options = {}
        if os.geteuid() == 0:  # who may read everything
            trial.folder.chmod(0o755)
            options = {"user": 65534, "group": 65534, "extra_groups": []}
            try:
                penstockd("--version", **options)
            except PermissionError as why:
                raise Skip("the build folder is closed to others than root") from why
        trial.unreadable(path, "Permission denied", **options)


@case
def each_option_with_a_wrong_value_is_refused_by_its_name():
    def wrong(option, value):
        status, out, err = penstockd(option, value)
        assert (status, out) == (2, "") and err.startswith(f'penstockd: {option}: "{value}" is '), (option, value, status, err)

    values = {
        "--listen": (
            "", "7117", ":7117", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:http", "localhost:1",
            "[::1]", "::1:1",
        ),
        "--state-dir": ("", "here", "./x", "~/x"),
        "--store": ("", "disk", "Memory", "postgres://127.0.0.1/x"),
        "--drain-timeout": ("", "30", "-1s", "8d", "1.5s", "99999999999999999999s"),
    }
    all_of([(option, value) for option in values for value in values[option]], wrong)


@case
def a_command_line_that_makes_no_sense_is_refused_with_the_usage():
    for arguments in (
        ("--nope",), ("-x",), ("extra",), ("--check", "extra"), ("--config",), ("--listen",), ("--drain-timeout",),
        ("--check=yes",),
        ("--", "x"), ("-",),
    ):
        status, out, err = penstockd(*arguments)
        assert (status, out) == (2, "") and "Usage: penstockd" in err, (arguments, status, out, err)
    for arguments in (("--help",), ("--version",)):
        status, out, err = penstockd(*arguments)
        assert status == 0 and "penstockd" in out and err == "", (arguments, status, out, err)


@case
def listening_anywhere_but_on_loopback_is_refused():
    def elsewhere(address):
        trial.refused(f'\nlisten = "{address}"\n', 2, f'listen: "{address}" is not a loopback address')
        status, _, err = penstockd("--check", "--listen", address)
        assert status == 2 and err.startswith(f'penstockd: --listen: "{address}" is not a loopback address'), (address, err)

    def on_loopback(address):
        assert penstockd("--check", "--listen", address)[0] == 0, address

    with Trial() as trial:
        addresses = (
            "0.0.0.0:0", "[::]:0", "192.0.2.1:7117", "10.0.0.1:80", "255.255.255.255:1", "[fe80::1]:0",
            "[::ffff:127.0.0.1]:0",
        )
        all_of([(address,) for address in addresses], elsewhere)
        all_of([(address,) for address in ("127.0.0.1:0", "127.9.9.9:0", "[::1]:0")], on_loopback)


@case
def an_address_that_is_taken_is_a_failure_that_names_it():
    with SmallDaemon() as daemon:
        status, _, err = penstockd("--listen", daemon.address)
        assert status == 1 and daemon.address in err and "Address already in use" in err, (status, err)
        assert daemon.client.run("echo")["state"] == "succeeded"


@case
def check_only_looks():
    with Trial() as trial, SmallDaemon() as daemon:
        path = trial.write(f'listen = "{daemon.address}"\nstate-dir = "{trial.folder}/state"\n')
        assert penstockd("--check", "--config", path)[0] == 0
        assert [path.name for path in trial.folder.iterdir()] == ["penstock.conf"], list(trial.folder.iterdir())


@case
def an_option_goes_before_the_key_of_the_file():
    conf = 'listen = "127.0.0.1:1"\ndrain-timeout = 1s'
    with SmallDaemon(conf, arguments=("--drain-timeout", "7s")) as daemon:
        assert daemon.client.run("echo")["state"] == "succeeded"
        daemon.stop()
        assert "timeout_s=7" in daemon.log(), daemon.log()
