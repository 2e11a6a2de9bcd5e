"""Where a moving camera is and looks, from whatever telemetry it sends."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

from streams.telemetry.errors import Undecodable

Datum = Literal["wgs84_ellipsoid", "msl", "takeoff", "unknown"]
# What a gimbal's angles are measured from. airframe: all three from the airframe's axes. heading: yaw from the
# airframe's heading, pitch and roll from the horizon. earth: yaw from true north, pitch and roll from the horizon.
Frame = Literal["airframe", "heading", "earth"]

# Receivers without a fix send zeros. Nobody digs sand in the Gulf of Guinea. Degrees, about 0.1 m.
_NULL_ISLAND = 1e-6


class Position(NamedTuple):
    """Degrees, WGS84; north and east are positive."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Heights:
    """One height by all the references it was told from, m: above the WGS84 ellipsoid, above mean sea level (the
    sender's geoid), above the place of take-off, and above the sender does not say what. None: not told."""

    ellipsoid: float | None = None
    msl: float | None = None
    takeoff: float | None = None
    unknown: float | None = None

    def best(self) -> tuple[float | None, Datum]:
        """The one that says most of the world: ellipsoid, then sea level, then take-off."""
        named: tuple[tuple[Datum, float | None], ...] = (
            ("wgs84_ellipsoid", self.ellipsoid),
            ("msl", self.msl),
            ("takeoff", self.takeoff),
        )
        return next(
            ((value, datum) for datum, value in named if value is not None), (self.unknown, "unknown")
        )


@dataclass(frozen=True, slots=True)
class Attitude:
    """The airframe's, degrees. yaw: heading, clockwise from true north, 0 to 360. pitch: nose up is positive.
    roll: right side down is positive. None: not told."""

    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None


@dataclass(frozen=True, slots=True)
class Gimbal:
    """The camera's, degrees, measured from `frame`; signs as in Attitude (looking down: pitch is negative)."""

    frame: Frame
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None


@dataclass(frozen=True, slots=True)
class Fov:
    """Field of view, full angles, degrees."""

    horizontal: float | None = None
    vertical: float | None = None


@dataclass(frozen=True, slots=True)
class Aim:
    """The point the device says it looks at. slant_range: m from the camera."""

    position: Position | None = None
    heights: Heights = Heights()
    slant_range: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A fix. time: s since 1970 by the best clock known so far; device_time: by the device's own, None if it told
    none; arrival: when it reached us, by ours, None for a recording. speed: m/s over ground. course: degrees
    from true north that it moves to. source: whose telemetry. position None: the device has no fix."""

    time: float
    source: str
    position: Position | None = None
    heights: Heights = Heights()
    attitude: Attitude | None = None
    gimbal: Gimbal | None = None
    fov: Fov | None = None
    speed: float | None = None
    course: float | None = None
    aim: Aim | None = None
    device_time: float | None = None
    arrival: float | None = None

    @property
    def altitude(self) -> float | None:
        """m above `datum`."""
        return self.heights.best()[0]

    @property
    def datum(self) -> Datum:
        return self.heights.best()[1]

    def age(self, now: float) -> float:
        """Seconds since the fix."""
        return now - self.time


def stamped(device_time: float | None, arrival: float) -> float:
    """A new pose's time, s since 1970: the device's own where it has one."""
    return arrival if device_time is None else device_time


def finite(value: object) -> float | None:
    """A number as float; None for NaN, infinity and everything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an int beyond 1.8e308
        return None
    return number if math.isfinite(number) else None


def within(value: object, low: float, high: float) -> float | None:
    """`finite`, and None outside low..high."""
    number = finite(value)
    return number if number is not None and low <= number <= high else None


def turned(degrees: object) -> float | None:
    """A direction as 0 <= degrees < 360; None if it is no finite number."""
    number = finite(degrees)
    # The second modulo: -1e-20 % 360 is 360.0 in floating point.
    return None if number is None else number % 360.0 % 360.0


def position(lat: object, lon: object) -> Position | None:
    """None where a number is missing or both are zero: no fix. Raises Undecodable outside the globe."""
    here = finite(lat), finite(lon)
    if here[0] is None or here[1] is None:
        return None
    if abs(here[0]) > 90 or abs(here[1]) > 180:
        raise Undecodable("position outside the globe")
    if abs(here[0]) < _NULL_ISLAND and abs(here[1]) < _NULL_ISLAND:
        return None
    return Position(here[0], here[1])
