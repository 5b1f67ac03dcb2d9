"""case_ctl.py - the penstock program against a real daemon: what it prints, and what it ends with."""

import json
import os
import socket
import subprocess

from case_conf import all_of
from case_reload import reload
from daemon import BUILD, DEADLINE_S, SANITIZER_WORDS, SmallDaemon, eventually
from tap import case

DONE, FAILED, USAGE, UNSUCCESSFUL, NOT_ENDED = range(5)
HELD = 'tenant "held" { max-running = 0 }'
NEVER_GIVEN = "01a21404-640b-7296-9fcb-55d12cb5c4a0"


class Told:
    """What a run of penstock came to."""

    def __init__(self, ended):
        self.status, self.out, self.err = ended.returncode, ended.stdout.decode(), ended.stderr.decode()
        assert not any(word in ended.stderr for word in SANITIZER_WORDS), self.err

    def __repr__(self):
        return f"status {self.status}\n{self.out}\n{self.err}"

    def document(self, status=DONE):
        """The one document it printed, on a line of its own."""
        assert self.status == status and self.out.endswith("\n"), self
        return json.loads(self.out)

    def complains(self, status, *words):
        """Nothing but one line on standard error that has the words; with the usage after it, where it was used wrongly."""
        lines = self.err.splitlines()
        assert self.status == status and lines and lines[0].startswith("penstock: "), self
        assert len(lines) == 1 or (status == USAGE and lines[1].startswith("usage: penstock ")), self
        assert all(word in lines[0] for word in words), (words, self)
        return self


def penstock(*arguments, url=None, stdin=b"", environment=None):
    env = {name: value for name, value in os.environ.items() if name != "PENSTOCK_URL"}
    return Told(
        subprocess.run(
            [BUILD / "penstock", *(() if url is None else ("-s", url)), *arguments],
            input=stdin, capture_output=True, timeout=DEADLINE_S, check=False, env={**env, **(environment or {})},
        )
    )


def at(daemon):
    """penstock, speaking to this daemon."""
    return lambda *arguments, **options: penstock(*arguments, url=daemon.client.url, **options)


@case
def submit_prints_the_accepted_job_and_get_what_is_known_of_it():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        accepted = ctl("submit", "-k", "echo", "-t", "held", '{"a": [1, "ü"]}').document()
        assert (accepted["state"], accepted["kind"], accepted["tenant"]) == ("queued", "echo", "held"), accepted
        shown = ctl("get", accepted["id"]).document()
        assert shown["id"] == accepted["id"] and shown["request"]["spec"] == {"a": [1, "ü"]}, shown
        assert ctl("get", accepted["id"].upper()).document() == shown


@case
def submit_takes_its_job_from_an_argument_a_file_or_standard_input():
    with SmallDaemon() as daemon:
        ctl = at(daemon)
        url = json.dumps({"url": f"{daemon.client.url}/healthz"})
        assert ctl("submit", "--wait", "30s", url).document()["result"]["body"] == '{"status":"ok"}'
        path = daemon.folder / "spec.json"
        path.write_text('"from a file"\n')
        assert ctl("submit", "--kind", "echo", "-w", "30s", f"@{path}").document()["result"] == "from a file"
        piped = ctl("submit", "--kind=echo", "--wait=30s", "-", stdin=b'"piped"\n').document()
        assert piped["result"] == "piped", piped
        whole = {"kind": "echo", "spec": 17, "tenant": "acme", "priority": 9, "labels": {"a": "b"}}
        path.write_text(json.dumps(whole))
        for job, stdin in ((json.dumps(whole), b""), (f"@{path}", b""), ("-", json.dumps(whole).encode())):
            result = ctl("submit", "-w", "30s", "--job", job, stdin=stdin).document()
            assert (result["result"], result["tenant"]) == (17, "acme"), result


