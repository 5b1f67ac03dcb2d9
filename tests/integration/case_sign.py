"""case_sign.py - signed http jobs, checked as a receiver of Standard Webhooks does."""

import base64
import hashlib
import hmac
import os
import signal
import time

from daemon import SmallDaemon
from server import Server
from tap import case

OLD, NEW = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))


class Signing:
    """A server, and a daemon whose secrets can be changed."""

    def __enter__(self):
        self.server = Server().__enter__()
        self.daemon = SmallDaemon()
        self.files = [self.daemon.folder / name for name in ("old", "new")]
        self.write(OLD, OLD)
        self.daemon.write_conf(self.conf(self.files[:1]))
        self.client = self.daemon.__enter__().client
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)
        self.server.__exit__(*why)

    def write(self, *secrets):
        for file, secret in zip(self.files, secrets):
            with open(file, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
                out.write(secret + "\n")

    def conf(self, files, more=""):
        names = ", ".join(f'"{file}"' for file in files)
        return f'signing-key "hooks" {{ secrets = {{{names}}}\n{more}}}\ntenant "other" {{ }}'

    def reload(self, files, more=""):
        self.daemon.write_conf(self.conf(files, more))
        mark = len(self.daemon.log())
        self.daemon.signal(signal.SIGHUP)
        self.daemon.wait_log("configuration reloaded", mark)

    def submit(self, path="/", tenant="default", **wishes):
        spec = {"url": self.server.url(path, **wishes), "json": {"a": 1}, "sign": "hooks", "redirects": 1}
        retry = {"max_attempts": 3, "min": "1ms", "max": "1ms"}
        return self.client.post({"kind": "http", "tenant": tenant, "spec": spec, "retry": retry})

    def heard(self, **wishes):
        """The signed requests of a job that must succeed, and its id."""
        job = self.submit(**wishes).json["id"]
        document = self.client.result(job)
        assert document["state"] == "succeeded", document
        return [r for r in self.server.requests if r.header("webhook-id") == [job]], job


def signed_by(request, secret):
    """Whether one of the signatures is by the secret."""
    (identity,), (timestamp,) = request.header("webhook-id"), request.header("webhook-timestamp")
    (signatures,) = request.header("webhook-signature")
    assert abs(int(timestamp) - time.time()) < 300, timestamp
    content = f"{identity}.{timestamp}.".encode() + request.body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in signatures.split(" ")


@case
def each_attempt_is_signed_with_all_secrets_of_the_key_and_a_reload_takes_up_new_ones():
    with Signing() as signing:
        requests, _ = signing.heard(path="/a", status=503, fail=2)
        assert len(requests) == 3 and all(signed_by(request, OLD) for request in requests), requests
        assert not signed_by(requests[0], NEW)
        signing.write(OLD, NEW)
        signing.reload(signing.files)
        (request,), _ = signing.heard(path="/b")
        assert signed_by(request, OLD) and signed_by(request, NEW), request.headers
        signing.write(NEW)  # in the same file
        signing.reload(signing.files[:1])
        (request,), job = signing.heard(path="/c")
        assert signed_by(request, NEW) and not signed_by(request, OLD), request.headers
        told = signing.client.get(f"/jobs/{job}").body + signing.client.get("/stats").body + signing.daemon.log().encode()
        for secret in (OLD, NEW):
            assert secret.encode() not in told and secret.removeprefix("whsec_").encode() not in told


@case
def a_key_that_is_not_there_or_not_for_the_tenant_is_refused_with_its_place():
    with Signing() as signing:
        signing.reload(signing.files[:1], 'tenants = {"default"}\n')
        assert len(signing.heard()[0]) == 1
        for answer in (
            signing.submit(tenant="other"),
            signing.client.post({"kind": "http", "spec": {"url": "http://x/", "sign": "hook"}}),
        ):
            assert answer.status == 400 and answer.json["errors"][0]["pointer"] == "/spec/sign", answer.json
        job = signing.submit(path="/held", status=503, hold="reload").json["id"]
        signing.server.wait_in_flight(1)
        signing.reload(signing.files[:1], 'tenants = {"other"}\n')  # the key goes away meanwhile
        signing.server.open("reload")
        document = signing.client.result(job)
        assert document["state"] == "failed" and document["error"]["code"] == "no-such-key", document
        assert document["attempts"] == 2, document


@case
def a_redirect_to_another_origin_gets_no_signature():
    with Signing() as signing, Server() as other:
        job = signing.submit(status=307, location=other.url("/there")).json["id"]
        assert signing.client.result(job)["state"] == "succeeded"
        (request,) = other.requests
        assert request.body == b'{"a":1}' and not request.header("webhook-signature"), request.headers
        assert signed_by(signing.server.requests[0], OLD)
