"""case_reload.py - SIGHUP: what changes at once, what waits for a restart, and what a wrong file changes: nothing."""

import signal
import threading
from pathlib import Path

import sections
from daemon import Daemon
from server import Server
from tap import case

RELOADED = "configuration reloaded"
REFUSED = "the new configuration is not right, the old one stays"
CALL = Path(__file__).parent / "call"
CALL_ARGS = ("{port}", "{target}", "{text}", "{status}")


def reload(daemon, text, says=RELOADED):
    """Give it another configuration; what it logs from then on, up to what it says of it."""
    before = len(daemon.log())
    daemon.write_conf(text)
    daemon.signal(signal.SIGHUP)
    return daemon.wait_log(says, before)


def limit(count):
    return sections.tenant("acme", max_running=count)


def held(daemon, server, count, tenant="acme"):
    """Calls that are answered when their number is opened."""
    urls = [server.url(f"/{number}", hold=number) for number in range(count)]
    return [daemon.client.submit("http", {"url": url}, tenant=tenant) for url in urls]


def states(daemon, jobs):
    return [daemon.client.state(job) for job in jobs]


@case
def a_raised_limit_starts_jobs_at_once_and_a_lowered_one_stops_none():
    with Server() as server, Daemon(limit(2)) as daemon:
        jobs = held(daemon, server, 8)
        server.wait_in_flight(2)
        assert states(daemon, jobs) == ["running"] * 2 + ["queued"] * 6
        reload(daemon, limit(5))
        server.wait_in_flight(5)
        assert states(daemon, jobs) == ["running"] * 5 + ["queued"] * 3

        reload(daemon, limit(1))
        assert states(daemon, jobs) == ["running"] * 5 + ["queued"] * 3
        for number in range(4):
            server.open(str(number))
            assert daemon.client.result(jobs[number])["state"] == "succeeded"
            ended = number + 1
            assert states(daemon, jobs) == ["succeeded"] * ended + ["running"] * (5 - ended) + ["queued"] * 3
        server.forget_peaks()
        for number in range(4, 8):
            server.open(str(number))
            assert daemon.client.result(jobs[number])["state"] == "succeeded"
        assert server.peak_of_all == 1, server.peak_of_all


@case
def a_limit_of_0_pauses_a_tenant_until_it_is_raised():
    with Server() as server, Daemon(limit(0)) as daemon:
        (job,) = held(daemon, server, 1)
        assert daemon.client.run("echo", 1)["state"] == "succeeded"
        assert daemon.client.state(job) == "queued"
        reload(daemon, limit(1))
        server.wait_in_flight(1)
        server.open("0")
        assert daemon.client.result(job)["state"] == "succeeded"


@case
def a_tenant_follows_the_defaults_once_its_section_is_gone():
    with Server() as server, Daemon(limit(1)) as daemon:
        jobs = held(daemon, server, 4)
        server.wait_in_flight(1)
        reload(daemon, "tenant-defaults { max-running = 3 }")
        server.wait_in_flight(3)
        assert states(daemon, jobs) == ["running"] * 3 + ["queued"]
        for number in range(4):
            server.open(str(number))
        assert [daemon.client.result(job)["state"] for job in jobs] == ["succeeded"] * 4


@case
def a_lower_max_queued_refuses_new_jobs_and_keeps_those_that_wait():
    def conf(max_queued):
        return sections.tenant("acme", max_running=1, max_queued=max_queued)

    with Server() as server, Daemon(conf(10)) as daemon:
        jobs = held(daemon, server, 4)
        server.wait_in_flight(1)
        reload(daemon, conf(2))
        answer = daemon.client.post({"kind": "echo", "tenant": "acme"})
        assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0, answer
        for number in range(4):
            server.open(str(number))
        assert [daemon.client.result(job)["state"] for job in jobs] == ["succeeded"] * 4
        daemon.client.submit("echo", 1, tenant="acme")


@case
def commands_come_change_and_go_while_those_that_run_go_on():
    def say(text):
        return sections.command("say", "/bin/echo", text)

    call = sections.command("call", CALL, *CALL_ARGS)
    with Server() as server, Daemon(call) as daemon:
        target = server.url("/", hold="all").split(str(server.port))[1]
        args = {"port": server.port, "target": target, "text": "went on", "status": 0}
        running = daemon.client.submit("command", {"command": "call", "args": args})
        server.wait_in_flight(1)
        answer = daemon.client.post({"kind": "command", "spec": {"command": "say"}})
        assert answer.status == 400 and answer.json["errors"][0]["pointer"] == "/spec/command", answer
        for text in ("one", "two"):
            reload(daemon, say(text))
            result = daemon.client.run("command", {"command": "say"})
            assert result["result"]["stdout"] == text + "\n", result
        answer = daemon.client.post({"kind": "command", "spec": {"command": "call", "args": args}})
        assert answer.status == 400, answer
        server.open("all")
        assert daemon.client.result(running)["result"]["stdout"] == "went on"