@case
def wait_prints_the_result_and_tells_by_its_status_how_the_job_ended():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        good = ctl("submit", "-k", "sleep", '{"for": "50ms"}').document()["id"]
        for arguments in ((good,), ("--for", "1m", good), ("-f", "1m", good), ("--for", "0s", good)):
            assert ctl("wait", *arguments).document()["state"] == "succeeded", arguments
        late = json.dumps({"kind": "sleep", "spec": {"for": "1h"}, "timeout": "20ms"})
        failed = ctl("submit", "--wait", "30s", "--job", late).document(UNSUCCESSFUL)
        assert (failed["state"], failed["error"]["code"]) == ("failed", "timeout"), failed
        expired = ctl("submit", "-w", "30s", "--job", '{"kind":"echo","tenant":"held","expires_in":"20ms"}')
        assert expired.document(UNSUCCESSFUL)["state"] == "expired", expired
        assert ctl("wait", failed["id"]).document(UNSUCCESSFUL) == failed


@case
def a_job_that_does_not_end_in_time_has_a_status_of_its_own_and_its_id_is_not_lost():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        told = ctl("submit", "-k", "echo", "-t", "held", "--wait", "100ms", "1")
        job = told.document(NOT_ENDED)["id"]
        told.complains(NOT_ENDED, job, "did not end within 100ms")
        told = ctl("wait", "--for", "100ms", job)
        assert told.document(NOT_ENDED)["state"] == "queued", told
        told.complains(NOT_ENDED, job, "did not end within 100ms")


@case
def wait_asks_again_where_a_server_does_not_hold_it_for_as_long():
    with SmallDaemon(f"wait-max = 0s\n{HELD}") as daemon:
        job = daemon.client.submit("sleep", {"for": "300ms"})
        assert at(daemon)("wait", "--for", "30s", job).document()["state"] == "succeeded"


@case
def cancel_ends_a_job_and_refuses_one_that_has_ended():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        waiting = daemon.client.submit("echo", tenant="held")
        assert ctl("cancel", waiting).document()["state"] == "cancelled"
        running = daemon.client.submit("sleep", {"for": "1h"}, timeout="1h")
        eventually(lambda: daemon.client.state(running) == "running", "the job runs")
        assert ctl("cancel", running).document()["state"] == "cancelling"
        assert ctl("wait", running).document(UNSUCCESSFUL)["state"] == "cancelled"
        for job in (waiting, running):
            assert ctl("cancel", job).complains(FAILED, "has ended already").out == ""


@case
def retry_runs_a_job_again_that_has_ended_badly_and_no_other():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        job = daemon.client.submit("echo", "again", tenant="held")
        assert ctl("retry", job).complains(FAILED, "has not ended").out == ""
        assert ctl("cancel", job).document()["state"] == "cancelled"
        assert ctl("retry", job).document()["state"] == "queued"
        reload(daemon, "")
        assert ctl("wait", job).document()["result"] == "again"
        assert ctl("retry", job).complains(FAILED, "has succeeded").out == ""


@case
def retry_with_a_filter_goes_through_all_that_it_finds():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        job = {"kind": "echo", "tenant": "held", "delay": "1h", "expires_in": "1ms", "labels": {"to be": "tried & tried"}}
        assert daemon.client.post_lines([job] * 600).status == 200
        eventually(lambda: daemon.client.stats()['penstock_jobs{state="scheduled"}'] == 0, "all have expired")
        filters = ("--state", "expired", "-t", "held", "-k", "echo", "-l", "to be=tried & tried")
        assert ctl("retry", *filters).document() == {"retried": 600, "skipped": 0}
        assert ctl("retry", "-t", "held").document() == {"retried": 0, "skipped": 0}
        assert ctl("retry", "-s", "queued").complains(FAILED, "no others can be retried")
        for arguments in ((), ("-t", "held", NEVER_GIVEN), ("-l", "x"), ("-t",)):
            assert ctl("retry", *arguments).status == USAGE, arguments


