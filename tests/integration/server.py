"""server.py - the HTTP server that jobs of the tests call: each request says how it wants to be answered, and is counted.

What a target's query may ask for, in this order:

    tenant=NAME   count the request as in flight for this tenant until it is answered
    slots=N       and as so many slots of that tenant, instead of one
    key=NAME      and for this key of that tenant
    hold=NAME     answer only when the test has opened this
    delay=S       answer after so many seconds
    fail=N        only the first N requests for this very target get `status`, the others 200
    status=N      answer with this status
    retry_after=S say so
    location=URL  say so
    base64=DATA   this is the body; without it, what was asked for, as JSON
    bytes=N       the body is so many letters
    type=TEXT     the body's type
    gzip=yes      the body is encoded so
    cut=WHERE     close early: before the answer ("start"), within its head ("head"), within its body ("body")
"""

import asyncio
import base64
import gzip
import http.client
import json
import threading
import time
from collections import Counter
from contextlib import closing
from urllib.parse import parse_qsl, urlencode

import daemon

BACKLOG = 4096
HEAD_MAX = 1 << 20


class Request:
    """A request as it came."""

    def __init__(self, head):
        line, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, self.version = line.split(" ")
        self.path, _, query = self.target.partition("?")
        self.wishes = dict(parse_qsl(query, keep_blank_values=True))
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines if line]
        self.body = b""
        self.came = time.monotonic()

    def header(self, name):
        """The values of a header, as they came."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def length(self):
        return int((self.header("Content-Length") or ["0"])[0])

    def takes(self):
        """What it has taken until it is answered, and how much of it."""
        tenant, key = self.wishes.get("tenant", ""), self.wishes.get("key")
        return [(tenant, int(self.wishes.get("slots", 1)))] + ([((tenant, key), 1)] if key else [])

    def told(self):
        """For the answer."""
        return {
            "method": self.method,
            "target": self.target,
            "headers": self.headers,
            "body": base64.b64encode(self.body).decode(),
        }


def heard(result):
    """What the server heard, from the result of an http job that it answered as JSON."""
    told = json.loads(result["body"])
    return {**told, "body": base64.b64decode(told["body"])}


def answer_to(request, failing):
    """The bytes of the answer."""
    wishes = request.wishes
    status = int(wishes.get("status", 200)) if failing else 200
    body = json.dumps(request.told()).encode()
    if "base64" in wishes:
        body = base64.b64decode(wishes["base64"])
    if "bytes" in wishes:
        body = b"penstock" * (int(wishes["bytes"]) // 8) + b"penstock"[: int(wishes["bytes"]) % 8]
    if "gzip" in wishes:
        body = gzip.compress(body, 1)
    head = [f"HTTP/1.1 {status} As asked", f"Content-Type: {wishes.get('type', 'application/json')}"]
    head += ["X-Answer: one", "X-Answer: two"]
    if "retry_after" in wishes:
        head.append(f"Retry-After: {wishes['retry_after']}")
    if "gzip" in wishes:
        head.append("Content-Encoding: gzip")
    if "location" in wishes:
        head.append(f"Location: {wishes['location']}")
    if status == 204:
        body = b""
    else:
        head.append(f"Content-Length: {len(body)}")
    if request.version == "HTTP/1.0":
        head.append("Connection: close")
    return "\r\n".join(head).encode() + b"\r\n\r\n", b"" if request.method == "HEAD" else body


class Server:
    """`with Server() as server`: on a port of the system's choice, with an event loop on a thread of its own."""

    def __init__(self):
        self.changed = threading.Condition()
        self.requests = []  # in order of arrival
        self.in_flight = Counter()  # by tenant
        self.peak = Counter()  # the most at one time, by tenant
        self.peak_of_all = 0
        self.taken = Counter()  # slots in flight by tenant, and calls by tenant and key
        self.taken_peak = Counter()
        self.times = Counter()  # by target
        self.opened = {}  # asyncio.Event, by name
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.handlers = {}  # asyncio.Task, with its StreamWriter

    def __enter__(self):
        self.thread.start()
        self.listening = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_MAX, backlog=BACKLOG))
        self.port = self.listening.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._do(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def url(self, path="/", **wishes):
        return f"http://127.0.0.1:{self.port}{path}" + (f"?{urlencode(wishes)}" if wishes else "")

    def open(self, name):
        """Let those that are held by this name be answered, and those to come."""
        self.loop.call_soon_threadsafe(lambda: self._event(name).set())

    def forget_peaks(self):
        """Count anew from those that are in flight now."""
        with self.changed:
            self.peak = Counter(self.in_flight)
            self.peak_of_all = sum(self.in_flight.values())

    def wait(self, holds, what):
        """Wait until `holds(server)` is true; it is looked at after each change."""
        with self.changed:
            if not self.changed.wait_for(lambda: holds(self), daemon.DEADLINE_S):
                raise AssertionError(f"not in {daemon.DEADLINE_S} s: {what}; in flight: {dict(self.in_flight)}")

    def wait_in_flight(self, count):
        self.wait(lambda server: sum(server.in_flight.values()) == count, f"{count} calls in flight")

    def wait_for_the_dead(self):
        """Until all is heard that was sent by who has been killed, and its end: what is sent after it is heard after it."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=daemon.DEADLINE_S)) as last:
            last.request("GET", "/")
            assert last.getresponse().status == 200
        self.wait_in_flight(0)

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(daemon.DEADLINE_S)

    def _event(self, name):
        return self.opened.setdefault(name, asyncio.Event())

    async def _close(self):
        self.listening.close()
        for writer in self.handlers.values():
            writer.transport.abort()  # which ends what its task waits for
        await asyncio.gather(*self.handlers)

    async def _serve(self, reader, writer):
        self.handlers[asyncio.current_task()] = writer
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the other side is gone, as it may be
        finally:
            writer.close()
            del self.handlers[asyncio.current_task()]

    async def _exchange(self, reader, writer):
        """One request and its answer; whether another may follow."""
        request = Request((await reader.readuntil(b"\r\n\r\n"))[:-4])
        request.body = await reader.readexactly(request.length())
        failing = self._arrived(request)
        try:
            stays = await self._pause(request, reader)
        finally:
            self._count(request, -1)
        return stays and await self._answer(request, failing, writer)

    def _arrived(self, request):
        with self.changed:
            self.requests.append(request)
            self.times[request.target] += 1
        self._count(request, 1)
        return self.times[request.target] <= int(request.wishes.get("fail", 1 << 30))

    def _count(self, request, change):
        """Out before the answer, so that who has the answer is no longer counted."""
        tenant = request.wishes.get("tenant", "")
        with self.changed:
            self.in_flight[tenant] += change
            self.peak[tenant] = max(self.peak[tenant], self.in_flight[tenant])
            self.peak_of_all = max(self.peak_of_all, sum(self.in_flight.values()))
            for name, units in request.takes():
                self.taken[name] += change * units
                self.taken_peak[name] = max(self.taken_peak[name], self.taken[name])
            self.changed.notify_all()

    async def _pause(self, request, reader):
        """Let pass what is to pass before the answer; false if the other side went away meanwhile."""
        wishes = request.wishes
        waits = [self._event(wishes["hold"]).wait] if "hold" in wishes else []
        waits += [lambda: asyncio.sleep(float(wishes["delay"]))] if "delay" in wishes else []
        gone = asyncio.ensure_future(reader.read(1))
        try:
            for wait in waits:
                passed = asyncio.ensure_future(wait())
                await asyncio.wait({gone, passed}, return_when=asyncio.FIRST_COMPLETED)
                passed.cancel()
                if gone.done():
                    return False
            return True
        finally:
            gone.cancel()
            await asyncio.wait({gone})

    async def _answer(self, request, failing, writer):
        head, body = answer_to(request, failing)
        cut = request.wishes.get("cut")
        if cut == "start":
            return False
        if cut == "head":
            head, body = head[:-10], b""
        if cut == "body":
            body = body[: len(body) // 2]
        writer.write(head + body)
        await writer.drain()
        return not cut and request.version != "HTTP/1.0"
