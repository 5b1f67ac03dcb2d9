"""case_command.py - command jobs: what a program is started with, what is told of its end, and that nothing of it is left."""

import base64
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import sections
from daemon import BUILD, Daemon, children, eventually
from tap import case

ONCE = {"max_attempts": 1}
SOON = {"max_attempts": 3, "min": "1ms", "max": "10ms"}


def shell(name, script, *args, **keys):
    """A command that is a line of shell; braces are for the job's arguments, so the script must have none."""
    return sections.command(name, "/bin/sh", "-c", script, name, *args, **keys)


class Commands(Daemon):
    """A daemon that knows some commands."""

    def __init__(self, *commands, conf=""):
        super().__init__(conf + "\n" + "".join(commands))

    def run(self, name, args=None, stdin=None, retry=None, timeout=None):
        """Run a job of the command; the whole result document."""
        spec = {"command": name, "args": args or {}} | ({} if stdin is None else {"stdin": stdin})
        members = {} if timeout is None else {"timeout": timeout}
        return self.client.run("command", spec, retry=retry or ONCE, **members)

    def output(self, *args, **members):
        """What a command that must succeed writes."""
        document = self.run(*args, **members)
        assert document["state"] == "succeeded", document
        assert document["result"]["exit_code"] == 0 and document["result"]["signal"] is None, document
        return document["result"]["stdout"]


def failed(document, code, **result):
    """Whether it failed so, with these members of its result."""
    assert document["state"] == "failed" and document["error"]["code"] == code, document
    assert {name: document["result"][name] for name in result} == result, document
    return document


@case
def arguments_come_one_by_one_and_never_reach_a_shell():
    show = sections.command("show", "/usr/bin/printf", "<%s>", "fixed", "{one}", "{two}x{one}", "")
    with Commands(show) as daemon:
        args = {"one": "$(id) `id` ; | > * ? ~ \\ \" ' \n é", "two": ""}
        expected = "".join(f"<{text}>" for text in ("fixed", args["one"], "x" + args["one"], ""))
        assert daemon.output("show", args) == expected


@case
def numbers_and_booleans_are_passed_as_they_were_written():
    with Commands(sections.command("show", "/usr/bin/printf", "%s %s %s", "{a}", "{b}", "{c}")) as daemon:
        text = '{"kind":"command","spec":{"command":"show","args":{"a":0.10,"b":true,"c":1e3}}}'
        result = daemon.client.result(daemon.client.post(text).json["id"])
        assert result["result"]["stdout"] == "0.10 true 1e3", result


@case
def the_environment_is_what_the_configuration_says_and_nothing_else():
    bare = sections.command("bare", "/usr/bin/env", "-0")
    some = sections.command("some", "/usr/bin/env", "-0", env=("A=1", "B=x y=$A", "PATH=/nowhere"))
    with Commands(bare, some) as daemon:
        result = daemon.run("bare")["result"]
        assert (result["stdout"], result["stderr"]) == ("", ""), result
        result = daemon.run("some")["result"]
        assert base64.b64decode(result["stdout_base64"]).split(b"\0") == [b"A=1", b"B=x y=$A", b"PATH=/nowhere", b""], result


@case
def a_command_has_three_descriptors_and_none_of_the_daemons():
    script = "ls -l /proc/self/fd | sed -n 's/.* \\([0-9]*\\) -> /\\1 /p'"
    with Commands(shell("list", script), shell("listin", script, stdin=True)) as daemon:
        waiting = daemon.client.connect()  # one more for the daemon to have
        for name, stdin in (("list", None), ("listin", ""), ("listin", "x")):
            lines = dict(line.split(" ", 1) for line in daemon.output(name, stdin=stdin).splitlines())
            own = {number: where for number, where in lines.items() if not where.startswith("/proc/")}
            assert set(own) == {"0", "1", "2"}, lines
            assert own["0"].startswith("/dev/null" if stdin is None else "pipe:"), lines
            assert own["1"].startswith("pipe:") and own["2"].startswith("pipe:"), lines
        waiting.close()


@case
def a_command_is_a_session_of_its_own_in_its_folder_with_no_signal_blocked_or_ignored():
    script = "pwd; ps -o pid=,pgid=,sid= -p $$; grep -E 'Sig(Blk|Ign)' /proc/self/status"
    with Commands(shell("root", script), shell("there", script, directory="/usr/share")) as daemon:
        for name, folder in (("root", "/"), ("there", "/usr/share")):
            where, ids, blocked, ignored = daemon.output(name).splitlines()
            assert where == folder, where
            assert len(set(ids.split())) == 1, ids
            assert int(blocked.split()[1], 16) == 0, blocked
            assert int(ignored.split()[1], 16) == 0, ignored


@case
def a_path_stays_below_its_folder_at_the_submit_and_at_the_start():
    with Commands() as daemon:
        folder, other = daemon.folder / "in", daemon.folder / "other"
        (folder / "deep").mkdir(parents=True)
        other.mkdir()
        for path in (folder / "deep" / "file", other / "file"):
            path.write_text(f"{path}\n", encoding="ascii")
        (folder / "near").symlink_to("deep/file")
        (folder / "far").symlink_to("../other")
        (folder / "far2").symlink_to(other)
        (folder / "nowhere").symlink_to("/no/such/file")
        cat = sections.command("cat", "/bin/cat", f"{{file:path under {folder}}}")
        one = sections.tenant("default", max_running=1)
        daemon.write_conf(one + cat + sections.command("size", "/bin/echo", "{width:int 1..4000}"))
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("configuration reloaded")
        for name in ("deep/file", "near"):
            assert daemon.output("cat", {"file": name}) == f"{folder}/deep/file\n"
        failed(daemon.run("cat", {"file": "deep/not/there"}), "exit-code", stdout="")  # which the command may make
        refused = {"far/file": "leads out", "far2/file": "leads out", "nowhere": "leads out", "deep/../near": "from", "/etc/passwd": "from"}
        for name, words in refused.items():
            problem(daemon, {"command": "cat", "args": {"file": name}}, "/spec/args/file", words)
        problem(daemon, {"command": "size", "args": {"width": 4001}}, "/spec/args/width", "from 1 to 4000")
        before = daemon.client.submit("sleep", {"for": "1h"})
        later = daemon.client.submit("command", {"command": "cat", "args": {"file": "late/file"}})
        (folder / "late").symlink_to(other)
        daemon.client.request("DELETE", f"/jobs/{before}")
        document = daemon.client.result(later)
        assert document["state"] == "failed" and document["error"]["code"] == "bad-arguments", document
        assert "/spec/args/file" in document["error"]["message"], document


def problem(daemon, spec, pointer, words):
    """The submit of the spec must be refused, with these words about what the pointer says."""
    answer = daemon.client.post({"kind": "command", "spec": spec})
    assert answer.status == 400, answer
    [error] = answer.json["errors"]
    assert error["pointer"] == pointer and words in error["detail"], answer


@case
def standard_input_comes_whole_and_ends():
    with Commands(sections.command("cat", "/bin/cat", stdin=True, output_max="1MiB")) as daemon:
        for text in ("", "x", "Grüße \u2028\n", "long" * 100_000):
            assert daemon.output("cat", stdin=text) == text


@case
def a_command_need_not_read_its_input():
    with Commands(shell("deaf", "echo done", stdin=True), shell("closed", "exec <&-; echo done", stdin=True)) as daemon:
        assert daemon.output("deaf", stdin="x" * 500_000) == "done\n"
        assert daemon.output("closed", stdin="x" * 500_000) == "done\n"


@case
def an_exit_status_other_than_0_is_a_failure_that_tells_it_and_what_was_written():
    with Commands(shell("fail", "echo out; echo err >&2; exit $1", "{status}")) as daemon:
        for status in (1, 2, 126, 255):
            document = daemon.run("fail", {"status": status}, retry=SOON)
            failed(document, "exit-code", exit_code=status, signal=None, stdout="out\n", stderr="err\n")
            assert document["attempts"] == 1, document


@case
def an_end_by_a_signal_is_told_by_its_name():
    with Commands(shell("die", "echo out; kill -$1 $$", "{signal}")) as daemon:
        for name in ("TERM", "KILL", "SEGV", "HUP", "PIPE"):
            failed(daemon.run("die", {"signal": name}), "signal", exit_code=-1, signal=name, stdout="out\n")


@case
def output_is_kept_up_to_output_max_each_and_the_rest_is_read_and_dropped():
    script = "head -c $1 /dev/zero | tr '\\0' o; head -c $2 /dev/zero | tr '\\0' e >&2"
    with Commands(shell("write", script, "{out}", "{err}", output_max=1000, env=("PATH=/usr/bin:/bin",))) as daemon:
        for out, err in ((0, 0), (1000, 999), (1001, 10), (10, 1001), (3_000_000, 2_000_000)):
            result = daemon.run("write", {"out": out, "err": err})["result"]
            assert result["exit_code"] == 0, result
            assert result["stdout"] == "o" * min(out, 1000) and result["stderr"] == "e" * min(err, 1000), result
            assert result["truncated"] == (max(out, err) > 1000), result


