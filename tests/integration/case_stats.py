"""case_stats.py - /stats: the names that dashboards count on, in three forms, and numbers that add up."""

import json
import math
import re
import shutil
import subprocess

from daemon import Daemon, SmallDaemon, eventually
from tap import Skip, case

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

# The promise of API.md: name, type, labels.
FAMILIES = {
    "penstock_jobs_submitted_total": ("counter", "kind,result"),
    "penstock_jobs_finished_total": ("counter", "kind,outcome"),
    "penstock_attempts_total": ("counter", "kind,outcome"),
    "penstock_jobs": ("gauge", "state"),
    "penstock_oldest_ready_age_seconds": ("gauge", ""),
    "penstock_job_wait_seconds": ("histogram", "kind"),
    "penstock_job_run_seconds": ("histogram", "kind"),
    "penstock_job_total_seconds": ("histogram", "kind"),
    "penstock_workers": ("gauge", "state"),
    "penstock_tenant_limit_waiting_jobs": ("gauge", ""),
    "penstock_limited_jobs": ("gauge", "by"),
    "penstock_waiting_jobs": ("gauge", "reason"),
    "penstock_result_cache_entries": ("gauge", ""),
    "penstock_result_cache_bytes": ("gauge", ""),
    "penstock_result_cache_hits_total": ("counter", ""),
    "penstock_result_cache_misses_total": ("counter", ""),
    "penstock_result_cache_evictions_total": ("counter", ""),
    "penstock_store_commit_seconds": ("histogram", ""),
    "penstock_store_group_commit_jobs": ("histogram", ""),
    "penstock_store_errors_total": ("counter", "op"),
    "penstock_slots_reconciled_total": ("counter", ""),
    "penstock_audits_total": ("counter", ""),
    "penstock_audit_differences_total": ("counter", ""),
    "penstock_tenants_paused": ("gauge", ""),
    "penstock_http_requests_total": ("counter", "route,code"),
    "penstock_http_request_duration_seconds": ("histogram", "route"),
    "penstock_drain_state": ("gauge", ""),
    "penstock_build_info": ("gauge", "version"),
    "process_cpu_seconds_total": ("counter", ""),
    "process_open_fds": ("gauge", ""),
    "process_max_fds": ("gauge", ""),
    "process_resident_memory_bytes": ("gauge", ""),
    "process_virtual_memory_bytes": ("gauge", ""),
    "process_start_time_seconds": ("gauge", ""),
}
SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"')
KINDS = ("echo", "sleep", "http", "command")


class Families:
    """The text of an exposition, taken apart: types, and samples by family in the order of the text."""

    def __init__(self, text):
        self.types, self.samples, helped, family = {}, {}, set(), None
        for line in text.splitlines():
            if line.startswith("# HELP "):
                helped.add(line.split(" ", 3)[2])
                assert line.split(" ", 3)[3], line
            elif line.startswith("# TYPE "):
                family, kind = line.split(" ")[2:]
                assert family in helped and family not in self.types, line
                self.types[family], self.samples[family] = kind, []
            elif line != "# EOF":
                self.add(family, line)

    def add(self, family, line):
        found = SAMPLE.fullmatch(line)
        assert found and found[1].removeprefix(family) in ("", "_total", "_bucket", "_sum", "_count"), line
        sample = (found[1].removeprefix(family), tuple(LABEL.findall(found[2] or "")), float(found[3]))
        assert sample[:2] not in [s[:2] for s in self.samples[family]], f"twice: {line}"
        self.samples[family].append(sample)

    def value(self, family, suffix="", **labels):
        wanted = set(labels.items())
        return sum(v for s, l, v in self.samples[family] if s == suffix and wanted <= set(l))

    def labels(self, family):
        """The names of the labels of each sample."""
        return {",".join(name for name, _ in l if name != "le") for _, l, _ in self.samples[family]}


def look(client):
    answer = client.get("/stats")
    assert answer.status == 200 and answer.headers["Content-Type"] == PROMETHEUS, answer
    return Families(answer.body.decode())


def check_histograms(families):
    """Buckets count up to +Inf, which is the count."""
    for family, kind in families.types.items():
        if kind != "histogram":
            continue
        series = {}
        for suffix, labels, value in families.samples[family]:
            key = tuple(label for label in labels if label[0] != "le")
            series.setdefault(key, {}).setdefault(suffix, []).append((dict(labels).get("le"), value))
        for parts in series.values():
            bounds = [float(le) for le, _ in parts["_bucket"]]
            counts = [value for _, value in parts["_bucket"]]
            assert bounds == sorted(bounds) and bounds[-1] == math.inf, (family, parts)
            assert counts == sorted(counts) and counts[-1] == parts["_count"][0][1], (family, parts)
            assert len(parts["_sum"]) == len(parts["_count"]) == 1, (family, parts)


