"""When the sun rises and sets.

The solar equations of NOAA's Global Monitoring Laboratory (gml.noaa.gov/grad/solcalc/calcdetails.html), which
follow J. Meeus, Astronomical Algorithms. Good to about a minute between the polar circles, for 1901 to 2099.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from math import acos, asin, cos, degrees, radians, sin, tan

_DAY = 86_400.0
_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC).timestamp()
_CENTURY = 36_525 * _DAY
_HORIZON = 90.833  # degrees from the zenith: 34' of refraction and 16' of the sun's own radius
CIVIL = 96.0  # the same: where civil twilight ends, and without lamps nothing on the ground can be told apart
_SECONDS_PER_DEGREE = 240.0  # the earth turns by a degree in four minutes


@dataclass(frozen=True, slots=True)
class SunDay:
    """rise, set: seconds since the Unix epoch, UTC.

    Where the sun does not rise on that day both are its noon; where it does not set they lie half a day before
    and after it. So the light time has its true length, none or all of the day, everywhere.
    """

    rise: float
    set: float


@lru_cache(maxsize=64)
def sun_day(day: date, lat: float, lon: float, zenith: float = _HORIZON) -> SunDay:
    """The sun's way over a place on one day of its own calendar. lat, lon: WGS84, degrees, north and east positive.
    zenith: degrees from it at which the sun counts as risen and as set; CIVIL: when dawn begins and dusk ends."""
    lat = max(-89.9, min(89.9, lat))  # over the pole itself it neither rises nor sets
    noon = datetime.combine(day, time(12), UTC).timestamp() - _SECONDS_PER_DEGREE * lon
    rise = set_ = noon
    for _ in range(3):  # the sun moves on while the earth turns: after three rounds by less than a second
        rise = _noon(noon, rise) - _half(rise, lat, zenith)
        set_ = _noon(noon, set_) + _half(set_, lat, zenith)
    return SunDay(rise, set_)


def _noon(mean: float, moment: float) -> float:
    """True noon, for the equation of time at `moment`."""
    return mean - _SECONDS_PER_DEGREE * _ahead(_century(moment))


def _half(moment: float, lat: float, zenith: float) -> float:
    """Half the light day in seconds, 0 to half a day."""
    low = radians(_declination(_century(moment)))
    angle = cos(radians(zenith)) / (cos(radians(lat)) * cos(low)) - tan(radians(lat)) * tan(low)
    return _SECONDS_PER_DEGREE * degrees(acos(max(-1.0, min(1.0, angle))))


def _century(moment: float) -> float:
    return (moment - _J2000) / _CENTURY


def _mean_longitude(t: float) -> float:
    return radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360)


def _anomaly(t: float) -> float:
    return radians(357.52911 + t * (35999.05029 - 0.0001537 * t))


def _obliquity(t: float) -> float:
    seconds = 21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))
    return radians(23 + (26 + seconds / 60) / 60 + 0.00256 * cos(_node(t)))


def _node(t: float) -> float:
    return radians(125.04 - 1934.136 * t)


def _declination(t: float) -> float:
    """Degrees north of the equator."""
    m = _anomaly(t)
    centre = sin(m) * (1.914602 - t * (0.004817 + 0.000014 * t))
    centre += sin(2 * m) * (0.019993 - 0.000101 * t) + sin(3 * m) * 0.000289
    longitude = degrees(_mean_longitude(t)) + centre - 0.00569 - 0.00478 * sin(_node(t))
    return degrees(asin(sin(_obliquity(t)) * sin(radians(longitude))))


def _ahead(t: float) -> float:
    """The equation of time as an angle: degrees by which the true sun is ahead of the mean one."""
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    y, mean, m = tan(_obliquity(t) / 2) ** 2, _mean_longitude(t), _anomaly(t)
    return degrees(
        y * sin(2 * mean)
        - 2 * eccentricity * sin(m)
        + 4 * eccentricity * y * sin(m) * cos(2 * mean)
        - y**2 * sin(4 * mean) / 2
        - 1.25 * eccentricity**2 * sin(2 * m)
    )