@case
def of_a_long_output_the_beginning_and_the_end_are_told_with_what_lies_between():
    with Commands(shell("count", "seq 1 100000; echo last >&2", output_max=1000, env=("PATH=/usr/bin:/bin",))) as daemon:
        result = daemon.run("count")["result"]
        whole = "".join(f"{n}\n" for n in range(1, 100_001))
        assert result["stdout"] == whole[:500] + whole[-500:] and result["stderr"] == "last\n", result
        assert result["stdout_omitted"] == {"at": 500, "bytes": len(whole) - 1000}, result
        assert result["truncated"] and "stderr_omitted" not in result, result


@case
def output_that_is_not_text_in_utf8_is_told_in_base64():
    with Commands(shell("bytes", "printf '\\377\\000\\101'; printf 'a\\303' >&2")) as daemon:
        result = daemon.run("bytes")["result"]
        assert base64.b64decode(result["stdout_base64"]) == b"\xff\0A", result
        assert base64.b64decode(result["stderr_base64"]) == b"a\xc3", result


@case
def what_a_command_used_is_told():
    busy = "i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done"
    with Commands(shell("busy", busy)) as daemon:
        usage = daemon.run("busy")["result"]["rusage"]
        assert set(usage) == {"user_ms", "system_ms", "max_resident_bytes"}, usage
        assert usage["user_ms"] + usage["system_ms"] > 0 and usage["max_resident_bytes"] > 0, usage


def inits(daemon):
    """Of its commands, all of which penstock-exec has started."""
    return [init for starter in children(daemon.process.pid) for init in children(starter)]


def family_of(daemon, job):
    """The processes that a running command job is, its init first, once it has said that it is up."""
    assert daemon.client.state(job) == "running"
    family = eventually(lambda: inits(daemon), "its init runs")
    for what in ("the command", "its children"):
        family += eventually(lambda: children(family[-1]), f"{what} runs")  # pylint: disable=cell-var-from-loop
    return family


FAMILY = "trap '' $1; (trap '' $1; sleep 1000; sleep 1000) & sleep 1000 & wait; wait"


@case
def a_timeout_ends_the_whole_group_first_gently_then_not():
    conf = "command-grace = 100ms"
    family, short = shell("family", FAMILY, "{ignored}"), shell("short", FAMILY, "{ignored}", timeout="200ms")
    with Commands(family, short, conf=conf) as daemon:
        for name, timeout in (("family", "200ms"), ("short", None)):
            for ignored, last in (("HUP", "TERM"), ("TERM", "KILL")):
                document = daemon.run(name, {"ignored": ignored}, timeout=timeout)
                failed(document, "timeout", exit_code=-1, signal=last)
                assert not inits(daemon), "the command is left"


@case
def a_cancel_ends_the_whole_group():
    with Commands(shell("family", FAMILY, "{ignored}"), conf="command-grace = 100ms") as daemon:
        for ignored, last in (("HUP", "TERM"), ("TERM", "KILL")):
            job = daemon.client.submit("command", {"command": "family", "args": {"ignored": ignored}})
            eventually(lambda: daemon.client.state(job) == "running", "the job runs")
            family = family_of(daemon, job)
            assert daemon.client.request("DELETE", f"/jobs/{job}").status == 202
            document = daemon.client.result(job)
            assert (document["state"], document["result"]["signal"]) == ("cancelled", last), document
            assert not any(map(alive, family)), "some are left"


# What must come to its end in time, and how.  A child that starts more children than it may is bounded by itself, too.
MANY = "n=0; while [ $n -lt 200 ]; do n=$((n + 1)); setsid sh -c 'sleep 1000 & sleep 1000' & done; wait"
HARD = (
    ("endless", "exec yes", {}, "timeout", {"signal": "TERM"}),
    ("deaf", "trap '' TERM; exec sleep 1000", {}, "timeout", {"signal": "KILL"}),
    ("bomb", MANY, {"user": "nobody", "processes_max": 40}, "exit-code", {"exit_code": 2}),
    ("closed", "exec >&- 2>&- <&-; exec sleep 1000", {"stdin": True}, "timeout", {"stdout": "", "signal": "TERM"}),
    ("quitter", "exit 3", {"stdin": True}, "exit-code", {"exit_code": 3}),
    ("holder", "sleep 1000 & echo done; exit 4", {}, "exit-code", {"exit_code": 4, "stdout": "done\n"}),
    ("escape", "sh -c 'setsid sleep 1000 & true'; exit 5", {}, "exit-code", {"exit_code": 5}),
)


