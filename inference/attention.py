"""How closely one camera is looked at: listen, look, track. Pure.

listen: key frames are compared, nothing else is decoded. look: something moved; everything is decoded and the
moving regions are searched. track: an object stays where a rule counts its seconds.
"""

from enum import StrEnum

_CALM = 4.0  # s without motion before the camera is left alone: a lorry at a barrier, a bucket being filled
# s of looking after a wake by packet sizes, which goes a second back, before it counts as nothing: five pictures
# past the surge show what moves.
_CHECK = 2.5
_ARRIVAL = 6.0  # s of looking at a camera that has just come: learns its background, finds what stands there
_ROUND = 30.0  # s between two whole looks at a resting camera: finds what came unnoticed
_STANDING = (
    8.0  # s between two looks at what stands there: three within what the tracker remembers it (max_gap)
)
# s. A wake shows again what is at most a second old (see streams.camera); what steps back further is the box's clock
# that was set, and the camera must not go unseen until it has caught up.
_JUMP = 2.0


class Level(StrEnum):
    LISTEN = "listen"
    LOOK = "look"
    TRACK = "track"


class Attention:
    """One camera's level. Times are the pictures' own, s; they may jump."""

    def __init__(self, calm: float = _CALM, every: float | None = None) -> None:
        """calm: s without motion before it is left alone. every: s between two whole looks at a resting camera, where
        that is less than ours."""
        self._calm = calm
        self._round = min(_ROUND, every or _ROUND)
        self.level = Level.LOOK
        self.last: float | None = None
        """The newest picture that was looked at."""
        self._quiet_until: float | None = None
        self._rounded = float("-inf")
        self._stirred = False

    def stale(self, time: float) -> bool:
        """Whether this picture was seen before (a wake goes back in time), and must not be seen again."""
        return self.last is not None and self.last - _JUMP < time <= self.last

    def looked(self, time: float, *, moving: bool, busy: bool) -> bool:
        """After a full look. moving: something does; busy: a rule counts. True: it may rest from now on."""
        if self.level is Level.LISTEN:  # woken by somebody else
            self._begin(time, min(_CHECK, self._calm))
        if self._quiet_until is None or time < (self.last or time):
            self._begin(time, _ARRIVAL)
        self.last = time
        self._rounded = time
        if moving or busy:
            self._stirred = True
            self._quiet_until = max(self._quiet_until or time, time + self._calm)
        self.level = Level.TRACK if busy else Level.LOOK
        if self._quiet_until is not None and time < self._quiet_until:
            return False
        self.level = Level.LISTEN
        return True

    @property
    def stirred(self) -> bool:
        """Whether anything happened since the camera woke: if not, it was woken by nothing."""
        return self._stirred

    def glimpsed(self, time: float, *, moved: bool) -> float | None:
        """After a glimpse. What to see everything from, s; None: it may go on resting."""
        since = self.last if self.last is not None else time
        if moved:
            self._begin(time, self._calm)
            return since
        self.last = time
        return None

    def due(self, time: float, *, holds: bool) -> bool:
        """Whether a resting camera is to be looked at as a whole. holds: something stands there that is followed; were
        it to drive off, that would be seen as motion."""
        if 0 <= time - self._rounded < (min(self._round, _STANDING) if holds else self._round):
            return False
        self._rounded = time
        return True

    def _begin(self, time: float, least: float) -> None:
        self.level = Level.LOOK
        self._stirred = False
        self._quiet_until = time + least
