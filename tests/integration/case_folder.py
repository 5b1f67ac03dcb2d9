"""case_folder.py - penstock verify, export and import: a state folder is checked, moved, and goes on elsewhere."""

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import sections
from case_ctl import DONE, FAILED, USAGE, penstock
from daemon import SmallDaemon, eventually
from tap import case

HELD = 'tenant "held" { max-running = 0 }\n'


def on(folder):
    return lambda word, **options: penstock(word, "--state-dir", folder, **options)


def fill(daemon):
    """Jobs of all sorts; their ids by what they are."""
    submit = daemon.client.submit
    jobs = {
        "ended": submit("echo", {"text": 'ü "quoted" \u2028 \\ \x7f', "number": 1.50, "big": 10**15}),
        "failed": submit("command", {"command": "fail", "args": {}}, retry={"max_attempts": 2, "min": "1ms"}),
    }
    for job in jobs.values():
        daemon.client.result(job)
    jobs["queued"] = submit("echo", [1, 2, 3], tenant="held", priority=7, labels={"a": "b"})
    jobs["scheduled"] = submit("echo", None, delay="1h", expires_in="2h")
    keyed = daemon.client.post({"kind": "echo", "spec": "once"}, {"Idempotency-Key": "order 17"})
    jobs["keyed"] = keyed.json["id"]
    daemon.client.result(jobs["keyed"])
    limit = daemon.client.request("PUT", "/tenants/limited", '{"weight": 7}', {"Content-Type": "application/json"})
    assert limit.status == 200, limit
    jobs["running"] = submit("sleep", {"for": "300ms"}, tenant="default")
    eventually(lambda: daemon.client.state(jobs["running"]) == "running", "it runs")
    return jobs


CONF = HELD + sections.command("fail", "/bin/sh", "-c", "printf 'caf\\351' >&2; exit 3")


@case
def what_was_exported_and_imported_is_the_same_and_goes_on():
    with SmallDaemon(CONF) as daemon:
        jobs = fill(daemon)
        daemon.kill()
        before = {name: result_on_record(daemon, job) for name, job in jobs.items()}
        state, old = daemon.folder / "state", daemon.folder / "old"
        exported = on(state)("export")
        assert exported.status == DONE and not exported.err, exported
        assert on(state)("export").out == exported.out
        state.rename(old)
        told = on(state)("import", stdin=exported.out.encode())
        assert told.status == DONE and told.out == f"{len(jobs)} jobs, 1 idempotency keys, settings of 1 tenants\n", told
        assert on(state)("export").out == exported.out == on(old)("export").out
        assert on(state)("verify").status == DONE
        daemon.write_conf(CONF.replace("max-running = 0", "max-running = 1"))
        daemon.restart()
        assert daemon.client.result(jobs["queued"])["result"] == [1, 2, 3]
        assert daemon.client.result(jobs["running"])["state"] == "succeeded"
        assert daemon.client.state(jobs["scheduled"]) == "scheduled"
        assert daemon.client.get("/tenants/limited").json["weight"] == 7
        for name in ("ended", "failed", "keyed"):
            assert daemon.client.get(f"/results/{jobs[name]}").body == before[name], name
        again = daemon.client.post({"kind": "echo", "spec": "once"}, {"Idempotency-Key": "order 17"})
        assert again.json["id"] == jobs["keyed"] and again.headers["Idempotent-Replayed"] == "true", again


def result_on_record(daemon, job):
    """A result as it is on record."""
    with closing(sqlite3.connect(f"file:{daemon.folder}/state/jobs.db?mode=ro", uri=True)) as database:
        return database.execute("SELECT result FROM jobs WHERE lower(hex(id)) = ?", (job.replace("-", ""),)).fetchone()[0]


@case
def verify_sees_no_harm_in_a_folder_that_is_used_or_was_left_by_a_crash_and_changes_nothing():
    with SmallDaemon(CONF) as daemon:
        fill(daemon)
        daemon.client.post_lines([{"kind": "echo", "delay": "1h"}] * 5000)  # so that to look takes longer than a commit
        state = daemon.folder / "state"

        def verify():
            told = on(state)("verify")
            assert told.status == DONE and told.out.endswith("1 idempotency keys and the settings of 1 tenants are whole, 0 things are wrong\n"), told

        stop = threading.Event()

        def submit():
            while not stop.is_set():
                daemon.client.submit("echo")

        with ThreadPoolExecutor(1) as clients:
            submitting = clients.submit(submit)
            try:
                for _ in range(5):
                    verify()
            finally:
                stop.set()
            submitting.result()
        daemon.kill()
        verify()
        files = {file.name: file.read_bytes() for file in state.iterdir() if not file.name.endswith("-shm")}
        assert files["jobs.db-wal"]
        on(state)("verify")
        assert files == {file.name: file.read_bytes() for file in state.iterdir() if not file.name.endswith("-shm")}
        daemon.restart()


