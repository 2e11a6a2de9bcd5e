"""The light that a picture was taken in, by name: what references are kept under. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from inference.land.features import Picture
from inference.sun import CIVIL, sun_day

INFRARED: Final = "infrared"
NIGHT: Final = "night"
TWILIGHT: Final = "twilight"
DAYLIGHT: Final = "daylight"
"""No light of its own: the colours of all of them but the dark ones, which stay when the light changes."""
_PARTS: Final = 8  # of the light day: the sun goes 15 to 25 degrees in one, and shadows with it
_LOW: Final = 2400.0  # s after sunrise and before sunset in which the sky changes faster than shadows move
_GREY: Final = (
    2.5  # grey levels between the colours, mean: a filter before the sensor gives 10, infrared and encoders 1
)
_DIM: Final = 45.0  # grey levels, mean: a picture without a known sun that is darker is one of the night
_HOURS: Final = 2  # h of a part of the day where nobody knows the place

Position = tuple[float, float]


def infrared(picture: Picture) -> bool:
    """picture: uint8 [h, w, 3], BGR. Whether it has no colour: the filter is away and the lamp is on, mostly."""
    few = picture[::8, ::8].astype(np.int16)
    return bool(np.abs(few[..., 0] - few[..., 1]).mean() + np.abs(few[..., 2] - few[..., 1]).mean() < _GREY)


def named(picture: Picture, time: float, position: Position | None) -> str:
    """time: s since 1970. position: latitude and longitude, degrees (WGS84); None: nobody said.

    "infrared", "night"; "twilight", from where lamps give way to the sky until the sun stands higher; "day-1" to
    "day-8", parts of the light day from sunrise to sunset; without a position "hour-00" to "hour-22" (UTC) instead of
    them, and the night by its darkness. What clouds do to these is told by their looks, not by their names.
    """
    if infrared(picture):
        return INFRARED
    if position is None:
        if float(picture[::8, ::8].mean()) < _DIM:
            return NIGHT
        return f"hour-{datetime.fromtimestamp(time, UTC).hour // _HOURS * _HOURS:02d}"
    return _sunlit(time, position)


def _sunlit(time: float, position: Position) -> str:
    today = datetime.fromtimestamp(time, UTC).date()
    for day in (today + timedelta(days=each) for each in (-1, 0, 1)):
        sky, sun = sun_day(day, *position, CIVIL), sun_day(day, *position)
        if sun.rise + _LOW <= time <= sun.set - _LOW:
            return f"day-{1 + min(_PARTS - 1, int(_PARTS * (time - sun.rise) / (sun.set - sun.rise)))}"
        if sky.rise <= time <= sky.set:
            return TWILIGHT
    return NIGHT


def apart(one: str, other: str) -> int:
    """How unlike two lights are, 0 and up: by this the nearest reference is sought."""
    if one == other:
        return 0
    kinds = tuple(each.partition("-")[0] for each in (one, other))
    if kinds[0] == kinds[1]:
        return 1 + abs(int(one[-2:].lstrip("-")) - int(other[-2:].lstrip("-")))
    return 4 if TWILIGHT in kinds and INFRARED not in kinds else 20


def coloured(light: str) -> bool:
    """Whether looks in it show the colours of the day: no lamp's, and not none at all."""
    return light not in (INFRARED, NIGHT)


def comparable(one: str, other: str) -> bool:
    """Whether a look in one light says anything of a reference in the other: day and twilight of each other,
    the dark ones only of themselves."""
    return one == other or (coloured(one) and coloured(other))