@case
def a_job_whose_command_is_gone_when_its_turn_comes_fails_in_words():
    def say(*args):
        return limit(0) + sections.command("say", "/bin/echo", *args)

    with Daemon(say("{a}")) as daemon:
        gone = daemon.client.submit("command", {"command": "say", "args": {"a": 1}}, tenant="acme")
        reload(daemon, limit(1))
        document = daemon.client.result(gone)
        assert (document["state"], document["error"]["code"]) == ("failed", "no-such-command"), document
        reload(daemon, say("{a}"))
        other = daemon.client.submit("command", {"command": "say", "args": {"a": 1}}, tenant="acme")
        reload(daemon, say("{a}", "{b}").replace("max-running = \"0\"", "max-running = 1"))
        document = daemon.client.result(other)
        assert (document["state"], document["error"]["code"]) == ("failed", "bad-arguments"), document


@case
def a_wrong_configuration_is_refused_with_its_place_and_changes_nothing():
    wrong = (
        (3, "no-such-key = 1"),
        (4, 'tenant "acme" {\n max-running = many\n}'),
        (6, limit(5) + "workers = 0"),
        (3, 'command "say" { exec = "/no/such/program" }'),
        (3, 'tenant "acme" { max-running = 5'),
    )
    with Server() as server, Daemon(limit(2)) as daemon:
        jobs = held(daemon, server, 3)
        server.wait_in_flight(2)
        for line, text in wrong:
            log = reload(daemon, f"\n{text}", REFUSED)
            assert f"{daemon.conf}:{line}: " in log and RELOADED not in log, log
            assert states(daemon, jobs) == ["running", "running", "queued"], text
        daemon.conf.unlink()
        before = len(daemon.log())
        daemon.signal(signal.SIGHUP)
        log = daemon.wait_log(REFUSED, before)
        assert str(daemon.conf) in log and "No such file" in log, log
        reload(daemon, limit(3))
        server.wait_in_flight(3)
        for number in range(3):
            server.open(str(number))


@case
def each_key_that_takes_a_restart_is_named_and_the_rest_is_taken():
    with Server() as server, Daemon(limit(1) + "workers = 10") as daemon:
        held(daemon, server, 2)
        server.wait_in_flight(1)
        log = reload(daemon, limit(2) + "workers = 1\nretention = 1h\n")
        for key in ("workers", "retention"):
            assert f"a change of this key waits for a restart key={key}" in log, log
        server.wait_in_flight(2)
        assert daemon.client.stats()['penstock_workers{state="busy"}'] == 2
        assert daemon.client.stats()['penstock_workers{state="idle"}'] == 8
        for number in range(2):
            server.open(str(number))


def submit_until(stopped, daemon, ids):
    """Submit jobs of all kinds, one after the other, and note their ids."""
    while not stopped.is_set():
        number = len(ids)
        tenant = f"tenant-{number % 5}"
        spec = {"command": "say", "args": {"what": number}} if number % 3 == 0 else {"for": f"{number % 7}ms"}
        ids.append(daemon.client.submit("command" if number % 3 == 0 else "sleep", spec, tenant=tenant))


@case
def fifty_reloads_under_load_lose_no_job():
    def conf(number):
        tenants = "".join(sections.tenant(f"tenant-{i}", max_running=1 + (i + number) % 4) for i in range(5))
        return tenants + sections.command("say", "/bin/echo", "{what}", output_max=1000 + number)

    with Daemon(conf(0)) as daemon:
        stopped, submitted = threading.Event(), ([], [])
        threads = [threading.Thread(target=submit_until, args=(stopped, daemon, ids)) for ids in submitted]
        for thread in threads:
            thread.start()
        for number in range(1, 51):
            if number % 5 == 0:
                reload(daemon, "tenant", REFUSED)
            reload(daemon, conf(number))
        stopped.set()
        for thread in threads:
            thread.join()
        for ids in submitted:
            for job in ids:
                document = daemon.client.result(job, wait="60s")
                assert document["state"] == "succeeded" and document["attempts"] == 1, document
        assert daemon.log().count(RELOADED) == 50


@case
def the_log_level_changes_at_once():
    with Server() as server, Daemon("log-level = error\n" + limit(1)) as daemon:
        assert daemon.log() == "", daemon.log()
        reload(daemon, "log-level = info\n" + limit(1))
        held(daemon, server, 2)
        server.wait_in_flight(1)
        before = len(daemon.log())
        daemon.write_conf("log-level = error\n" + limit(2))
        daemon.signal(signal.SIGHUP)
        server.wait_in_flight(2)
        reload(daemon, "tenant", REFUSED)
        assert RELOADED not in daemon.log()[before:], daemon.log()
        for number in range(2):
            server.open(str(number))


@case
def the_times_of_attempts_and_of_the_next_drain_change_at_once():
    with Server() as server, Daemon("drain-timeout = 10m\ntimeout = 1h") as daemon:
        old = daemon.client.submit("http", {"url": server.url("/", hold="never")})
        server.wait_in_flight(1)
        reload(daemon, "drain-timeout = 10ms\ntimeout = 20ms")
        document = daemon.client.run("http", {"url": server.url("/", hold="never")}, retry={"max_attempts": 1})
        assert document["error"]["code"] == "timeout", document
        assert daemon.client.state(old) == "running"
        daemon.signal()
        daemon.wait()
