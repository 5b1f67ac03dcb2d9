"""case_http.py - http jobs: what is sent, what is told of the answer, and what is tried again."""

import base64
import json
import signal
from datetime import datetime, timedelta

from daemon import Daemon, eventually
from server import Server, heard
from tap import case

ONCE = {"max_attempts": 1}
SOON = {"max_attempts": 5, "min": "1ms", "max": "10ms"}


class Both:
    """A daemon and a server for its jobs to call."""

    def __init__(self, conf=""):
        self.server = Server()
        self.daemon = Daemon(conf)

    def __enter__(self):
        self.server.__enter__()
        self.client = self.daemon.__enter__().client
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)
        self.server.__exit__(*why)

    def call(self, path="/", wishes=None, retry=None, timeout=None, **spec):
        """Run a job that calls the server; the whole result document."""
        members = {"timeout": timeout} if timeout else {}
        spec = {"url": self.server.url(path, **(wishes or {})), **spec}
        return self.client.run("http", spec, retry=retry or ONCE, **members)

    def heard(self, **spec):
        """What the server heard of a call that must succeed."""
        document = self.call(**spec)
        assert document["state"] == "succeeded", document
        return heard(document["result"])


def ended(document, state, code=None, attempts=1):
    assert document["state"] == state, document
    assert (document["error"] or {}).get("code") == code, document
    assert document["attempts"] == attempts, document
    return document


def values(told, name):
    return [value for key, value in told["headers"] if key.lower() == name.lower()]


@case
def any_method_is_sent_and_a_body_makes_it_post():
    with Both() as both:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"):
            told = both.heard(method=method)
            assert (told["method"], told["body"]) == (method, b""), told
        assert both.heard()["method"] == "GET"
        for body in ({"body": ""}, {"body": "x"}, {"body_base64": "eA=="}, {"json": None}):
            assert both.heard(**body)["method"] == "POST", body
        told = both.heard(method="DELETE", body="which")
        assert (told["method"], told["body"]) == ("DELETE", b"which"), told


@case
def a_head_call_tells_the_headers_and_no_body():
    with Both() as both:
        result = ended(both.call(method="HEAD", wishes={"bytes": 5000}), "succeeded")["result"]
        assert (result["status"], result["body"], result["truncated"]) == (200, "", False), result
        assert result["headers"]["Content-Length"] == "5000", result
        assert both.server.requests[0].method == "HEAD"


@case
def headers_are_sent_as_they_are_and_nothing_of_the_daemons_own_but_what_a_call_needs():
    with Both() as both:
        asked = {"X-Empty": "", "X-Umlaut": "grün", "Authorization": "Bearer a b", "User-Agent": "mine/1"}
        told = both.heard(headers=asked)
        for name, value in asked.items():
            assert values(told, name) == [value.encode().decode("latin-1")], (name, told)
        others = {name for name, _ in told["headers"]} - set(asked)
        assert others == {"Host", "Accept", "Accept-Encoding"}, others
        told = both.heard(body="x")
        assert not values(told, "Expect") and not values(told, "Content-Type"), told
        assert values(told, "User-Agent")[0].startswith("penstock/"), told


@case
def a_body_is_sent_to_the_letter_and_only_json_is_given_a_type():
    with Both() as both:
        every_byte = bytes(range(256)) * 80
        told = both.heard(body_base64=base64.b64encode(every_byte).decode())
        assert told["body"] == every_byte and values(told, "Content-Length") == [str(len(every_byte))], told["headers"]
        assert both.heard(body="Grüße\n\u2028")["body"] == "Grüße\n\u2028".encode()
        text = '{"a":0.10,"b":[1e3,"\\u00fc"],"a2":null}'
        spec = f'{{"url":"{both.server.url()}","json":{text}}}'
        job = both.client.post(f'{{"kind":"http","spec":{spec}}}').json["id"]
        told = heard(both.client.result(job)["result"])
        assert told["body"] == text.encode() and values(told, "Content-Type") == ["application/json"], told
        told = both.heard(json=1, headers={"content-type": "application/vnd.mine+json"})
        assert values(told, "Content-Type") == ["application/vnd.mine+json"], told


@case
def the_answer_is_told_with_status_headers_body_and_times():
    with Both() as both:
        result = ended(both.call(wishes={"status": 201, "delay": 0.05}), "succeeded")["result"]
        assert result["status"] == 201, result
        assert result["headers"]["X-Answer"] == "one, two", result
        assert result["headers"]["Content-Type"] == "application/json", result
        timing = result["timing"]
        assert set(timing) == {"dns", "connect", "tls", "first_byte", "total"}, timing
        assert timing["total"] >= timing["first_byte"] >= 50 and timing["connect"] >= timing["dns"] >= 0, timing


