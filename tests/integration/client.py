"""client.py - HTTP as a test wants it: each request on a connection of its own, answers checked for what all must bear."""

import http.client
import json
import re
import socket

JSON = "application/json"
PROBLEM = "application/problem+json"
LINES = "application/x-ndjson"
REQUEST_ID = re.compile(r"[\x21-\x7e]{1,64}")
TIMEOUT_S = 60  # for what hangs


class Answer:
    """Status, headers and body; `json` where the body is some, `lines` where it is many."""

    def __init__(self, answer, body):
        self.status = answer.status
        self.headers = answer.headers
        self.body = body
        self.type = (answer.headers.get("Content-Type") or "").split(";")[0]
        self.json = json.loads(body) if body and self.type in (JSON, PROBLEM) else None
        self.lines = [json.loads(line) for line in body.splitlines()] if self.type == LINES else None

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:2000]!r}"


def check(answer, path):
    """What API.md promises of every answer."""
    assert REQUEST_ID.fullmatch(answer.headers.get("X-Request-Id", "")), answer
    if answer.status >= 400 and answer.body and answer.type != LINES:
        assert answer.type == PROBLEM, answer
        for member in ("type", "title", "status", "detail", "instance", "code", "request_id"):
            assert member in answer.json, f"no {member} in {answer}"
        assert answer.json["status"] == answer.status, answer
        assert answer.json["request_id"] == answer.headers["X-Request-Id"], answer
    return answer


class Client:
    """One daemon's control plane."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.host, self.port = host, int(port)
        self.url = f"http://{address}"

    def connect(self):
        """A connection for raw bytes."""
        return socket.create_connection((self.host, self.port), TIMEOUT_S)

    def raw(self, data):
        """Send bytes as they are and give all that comes back until the other side closes."""
        with self.connect() as connection:
            connection.sendall(data)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
        return b"".join(parts)

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return check(Answer(answer, answer.read()), path)
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, job, headers=None):
        """Submit a job (a dict, or a body as it is)."""
        body = job if isinstance(job, (bytes, str)) else json.dumps(job)
        return self.request("POST", "/jobs", body, {"Content-Type": JSON, **(headers or {})})

    def post_lines(self, jobs, query=""):
        """Submit several jobs (a list of dicts, or a body as it is) in one request."""
        body = jobs if isinstance(jobs, bytes) else "".join(f"{json.dumps(job)}\n" for job in jobs)
        return self.request("POST", f"/jobs{query}", body, {"Content-Type": LINES})

    def submit(self, kind, spec=None, **members):
        """Submit a job that must be accepted; gives its id."""
        answer = self.post({"kind": kind, "spec": spec, **members})
        assert answer.status == 202, answer
        assert answer.headers["Location"] == f"/jobs/{answer.json['id']}", answer
        return answer.json["id"]

    def result(self, job, wait="30s"):
        """Wait for the result document of a job that must end."""
        answer = self.get(f"/results/{job}?wait={wait}")
        assert answer.status == 200, answer
        return answer.json

    def run(self, kind, spec=None, **members):
        return self.result(self.submit(kind, spec, **members))

    def state(self, job):
        return self.get(f"/jobs/{job}").json["state"]

    def stats(self):
        """All samples, by their text up to the value."""
        answer = self.get("/stats")
        assert answer.status == 200, answer
        samples = {}
        for line in answer.body.decode().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples
