"""case_https.py - http jobs over TLS: whom they believe, who they say they are, and the version of HTTP that is agreed on."""

import contextlib
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
from pathlib import Path

from daemon import SmallDaemon
from tap import Skip, case

ONCE = {"max_attempts": 1}
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Authority:
    """A certificate authority in a folder of its own."""

    def __enter__(self):
        if not shutil.which("openssl"):
            raise Skip("openssl is not there to make certificates")
        self.folder = Path(tempfile.mkdtemp(prefix="penstock-test-"))
        self._openssl("req", "-x509", *EC, "-subj", "/CN=tests", "-keyout", "ca.key", "-out", "ca.pem")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def path(self, name):
        return self.folder / name

    def certify(self, name, names="IP:127.0.0.1"):
        """Make NAME.key and NAME.pem."""
        (self.folder / "extensions").write_text(f"subjectAltName={names}\n", encoding="ascii")
        self._openssl("req", *EC, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl(
            "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "extensions", "-out", f"{name}.pem"
        )  # fmt: skip

    def context(self, name, wants_client=False, protocols=()):
        """What a server of this name needs."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(f"{name}.pem"), self.path(f"{name}.key"))
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path("ca.pem"))
        if protocols:
            context.set_alpn_protocols(protocols)
        return context


def frame(kind, flags, stream, data=b""):
    return struct.pack(">I", len(data))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + data


class TlsServer:
    """One connection after the other; each request gets 200 and for its body who the client is."""

    def __init__(self, context):
        self.context = context
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.agreed = []  # by ALPN, one a connection
        self.stream = None  # the connection at hand, which a client may keep open
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        if self.stream:
            with contextlib.suppress(OSError):
                self.stream.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):  # until the socket is shut down
            while True:
                connection = self.socket.accept()[0]
                with contextlib.suppress(OSError), self.context.wrap_socket(connection, server_side=True) as stream:
                    self.stream = stream
                    self.agreed.append(stream.selected_alpn_protocol())
                    subject = dict(pair for part in (stream.getpeercert() or {}).get("subject", ()) for pair in part)
                    who = subject.get("commonName", "nobody").encode()
                    (self._http2 if self.agreed[-1] == "h2" else self._http1)(stream, who)

    def _http1(self, stream, who):
        head = b""
        while not head.endswith(b"\r\n\r\n") and (more := stream.recv(4096)):
            head += more
        if head:
            stream.sendall(b"HTTP/1.1 200 Yes\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(who), who))

    def _http2(self, stream, who):
        """RFC 9113, as little of it as one answer takes; :status 200 is number 8 of HPACK's table."""
        reader = stream.makefile("rb")
        assert reader.read(len(PREFACE)) == PREFACE
        stream.sendall(frame(4, 0, 0))
        while head := reader.read(9):
            reader.read(int.from_bytes(head[:3], "big"))
            kind, flags, number = head[3], head[4], int.from_bytes(head[5:], "big")
            if kind == 4 and not flags & 1:
                stream.sendall(frame(4, 1, 0))
            if kind == 1:
                stream.sendall(frame(1, 4, number, b"\x88") + frame(0, 1, number, who))


def reload(daemon, conf):
    daemon.write_conf(conf)
    mark = len(daemon.log())
    daemon.signal(signal.SIGHUP)
    daemon.wait_log("configuration reloaded", mark)


def call(daemon, server):
    """What the server answered, or the code of the failure."""
    document = daemon.client.run("http", {"url": server.url}, retry=ONCE)
    assert document["attempts"] == 1, document
    return document["error"]["code"] if document["error"] else document["result"]["body"]


@case
def a_server_is_believed_by_the_authorities_of_the_configuration_and_for_its_own_name():
    with Authority() as authority, SmallDaemon() as daemon:
        authority.certify("here")
        authority.certify("elsewhere", "DNS:elsewhere.test")
        with TlsServer(authority.context("here")) as here, TlsServer(authority.context("elsewhere")) as elsewhere:
            assert call(daemon, here) == "tls"
            reload(daemon, f'ca-file = "{authority.path("ca.pem")}"')
            assert call(daemon, here) == "nobody"
            assert call(daemon, elsewhere) == "tls"
            reload(daemon, "")
            assert call(daemon, here) == "tls"


@case
def a_server_that_asks_who_calls_is_shown_the_certificate_of_the_configuration():
    with Authority() as authority, SmallDaemon() as daemon:
        for name in ("here", "penstock"):
            authority.certify(name)
        both = authority.path("both.pem")
        both.write_bytes(authority.path("penstock.pem").read_bytes() + authority.path("penstock.key").read_bytes())
        believed = f'ca-file = "{authority.path("ca.pem")}"\n'
        with TlsServer(authority.context("here", wants_client=True)) as server:
            reload(daemon, believed)
            assert call(daemon, server) in ("tls", "send-recv")  # TLS 1.3 tells a client late that it is not welcome
            certificate, key = authority.path("penstock.pem"), authority.path("penstock.key")
            reload(daemon, f'{believed}client-certificate = "{certificate}"\nclient-key = "{key}"')
            assert call(daemon, server) == "penstock"
            reload(daemon, f'{believed}client-certificate = "{both}"')
            assert call(daemon, server) == "penstock"


@case
def http_2_is_spoken_over_tls_with_who_agrees_to_it_and_http_1_with_others():
    with Authority() as authority, SmallDaemon("loops = 1") as daemon:
        authority.certify("here")
        reload(daemon, f'loops = 1\nca-file = "{authority.path("ca.pem")}"')
        for protocols, agreed in ((("h2", "http/1.1"), "h2"), (("http/1.1",), "http/1.1"), ((), None)):
            with TlsServer(authority.context("here", protocols=protocols)) as server:
                assert call(daemon, server) == "nobody"
                assert server.agreed == [agreed], server.agreed