@case
def bulk_submits_a_file_a_line_a_job_and_tells_how_many_were_refused():
    with SmallDaemon(f"bulk-max = 1000\n{HELD}") as daemon:
        ctl = at(daemon)
        path = daemon.folder / "jobs"
        lines = [json.dumps({"kind": "echo", "tenant": "held", "spec": number}) for number in range(2500)]
        path.write_text("\n\n".join(lines))
        for told in (ctl("submit", "--bulk", str(path)), ctl("submit", "-b", "-", stdin="\n".join(lines).encode())):
            assert told.status == DONE and told.err == "" and len(told.out.splitlines()) == 2500, told
        first = json.loads(told.out.splitlines()[0])
        assert ctl("get", first["id"]).document()["request"]["spec"] == 0
        path.write_text("\n".join([lines[0], '{"kind":"dance"}', lines[1]]))
        told = ctl("submit", "--bulk", str(path)).complains(FAILED, "1 of 3 jobs were not accepted")
        assert [("id" in json.loads(line)) for line in told.out.splitlines()] == [True, False, True], told
        told = ctl("submit", "--atomic", "--bulk", str(path)).complains(FAILED, "3 of 3 jobs were not accepted")
        assert [json.loads(line)["code"] for line in told.out.splitlines()] == ["not-taken", "bad-field", "not-taken"], told
        path.write_text("\n".join(lines))
        assert ctl("submit", "-a", "-b", str(path)).complains(FAILED, "2500 jobs").out == ""
        for empty in ("", "\n \n"):
            path.write_text(empty)
            told = ctl("submit", "--bulk", str(path))
            assert (told.status, told.out, told.err) == (DONE, "", ""), told


@case
def list_prints_the_newest_first_a_line_a_job():
    with SmallDaemon(HELD) as daemon:
        ctl = at(daemon)
        jobs = [daemon.client.submit("echo", n, tenant="held", labels={"n": f"{n} & {n % 2}"}) for n in range(60)][::-1]
        ended = daemon.client.run("sleep", {"for": "1ms"})["id"]

        def listed(*arguments):
            told = ctl("list", *arguments)
            assert told.status == DONE and told.err == "", told
            return [line.split() for line in told.out.splitlines()]

        def ids(*arguments):
            return [words[0] for words in listed(*arguments)]

        created = daemon.client.get(f"/jobs/{ended}").json["created_at"]
        assert listed("-n", "1") == [[ended, "succeeded", "sleep", created, "default"]]
        assert ids() == [ended, *jobs[:49]]
        assert ids("--limit", "3") == [ended, *jobs[:2]]
        assert ids("--all") == ids("-a") == ids("-n", "2000") == [ended, *jobs]
        assert ids("-t", "held", "--state", "queued", "-k", "echo", "-n", "5") == jobs[:5]
        assert ids("--state", "running", "-s", "succeeded,failed") == [ended]
        assert ids("--label", "n=17 & 1") == ids("-l", "n=17 & 1") == [jobs[60 - 17 - 1]]
        assert ids("--tenant", "nobody") == [] == ids("-l", "n=17")
        told = ctl("list", "--json", "--all")
        assert [json.loads(line)["id"] for line in told.out.splitlines()] == [ended, *jobs], told
        assert json.loads(ctl("list", "-j", "-n", "1").out) == daemon.client.get(f"/jobs/{ended}").json


@case
def stats_prints_the_numbers_in_both_forms():
    with SmallDaemon() as daemon:
        ctl = at(daemon)
        daemon.client.run("echo")
        text = ctl("stats")
        assert text.status == DONE and text.err == "", text
        assert 'penstock_jobs_finished_total{kind="echo",outcome="succeeded"} 1\n' in text.out, text
        for option in ("--json", "-j"):
            assert ctl("stats", option).document()["penstock_tenants"] == 0


