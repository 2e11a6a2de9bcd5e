"""A light has a name, and the nearest one is found by it."""

from datetime import UTC, datetime

import numpy as np
import pytest

from inference.land.light import apart, comparable, infrared, named
from tests.support.landscape import Landscape, grey_world

PICTURE = Landscape().seen()
CHENGDU = (30.6, 104.0)


def at(hour: float, day: int = 10) -> float:
    """Beijing time in June 2025."""
    return datetime(2025, 6, day, tzinfo=UTC).timestamp() + (hour - 8) * 3600


@pytest.mark.parametrize(
    ("hour", "light"),
    [
        (2, "night"),
        (6.0, "twilight"),
        (7.2, "day-1"),
        (12.5, "day-4"),
        (13.5, "day-5"),
        (19.0, "day-8"),
        (20.2, "twilight"),
        (20.45, "twilight"),
        (20.7, "night"),  # 34 min after sunset: what shows now is what lamps show
        (5.45, "night"),
        (22, "night"),
    ],
)
def test_the_sun_names_the_light(hour: float, light: str) -> None:
    assert named(PICTURE, at(hour), CHENGDU) == light


def test_without_a_place_the_clock_names_it() -> None:
    assert named(PICTURE, at(12.5), None) == "hour-04"
    assert named(PICTURE // 8, at(23), None) == "night"


def test_a_picture_without_colour_is_infrared_at_any_hour() -> None:
    grey = grey_world(PICTURE)
    assert named(grey, at(12), CHENGDU) == named(grey, at(23), None) == "infrared"
    # Encoders leave a trace of colour in grey.
    assert infrared(
        np.clip(grey.astype(int) + np.random.default_rng(1).integers(-1, 2, grey.shape), 0, 255).astype(
            np.uint8
        )
    )
    assert not infrared(PICTURE)


def test_the_nearest_light_is_the_nearest_hour() -> None:
    lights = ["infrared", "night", "twilight", "day-1", "day-4", "day-8"]
    assert sorted(lights, key=lambda each: apart("day-5", each))[0] == "day-4"
    assert apart("day-5", "day-5") == 0


def test_infrared_and_lamps_vouch_for_nothing_seen_by_day() -> None:
    assert comparable("day-1", "twilight")
    assert comparable("infrared", "infrared")
    assert not comparable("infrared", "day-3")
    assert not comparable("day-3", "night")
