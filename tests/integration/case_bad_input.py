"""case_bad_input.py - whatever is sent, the answer says what is wrong with it, and a good job sent right after runs."""

import json
import os
import re
import socket
import struct
from pathlib import Path

from daemon import SmallDaemon, eventually
from tap import case

TYPE = {"Content-Type": "application/json"}
BODY_MAX = 1 << 20
DEPTH_MAX = 64
GARBAGE_STATUS = re.compile(rb"HTTP/1\.1 (4\d\d|505) ")


def refused(client, body, pointer=None, status=400, code=None):
    """One bad body, its answer, and a good job."""
    answer = client.request("POST", "/jobs", body if isinstance(body, bytes) else json.dumps(body), TYPE)
    shown = (body if isinstance(body, bytes) else json.dumps(body))[:200]
    assert answer.status == status, (shown, answer)
    assert answer.json["code"] == (code or ("bad-field" if pointer is not None else "not-json")), (shown, answer)
    if pointer is None:
        assert "errors" not in answer.json, (shown, answer)
    else:
        assert [e["pointer"] for e in answer.json["errors"]] == [pointer], (shown, answer)
        assert answer.json["errors"][0]["detail"], (shown, answer)
    assert len(answer.body) < 4096 and answer.json["detail"], (shown, answer)
    good(client)


def good(client):
    answer = client.post({"kind": "echo", "spec": "good"}, {"Prefer": "wait=30"})
    assert answer.status == 200 and answer.json["result"] == "good", answer


def table(rows, conf=""):
    """Try all rows (body, pointer) on one daemon."""
    with SmallDaemon(conf) as daemon:
        for row in rows:
            refused(daemon.client, *row)


def nested(depth, opening="[", closing="]"):
    return (opening * depth + closing * depth).encode()


def echo(spec):
    """An echo job with a spec as it is."""
    return b'{"kind":"echo","spec":' + spec + b"}"


@case
def what_is_not_json_is_refused():
    bodies = (
        b"", b" ", b"{", b"}", b"{}}", b"nul", b"{'kind':'echo'}", b'{"kind":"echo",}', b'{"kind":"echo"', b'{"kind"}',
        b'{"kind":"echo"} {"kind":"echo"}', b'{"kind":"echo"} x', b'{kind:"echo"}', b'"kind":"echo"', b"// c\n{}",
        b'{"kind":"ec\nho"}', b'{"kind":"echo","spec":NaN}', b'{"kind":"echo","spec":Infinity}', b'{"a":1,,"b":2}',
        b'{"kind":"echo","spec":01}', b'{"kind":"echo","spec":1.}', b'{"kind":"echo","spec":.5}',
        b'{"kind":"echo","spec":+1}',
        b'{"kind":"echo","spec":0x10}', b'{"kind":"echo","spec":"\\x41"}', b'{"kind":"echo","spec":"\\u12"}',
        b'{"kind":"echo","spec":"\t"}', b'{"kind":"echo","spec":[1 2]}', b"\x00", b'{"kind":"echo"}\x00',
        b'\x1f\x8b\x08\x00',
        b'<?xml version="1.0"?><job/>', b"kind=echo&spec=1", b"null", b"true", b"1", b'"echo"', b"1.5",
    )
    table([(body,) for body in bodies])


@case
def a_job_that_is_an_array_is_refused():
    table([(body, None, 400, "bad-field") for body in (b"[]", b'[{"kind":"echo"}]', b"[[[]]]", b"[null]")])