@case
def a_body_that_is_not_text_in_utf8_is_told_in_base64():
    with Both() as both:
        for body in (b"\xff\xfe", b"half a character: \xc3", b"a \x00 b", "Grüße".encode("latin-1")):
            wishes = {"base64": base64.b64encode(body).decode(), "type": "text/plain"}
            result = ended(both.call(wishes=wishes), "succeeded")["result"]
            assert base64.b64decode(result["body_base64"]) == body and "body" not in result, result
        body = "Grüße, \u2028\U0001f600\x1f\x7f".encode()
        wishes = {"base64": base64.b64encode(body).decode(), "type": "application/octet-stream"}
        result = ended(both.call(wishes=wishes), "succeeded")["result"]
        assert result["body"].encode() == body and "body_base64" not in result, result


@case
def a_body_is_kept_up_to_result_max_and_the_rest_is_read_and_dropped():
    with Both("result-max = 1000\nloops = 1") as both:  # each loop has connections of its own
        for size in (0, 999, 1000, 1001, 5_000_000):
            result = ended(both.call(wishes={"bytes": size}), "succeeded")["result"]
            assert len(result["body"]) == min(size, 1000), (size, len(result["body"]))
            assert result["truncated"] == (size > 1000), (size, result["truncated"])
        assert both.server.connections == 1, "the connection was not used again"


@case
def a_body_in_gzip_is_decoded_unless_the_job_asks_for_an_encoding_itself():
    with Both("result-max = 1000") as both:
        result = ended(both.call(wishes={"gzip": "yes", "bytes": 999}), "succeeded")["result"]
        assert (len(result["body"]), result["truncated"]) == (999, False), result
        assert result["headers"]["Content-Encoding"] == "gzip", result
        assert both.server.requests[0].header("Accept-Encoding") == ["gzip"], both.server.requests[0].headers
        result = ended(
            both.call(wishes={"gzip": "yes"}, headers={"accept-encoding": "gzip, br"}), "succeeded"
        )["result"]
        assert base64.b64decode(result["body_base64"])[:2] == b"\x1f\x8b", result
        assert both.server.requests[1].header("Accept-Encoding") == ["gzip, br"], both.server.requests[1].headers
        document = both.call(wishes={"gzip": "yes", "bytes": 999, "cut": "body"})
        ended(document, "failed", "send-recv")


@case
def a_body_that_does_not_end_soon_is_cut_also_one_that_was_small_in_gzip():
    with Both("result-max = 1000\nloops = 1") as both:
        for wishes in ({"gzip": "yes", "bytes": 64 << 20}, {"bytes": 64 << 20}):
            before = both.server.connections
            result = ended(both.call(wishes=wishes), "succeeded")["result"]
            assert (len(result["body"]), result["truncated"]) == (1000, True), result
            ended(both.call(), "succeeded")
            assert both.server.connections == before + (2 if before == 0 else 1), "its connection was used again"


@case
def a_job_may_want_less_of_a_body_than_the_configuration_keeps_but_not_more():
    with Both("result-max = 1000") as both:
        for most in (1, 10, 1000):
            result = ended(both.call(wishes={"bytes": 5000}, result_max=most), "succeeded")["result"]
            assert (len(result["body"]), result["truncated"]) == (most, True), (most, result)
        answer = both.client.post({"kind": "http", "spec": {"url": both.server.url(), "result_max": 1001}})
        assert answer.status == 400 and answer.json["errors"][0]["pointer"] == "/spec/result_max", answer.json


@case
def the_ok_list_says_which_statuses_are_success_and_nothing_else_is():
    with Both() as both:
        ended(both.call(wishes={"status": 404}, ok=[404, 410]), "succeeded")
        ended(both.call(wishes={"status": 204}), "succeeded")
        document = ended(both.call(wishes={"status": 200}, ok=[204]), "failed", "http-status")
        assert document["result"]["status"] == 200, document
        ended(both.call(wishes={"status": 302}), "failed", "http-status")