@case
def what_the_daemon_refuses_is_told_in_one_line_with_its_place():
    with SmallDaemon('tenant "full" { max-queued = 0 }') as daemon:
        for arguments, words in (
            (("submit", '{"ulr": "http://x/"}'), ("/spec/ulr", "url")),
            (("submit", "-k", "shell", "1"), ("/kind", "echo, sleep")),
            (("submit", "-k", "sleep", '{"for": "-1s"}'), ("/spec/for", "duration")),
            (("submit", "-k", "echo", "{"), ("not acceptable JSON", "line 1")),
            (("submit", "-k", "echo", ""), ("not acceptable JSON",)),
            (("submit", "-k", "echo", '1,"kind":"sleep"'), ("not acceptable JSON", "duplicate")),
            (("submit", "--job", "[]"), ("must be an object",)),
            (("submit", "-k", "echo", json.dumps("x" * 2000000)), ("too large",)),
            (("submit", "-k", "echo", "-t", "full", "1"), ("limit",)),
            (("get", NEVER_GIVEN), ("no job has this id",)),
            (("list", "-s", "done"), ("state", "scheduled")),
            (("list", "-k", "shell"), ("kind",)),
            (("list", "-t", "../x"), ("tenant",)),
            (("wait", NEVER_GIVEN), ("no job has this id",)),
            (("cancel", NEVER_GIVEN), ("no job has this id",)),
            (("retry", NEVER_GIVEN), ("no job has this id",)),
        ):
            if len(arguments[-1]) > 100000:  # more than an argument may have
                arguments, stdin = (*arguments[:-1], "-"), arguments[-1].encode()
            else:
                stdin = b""
            told = at(daemon)(*arguments, stdin=stdin)
            assert told.complains(FAILED, *words).out == "", told


@case
def a_tenant_is_paused_looked_at_and_resumed_and_why_a_job_waits_is_told():
    with SmallDaemon() as daemon:
        ctl = at(daemon)
        paused = ctl("pause", "--for", "1h", "--reason", 'a "quoted"\treason', "acme").document()
        assert paused["paused"] and paused["pause"]["reason"] == 'a "quoted"\treason' and paused["pause"]["until"], paused
        job = ctl("submit", "-k", "echo", "-t", "acme", "1").document()["id"]
        told = ctl("why", job)
        lines = told.out.splitlines()
        assert lines[0].startswith('paused: tenant acme is paused: a "quoted"?reason') and lines[1] == "position: 1", told
        assert ctl("why", "--json", job).document()["reason"] == "paused"
        assert ctl("tenants", "acme").document()["jobs"]["queued"] == 1
        assert json.loads(ctl("tenants").out)["tenant"] == "acme"
        assert not ctl("resume", "acme").document()["paused"]
        assert daemon.client.result(job)["state"] == "succeeded"
        assert ctl("why", job).out == "ended: it has ended: succeeded\n"
        assert ctl("audit").document()["differences"] == 0
        assert ctl("tenants").out == ""
        ctl("pause", "--for", "soon", "acme").complains(FAILED, "(/for)")
        ctl("pause", "--acme").complains(USAGE, "--acme")
        ctl("pause").complains(USAGE, "missing")
        ctl("resume", "a/b").complains(USAGE, "a/b")
        ctl("resume", "a", "b").complains(USAGE, "too many")
        ctl("tenants", "a", "b").complains(USAGE, "too many")
        ctl("why", NEVER_GIVEN).complains(FAILED, "no job has this id")
        ctl("why", "x").complains(USAGE, "x")
        ctl("audit", "x").complains(USAGE, "too many")


