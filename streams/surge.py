"""Motion seen without decoding: pictures that cost the camera more bytes than they used to. Pure.

A camera's P pictures code what changed. Their sizes have a level and a restlessness of their own, which depend on
the maker, the light and the wind, and a course between two key frames: the pictures after a key frame mend its
faults. All of it is learned per camera, on a logarithmic scale; what lies above it is summed until it is too much
for chance (Page, "Continuous inspection schemes", Biometrika 41, 1954).

Where a camera fills a fixed bit rate with the noise of its sensor, motion leaves no trace in the sizes: there only
key frames tell.
"""

from math import exp, log2

from streams.packet import Packet

_WARM = 8.0  # s before anything is called a surge: four usual GOPs
_GOPS = 3  # key frames before: a course that was seen twice ...
_LONG = 40.0  # s: ... unless key frames hardly ever come
_LEVEL = 5.0  # s: time constant of the level; slower than a lorry comes in, faster than a cloud
_SPREAD = 20.0  # s: time constant of the restlessness
_LEAST = 0.03  # octaves (2 %): below it an encoder breathes by itself
_CLIP = 1.0  # deviations a picture may pull the level by: a lorry must not become the norm while it passes
_MOST = 3.0  # deviations one picture counts for: one large picture alone (a flash, a lost slice) is no motion
_DRIFT = 0.5  # deviations a rise must exceed, on average, to be summed at all
# Deviations in sum: four pictures of the clearest motion, a second of the faintest. Pure chance gets there once in
# 13 minutes (Siegmund, Sequential Analysis, 1985), and after a wake for nothing once in hours.
_ENOUGH = 8.0
_GAP = 2.0  # s: a clock that jumps or a stream that paused teaches nothing
_NOW = 1.0  # s: time constant of how large a surge is
_CAUTION, _MOST_CAUTION = 1.5, 4.0  # times as much is enough after a wake for nothing; at most
_FORGIVE = 600.0  # s: time constant in which what was nothing is forgotten: gusts come again, showers end
_FINE = 25  # pictures after a key frame that have a level each: a second, in which most mending is done
_COARSE = 25  # pictures that share one after that
_PLACES = 2 * _FINE  # of a GOP that is told apart: 26 s
_TWICE = 2  # times a place must have been seen before it is judged
_SEEN = 8  # times after which a place is known: its level moves by an eighth of the difference


class Surge:
    """One camera's packet sizes. Feed it every packet in order; costs a few microseconds."""

    def __init__(self) -> None:
        self._level: float | None = None
        self._spread = 0.1
        self._places = [0.0] * _PLACES
        self._seen = [0] * _PLACES
        self._since_key = self._keys = 0
        self._last: float | None = None
        self._learned = 0.0
        self._now = 0.0
        self._sum = self._strongest = 0.0
        self._caution = 1.0
        self._tolerated = 0.0  # octaves above the level that turned out to be nothing

    def update(self, packet: Packet) -> bool:
        """Whether the last pictures are larger than this camera's usual ones."""
        step = self._step(packet.dts)
        if packet.key:
            self._since_key = 0
            self._keys += 1
            return False
        place = self._place()
        size = log2(max(packet.size, 16))
        if self._level is None:
            self._level = size
        rise = size - self._level - self._places[place]
        known = self._seen[place] >= _TWICE
        warm = self._learned >= _WARM and (self._keys > _GOPS or self._learned >= _LONG)
        if known and warm:
            self._count(rise)
        self._learn(rise, place, step, known=known, warm=warm)
        return self._sum > _ENOUGH * self._caution

    def accept(self) -> None:
        """It was nothing (a gust, rain that begins, the night mode): the next surge has to be stronger and clearer."""
        self._tolerated = max(self._tolerated, self._strongest)
        self._sum = self._strongest = 0.0
        self._caution = min(_MOST_CAUTION, self._caution * _CAUTION)

    def forget(self) -> None:
        """A new opening: another profile, another camera even."""
        self.__init__()  # type: ignore[misc]

    def _step(self, now: float) -> float:
        """s of stream since the packet before."""
        passed = 0.0 if self._last is None else now - self._last
        self._last = now
        return passed if 0 <= passed < _GAP else 0.0

    def _place(self) -> int:
        """Which of the remembered places in the GOP this picture has."""
        number = self._since_key
        self._since_key += 1
        return number if number < _FINE else min(_FINE - 1 + number // _COARSE, _PLACES - 1)

    def _count(self, rise: float) -> None:
        deviations = _within((rise - self._tolerated) / max(self._spread, _LEAST), _MOST)
        # What is far over the mark still has to come down within seconds once the lorry is gone.
        self._sum = min(max(0.0, self._sum + deviations - _DRIFT), 2 * _ENOUGH * self._caution)

    def _learn(self, rise: float, place: int, step: float, *, known: bool, warm: bool) -> None:
        assert self._level is not None
        self._learned += step
        kept = exp(-step / _FORGIVE)
        self._caution = 1 + (self._caution - 1) * kept
        self._tolerated *= kept
        self._now += _share(step, _NOW) * (rise - self._now)
        self._strongest = max(self._strongest, self._now) if self._sum else 0.0
        if known or not warm:  # quick at first, so that a camera is known after seconds
            pull = _within(rise, _CLIP * self._spread) if warm else rise
            self._level += _share(step, min(_LEVEL, max(1.0, self._learned))) * pull
        if known:
            deviation = _within(rise, _MOST * self._spread) if warm else rise
            # 1.25: from the mean deviation of a normal distribution to its standard deviation
            share = _share(step, min(_SPREAD, max(2.0, self._learned)))
            self._spread += share * (1.25 * abs(deviation) - self._spread)
        self._learn_place(rise, place, warm=warm and known)

    def _learn_place(self, rise: float, place: int, *, warm: bool) -> None:
        most = _SEEN if place < _FINE else _SEEN * _COARSE
        self._seen[place] = min(self._seen[place] + 1, most)
        self._places[place] += (_within(rise, _MOST * self._spread) if warm else rise) / self._seen[place]


def _share(step: float, constant: float) -> float:
    """Of the newest value in an exponential mean."""
    return 1 - exp(-step / constant)


def _within(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))
