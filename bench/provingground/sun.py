"""Where the sun stands, to about a degree: enough to light a scene as its time says."""

import math
from datetime import datetime, timedelta, timezone

import numpy as np

LATITUDE, LONGITUDE = 34.9, 113.7  # degrees; the lower Yellow River
BEIJING = timezone(timedelta(hours=8))


def sun(moment: datetime) -> tuple[float, float]:
    """Degrees above the horizon, and of azimuth from the north, clockwise.

    Declination and equation of time by Spencer's series (1971).
    """
    moment = moment.astimezone(BEIJING)
    day = moment.timetuple().tm_yday
    turn = 2 * math.pi * (day - 1) / 365
    tilt = _declination(turn)
    hour_angle = math.radians(15 * (_solar_hour(moment, turn) - 12))
    latitude = math.radians(LATITUDE)
    up = math.sin(latitude) * math.sin(tilt) + math.cos(latitude) * math.cos(tilt) * math.cos(hour_angle)
    east = -math.cos(tilt) * math.sin(hour_angle)
    north = math.cos(latitude) * math.sin(tilt) - math.sin(latitude) * math.cos(tilt) * math.cos(hour_angle)
    return math.degrees(math.asin(up)), math.degrees(math.atan2(east, north)) % 360


def _declination(turn: float) -> float:
    """Radians."""
    return (
        0.006918 - 0.399912 * math.cos(turn) + 0.070257 * math.sin(turn)
        - 0.006758 * math.cos(2 * turn) + 0.000907 * math.sin(2 * turn)
        - 0.002697 * math.cos(3 * turn) + 0.00148 * math.sin(3 * turn)
    )  # fmt: skip


def _solar_hour(moment: datetime, turn: float) -> float:
    """turn: radians of the year that have passed."""
    minutes = 229.2 * (
        0.000075 + 0.001868 * math.cos(turn) - 0.032077 * math.sin(turn)
        - 0.014615 * math.cos(2 * turn) - 0.04089 * math.sin(2 * turn)
    )  # fmt: skip
    clock = moment.hour + moment.minute / 60 + moment.second / 3600
    return clock + (LONGITUDE - 120) / 15 + minutes / 60


def moment_with(chance: np.random.Generator, lowest: float, highest: float) -> datetime:
    """A random moment of 2025 at which the sun stands between two heights, degrees."""
    while True:
        minutes = int(chance.integers(365 * 24 * 60))
        moment = datetime(2025, 1, 1, tzinfo=BEIJING) + timedelta(minutes=minutes)
        if lowest <= sun(moment)[0] <= highest:
            return moment
