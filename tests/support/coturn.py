"""A real coturn, with the passwords of its REST scheme."""

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.support.namespaces import SERVER, Apart

SECRET = "north"
_PATIENCE = 60.0


@dataclass
class Coturn:
    """`with Coturn(folder, apart, "--no-udp") as turn:`. Listens on SERVER: 3478, and 443 under TLS."""

    folder: Path
    apart: Apart
    options: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> Self:
        self._certify()
        command = ["ip", "netns", "exec", self.apart.name("server"), "turnserver", "-n", *self._options()]
        with (self.folder / "coturn.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        self.apart.run("server", self._listens())
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    @property
    def authority(self) -> Path:
        """Who signed its certificate: itself."""
        return self.folder / "turn.crt"

    @property
    def log(self) -> str:
        return (self.folder / "coturn.log").read_text(errors="replace")

    def _options(self) -> list[str]:
        return [
            f"--listening-ip={SERVER}",
            f"--relay-ip={SERVER}",
            "--listening-port=3478",
            "--tls-listening-port=443",
            "--no-dtls",
            "--no-cli",
            "--fingerprint",
            "--use-auth-secret",
            f"--static-auth-secret={SECRET}",
            "--realm=sandwatch.test",
            f"--cert={self.folder / 'turn.crt'}",
            f"--pkey={self.folder / 'turn.key'}",
            f"--pidfile={self.folder / 'turn.pid'}",
            f"--userdb={self.folder / 'turn.sqlite'}",
            "--log-file=stdout",
            "--simple-log",
            "--verbose",
            *self.options,
        ]

    def _certify(self) -> None:
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=turn",
        ]
        command += ["-keyout", str(self.folder / "turn.key"), "-out", str(self.folder / "turn.crt")]
        command += ["-addext", f"subjectAltName=IP:{SERVER}"]
        subprocess.run(command, check=True, capture_output=True)

    async def _listens(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            try:
                socket.create_connection((SERVER, 443), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log)