def some_of_everything(client):
    """Jobs of all kinds and ends; gives how many of each."""
    assert client.run("echo", "x")["state"] == "succeeded"
    assert client.run("sleep", {"for": "1ms"})["state"] == "succeeded"
    assert client.run("sleep", {"for": "1h"}, timeout="10ms")["error"]["code"] == "timeout"
    assert client.run("http", {"url": f"{client.url}/healthz"})["state"] == "succeeded"
    retry = {"max_attempts": 2, "min": "1ms", "max": "1ms"}
    assert client.run("http", {"url": "http://127.0.0.1:1/"}, retry=retry)["state"] == "failed"
    assert client.run("command", {"command": "true"})["state"] == "succeeded"
    assert client.run("echo", tenant="held", expires_in="10ms")["state"] == "expired"
    job = client.submit("echo", delay="1h")
    assert client.request("DELETE", f"/jobs/{job}").status == 202
    assert client.result(job)["state"] == "cancelled"
    assert client.post({"kind": "command", "spec": {"command": "none"}}).status == 400


CONF = 'tenant "held" { max-running = 0 }\ncommand "true" { exec = "/bin/true" }'


@case
def every_promised_number_is_there():
    with SmallDaemon(CONF) as daemon:
        daemon.client.run("echo")
        families = look(daemon.client)
        for family, (kind, labels) in FAMILIES.items():
            assert families.types.get(family) == kind, (family, families.types)
            assert families.labels(family) == {labels}, (family, families.samples[family])
        for family in ("penstock_jobs_submitted_total", "penstock_job_wait_seconds"):
            kinds = {dict(labels)["kind"] for _, labels, _ in families.samples[family]}
            assert kinds == set(KINDS), (family, kinds)


@case
def the_names_follow_the_rules_of_prometheus():
    with SmallDaemon() as daemon:
        families = look(daemon.client)
        for family, kind in families.types.items():
            assert family.startswith(("penstock_", "process_")), family
            assert family.endswith("_total") == (kind == "counter"), (family, kind)
            assert families.samples[family] or family == "penstock_http_requests_total", family
        check_histograms(families)


@case
def promtool_finds_nothing():
    promtool = shutil.which("promtool")
    if not promtool:
        raise Skip("promtool is not installed")
    with SmallDaemon(CONF) as daemon:
        some_of_everything(daemon.client)
        for path in ("/stats", "/metrics"):
            text = daemon.client.get(path).body
            found = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
            assert found.returncode == 0 and not found.stdout + found.stderr, found


@case
def the_numbers_add_up():
    with Daemon(f"workers = 7\n{CONF}") as daemon:
        client = daemon.client
        some_of_everything(client)
        eventually(lambda: look(client).value("penstock_workers", state="busy") == 0, "nobody works")
        families = look(client)
        value = families.value
        for kind, accepted in (("echo", 3), ("sleep", 2), ("http", 2), ("command", 1)):
            assert value("penstock_jobs_submitted_total", kind=kind, result="accepted") == accepted, kind
            assert value("penstock_jobs_finished_total", kind=kind) == accepted, kind
            assert value("penstock_job_total_seconds", "_count", kind=kind) == accepted, kind
            attempts = value("penstock_attempts_total", kind=kind)
            assert value("penstock_job_wait_seconds", "_count", kind=kind) == attempts, kind
            assert value("penstock_job_run_seconds", "_count", kind=kind) == attempts, kind
        for outcome, jobs in (("succeeded", 4), ("failed", 2), ("cancelled", 1), ("expired", 1)):
            assert value("penstock_jobs_finished_total", outcome=outcome) == jobs, outcome
        for outcome, attempts in (("succeeded", 4), ("failed", 2), ("timeout", 1), ("cancelled", 0)):
            assert value("penstock_attempts_total", outcome=outcome) == attempts, outcome
        assert value("penstock_jobs_submitted_total", kind="command", result="refused") == 1
        assert value("penstock_jobs") == 0 and value("penstock_workers", state="idle") == 7
        operations = 8 + 7 + 1 + 8  # accepted, begun, to be tried again, ended
        assert value("penstock_store_group_commit_jobs", "_sum") == operations
        commits = value("penstock_store_commit_seconds", "_count")
        assert 0 < commits == value("penstock_store_group_commit_jobs", "_count"), commits
        for silent in ("slots_reconciled_total", "audit_differences_total", "store_errors_total", "drain_state"):
            assert value(f"penstock_{silent}") == 0, silent
        check_histograms(families)


@case
def requests_are_counted_by_route_and_status():
    with SmallDaemon() as daemon:
        client = daemon.client
        job = client.run("echo")["id"]
        for method, path in (("GET", "/nothing"), ("PUT", "/jobs"), ("DELETE", f"/jobs/{job}"), ("HEAD", "/healthz")):
            client.request(method, path)
        client.post("{")
        families = look(client)
        for route, code, count in (
            ("/jobs", "202", 1), ("/jobs", "400", 1), ("/results/{id}", "200", 1), ("none", "404", 1),
            ("none", "405", 1), ("/jobs/{id}", "409", 1), ("/healthz", "200", 1), ("/readyz", "200", 0),
        ):
            assert families.value("penstock_http_requests_total", route=route, code=code) == count, (route, code)
        requests = families.value("penstock_http_requests_total")
        assert requests == families.value("penstock_http_request_duration_seconds", "_count") == 7


