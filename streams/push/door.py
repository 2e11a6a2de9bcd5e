"""Listens at one address for one sender at a time; whoever knocks is judged before anything of it is read."""

import threading
import time
from collections.abc import Callable
from hmac import compare_digest
from typing import Protocol

import structlog
from pydantic import SecretStr

from streams.networks import Address, Networks
from streams.push.lockout import Lockout
from streams.push.rtmp import Rejected

log = structlog.get_logger()

_LOOK = 0.25  # s: how long anything waits before it looks whether to end
_KNOCKING = 4  # handshakes at once: a site has few drones
# s of a sender's silence after which another one with the key may take its place: a drone whose 4G broke
# comes back long before its old connection is given up
_SILENT = 2.0
_ABANDONED = 60.0  # s without anybody to stream to: longer than a camera rests between two tries (30 s)


BUSY = "another sender is live"


class Guest(Protocol):
    """A sender that was let in; `format` is FFmpeg's name for what `read` gives."""

    format: str
    heard: float
    """When something last came, s of time.monotonic."""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; empty at the end. Raises StreamError."""
        ...

    def close(self) -> None: ...


class Caller(Protocol):
    """Somebody who connected."""

    address: Address

    def admit(self, judge: Callable[[str], str | None]) -> Guest:
        """Find out what it wants to publish, and let `judge` decide. Raises Rejected, OSError."""
        ...

    def close(self) -> None: ...


class Entrance(Protocol):
    """A listening socket."""

    def accept(self, patience: float) -> Caller | None:
        """The next one; None if none came in `patience` s. Raises OSError."""
        ...

    def close(self) -> None: ...


class Door:
    """One address with its own thread. Senders that are let in wait until `wait` takes them.

    wanted: what a sender must ask for, the key in it. where: host:port/path, for the log.
    """

    def __init__(self, entrance: Entrance, wanted: SecretStr, networks: Networks, where: str) -> None:
        self._entrance, self._wanted, self._networks, self.where = entrance, wanted, networks, where
        self._changed = threading.Condition()
        self._inside: Guest | None = None
        self._taken = True
        self._lockout = Lockout()
        self._knocking = threading.Semaphore(_KNOCKING)
        self._closed = False
        self._visited = time.monotonic()
        self.told = False
        """Whether it was already said that nobody is there."""
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)
        self._thread.start()

    def wait(self, patience: float, stop: threading.Event) -> Guest | None:
        """The next sender; None if none came in `patience` s, or `stop` was set."""
        deadline = time.monotonic() + patience
        with self._changed:
            while self._taken and not stop.is_set() and not self._closed:
                self._visited = time.monotonic()
                if self._visited >= deadline:
                    return None
                self._changed.wait(min(_LOOK, deadline - self._visited))
            if self._taken or stop.is_set():
                return None
            self._taken, self.told = True, False
            return self._inside

    def leave(self, guest: Guest) -> None:
        """It is over with this one: the next may come."""
        guest.close()
        with self._changed:
            self._visited = time.monotonic()
            if self._inside is guest:
                self._inside = None

    def close(self) -> None:
        """Returns when the port is free again."""
        self._shut()
        self._thread.join(4 * _LOOK)

    def _shut(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    # --- the door's own thread

    def _run(self) -> None:
        while not self._closed and not self._abandoned():
            try:
                caller = self._entrance.accept(_LOOK)
            except (
                OSError
            ) as error:  # one that hung up before it was let in, or no more files: neither ends the door
                log.warning("push.accept_failed", where=self.where, error=type(error).__name__)
                time.sleep(_LOOK)
                continue
            if caller is not None:
                self._met(caller)
        self._shut()
        self._entrance.close()
        with self._changed:
            guest = None if self._taken else self._inside
        if guest is not None:
            guest.close()

    def _abandoned(self) -> bool:
        return self._inside is None and time.monotonic() - self._visited > _ABANDONED

    def _met(self, caller: Caller) -> None:
        reason = self._turned_away(caller)
        if reason is None:
            threading.Thread(target=self._receive, args=(caller,), name="door-guest", daemon=True).start()
            return
        if reason:
            log.warning("push.refused", where=self.where, sender=str(caller.address), reason=reason)
        caller.close()

    def _turned_away(self, caller: Caller) -> str | None:
        """Why, before it is listened to; empty: said often enough. None: it may speak."""
        if (refusal := self._networks.refusal(caller.address)) is not None:
            return f"address: {refusal.en}"
        if self._lockout.blocked(str(caller.address), time.monotonic()):
            return ""
        return None if self._knocking.acquire(blocking=False) else "too many at once"

    def _receive(self, caller: Caller) -> None:
        try:
            guest = caller.admit(self._judge)
        except Rejected as error:
            # Before it is shown out: else it could guess again before that one counted.
            self._note(caller.address, str(error), guilty=str(error) != BUSY)
            caller.close()
        except OSError as error:
            self._note(caller.address, type(error).__name__, guilty=isinstance(error, TimeoutError))
            caller.close()
        else:
            self._seat(guest, caller.address)
        finally:
            self._knocking.release()

    def _judge(self, asked: str) -> str | None:
        if not compare_digest(asked.encode(), self._wanted.get_secret_value().encode()):
            return "wrong stream key or path"
        return BUSY if self._busy() else None

    def _busy(self) -> bool:
        inside = self._inside
        return inside is not None and time.monotonic() - inside.heard < _SILENT

    def _seat(self, guest: Guest, address: Address) -> None:
        with self._changed:
            seated = not self._busy() and not self._closed
            if seated:
                before, self._inside, self._taken = self._inside, guest, False
                self._changed.notify_all()
        if not seated:
            self._note(address, BUSY, guilty=False)
            guest.close()
            return
        if before is not None:
            before.close()
        log.info("push.accepted", where=self.where, sender=str(address))

    def _note(self, sender: Address, reason: str, *, guilty: bool) -> None:
        now = time.monotonic()
        if guilty:
            self._lockout.failed(str(sender), now)
        locked = self._lockout.blocked(str(sender), now)
        log.warning("push.refused", where=self.where, sender=str(sender), reason=reason, locked_out=locked)
