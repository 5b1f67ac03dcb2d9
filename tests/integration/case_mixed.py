"""case_mixed.py - a thousand jobs of all kinds over twenty tenants: every result, every limit, every number."""

import random
import shutil
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import metrics
import sections
from daemon import Daemon
from server import Server, heard
from tap import Skip, case

JOBS = 1000
CLIENTS = 8
WORKERS = 100  # more than may run
KINDS = ("echo", "sleep", "http", "command")
LIMITS = {f"tenant-{i:02}": 1 + i % 8 for i in range(20)}
CALL = Path(__file__).parent / "call"
CALL_ARGS = ("{port}", "{target}", "{text}", "{status}")
RETRY = {"max_attempts": 3, "min": "1ms", "max": "20ms"}


class Job:
    """What is asked for, and what must come of it."""

    def __init__(self, number, server):
        self.tenant = list(LIMITS)[number % len(LIMITS)]
        self.kind = KINDS[number // len(LIMITS) % len(KINDS)]
        self.state, self.code, self.attempts = "succeeded", None, ["succeeded"]
        self.random = random.Random(number)
        self.spec, self.result = getattr(self, self.kind)(number, server)

    def target(self, number, server, **wishes):
        """All wait until the test has seen as many as there may be; then each takes its time."""
        wishes = {"tenant": self.tenant, "hold": "all", "delay": self.random.choice((0, 0.005, 0.02)), **wishes}
        return server.url(f"/{number}", **wishes)

    def fail(self, code, attempts=1):
        self.state, self.code = "failed", code
        self.attempts = ["failed"] * attempts

    def echo(self, number, _):
        spec = {"number": number, "text": "Grüße, \u2028\U0001f600", "deep": [[[number / 7]]], "none": None}
        return spec, spec

    def sleep(self, number, _):
        spec = {"for": f"{number % 30}ms"}
        return spec, {"slept": spec["for"] if number % 30 else "0s"}

    def http(self, number, server):
        wishes, sort = {}, self.random.randrange(4)
        if sort == 1:  # works the third time
            wishes = {"status": 503, "fail": 2}
            self.attempts = ["failed", "failed", "succeeded"]
        elif sort == 2:  # never works
            wishes = {"status": 500}
            self.fail("http-status", RETRY["max_attempts"])
        elif sort == 3:  # is not to be tried again
            wishes = {"status": 404}
            self.fail("http-status")
        status = wishes["status"] if self.state == "failed" else 200
        spec = {"url": self.target(number, server, **wishes), "json": {"number": number}, "method": "PUT"}
        return spec, {"status": status, "heard": b'{"number":%d}' % number}

    def command(self, number, server):
        status = self.random.choice((0, 0, 0, 7))
        if status:
            self.fail("exit-code")
        target = self.target(number, server).removeprefix(f"http://127.0.0.1:{server.port}")
        args = {"port": server.port, "target": target, "text": f"{number}: 'a' \"b\" $c", "status": status}
        expected = {"exit_code": status, "signal": None, "stdout": args["text"] + "in", "stderr": "", "truncated": False}
        return {"command": "call", "args": args, "stdin": "in"}, expected

    def submit(self, daemon):
        self.id = daemon.client.submit(self.kind, self.spec, tenant=self.tenant, retry=RETRY)

    def check(self, document):
        """Whether the result document is what was asked for."""
        assert document["state"] == self.state and document["kind"] == self.kind, document
        assert document["tenant"] == self.tenant and document["id"] == self.id, document
        assert document["attempts"] == len(self.attempts), document
        assert (document["error"] or {}).get("code") == self.code, document
        result = document["result"]
        if self.kind == "http":
            result = {"status": result["status"], "heard": heard(result)["body"]}
        elif self.kind == "command":
            result = {member: result[member] for member in self.result}
        assert result == self.result, (result, self.result)



def conf():
    tenants = "".join(sections.tenant(name, max_running=limit) for name, limit in LIMITS.items())
    # the number of attempts is looked at, and none is to be put off for what others met
    return f"workers = {WORKERS}\nbreaker-failures = 0\n" + tenants + sections.command("call", CALL, *CALL_ARGS, stdin=True)


def everywhere(function, jobs):
    """Call it for all, several at a time."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(function, jobs))


def submit_all(daemon, server, jobs):
    """Every tenant runs as many as it may, the others wait, and the daemon's numbers say so."""
    everywhere(lambda job: job.submit(daemon), jobs)
    server.wait(lambda server: +server.in_flight == Counter(LIMITS), "every tenant runs as many jobs as it may")
    stats = daemon.client.stats()
    ended = sum(value for name, value in stats.items() if name.startswith("penstock_jobs_finished_total"))
    running = sum(LIMITS.values())
    assert stats['penstock_jobs{state="running"}'] == stats['penstock_workers{state="busy"}'] == running, stats
    assert stats['penstock_jobs{state="queued"}'] == JOBS - ended - running, stats
    assert stats["penstock_tenant_limit_waiting_jobs"] == JOBS - ended - running, stats


def expected_numbers(jobs):
    """What /stats must say of them, by sample."""
    expected = Counter()
    for job in jobs:
        kind = f'kind="{job.kind}"'
        expected[f'penstock_jobs_submitted_total{{{kind},result="accepted"}}'] += 1
        expected[f'penstock_jobs_finished_total{{{kind},outcome="{job.state}"}}'] += 1
        expected[f"penstock_job_total_seconds_count{{{kind}}}"] += 1
        for end in job.attempts:
            expected[f'penstock_attempts_total{{{kind},outcome="{end}"}}'] += 1
            expected[f"penstock_job_run_seconds_count{{{kind}}}"] += 1
            expected[f"penstock_job_wait_seconds_count{{{kind}}}"] += 1
        # accepted, each attempt's start, each wait for the next one, ended
        expected["penstock_store_group_commit_jobs_sum"] += 1 + 2 * len(job.attempts)
    return expected


def check_numbers(stats, jobs):
    """Each number is the one expected; where none is, 0."""
    expected = expected_numbers(jobs)
    expected['penstock_http_requests_total{route="/jobs",code="202"}'] = JOBS
    expected['penstock_http_requests_total{route="/results/{id}",code="200"}'] = JOBS
    expected['penstock_http_request_duration_seconds_count{route="/jobs"}'] = JOBS
    expected['penstock_http_request_duration_seconds_count{route="/results/{id}"}'] = JOBS
    expected['penstock_workers{state="idle"}'] = WORKERS
    counted = (
        "penstock_jobs",
        "penstock_attempts",
        "penstock_job_total_seconds_count",
        "penstock_job_run_seconds_count",
        "penstock_job_wait_seconds_count",
        "penstock_store_group_commit_jobs_sum",
        "penstock_store_errors",
        "penstock_slots_reconciled",
        "penstock_workers",
        "penstock_tenant",
        "penstock_oldest_ready",
        "penstock_drain_state",
        'penstock_http_requests_total{route="/jobs"',
        'penstock_http_requests_total{route="/results',
        'penstock_http_request_duration_seconds_count{route="/jobs"}',
        'penstock_http_request_duration_seconds_count{route="/results/{id}"}',
    )
    found = {name: value for name, value in stats.items() if name.startswith(counted)}
    wrong = {n: (found.get(n), expected[n]) for n in {*found, *expected} if found.get(n, 0) != expected[n]}
    assert not wrong, f"sample: (told, right): {wrong}"
    assert set(expected) <= set(found), f"not told: {set(expected) - set(found)}"


@case
def a_thousand_jobs_of_twenty_tenants_end_right_within_their_limits_and_are_counted():
    with Server() as server, Daemon(conf()) as daemon:
        jobs = [Job(number, server) for number in range(JOBS)]
        random.Random(1).shuffle(jobs)
        submit_all(daemon, server, jobs)
        server.open("all")
        everywhere(lambda job: job.check(daemon.client.result(job.id, wait="60s")), jobs)
        assert server.peak == Counter(LIMITS), f"{server.peak}, not {LIMITS}"
        check_numbers(daemon.client.stats(), jobs)


@case
def workers_are_shared_and_no_more_jobs_run_than_there_are():
    with Server() as server, Daemon("workers = 7\ntenant-defaults { max-running = 5 }") as daemon:
        url = [server.url(f"/{i}", tenant=f"tenant-{i % 4}", hold="all") for i in range(40)]
        ids = [daemon.client.submit("http", {"url": u}, tenant=f"tenant-{i % 4}") for i, u in enumerate(url)]
        server.wait_in_flight(7)
        server.open("all")
        everywhere(daemon.client.result, ids)
        assert server.peak_of_all == 7, server.peak_of_all
        assert max(server.peak.values()) <= 5, server.peak


def some_of_everything(daemon):
    """Numbers in every family: jobs that end well and not, one that is refused, one that still waits."""
    for kind, spec in (("echo", 1), ("sleep", {"for": "1ms"}), ("command", {"command": "call", "args": {}})):
        daemon.client.post({"kind": kind, "spec": spec})
    daemon.client.run("http", {"url": "http://127.0.0.1:1/"}, retry={"max_attempts": 1})
    daemon.client.submit("echo", 1, delay="1h")
    daemon.client.get("/nowhere")


@case
def promtool_finds_nothing_to_say_of_the_numbers():
    promtool = shutil.which("promtool")
    if not promtool:
        raise Skip("promtool is not installed")
    with Daemon() as daemon:
        some_of_everything(daemon)
        text = daemon.client.get("/stats").body
        said = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
        assert (said.returncode, said.stdout, said.stderr) == (0, b"", b""), said


@case
def the_numbers_are_the_same_families_in_both_formats_to_the_letter_of_each():
    with Daemon() as daemon:
        some_of_everything(daemon)
        for path in ("/stats", "/metrics"):
            daemon.client.get(path)  # each is counted too, once it was asked for
        plain = daemon.client.get("/stats")
        openmetrics = daemon.client.get("/metrics", Accept="application/openmetrics-text; version=1.0.0, text/plain;q=0.5")
        assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", plain.headers
        assert openmetrics.type == "application/openmetrics-text", openmetrics.headers
        one = metrics.read(plain.body.decode())
        other = metrics.read(openmetrics.body.decode(), openmetrics=True)
        assert {name.removesuffix("_total") for name in one} == set(other), set(one) ^ set(other)
        for name, family in one.items():
            same = other[name.removesuffix("_total")]
            assert family.meta["TYPE"] == same.meta["TYPE"] and set(family.samples) == set(same.samples), name