@case
def jobs_that_wait_and_run_are_counted_where_they_are():
    conf = 'tenant "held" { max-running = 0 }\ntenant "one" { max-running = 1 }'
    with Daemon(f"workers = 3\n{conf}") as daemon:
        client = daemon.client
        jobs = [client.submit("echo", tenant="held") for _ in range(4)]
        jobs += [client.submit("sleep", {"for": "1h"}, tenant="one", timeout="1h") for _ in range(3)]
        jobs += [client.submit("echo", delay="1h") for _ in range(2)]
        eventually(lambda: look(client).value("penstock_workers", state="busy"), "one runs")
        families = look(client)
        assert families.value("penstock_jobs", state="queued") == 6, families.samples["penstock_jobs"]
        assert families.value("penstock_jobs", state="running") == 1, families.samples["penstock_jobs"]
        assert families.value("penstock_jobs", state="scheduled") == 2, families.samples["penstock_jobs"]
        assert families.value("penstock_tenant_limit_waiting_jobs") == 6
        assert families.value("penstock_oldest_ready_age_seconds") > 0
        assert families.value("penstock_workers", state="idle") == 2
        for job in jobs:
            assert client.request("DELETE", f"/jobs/{job}").status == 202
        for job in jobs:
            assert client.result(job)["state"] == "cancelled"
        families = look(client)
        assert families.value("penstock_jobs") == families.value("penstock_tenant_limit_waiting_jobs") == 0
        assert families.value("penstock_oldest_ready_age_seconds") == 0
        assert families.value("penstock_jobs_finished_total", outcome="cancelled") == len(jobs)


@case
def the_result_cache_is_counted_and_bounded():
    with SmallDaemon("cache-bytes = 64KiB") as daemon:
        client = daemon.client
        jobs = [client.run("echo", "x" * 3000)["id"] for _ in range(30)]
        before = look(client)
        assert 0 < before.value("penstock_result_cache_bytes") <= 64 * 1024
        entries, evictions = (before.value(f"penstock_result_cache_{n}") for n in ("entries", "evictions_total"))
        assert entries + evictions == len(jobs) and evictions >= 14, (entries, evictions)
        for job in jobs:  # all are there, from the cache or from the store
            assert client.get(f"/results/{job}").status == 200
        after = look(client)
        hits, misses = (
            after.value(f"penstock_result_cache_{n}") - before.value(f"penstock_result_cache_{n}")
            for n in ("hits_total", "misses_total")
        )
        assert hits + misses == len(jobs) and misses > 0, (hits, misses)
        assert after.value("penstock_result_cache_bytes") <= 64 * 1024


@case
def openmetrics_is_given_to_who_accepts_it():
    with SmallDaemon() as daemon:
        daemon.client.run("echo")
        for accept in (
            "application/openmetrics-text",
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;q=0.5",
        ):
            answer = daemon.client.get("/stats", Accept=accept)
            assert answer.status == 200 and answer.headers["Content-Type"] == OPENMETRICS, answer
            text = answer.body.decode()
            assert text.endswith("\n# EOF\n") and text.count("# EOF") == 1, text[-200:]
            families = Families(text)
            for family, (kind, _) in FAMILIES.items():
                family = family.removesuffix("_total")
                assert families.types.get(family) == kind, (family, families.types)
                assert kind != "counter" or {s for s, _, _ in families.samples[family]} == {"_total"}, family
            check_histograms(families)
        for accept in ("text/plain", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8"):
            assert daemon.client.get("/stats", Accept=accept).headers["Content-Type"] == PROMETHEUS, accept


@case
def json_has_the_same_numbers_for_people():
    with SmallDaemon(CONF) as daemon:
        some_of_everything(daemon.client)
        answer = daemon.client.get("/stats?format=json", Accept="application/openmetrics-text")
        assert answer.status == 200 and answer.type == "application/json", answer
        numbers = json.loads(answer.body)
        assert set(FAMILIES) <= set(numbers), set(FAMILIES) - set(numbers)
        finished = {(n["kind"], n["outcome"]): n["value"] for n in numbers["penstock_jobs_finished_total"]}
        assert finished["echo", "expired"] == 1 and sum(finished.values()) == 8, finished
        total = next(n for n in numbers["penstock_job_total_seconds"] if n["kind"] == "http")
        assert total["count"] == sum(total["buckets"].values()) == 2, total
        wrong = daemon.client.get("/stats?format=xml")
        assert wrong.status == 400 and "format" in wrong.json["detail"], wrong


@case
def metrics_is_another_name_for_stats():
    with SmallDaemon() as daemon:
        answer = daemon.client.get("/metrics")
        assert answer.headers["Content-Type"] == PROMETHEUS, answer
        stats, metrics = look(daemon.client), Families(answer.body.decode())
        assert metrics.types == stats.types
