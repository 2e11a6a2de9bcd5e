"""Ports for what a test starts later, on loopback."""

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST, _HIGHEST = 10_000, 65_000  # beneath, services of the machine itself live
_TRIES = 100


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody holds, outside of those that the kernel hands out by itself (ip(7)): one of these may be
    another connection's end by the time that the test listens there."""
    first, last = map(int, _RANGE.read_text().split())
    outside = [port for port in range(_LOWEST, _HIGHEST) if not first <= port <= last]
    for port in random.SystemRandom().choices(outside or range(_LOWEST, _HIGHEST), k=_TRIES):
        with socket.socket(type=kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port")