@case
def json_that_is_nested_too_deep_is_refused():
    with SmallDaemon() as daemon:
        for deep in (DEPTH_MAX, DEPTH_MAX + 1, 1000, BODY_MAX // 2 - 100):
            refused(daemon.client, echo(nested(deep)))
        refused(daemon.client, nested(BODY_MAX // 2))
        refused(daemon.client, nested(BODY_MAX, closing=""))
        refused(daemon.client, echo(b'{"a":' * DEPTH_MAX + b"1" + b"}" * DEPTH_MAX))
        just = daemon.client.post(echo(nested(DEPTH_MAX - 1)))
        assert just.status == 202, just
        inside = daemon.client.post(echo(json.dumps("[" * 1000).encode()))
        assert inside.status == 202, inside


@case
def a_body_that_is_too_large_is_refused_and_one_that_just_fits_is_not():
    with SmallDaemon() as daemon:
        client = daemon.client
        frame = len(echo(b'""'))
        for size in (BODY_MAX + 1, BODY_MAX + 65536, 2 * BODY_MAX):
            answer = client.post(echo(b'"' + b"x" * (size - frame) + b'"'))
            assert answer.status == 413 and answer.json["code"] == "too-large", answer
            good(client)
        answer = client.post(echo(b'"' + b"x" * (BODY_MAX - frame) + b'"'), {"Prefer": "wait=30"})
        assert answer.status == 200 and len(answer.json["result"]) == BODY_MAX - frame, answer


def head(*lines):
    return "\r\n".join(("POST /jobs HTTP/1.1", "Host: x", "Content-Type: application/json", *lines, "", "")).encode()


def answer_to(client, data):
    """What comes back for bytes that end in the middle of a request, up to the end of the first answer."""
    with client.connect() as connection:
        connection.sendall(data)
        file = connection.makefile("rb")
        line = file.readline()
        length = 0
        while (header := file.readline()) not in (b"\r\n", b""):
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
        return line, file.read(length)


@case
def a_length_that_is_a_lie_is_refused_before_the_body_comes():
    with SmallDaemon() as daemon:
        for length in (BODY_MAX + 1, 1 << 40, (1 << 63) - 1, (1 << 64) - 1):
            line, body = answer_to(daemon.client, head(f"Content-Length: {length}") + b'{"kind":"echo"}')
            assert line.startswith(b"HTTP/1.1 413 "), (length, line)
            assert json.loads(body)["code"] == "too-large", (length, body)
            good(daemon.client)
        for length in ("99999999999999999999999999", "-1", "1e3", "0x10", "abc", "", "1 1"):
            line, _ = answer_to(daemon.client, head(f"Content-Length: {length}") + b'{"kind":"echo"}')
            assert GARBAGE_STATUS.match(line), (length, line)
            good(daemon.client)


@case
def a_request_that_names_two_hosts_is_refused():
    with SmallDaemon() as daemon:
        line, body = answer_to(daemon.client, head("Host: y"))
        assert line.startswith(b"HTTP/1.1 400 ") and b"more than one Host" in body, (line, body)
        good(daemon.client)


@case
def who_asks_before_sending_a_body_is_told_whether_it_is_wanted():
    with SmallDaemon() as daemon:
        with daemon.client.connect() as connection:
            connection.sendall(head("Content-Length: 15", "Expect: 100-continue", "Connection: close"))
            assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b'{"kind":"echo"}')
            assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")
        for data, status in (
            (head(f"Content-Length: {BODY_MAX + 1}", "Expect: 100-continue"), b"413"),
            (head("Content-Length: 15", "Expect: 100-continue").replace(b"/jobs", b"/nothing"), b"404"),
            (head("Content-Length: 15", "Expect: 100-continue").replace(b"POST", b"PUT"), b"405"),
        ):
            line, _ = answer_to(daemon.client, data)
            assert line.startswith(b"HTTP/1.1 " + status), (data, line)
        good(daemon.client)


@case
def a_body_longer_than_its_length_is_not_taken_for_another_job():
    with SmallDaemon() as daemon:
        inner = head("Content-Length: 15", "Connection: close") + b'{"kind":"echo"}'
        outer = head("Content-Length: 5") + b'{"kind":"echo"}'
        answers = daemon.client.raw(outer + inner)
        statuses = re.findall(rb"HTTP/1\.1 (\d+)", answers)
        assert statuses[0] == b"400" and b"202" not in statuses, answers
        good(daemon.client)


@case
def a_length_told_in_two_ways_is_refused():
    with SmallDaemon() as daemon:
        job = b'{"kind":"echo"}'
        for lines in (
            ("Content-Length: 15", "Content-Length: 15"),
            ("Content-Length: 15", "Content-Length: 16"),
            ("Content-Length: 15", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding: gzip, chunked",),
            ("Transfer-Encoding: gzip",),
            ("Transfer-Encoding: xchunked",),
        ):
            line, body = answer_to(daemon.client, head(*lines) + job)
            assert line.startswith(b"HTTP/1.1 400 "), (lines, line)
            assert json.loads(body)["code"] == "bad-request", (lines, body)
            good(daemon.client)


def chunks(*sizes):
    return b"".join(b"%x\r\n%b\r\n" % (size, b"x" * size) for size in sizes)


@case
def a_chunked_body_is_held_to_the_same_bound():
    with SmallDaemon() as daemon:
        start = b'17\r\n{"kind":"echo","spec":"\r\n'
        chunked = head("Transfer-Encoding: chunked")
        last = head("Transfer-Encoding: chunked", "Connection: close")
        fits = daemon.client.raw(last + start + chunks(1, 70000, 30) + b'2\r\n"}\r\n0\r\n\r\n')
        assert fits.startswith(b"HTTP/1.1 202 "), fits
        for size in (BODY_MAX, 100000):
            body = start + chunks(*[size] * (4 * BODY_MAX // size)) + b'2\r\n"}\r\n0\r\n\r\n'
            line, text = answer_to(daemon.client, chunked + body)
            assert line.startswith(b"HTTP/1.1 413 "), (size, line)
            assert json.loads(text)["code"] == "too-large", (size, text)
            good(daemon.client)
        for broken in (b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"f" * 40 + b"\r\n{}\r\n"):
            line, _ = answer_to(daemon.client, chunked + broken)
            assert GARBAGE_STATUS.match(line), (broken, line)
            good(daemon.client)


@case
def names_that_are_there_twice_are_refused():
    table(
        [
            (b'{"kind":"echo","kind":"echo"}',),
            (b'{"kind":"echo","kind":"sleep"}',),
            (b'{"kind":"echo","k\\u0069nd":"sleep"}',),
            (echo(b'{"a":1,"a":1}'),),
            (echo(b'[{"a":{"b":1,"b":2}}]'),),
            (b'{"kind":"echo","labels":{"a":"1","a":"2"}}',),
        ]
    )


@case
def text_that_is_not_utf_8_or_unicode_is_refused():
    bad = (
        b"\xff", b"\x80", b"\xc3", b"\xc3(", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
        b"\xf8\x88\x80\x80\x80",
        b"\\ud800", b"\\udc00", b"\\ud800x", b"\\ud800\\u0041", b"\\udc00\\ud800", b"\\u0000", b"a\\u0000b", b"\x00",
    )
    rows = [(echo(b'"' + text + b'"'),) for text in bad]
    rows += [(echo(b'{"' + text + b'":1}'),) for text in bad]
    rows += [(b'{"kind":"ec' + text + b'ho"}',) for text in bad]
    rows += [('{"kind":"echo"}'.encode(encoding),) for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig")]
    table(rows)


@case
def numbers_out_of_range_are_refused_with_their_place():
    rows = [({"kind": "echo", "priority": n}, "/priority") for n in (-1, 10, 1 << 31, 1 << 62, 5.0, 5.5, "5", True, None, [5])]
    rows += [({"kind": "echo", "retry": {"max_attempts": n}}, "/retry/max_attempts") for n in (0, -1, 1001, 1 << 40, 1.5)]
    rows += [(b'{"kind":"echo","priority":%b}' % n,) for n in (b"1" * 30, b"-" + b"9" * 25, b"1e999")]
    rows += [(echo(b"1e999"),), (echo(b"-1e999"),), (echo(b"9" * 400),)]
    table(rows)


@case
def members_of_the_wrong_type_are_refused_with_their_place():
    rows = []
    for member in ("kind", "tenant", "delay", "run_at", "timeout", "expires_in"):
        rows += [({"kind": "echo", member: value}, f"/{member}") for value in (None, 1, 1.5, True, [], {}, ["x"])]
    for member in ("retry", "labels"):
        rows += [({"kind": "echo", member: value}, f"/{member}") for value in (1, True, "x", [], [{}], None)]
    rows += [({"kind": "echo", "labels": {"order": value}}, "/labels/order") for value in (1, None, True, {}, [])]
    rows += [({"kind": kind, "spec": value}, "/spec") for kind in ("sleep", "http", "command") for value in (1, [], "x", None)]
    table(rows)


@case
def unknown_members_and_kinds_are_refused_with_their_place():
    table(
        [
            ({}, "/kind"),
            ({"spec": 1}, "/kind"),
            ({"kind": ""}, "/kind"),
            ({"kind": "Echo"}, "/kind"),
            ({"kind": "shell"}, "/kind"),
            ({"kind": "k" * 100000}, "/kind"),
            ({"kind": "echo", "prioritty": 1}, "/prioritty"),
            ({"kind": "echo", "id": "x"}, "/id"),
            ({"kind": "echo", "": 1}, "/"),
            ({"kind": "echo", "a/b~c": 1}, "/a~1b~0c"),
            ({"kind": "echo", "ünï": 1}, "/ünï"),
            ({"kind": "echo", "retry": {"maximum": 1}}, "/retry/maximum"),
            ({"kind": "sleep", "spec": {"for": "1s", "from": 1}}, "/spec/from"),
            ({"kind": "http", "spec": {"url": "http://x/", "verb": "GET"}}, "/spec/verb"),
            ({"kind": "command", "spec": {"command": "x", "shell": True}}, "/spec/shell"),
            ({"kind": "sleep"}, "/spec"),
            ({"kind": "http"}, "/spec"),
            ({"kind": "command"}, "/spec"),
            ({"kind": "sleep", "spec": {}}, "/spec/for"),
            ({"kind": "http", "spec": {}}, "/spec/url"),
            ({"kind": "command", "spec": {}}, "/spec/command"),
            ({"kind": "echo", "callback": "http://x/"}, "/callback"),
            ({"kind": "http", "spec": {"url": "http://x/", "sign": "no such key"}}, "/spec/sign"),
            ({"kind": "echo", "callback": {"url": "http://x/", "sign": "no such key"}}, "/callback/sign"),
        ]
    )


@case
def absurd_durations_and_times_are_refused_with_their_place():
    bad = (
        "", " ", "0", "5", "-5s", "+5s", "5 s", " 5s", "5s ", "1.5s", "5S", "5sec", "1h30m", "s", "ms", "1us", "1w",
        "1y",
        "٥s", "1e3s", "0x10s", "inf", "P1D", "99999999999999999999s", "1000000d", "5s\x7f",
    )
    rows = [({"kind": "echo", member: text}, f"/{member}") for text in bad for member in ("delay",)]
    for member in ("timeout", "expires_in"):
        rows += [({"kind": "echo", member: text}, f"/{member}") for text in ("0s", "0ms", "-1s", "9999999d", "99999999999999999999d")]
    rows += [({"kind": "echo", "timeout": "3601s"}, "/timeout"), ({"kind": "echo", "delay": "3661d"}, "/delay")]
    rows += [({"kind": "sleep", "spec": {"for": text}}, "/spec/for") for text in ("-1s", "25h", "9999999d", "1", "")]
    rows += [({"kind": "echo", "retry": {"min": text}}, "/retry/min") for text in ("0s", "-1s", "x", "9999999d")]
    rows += [({"kind": "echo", "retry": {"min": "2s", "max": "1s"}}, "/retry/min")]
    rows += [
        ({"kind": "echo", "run_at": text}, "/run_at")
        for text in (
            "", "now", "tomorrow", "1764000000", "2026-11-25", "2026-11-25T10:00:00", "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-11-25T24:00:00Z", "2026-11-25T10:00:61Z", "9999-12-31T23:59:59Z", "2026-11-25T10:00:00.Z",
            "2026-11-25T10:00:00Zx", "10000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2026-11-25T10:00:00+25:00",
        )
    ]
    rows += [({"kind": "echo", "delay": "1s", "run_at": "2026-11-25T10:00:00Z"}, "/run_at")]
    table(rows)


@case
def tenants_and_labels_that_are_none_are_refused_with_their_place():
    names = ("", "a" * 65, "-a", ".a", "_a", "a/b", "a b", "ä", "../etc", "a\n", "*", "a;b")
    rows = [({"kind": "echo", "tenant": name}, "/tenant") for name in names]
    rows += [({"kind": "echo", "labels": {f"l{i}": "x" for i in range(33)}}, "/labels")]
    rows += [({"kind": "echo", "labels": {"": "x"}}, "/labels/")]
    rows += [({"kind": "echo", "labels": {"a/b": 1}}, "/labels/a~1b")]
    rows += [({"kind": "echo", "labels": {"l" * 65: "x"}}, f"/labels/{'l' * 65}")]
    rows += [({"kind": "echo", "labels": {"l": "x" * 257}}, "/labels/l")]
    table(rows)


@case
def calls_that_cannot_be_made_are_refused_with_their_place():
    urls = (
        "", "x", "/", "ftp://x/", "file:///etc/passwd", "http://", "http:///x", "HTTP//x", "http://x:99999/",
        "http://x:p/",
        "http://a b/", "http://x/\r\nHost: y", "gopher://x/", "javascript:alert(1)", "http://x/" + "a" * 8192,
        "http://[::1/",
    )
    rows = [({"kind": "http", "spec": {"url": url}}, "/spec/url") for url in urls]
    for method in ("", "G T", "GET\r\nX: y", "CONNECT", "x" * 33, "GÉT", "GET /"):
        rows += [({"kind": "http", "spec": {"url": "http://x/", "method": method}}, "/spec/method")]
    for name in ("", "a b", "a:b", "a\r\nb", "Content-Length", "transfer-encoding", "Connection", "ä"):
        pointer = f"/spec/headers/{name}"
        rows += [({"kind": "http", "spec": {"url": "http://x/", "headers": {name: "x"}}}, pointer)]
    for value in ("a\r\nb: c", "a\nb", "a\rb", "\x01", "x" * 8193, 1, None, ["x"]):
        rows += [({"kind": "http", "spec": {"url": "http://x/", "headers": {"X": value}}}, "/spec/headers/X")]
    for ok in ([99], [600], ["200"], [200.0], [None]):
        rows += [({"kind": "http", "spec": {"url": "http://x/", "ok": ok}}, "/spec/ok/0")]
    rows += [({"kind": "http", "spec": {"url": "http://x/", "ok": ok}}, "/spec/ok") for ok in ([], [200] * 51, 200)]
    rows += [({"kind": "http", "spec": {"url": "http://x/", "ok": [200, 2000]}}, "/spec/ok/1")]
    for text in ("a", "a===", "****", "YQ", "YQ== ", "YQ=a", "\n"):
        rows += [({"kind": "http", "spec": {"url": "http://x/", "body_base64": text}}, "/spec/body_base64")]
    rows += [({"kind": "http", "spec": {"url": "http://x/", "body": "a", "body_base64": "YQ=="}}, "/spec/body_base64")]
    rows += [({"kind": "http", "spec": {"url": "http://x/", "body": "a", "json": 1}}, "/spec/json")]
    table(rows)


@case
def ids_that_are_no_ids_are_404():
    ids = (
        "0", "x", "-", "null", "01a21404640b7296-9fcb-55d12cb5c4a0", "01a21404-640b-7296-9fcb-55d12cb5c4a", "*",
        "01a21404-640b-7296-9fcb-55d12cb5c4a00", "01a21404-640b-7296-9fcb-55d12cb5c4ag",
        "{01a21404-640b-7296-9fcb-55d12cb5c4a0}",
        "x" * 63, "x" * 64, "x" * 1500, "%20", "%C3%A4", "%ff", "a%2Fb", "'%20OR%201=1--", "%25",
    )
    requests = ("GET", "/jobs/{}"), ("DELETE", "/jobs/{}"), ("GET", "/results/{}"), ("POST", "/jobs/{}:cancel")
    with SmallDaemon() as daemon:
        for job in ids:
            for method, path in requests:
                answer = daemon.client.request(method, path.format(job))
                assert answer.status == 404, (job, answer)
                assert answer.json["code"] in ("no-such-job", "not-found"), (job, answer)
            good(daemon.client)


def one_answer(client, target, method="GET"):
    return client.raw(f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"))


@case
def paths_that_try_to_be_clever_are_refused():
    bad = (
        "/healthz%00", "/healthz%00/../stats", "/%00", "/jobs/%0a", "/jobs/%7f", "/a%", "/a%1", "/a%zz", "/a%%32", "/.",
        "/..", "/../stats",
        "/jobs/../stats", "/jobs/.", "/jobs/%2e%2e/stats", "/./stats", "/jobs/..%2f", "/jobs/..%2f..%2fetc%2fpasswd",
        "healthz", "*", "?x", "/jobs/\x80", "/a\x01b",
        "/healthz?x=1", "/stats?format=json&format=json", "/stats?format=%00", "/stats?format=a%",
        "/stats?" + "&".join(f"a{i}=1" for i in range(40)),
        "/" + "a" * 2048, "/stats?" + "a" * 2048, "https://x/healthz", "/healthz#x",
    )
    with SmallDaemon() as daemon:
        for target in bad:
            answer = one_answer(daemon.client, target)
            assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 ")), (target, answer)
            assert b"application/problem+json" in answer and b"X-Request-Id" in answer, (target, answer)
            good(daemon.client)
        for target in ("//healthz", "/healthz/", "/jobs//", "//", "/jobs//x", "/etc/passwd", "/...", "/healthz;x", "/HEALTHZ"):
            assert one_answer(daemon.client, target).startswith(b"HTTP/1.1 404 "), target
            good(daemon.client)
        for target in ("http://x/healthz", "HTTP://x/healthz", "/he%61lthz", "/healthz?"):
            assert one_answer(daemon.client, target).startswith(b"HTTP/1.1 200 "), target


@case
def a_wait_that_is_no_duration_is_refused():
    with SmallDaemon() as daemon:
        job = daemon.client.run("echo")["id"]
        for wait in ("", "10", "-1s", "x", "1.5s", "99999999999999999999s", "1s%20", "1h30m"):
            answer = daemon.client.get(f"/results/{job}?wait={wait}")
            assert answer.status == 400 and answer.json["code"] == "bad-request", (wait, answer)
        for query in ("wait=1s&wait=1s", "Wait=1s", "w=1", "wait=1s&x="):
            assert daemon.client.get(f"/results/{job}?{query}").status == 400, query
        good(daemon.client)


@case
def a_body_of_another_type_is_415():
    with SmallDaemon() as daemon:
        for kind in (
            None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json-seq",
            "json",
            "application/json; charset=latin-1", 'application/json; charset="utf-16"',
            "multipart/form-data; boundary=x",
            "application/problem+json", "application/json, text/plain", "*/*",
        ):
            headers = {} if kind is None else {"Content-Type": kind}
            answer = daemon.client.request("POST", "/jobs", b'{"kind":"echo"}', headers)
            assert answer.status == 415 and answer.json["code"] == "unsupported-media-type", (kind, answer)
            good(daemon.client)
        encoded = daemon.client.post(b"\x1f\x8b\x08", {"Content-Encoding": "gzip"})
        assert encoded.status == 415, encoded
        for kind in ("APPLICATION/JSON", "application/json;charset=utf-8", 'application/json ; charset="UTF-8"; x=y'):
            answer = daemon.client.request("POST", "/jobs", b'{"kind":"echo"}', {"Content-Type": kind})
            assert answer.status == 202, (kind, answer)


@case
def what_is_not_http_is_turned_away():
    garbage = (
        b"garbage\r\n\r\n", b"GET\r\n\r\n", b"GET /healthz\r\n\r\n", b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n",
        b"\r\n" * 3000 + b"x\r\n\r\n",
        b"GET /healthz FTP/1.1\r\nHost: x\r\n\r\n", b"GET /healthz HTTP/1.1 x\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", b"GET /healthz HTTP/1.1\r\n\r\n", b"A" * 100000,
        b"\xff\xfe\xfd\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(600).replace(b"\n", b"") + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100000 + b"\r\n\r\n",
    )
    with SmallDaemon() as daemon:
        for data in garbage:
            try:
                answer = daemon.client.raw(data + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            except (ConnectionResetError, BrokenPipeError):
                answer = b""
            assert answer == b"" or GARBAGE_STATUS.match(answer), (data[:200], answer)
            good(daemon.client)


@case
def a_client_that_stops_in_the_middle_leaves_nothing_behind():
    with SmallDaemon("request-timeout = 1s\nidle-timeout = 1s") as daemon:
        client = daemon.client
        good(client)
        before = daemon.descriptors_open()
        whole = head("Content-Length: 15") + b'{"kind":"echo"}'
        for end in range(1, len(whole) + 1, 7):
            for reset in (0, 1):
                with client.connect() as connection:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", reset, 0))
                    connection.sendall(whole[:end])
        eventually(lambda: daemon.descriptors_open() <= before, "every connection is closed")
        good(client)


WORDS = (
    "$(touch {})", "`touch {}`", "; touch {}", "| touch {}", "& touch {} &", "&& touch {}", "\ntouch {}\n", "> {}",
    "x; touch {} #",
    "'; touch {}; '", '"; touch {}; "', "${{IFS}}touch {}", "x -o {}", "*", "~", "$HOME", "\\", "%s%n", "!!", "a\tb",
    "é ☃",
    "x\r\ny", "{{word}}", "{{}}", "--", "", " ",
)


@case
def what_a_client_sends_to_a_command_is_an_argument_and_nothing_else():
    conf = 'command "show" { exec = "/usr/bin/printf"\n args = {"%s\\\\n", "[{word}]", "x{word}", "{plain}"} }'
    with SmallDaemon(conf) as daemon:
        mark = daemon.folder / "mark"
        for word in (word.format(mark) for word in WORDS):
            spec = {"command": "show", "args": {"word": word, "plain": "p" + word}}
            result = daemon.client.run("command", spec)
            assert result["state"] == "succeeded", (word, result)
            assert result["result"]["stdout"] == f"[{word}]\nx{word}\np{word}\n", (word, result)
            assert result["result"]["stderr"] == "" and not mark.exists(), (word, result)
        long = daemon.client.run("command", {"command": "show", "args": {"word": "w" * 4096, "plain": "1"}})
        assert long["result"]["stdout"].startswith("[" + "w" * 4096 + "]"), long
        assert list(daemon.folder.glob("mark*")) == [] and not Path("x").exists()


@case
def arguments_that_a_command_does_not_take_are_refused_with_their_place():
    conf = """command "cat" { exec = "/bin/cat"\n args = {"{file}"} }
        command "fixed" { exec = "/bin/true" }"""
    rows = [
        ({"command": "none"}, "/spec/command"),
        ({"command": "/bin/sh"}, "/spec/command"),
        ({"command": "../cat"}, "/spec/command"),
        ({"command": "cat x"}, "/spec/command"),
        ({"command": ""}, "/spec/command"),
        ({"command": "c" * 65}, "/spec/command"),
        ({"command": ["cat"]}, "/spec/command"),
        ({"command": "cat"}, "/spec/args/file"),
        ({"command": "cat", "args": {}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": "-n"}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": "--help"}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": "-"}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": -1}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": "x", "more": "y"}}, "/spec/args/more"),
        ({"command": "cat", "args": {"file": ["x"]}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": None}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": {"a": 1}}}, "/spec/args/file"),
        ({"command": "cat", "args": {"file": "x" * 4097}}, "/spec/args/file"),
        ({"command": "cat", "args": ["x"]}, "/spec/args"),
        ({"command": "cat", "args": "x"}, "/spec/args"),
        ({"command": "cat", "args": {"file": "x", "a b": "y"}}, "/spec/args"),
        ({"command": "cat", "args": {f"a{i}": "x" for i in range(101)}}, "/spec/args"),
        ({"command": "fixed", "args": {"x": "y"}}, "/spec/args/x"),
        ({"command": "fixed", "stdin": "x"}, "/spec/stdin"),
        ({"command": "fixed", "stdin": 1}, "/spec/stdin"),
        ({"command": "fixed", "env": {"LD_PRELOAD": "/x"}}, "/spec/env"),
    ]
    table([({"kind": "command", "spec": spec}, pointer) for spec, pointer in rows], conf)