@case
def what_is_used_wrongly_is_told_with_the_usage_and_nothing_is_sent():
    with SmallDaemon() as daemon:

        def misused(*arguments):
            assert at(daemon)(*arguments).complains(USAGE).out == "", arguments

        all_of(
            (
                (), ("",), ("nope",), ("--nope",), ("-x", "stats"), ("submit",), ("submit", "-k"),
                ("submit", "-k", "ec ho", "1"), ("submit", "1", "2"),
                ("submit", "-k", 'x","y":"', "1"), ("submit", "-t", "../x", "1"), ("submit", "--job", "{}", "1"),
                ("submit", "--job"), ("submit", "--bulk"), ("submit", "--bulk", "x", "1"), ("submit", "--bulk", "x", "-k", "echo"),
                ("submit", "--bulk", "x", "--wait", "1s"), ("submit", "--atomic", "1"), ("submit", "-b", "x", "-j", "{}"),
                ("submit", "-k", "echo", "--job", "{}"), ("submit", "--wait", "soon", "1"), ("submit", "--nope", "1"),
                ("get",),
                ("get", "x"), ("get", NEVER_GIVEN, NEVER_GIVEN), ("get", "-x", NEVER_GIVEN), ("get", "../stats"),
                ("wait",),
                ("wait", "--for", NEVER_GIVEN), ("wait", "--for", "-1s", NEVER_GIVEN), ("cancel",), ("cancel", "all"),
                ("stats", "x"), ("stats", "-x"), ("list", "x"), ("list", "-x"), ("list", "-n", "0"), ("list", "-n", "x"),
                ("list", "-l", "x"), ("list", "-l", "=x"), ("list", "--state"), ("list", "--limit"),
            ),
            misused,
        )
        for url in ("127.0.0.1:7117", "ftp://127.0.0.1/", "http:/x", "http://" + "x" * 2000):
            penstock("stats", url=url).complains(USAGE)
        penstock("-s").complains(USAGE)
        numbers = daemon.client.stats()
        assert not [name for name in numbers if name.startswith("penstock_http_requests_total")], numbers


@case
def help_and_version_need_no_daemon():
    for arguments in (("--help",), ("-h",), ("submit", "--help"), ("wait", "-h"), ("--version",), ("-V",)):
        told = penstock(*arguments)
        assert told.status == DONE and "penstock" in told.out and told.err == "", told


@case
def without_a_daemon_it_says_so():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for arguments in (
            ("submit", "-k", "echo", "1"), ("submit", "-k", "echo", "--wait", "1s", "1"), ("get", NEVER_GIVEN),
            ("wait", NEVER_GIVEN),
            ("cancel", NEVER_GIVEN), ("stats",), ("list",), ("list", "--all"),
        ):
            told = penstock(*arguments, url=url).complains(FAILED, url, "onnect")
            assert told.out == "", told
    penstock("stats", url="http://does-not-exist.invalid").complains(FAILED, "http://does-not-exist.invalid")


@case
def the_server_is_told_by_the_option_or_else_by_the_environment():
    with SmallDaemon() as daemon:
        here, nowhere = daemon.client.url, "http://127.0.0.1:1"
        for arguments, url in (
            (("-s", here), nowhere), (("--server", here), nowhere), ((f"--server={here}/",), nowhere), ((), here),
            ((), here + "//"),
        ):
            told = penstock(*arguments, "stats", environment={"PENSTOCK_URL": url, "http_proxy": nowhere, "ALL_PROXY": nowhere})
            assert told.status == DONE, told


@case
def output_that_cannot_be_written_is_a_failure():
    with SmallDaemon() as daemon, open("/dev/full", "wb") as full:
        ended = subprocess.run(
            [BUILD / "penstock", "-s", daemon.client.url, "stats"],
            stdout=full, stderr=subprocess.PIPE, timeout=DEADLINE_S, check=False,
        )
        assert ended.returncode == FAILED and b"cannot be written" in ended.stderr, ended


@case
def a_file_that_cannot_be_read_is_told_by_its_name():
    with SmallDaemon() as daemon:
        for path in (daemon.folder / "none", daemon.folder):
            for arguments in (("-k", "echo", f"@{path}"), ("--bulk", str(path))):
                told = at(daemon)("submit", *arguments)
                assert told.complains(FAILED, str(path)).out == "", told