@case
def a_redirect_is_followed_where_the_job_says_so_and_as_often():
    with Both() as both:
        on = {"status": 302, "location": "/b?status=307&location=/c"}
        document = ended(both.call("/a", on), "failed", "http-status")
        assert document["result"]["headers"]["Location"] == on["location"], document
        assert len(both.server.requests) == 1, both.server.requests
        ended(both.call("/a", on, redirects=1), "failed", "too-many-redirects")
        told = heard(ended(both.call("/a", on, redirects=2, body="x"), "succeeded")["result"])
        assert (told["method"], told["target"], told["body"]) == ("GET", "/c", b""), told


@case
def only_what_the_configuration_opens_is_called_and_a_reload_counts_for_connections_that_are_open():
    closed = "loops = 1\n# without allow-networks"
    opened = 'loops = 1\ntenant "inner" { allow-networks = {"127.0.0.0/8"} }'
    with Both(closed) as both:
        spec = {"url": both.server.url()}

        def call(tenant):
            return both.client.run("http", spec, tenant=tenant, retry=SOON)

        refused = ended(call("inner"), "failed", "blocked-address")
        assert refused["error"]["message"] == "127.0.0.1 is not open to jobs: it is loopback", refused
        for conf, reached in ((opened, True), (closed, False)):
            both.daemon.write_conf(conf)
            mark = len(both.daemon.log())
            both.daemon.signal(signal.SIGHUP)
            both.daemon.wait_log("configuration reloaded", mark)
            assert (call("inner")["state"] == "succeeded") == reached, conf
            ended(call("outer"), "failed", "blocked-address")
        assert (len(both.server.requests), both.server.connections) == (1, 1), both.server.requests


@case
def the_trace_of_a_submission_goes_on_with_its_calls_unless_they_have_their_own():
    trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tracestate": "a=1,b=2"}
    other = trace["traceparent"].replace("4", "5")
    with Both() as both:

        def heard_of(job):
            told = heard(both.client.result(job)["result"])
            return {name: ",".join(values(told, name)) for name in trace if values(told, name)}

        def submit(trace_of, delay="0s", **spec):
            document = {"kind": "http", "delay": delay, "spec": {"url": both.server.url(), **spec}}
            return both.client.post(document, trace_of).json["id"]

        assert heard_of(submit(trace)) == trace
        assert heard_of(submit({**trace, "traceparent": "00-not-one-01"})) == {}
        assert heard_of(submit(trace, headers={"Traceparent": other})) == {"traceparent": other}
        later = submit(trace, delay="1h")
        found = both.client.get(f"/jobs/{later}").json["request"]
        assert {name: found[name] for name in trace} == trace, found
        line = json.dumps({"kind": "http", "spec": {"url": both.server.url()}, "traceparent": other})
        answer = both.client.post(f"{line}\n{line}\n", {"Content-Type": "application/x-ndjson", **trace})
        assert heard_of(answer.lines[1]["id"]) == {"traceparent": other}, answer.lines


@case
def what_may_help_is_tried_again_until_it_works():
    with Both() as both:
        for status in (408, 425, 429, 500, 502, 503, 504):
            document = both.call(f"/{status}", {"status": status, "fail": 2}, SOON)
            ended(document, "succeeded", attempts=3)
            job = both.client.get(f"/jobs/{document['id']}").json
            codes = [attempt["error"] and attempt["error"]["code"] for attempt in job["attempts"]]
            assert codes == ["http-status", "http-status", None], job


@case
def what_cannot_help_is_not_tried_again_and_what_does_not_help_is_given_up():
    with Both() as both:
        for status in (400, 401, 404, 410, 422):
            ended(both.call(f"/{status}", {"status": status}, SOON), "failed", "http-status")
        document = ended(both.call("/500", {"status": 500}, SOON), "failed", "http-status", attempts=5)
        assert document["result"]["status"] == 500, document
        assert both.server.times[both.server.url("/500", status=500).split(str(both.server.port))[1]] == 5


@case
def the_next_try_waits_as_long_as_retry_after_says():
    with Both() as both:
        spec = {"url": both.server.url("/", status=503, retry_after=3600)}
        job = both.client.submit("http", spec, retry=SOON)
        both.server.wait(lambda server: len(server.requests) == 1, "the first try")
        eventually(lambda: both.client.state(job) == "scheduled", "the next try is put off")
        found = both.client.get(f"/jobs/{job}").json
        failed, due = (datetime.fromisoformat(t) for t in (found["attempts"][0]["finished_at"], found["next_run_at"]))
        assert timedelta(seconds=3599) < due - failed <= timedelta(seconds=3601), found


