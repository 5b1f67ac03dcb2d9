"""case_limits.py - clients that are many, slow, greedy or gone: each is held to its limit, and a good job runs meanwhile."""

import json
import resource
import select
import socket
import struct
import threading

from daemon import DEADLINE_S, SmallDaemon, eventually
from tap import Skip, case

IDLE = 10000
HELD = 'tenant "held" { max-running = 0 }'


def good(client):
    answer = client.post({"kind": "echo", "spec": "good"}, {"Prefer": "wait=30"})
    assert answer.status == 200 and answer.json["result"] == "good", answer


def descriptors_for(connections):
    """Let this process, and the daemon after it, have so many descriptors."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < 2 * connections:
        raise Skip(f"a process may have {most} descriptors here, {2 * connections} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def ended(connection):
    """Wait for the other side's end of a connection; gives what came before."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def all_closed(daemon, before):
    eventually(lambda: daemon.descriptors_open() <= before, f"no more than {before} descriptors are open")


def close(connections):
    for connection in connections:
        connection.close()


@case
def ten_thousand_idle_connections_keep_no_job_from_running():
    descriptors_for(IDLE)
    with SmallDaemon("idle-timeout = 1h") as daemon:
        good(daemon.client)
        before = daemon.descriptors_open()
        connections = [daemon.client.connect() for _ in range(IDLE)]
        eventually(lambda: daemon.client.stats()["penstock_http_connections"] > IDLE, "all are connected")
        good(daemon.client)
        connections[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert ended(connections[0]).startswith(b"HTTP/1.1 200 ")
        close(connections)
        all_closed(daemon, before)
        assert daemon.client.stats()["penstock_http_connections"] == 1
        good(daemon.client)


@case
def ten_thousand_idle_connections_are_closed_when_their_time_is_over():
    descriptors_for(IDLE)
    with SmallDaemon("idle-timeout = 1s") as daemon:
        good(daemon.client)
        before = daemon.descriptors_open()
        connections = [daemon.client.connect() for _ in range(IDLE)]
        good(daemon.client)
        for connection in connections:
            assert ended(connection) == b""
        good(daemon.client)
        all_closed(daemon, before)
        close(connections)


@case
def a_connection_that_was_used_is_closed_when_it_is_idle_too():
    with SmallDaemon("idle-timeout = 1s") as daemon:
        with daemon.client.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
            assert ended(connection).count(b"HTTP/1.1 200 ") == 2


@case
def when_there_are_as_many_connections_as_may_be_the_next_waits_for_one_to_end():
    for loops, most in ((1, 1), (2, 1), (1, 3), (2, 7)):
        with SmallDaemon(f"loops = {loops}\nconnections-max = {most}\nidle-timeout = 1h\nrequest-timeout = 1h") as daemon:
            connections = [daemon.client.connect() for _ in range(most)]
            for connection in connections:  # each is answered, so each has been accepted
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
            waiting = [daemon.client.connect() for _ in range(2 * most)]
            for connection in waiting:
                connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert not select.select(waiting, [], [], 0)[0]
            close(connections)
            for connection in waiting:
                assert ended(connection).startswith(b"HTTP/1.1 200 ")
            close(waiting)
            good(daemon.client)


@case
def connections_that_wait_for_one_to_end_are_served_when_idle_ones_are_cut():
    with SmallDaemon("loops = 1\nconnections-max = 4\nidle-timeout = 1s") as daemon:
        idle = [daemon.client.connect() for _ in range(20)]
        good(daemon.client)
        for connection in idle:
            assert ended(connection) == b""
        close(idle)
        good(daemon.client)


REQUEST = b'POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"kind":"echo"}'
HEAD_BYTES = REQUEST.index(b"{")


def trickle(client, at_once, told):
    """Send a part of a request at once, then a byte whenever a tenth of a second has passed, until the other side has enough."""
    with client.connect() as connection:
        connection.sendall(REQUEST[:at_once])
        rest = REQUEST[at_once:-1]
        try:
            for at in range(10 * DEADLINE_S):
                if select.select([connection], [], [], 0.1)[0]:
                    break
                connection.sendall(rest[at : at + 1])
        except (ConnectionResetError, BrokenPipeError):
            pass
        told.append((at_once, ended(connection)))


@case
def clients_that_send_a_byte_now_and_then_are_cut_and_others_are_served():
    with SmallDaemon("request-timeout = 1s\nidle-timeout = 1h") as daemon:
        good(daemon.client)
        before, told = daemon.descriptors_open(), []
        starts = [0, 1, 10, 22, 30, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, len(REQUEST) - 1]
        slow = [threading.Thread(target=trickle, args=(daemon.client, at_once, told)) for at_once in starts * 3]
        for thread in slow:
            thread.start()
        while any(thread.is_alive() for thread in slow):
            good(daemon.client)
        assert len(told) == len(slow), told
        for at_once, answer in told:
            if at_once >= 22:  # from the end of the first line on the request is one, and is answered
                head, body = answer.split(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 408 ") and b"Connection: close" in head, answer
                assert json.loads(body)["code"] == "request-timeout" and b"X-Request-Id" in head, answer
            else:
                assert answer == b"" or answer.startswith(b"HTTP/1.1 408 "), answer
        all_closed(daemon, before)


@case
def a_client_that_never_reads_its_answers_is_cut():
    with SmallDaemon("idle-timeout = 1s\nrequest-timeout = 1s") as daemon:
        job = daemon.client.run("echo", "x" * 900000)["id"]
        more = f"GET /results/{job} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 10
        before = daemon.descriptors_open()
        greedy = [daemon.client.connect() for _ in range(4)]
        for connection in greedy:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
        open_still = set(greedy)

        def ask_for_more():
            for connection in list(open_still):
                try:
                    connection.send(more)
                except BlockingIOError:
                    pass
                except (ConnectionResetError, BrokenPipeError):
                    open_still.remove(connection)
            good(daemon.client)
            return not open_still

        eventually(ask_for_more, "all are cut")
        all_closed(daemon, before)
        close(greedy)


@case
def a_client_that_reads_slowly_gets_all_and_holds_up_nobody():
    with SmallDaemon() as daemon:
        spec = "x" * 1000000
        job = daemon.client.run("echo", spec)["id"]
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(DEADLINE_S)
            connection.connect((daemon.client.host, daemon.client.port))
            connection.sendall(f"GET /results/{job} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            parts = []
            while part := connection.recv(1000):
                parts.append(part)
                if len(parts) % 40 == 0:
                    good(daemon.client)
        head, body = b"".join(parts).split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200 ") and json.loads(body)["result"] == spec, head


@case
def a_head_that_is_too_long_is_refused_and_one_that_just_fits_is_not():
    with SmallDaemon("header-max = 4KiB") as daemon:
        start, end = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ", b"\r\n\r\n"
        fits = 4096 - len(start) - len(end)
        assert daemon.client.raw(start + b"x" * fits + end).startswith(b"HTTP/1.1 200 ")
        for head in (start + b"x" * (fits + 1), b"GET /?" + b"x" * 4000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX:" + b"x" * 99):
            head, body = daemon.client.raw(head + end).split(end, 1)
            assert head.startswith(b"HTTP/1.1 431 ") and b"X-Request-Id: " in head, head
            problem = json.loads(body)
            assert problem["code"] == "header-too-large" and "4096" in problem["detail"], problem
            good(daemon.client)
        for head in (start + b"x" * 20000, b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: x"):
            answer = daemon.client.raw(head + end)
            assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 414 ")), answer
            good(daemon.client)


@case
def a_body_is_held_to_the_bound_of_the_configuration():
    with SmallDaemon("body-max = 2KiB") as daemon:
        frame = len('{"kind": "echo", "spec": ""}')
        for size, status in ((2048, 202), (2049, 413), (100000, 413)):
            answer = daemon.client.post({"kind": "echo", "spec": "x" * (size - frame)})
            assert answer.status == status, (size, answer)
            assert status == 202 or "2048" in answer.json["detail"], answer
            good(daemon.client)


def vanish(connection, by_reset):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", by_reset, 0))
    connection.close()


@case
def clients_that_vanish_while_they_wait_leave_nothing_behind():
    with SmallDaemon(f"wait-max = 1s\nidle-timeout = 1s\n{HELD}") as daemon:
        client = daemon.client
        job = client.submit("echo", tenant="held")
        good(client)
        before, tasks = daemon.descriptors_open(), client.stats()["penstock_tasks"]
        for _ in range(3):
            waiting = [client.connect() for _ in range(100)]
            for connection in waiting:
                connection.sendall(f"GET /results/{job}?wait=1h HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            for number, connection in enumerate(waiting):
                vanish(connection, number % 2)
            good(client)
        all_closed(daemon, before)
        eventually(lambda: client.stats()["penstock_tasks"] <= tasks, "no task is left")
        eventually(lambda: client.stats()["penstock_http_connections"] == 1, "those that waited to be accepted are gone too")
        assert client.request("DELETE", f"/jobs/{job}").status == 202


@case
def clients_that_vanish_before_they_are_answered_do_not_take_their_jobs_with_them():
    with SmallDaemon(HELD) as daemon:
        client = daemon.client
        body = json.dumps({"kind": "echo", "tenant": "held"}).encode()
        for number in range(20):
            with client.connect() as connection:
                connection.sendall(
                    b"POST /jobs HTTP/1.1\r\nHost: x\r\nPrefer: wait=50\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
                )
                eventually(lambda: client.stats()['penstock_jobs{state="queued"}'] > number, "the job is there")
                vanish(connection, number % 2)
        good(client)
        assert client.stats()['penstock_jobs{state="queued"}'] == 20