@case
def whatever_a_command_does_its_job_ends_with_the_right_words_and_nothing_is_left():
    hard = [one for one in HARD if os.geteuid() == 0 or "user" not in one[2]]
    commands = [shell(name, script, env=("PATH=/usr/bin:/bin",), **keys) for name, script, keys, *_ in hard]
    with Commands(*commands, conf="command-grace = 200ms") as daemon:
        jobs = {}
        for name, _, keys, *_ in hard:
            stdin = {"stdin": "x" * 500_000} if "stdin" in keys else {}
            limit = {"timeout": "1s"} if name in ("endless", "deaf", "closed") else {}
            jobs[name] = daemon.client.submit("command", {"command": name} | stdin, retry=ONCE, **limit)
        for name, _, _, code, result in hard:
            document = failed(daemon.client.result(jobs[name]), code, **result)
            assert document["attempts"] == 1, document
        assert not inits(daemon), "something is left"


def state_of(pid):
    """The letter that the kernel has for it; X: it is gone."""
    try:
        return re.search(r"^State:\s+(.)", Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), re.MULTILINE)[1]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def alive(pid):
    return state_of(pid) not in "ZX"


@case
def what_a_command_leaves_running_is_ended_with_it():
    ways = {"group": "sleep 1000 > /dev/null 2>&1 & sleep 1000 & echo $!", "away": "sh -c 'setsid sleep 1000 & echo $!'; true"}
    with Commands(*(shell(name, script) for name, script in ways.items())) as daemon:
        for name in ways:
            assert not alive(int(daemon.output(name))), name


def stop(pid):
    """By a thread that waits: one that is suspended, as by vfork, would keep the signal for later."""

    def waiting():
        return [int(task.name) for task in Path(f"/proc/{pid}/task").iterdir() if state_of(task.name) == "S"]

    os.kill(eventually(waiting, "a thread waits")[0], signal.SIGSTOP)
    eventually(lambda: not waiting(), "it is stopped")


@case
def a_daemon_that_is_killed_takes_its_commands_with_it_though_who_starts_them_is_stopped():
    with Commands(shell("family", FAMILY, "{ignored}")) as daemon:
        for stopped in (False, True):
            job = daemon.client.submit("command", {"command": "family", "args": {"ignored": "TERM"}})
            eventually(lambda: daemon.client.state(job) == "running", "the job runs")  # pylint: disable=cell-var-from-loop
            family = family_of(daemon, job)
            for pid in (*children(daemon.process.pid), family[0]) if stopped else ():
                stop(pid)
            daemon.kill()
            eventually(lambda: not any(map(alive, family)), "its commands are gone")  # pylint: disable=cell-var-from-loop
            daemon.restart()
            daemon.client.request("DELETE", f"/jobs/{job}")
            assert daemon.client.result(job)["state"] == "cancelled"


@case
def without_penstock_exec_a_daemon_with_commands_does_not_start():
    with Commands(shell("any", "true")) as daemon:
        alone = shutil.copy(BUILD / "penstockd", daemon.folder)
        for conf, status in ((daemon.conf, 2), ("/dev/null", 0)):
            check = subprocess.run([alone, "--check", "--config", conf], capture_output=True, text=True, check=False)
            assert check.returncode == status and ("penstock-exec" in check.stderr) == (status > 0), check


@case
def a_program_that_has_gone_is_a_failure_in_words():
    with Commands() as daemon:
        program = daemon.folder / "program"
        program.write_text("#!/bin/sh\necho here\n", encoding="ascii")
        program.chmod(0o700)
        daemon.write_conf(sections.command("gone", program))
        before = len(daemon.log())
        daemon.signal(signal.SIGHUP)
        daemon.wait_log("configuration reloaded", before)
        assert daemon.output("gone") == "here\n"
        program.unlink()
        document = daemon.run("gone")
        assert document["error"]["code"] == "spawn" and str(program) in document["error"]["message"], document
        assert document["result"] is None, document


@case
def commands_by_the_hundred_all_end_and_leave_no_descriptor():
    with Commands(shell("quick", "echo $1; read line && echo $line", "{n}", stdin=True)) as daemon:
        daemon.run("quick", {"n": 0}, stdin="line\n")
        before = daemon.descriptors_open()
        spec = [{"command": "quick", "args": {"n": n}, "stdin": "line\n"} for n in range(100)]
        jobs = [daemon.client.submit("command", one) for one in spec]
        assert [daemon.client.result(job)["result"]["stdout"] for job in jobs] == [f"{n}\nline\n" for n in range(100)]
        eventually(lambda: daemon.descriptors_open() <= before, "its descriptors are closed")
