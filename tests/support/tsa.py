"""A real time-stamping authority: OpenSSL behind a small HTTP server on this machine."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIG = """
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.crt
certs = {folder}/ca.crt
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
[extensions]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


@dataclass
class Tsa:
    """folder: with ca.crt. down: answers nobody. garbled: answers something else."""

    folder: Path
    url: str = ""
    down: bool = False
    garbled: bytes | None = None
    asked: int = 0
    serving: ThreadingHTTPServer | None = field(default=None, repr=False)

    @property
    def ca(self) -> Path:
        return self.folder / "ca.crt"

    def reply(self, question: bytes) -> bytes:
        self.asked += 1
        asked, reply = self.folder / f"{self.asked}.tsq", self.folder / f"{self.asked}.tsr"
        asked.write_bytes(question)
        _openssl(
            "ts",
            "-reply",
            "-config",
            str(self.folder / "tsa.cnf"),
            "-queryfile",
            str(asked),
            "-out",
            str(reply),
        )
        return reply.read_bytes()


@contextmanager
def authority(folder: Path) -> Iterator[Tsa]:
    """Until the block is left."""
    folder.mkdir(parents=True, exist_ok=True)
    _certificates(folder)
    tsa = Tsa(folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(tsa)) as server:
        tsa.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield tsa
        finally:
            server.shutdown()
            thread.join()


def _handler(tsa: Tsa) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            if tsa.down or self.headers["Content-Type"] != "application/timestamp-query":
                self.send_error(503)
                return
            answer = tsa.garbled if tsa.garbled is not None else tsa.reply(question)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the library)
            pass

    return Handler


def _certificates(folder: Path) -> None:
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    ca = ["-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt")]
    _openssl("req", "-x509", *new, "-subj", "/CN=Root", *ca)
    request = ["-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.csr")]
    _openssl("req", *new[:-2], "-subj", "/CN=Authority", *request)
    signing = [
        "-CA",
        str(folder / "ca.crt"),
        "-CAkey",
        str(folder / "ca.key"),
        "-CAcreateserial",
        "-days",
        "30",
    ]
    extended = ["-extfile", str(folder / "tsa.cnf"), "-extensions", "extensions"]
    made = ["-in", str(folder / "tsa.csr"), "-out", str(folder / "tsa.crt")]
    _openssl("x509", "-req", *signing, *extended, *made)


def _openssl(*args: str) -> None:
    done = subprocess.run(["openssl", *args], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
