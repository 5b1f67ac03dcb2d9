"""case_damage.py - rows on record that cannot be read back, in every state: told, counted once, and none that waits."""

import sqlite3
from contextlib import closing

from daemon import SmallDaemon, eventually
from tap import case

CONF = 'backlog-window = 1\ntenant "held" {\nmax-running = 0\nmax-queued = 4\n}\n'
KEYS = {"Idempotency-Key": "k"}
ERRORS = 'penstock_store_errors_total{op="%s"}'


def damage(daemon, jobs, by=1):
    """A column that no index has, so that only the row's checksum tells."""
    with closing(sqlite3.connect(daemon.folder / "state/jobs.db")) as database:
        for job in jobs:
            row = "UPDATE jobs SET created_ms = created_ms + ? WHERE lower(hex(id)) = ?"
            assert database.execute(row, (by, job.replace("-", ""))).rowcount == 1
        database.execute("UPDATE keys SET digest = digest + ?", (by,))
        database.commit()


def waiting(stats):
    return [stats[f'penstock_jobs{{state="{state}"}}'] for state in ("queued", "scheduled", "running")]


def reads(client):
    return client.stats()[ERRORS % "read"]


@case
def damaged_jobs_of_every_state_are_told_and_counted_once_and_wait_no_longer():
    with SmallDaemon(CONF) as daemon:
        client = daemon.client
        queued = [client.submit("echo", n, tenant="held") for n in range(4)]
        due, expiring = [client.submit("echo", n, tenant="t", delay="1h", **how) for n, how in enumerate(({}, {"expires_in": "1h"}))]
        soon = client.submit("echo", 1, tenant="alone", delay="1s")
        later = client.submit("echo", 1, delay="1h")
        running = client.submit("sleep", {"for": "1h"}, timeout="1h")
        eventually(lambda: client.state(running) == "running", "it runs")
        keyed = {"kind": "echo", "spec": 1}
        ended = client.post(keyed, KEYS).json["id"]
        client.result(ended)
        daemon.kill()
        damaged = [queued[1], queued[3], soon, running, ended]
        damage(daemon, damaged)
        daemon.restart()
        eventually(lambda: waiting(daemon.client.stats()) == [2, 3, 0], "those that are damaged wait no longer")
        stats = daemon.client.stats()
        assert stats[ERRORS % "recover"] == 4 and stats[ERRORS % "read"] == 0, stats
        for job in damaged[:4]:
            assert daemon.log().count(f"id={job}") == 1, daemon.log()
        assert {daemon.client.state(job) for job in (due, expiring, later)} == {"scheduled"}
        for n, job in enumerate(damaged):
            assert daemon.client.get(f"/jobs/{job}").status == 503 and reads(daemon.client) == n + 1
        assert daemon.client.request("DELETE", f"/jobs/{soon}").status == 503
        before = reads(daemon.client)
        listed = {job["id"] for job in daemon.client.get("/jobs").json["jobs"]}
        assert listed == {queued[0], queued[2], due, expiring, later}, listed
        assert reads(daemon.client) == before + len(damaged)
        assert daemon.client.post(keyed, KEYS).status == 503 and daemon.client.stats()[ERRORS % "accept"] == 1
        assert "an idempotency key on record cannot be read back" in daemon.log()
        for number in range(2):  # its tenant has that much room again
            daemon.client.submit("echo", number, tenant="held")
        assert waiting(daemon.client.stats()) == [4, 3, 0]
        damage(daemon, damaged, -1)  # mended, it is a job as others are
        assert daemon.client.request("DELETE", f"/jobs/{queued[1]}").status == 202
        audit = daemon.client.request("POST", "/audit").json
        assert audit["differences"] == 0 and waiting(daemon.client.stats()) == [4, 3, 0], audit
        assert "that was not counted" not in daemon.log()
        for job in (queued[0], queued[2]):
            assert daemon.client.request("DELETE", f"/jobs/{job}").status == 202
        assert waiting(daemon.client.stats()) == [2, 3, 0] and "that was not counted" not in daemon.log()


@case
def a_damaged_count_of_bytes_has_no_other_job_forgotten():
    with SmallDaemon() as daemon:
        jobs = [daemon.client.run("echo", number)["id"] for number in range(5)]
        daemon.kill()
        with closing(sqlite3.connect(daemon.folder / "state/jobs.db")) as database:
            database.execute("UPDATE jobs SET bytes = 1 << 60 WHERE sequence = 1")
            database.execute("UPDATE jobs SET bytes = -5000 WHERE sequence = 2")
            database.commit()
        daemon.restart()
        daemon.client.run("echo", 1)  # a commit, after which what is too much would go
        assert [daemon.client.get(f"/results/{job}").status for job in jobs] == [200] * 5
