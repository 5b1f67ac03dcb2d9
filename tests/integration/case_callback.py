"""case_callback.py - who is told of a job's end: by a call of its own, once for each end, whatever happens meanwhile."""

import json

from case_sign import OLD, Signing, signed_by
from tap import case


def told(server, path):
    """The documents that were sent there, by the calls' ids."""
    return {r.header("webhook-id")[0]: json.loads(r.body) for r in server.requests if r.path == path}


@case
def the_end_of_a_job_is_told_by_a_signed_call_with_its_result():
    with Signing() as signing:
        url = signing.server.url("/told")
        job = {"kind": "echo", "spec": {"a": [1]}, "callback": {"url": url, "sign": "hooks"}}
        identity = signing.client.post(job).json["id"]
        document = signing.client.result(identity)
        (callback,) = signing.client.get(f"/jobs?label.callback_of={identity}").json["jobs"]
        assert signing.client.result(callback["id"])["state"] == "succeeded"
        (request,) = signing.server.requests
        assert (request.method, request.header("Content-Type")) == ("POST", ["application/json"]), request.headers
        assert request.header("webhook-id") == [callback["id"]] and signed_by(request, OLD), request.headers
        assert told(signing.server, "/told") == {callback["id"]: document}


@case
def a_callback_outlives_a_kill_and_is_called_until_it_is_heard():
    with Signing() as signing:
        url = signing.server.url("/told", hold="told")
        job = {"kind": "echo", "callback": {"url": url, "sign": "hooks"}}
        identity = signing.client.post(job).json["id"]
        document = signing.client.result(identity)
        signing.server.wait_in_flight(1)
        signing.daemon.kill()
        signing.server.wait_in_flight(0)
        signing.server.open("told")
        signing.daemon.restart()
        (callback,) = signing.daemon.client.get(f"/jobs?label.callback_of={identity}").json["jobs"]
        assert signing.daemon.client.result(callback["id"])["state"] == "succeeded"
        assert told(signing.server, "/told") == {callback["id"]: document}
