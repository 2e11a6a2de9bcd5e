"""Names to addresses, with a time-out: the system's resolver has none that can be set."""

import socket
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address

from streams.networks import Address


@dataclass(slots=True)
class _Lookup:
    done: threading.Event = field(default_factory=threading.Event)
    found: tuple[Address, ...] = ()
    failed: bool = False


_running: dict[str, _Lookup] = {}  # one at a time per name, so that a dead name server cannot pile up threads
_lock = threading.Lock()


def addresses(host: str, patience: float) -> tuple[Address, ...]:
    """Every address of a name, in the system's order of preference (RFC 6724).

    Raises TimeoutError after `patience` (s), socket.gaierror for a name that does not exist.
    """
    with _lock:
        lookup = _running.get(host)
        if lookup is None:
            lookup = _running[host] = _Lookup()
            threading.Thread(target=_run, args=(host, lookup), name="resolver", daemon=True).start()
    if not lookup.done.wait(patience):
        raise TimeoutError
    if lookup.failed or not lookup.found:
        raise socket.gaierror
    return lookup.found


def _run(host: str, lookup: _Lookup) -> None:
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        lookup.found = tuple(dict.fromkeys(_address(row[4]) for row in rows))
    except (OSError, UnicodeError):  # what IDNA cannot encode is no name
        lookup.failed = True
    finally:
        with _lock:
            _running.pop(host, None)
        lookup.done.set()


def _address(row: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> Address:
    """The kernel keeps a link-local address's interface beside it, the text form within it (RFC 4007)."""
    host = str(row[0])
    scope = row[3] if len(row) == 4 else 0
    return ip_address(f"{host}%{scope}" if scope and "%" not in host else host)
