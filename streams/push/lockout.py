"""Who guessed too often. Pure: the time is given."""

from collections import OrderedDict, deque

_TRIES = 5  # wrong keys: a technician's typing errors
_WITHIN = 60.0  # s for these, and for how long nothing is heard from there
_REMEMBERED = 1024  # senders; the one silent longest is forgotten first


class Lockout:
    """Counts failures by sender."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def failed(self, sender: str, now: float) -> None:
        """now: s, any origin."""
        times = self._failures.setdefault(sender, deque(maxlen=_TRIES))
        times.append(now)
        self._failures.move_to_end(sender)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def blocked(self, sender: str, now: float) -> bool:
        times = self._failures.get(sender)
        return times is not None and len(times) == _TRIES and now - times[0] < _WITHIN
