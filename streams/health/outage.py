"""One event for one outage, however often the camera flaps. Pure."""

from enum import Enum, auto

AFTER = 30.0  # s without pictures before anybody is told: a camera that restarts is back by then
WELL = 60.0  # s with pictures before it is over


class Change(Enum):
    BEGAN = auto()
    ENDED = auto()


class Outage:
    """Turns a state that flickers into a beginning and an end. Times in s, of any one clock."""

    def __init__(self, after: float = AFTER, well: float = WELL) -> None:
        self._after, self._well = after, well
        self._bad_since: float | None = None
        self._well_since: float | None = None
        self.since: float | None = None
        """When the outage that is on began."""

    def update(self, well: bool, now: float) -> Change | None:
        return self._better(now) if well else self._worse(now)

    def _worse(self, now: float) -> Change | None:
        self._well_since = None
        self._bad_since = now if self._bad_since is None else self._bad_since
        if self.since is None and now - self._bad_since >= self._after:
            self.since = self._bad_since
            return Change.BEGAN
        return None

    def _better(self, now: float) -> Change | None:
        self._well_since = now if self._well_since is None else self._well_since
        if self.since is None:
            self._bad_since = None
            return None
        if now - self._well_since < self._well:
            return None
        self.since = self._bad_since = None
        return Change.ENDED
