"""When the fast clock looks: the daemon looks every 30 s, which nobody could play for 30 days. Pure.

Where a dig goes on, from its beginning to an hour after it ends, or until twice what it is allowed: every 30 s for ramps
of minutes, every 10 min by daylight for ramps of days. Elsewhere every 10 min by daylight and every 30 min by night, and
while everybody learns every 20 min by daylight and every hour by night.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import pairwise

from bench.disturbance.scenario import Dig

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

_CLOSE, _DAY, _NIGHT = 30.0, 10 * MINUTE, 30 * MINUTE
_SLOW = 3 * HOUR  # ramps from here on take days, and every 30 s of them would take days
_AFTER = HOUR
_LIGHT = range(5, 20)  # local hours with light to see by, dawn and dusk included


def times(begin: float, learnt: float, end: float, dig: Dig | None, zone: tzinfo) -> Iterator[float]:
    """s since 1970, from begin to end. learnt: when learning is over."""
    moment = begin
    while moment < end:
        yield moment
        moment += _step(moment, moment < learnt, dig, zone)


def _step(moment: float, learning: bool, dig: Dig | None, zone: tzinfo) -> float:
    if dig and dig.ramp < _SLOW:
        if dig.start <= moment < dig.start + dig.ramp + _AFTER:
            return _CLOSE
        if moment < dig.start:
            return min(_usual(moment, learning, zone), dig.start - moment)
    return _usual(moment, learning, zone)


def _usual(moment: float, learning: bool, zone: tzinfo) -> float:
    light = datetime.fromtimestamp(moment, zone).hour in _LIGHT
    return (_DAY if light else _NIGHT) * (2 if learning else 1)


def longest(moments: list[float]) -> float:
    """s between two looks at most: what the night costs."""
    return max((later - earlier for earlier, later in pairwise(moments)), default=0.0)
