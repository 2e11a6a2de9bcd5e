"""How often somebody may guess. Pure: time is an argument, memory is bounded."""

from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address

_KEYS = 4096  # remembered at once: an attacker with more addresses drives out his own


class Attempts:
    """At most `most` failures per key within `window` s."""

    def __init__(self, most: int, window: float, keys: int = _KEYS) -> None:
        self._most, self._window, self._keys = most, window, keys
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, key: str, now: float) -> float:
        """s until the next try is heard; 0: now."""
        failed = self._failed.get(key)
        if failed is None or len(failed) < self._most:
            return 0.0
        return max(0.0, failed[0] + self._window - now)

    def failed(self, key: str, now: float) -> None:
        self._failed.setdefault(key, deque(maxlen=self._most)).append(now)
        self._failed.move_to_end(key)
        while len(self._failed) > self._keys:
            self._failed.popitem(last=False)

    def passed(self, key: str) -> None:
        self._failed.pop(key, None)

    def __len__(self) -> int:
        return len(self._failed)


def neighbourhood(address: str) -> str:
    """What one person can easily have: an IPv4 address, or an IPv6 network of 64 bits (RFC 4291, 2.5.1)."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