@case
def an_endpoint_that_fails_is_left_alone_for_a_while_which_burns_no_attempt_and_delays_no_other():
    with Both("breaker-failures = 3\nbreaker-min = 100ms") as both, Server() as other:
        spec = {"url": both.server.url("/", status=503, fail=3)}
        job = both.client.submit("http", spec, retry={**SOON, "max_attempts": 4})
        both.server.wait(lambda server: len(server.requests) == 3, "three failures")
        assert both.client.run("http", {"url": other.url()}, retry=ONCE)["state"] == "succeeded"
        document = both.client.result(job)
        assert document["state"] == "succeeded" and document["attempts"] >= 5, document
        assert len(both.server.requests) == 4, both.server.requests
        attempts = both.client.get(f"/jobs/{job}").json["attempts"]
        codes = [attempt["error"] and attempt["error"]["code"] for attempt in attempts]
        assert codes[:3] == ["http-status"] * 3 and set(codes[3:-1]) == {"endpoint-open"}, codes
        numbers = both.client.get("/stats").body.decode()
        assert "penstock_endpoint_openings_total 1\n" in numbers and "penstock_endpoints_open 0\n" in numbers, numbers


@case
def an_endpoint_that_asks_to_be_left_alone_is_by_all_jobs_of_the_tenant():
    with Both() as both:
        both.call(wishes={"status": 429, "retry_after": 3600})
        job = both.client.submit("http", {"url": both.server.url()}, retry=ONCE)
        eventually(lambda: both.client.state(job) == "scheduled", "it is put off")
        found = both.client.get(f"/jobs/{job}").json
        failed, due = (datetime.fromisoformat(t) for t in (found["attempts"][0]["finished_at"], found["next_run_at"]))
        assert due - failed > timedelta(seconds=3500), found
        assert len(both.server.requests) == 1, both.server.requests
        document = both.client.run("http", {"url": both.server.url()}, retry=ONCE, tenant="another")
        assert document["state"] == "succeeded", document


@case
def jobs_that_are_put_off_are_counted_as_that_also_those_that_are_on_record_only():
    with Both("backlog-window = 1\nbreaker-failures = 1\nbreaker-min = 1h\nbreaker-max = 1h") as both:

        def waiting():
            stats = both.daemon.client.stats()
            return [stats[f'penstock_waiting_jobs{{reason="{reason}"}}'] for reason in ("endpoint-breaker", "not-yet-due")]

        spec = {"url": both.server.url("/", status=503)}
        both.client.submit("http", spec, retry={"max_attempts": 2, "min": "1h", "max": "1h"})
        both.server.wait(lambda server: len(server.requests) == 1, "the failure")
        jobs = [both.client.submit("http", spec) for _ in range(20)]
        both.client.submit("echo", 1, delay="1h")
        eventually(lambda: waiting() == [20, 2], "all are put off")
        for number, job in enumerate(jobs[::4]):
            assert both.client.request("DELETE", f"/jobs/{job}").status == 202
            assert waiting() == [19 - number, 2], waiting()


@case
def a_server_that_closes_early_is_tried_again():
    with Both() as both:
        for cut in ("start", "head", "body"):
            document = both.call(f"/{cut}", {"cut": cut, "bytes": 4000}, {**SOON, "max_attempts": 2})
            ended(document, "failed", "send-recv", attempts=2)
            assert document["result"] is None, document


@case
def a_server_that_is_not_there_is_tried_again():
    with Both() as both:
        document = both.client.run("http", {"url": "http://127.0.0.1:1/"}, retry={**SOON, "max_attempts": 3})
        ended(document, "failed", "connect", attempts=3)


@case
def a_call_that_takes_longer_than_the_jobs_timeout_is_ended_and_may_be_tried_again():
    with Both() as both:
        retry = {**SOON, "max_attempts": 2}
        document = both.call("/slow", {"hold": "never"}, retry, timeout="50ms")
        ended(document, "failed", "timeout", attempts=2)
        both.server.wait_in_flight(0)


@case
def a_call_that_is_cancelled_is_broken_off():
    with Both() as both:
        job = both.client.submit("http", {"url": both.server.url("/", hold="never")})
        both.server.wait_in_flight(1)
        assert both.client.request("DELETE", f"/jobs/{job}").status == 202
        document = ended(both.client.result(job), "cancelled", "cancelled")
        assert document["result"] is None, document
        both.server.wait_in_flight(0)


@case
def calls_use_connections_again():
    with Both("loops = 1") as both:
        for _ in range(20):
            ended(both.call(), "succeeded")
        assert both.server.connections == 1, both.server.connections