@case
def verify_tells_each_thing_that_is_wrong_and_export_saves_the_others():
    with SmallDaemon(CONF, status=-9) as daemon:
        jobs = fill(daemon)
        daemon.kill()
        state = daemon.folder / "state"
        with closing(sqlite3.connect(state / "jobs.db")) as database:
            row = "WHERE lower(hex(id)) = ?"
            database.execute(f"UPDATE jobs SET created_ms = created_ms + 1 {row}", (jobs["ended"].replace("-", ""),))
            database.execute(f"UPDATE jobs SET tenant = 'nobody' {row}", (jobs["failed"].replace("-", ""),))
            database.execute("UPDATE keys SET id = x'00112233445566778899aabbccddeeff'")
            database.execute("UPDATE tenants SET settings = '{\"weight\":8}'")
            database.execute("UPDATE forgotten SET commits = commits - 5")
            database.commit()
        told = on(state)("verify")
        lines = told.out.splitlines()
        assert told.status == FAILED and len(lines) == 6, told
        assert "transactions that were on record are missing" in lines[0], told
        for job in ("ended", "failed"):
            assert f"job {jobs[job]}: its checksum is of something else" in lines, told
        assert 'the idempotency key "order 17" of tenant default: its checksum is of something else' in lines, told
        assert "what is set for tenant limited: its checksum is of something else" in lines, told
        saved = on(state)("export")
        assert saved.status == FAILED and len(saved.err.splitlines()) == 5, saved
        ids = {json.loads(line).get("id") for line in saved.out.splitlines()} - {None}
        assert ids == set(jobs.values()) - {jobs["ended"], jobs["failed"]}, saved
        other = daemon.folder / "other"
        assert on(other)("import", stdin=saved.out.encode()).status == DONE
        assert on(other)("verify").status == DONE


@case
def import_takes_all_or_nothing():
    with SmallDaemon(CONF) as daemon:
        fill(daemon)
        state, other = daemon.folder / "state", daemon.folder / "other"
        whole = on(state)("export").out
        lines = whole.splitlines(keepends=True)
        on(state)("import", stdin=whole.encode()).complains(FAILED, "in use by another penstockd")
        into = on(other)
        into("import", stdin="".join(lines[:-1]).encode()).complains(FAILED, "a part of an export")
        into("import", stdin="".join([*lines[:2], *lines[3:]]).encode()).complains(FAILED, "more lines, or less")
        into("import", stdin="".join([*lines[:2], *lines[1:]]).encode()).complains(FAILED, "line 3", "one like it before")
        into("import", stdin="".join(lines[1:]).encode()).complains(FAILED, "line 1", "first line")
        into("import", stdin=whole.replace('"request"', '"requests"').encode()).complains(FAILED, "line 2", "requests")
        into("import", stdin=whole.replace("succeeded", "queued").encode()).complains(FAILED, "does not fit")
        into("import", stdin=b"{}").complains(FAILED, "line 1", "line")
        into("import", stdin=b"").complains(FAILED, "a part of an export")
        assert len(into("export").out.splitlines()) == 2
        assert into("import", stdin=whole.encode()).status == DONE
        into("import", stdin=whole.encode()).complains(FAILED, "has jobs already")
        assert into("export").out == whole


@case
def a_folder_that_is_none_is_refused():
    with SmallDaemon() as daemon:
        for word in ("verify", "export"):
            on(daemon.folder / "nowhere")(word).complains(FAILED, "nowhere", "unable to open")
            penstock(word, "--state-dir").complains(USAGE, "needs a value")
            penstock(word, "x").complains(USAGE, "too many arguments")
        daemon.stop()
        with closing(sqlite3.connect(daemon.folder / "state" / "jobs.db")) as database:
            database.execute("PRAGMA user_version = 2")
        on(daemon.folder / "state")("verify").complains(FAILED, "has format 2")
        with closing(sqlite3.connect(daemon.folder / "state" / "jobs.db")) as database:
            database.execute("PRAGMA application_id = 2")
        on(daemon.folder / "state")("verify").complains(FAILED, "another program")
