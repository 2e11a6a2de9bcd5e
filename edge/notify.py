"""What the daemon tells systemd: sd_notify(3), one datagram a time. Without $NOTIFY_SOCKET nobody is told."""

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self

import structlog

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Notify:
    """address: of the socket, "@..." in the abstract namespace; None: nobody listens. watchdog: s after which systemd
    ends a daemon that has not said `alive`; None: it does not wait for that."""

    address: str | None = None
    watchdog: float | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """From $NOTIFY_SOCKET and, where they are meant for this process (sd_watchdog_enabled(3)), $WATCHDOG_*."""
        micros = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watched = int(micros) / 1e6 if ours and micros.isdecimal() and int(micros) else None
        return cls(environ.get("NOTIFY_SOCKET") or None, watched)

    def ready(self, status: str) -> None:
        self._tell("READY=1", f"STATUS={status}")

    def alive(self, status: str) -> None:
        self._tell("WATCHDOG=1", f"STATUS={status}")

    def says(self, status: str) -> None:
        """Without a sign of life."""
        self._tell(f"STATUS={status}")

    def reloading(self) -> None:
        """Another site file is carried out; `ready` ends it. When it began tells systemd which `ready` is the answer."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def _tell(self, *words: str) -> None:
        if self.address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.setblocking(False)
            try:
                sock.sendto("\n".join(words).encode(), self.address.replace("@", "\0", 1))
            except OSError as error:  # systemd is being replaced, or slow: the next word comes in seconds
                log.warning("notify.unheard", why=error.strerror or type(error).__name__)


@cache
def manager() -> Notify:
    """Who started this process; asked once. Programs that it starts do not inherit the socket: systemd's own ones tell
    of their failures there."""
    found = Notify.of()
    os.environ.pop("NOTIFY_SOCKET", None)
    return found
