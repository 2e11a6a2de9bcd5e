"""What came to look like soil is told from what dried, left or shines."""

import numpy as np
import pytest

from inference.land.features import Floats
from inference.land.soil import around, gained, likeness, verdure

SHAPE = (60, 160)
SPOT = np.s_[25:35, 60:90]
GRASS, LOAM, ASPHALT, PUDDLE = (-0.4, 0.35), (0.0, 0.4), (-0.02, 0.2), (0.0, 0.0)  # tint, warmth
Colour = tuple[float, float]


def view(ground: Colour, spot: Colour) -> tuple[Floats, Floats]:
    tint, warmth = (np.full(SHAPE, each, np.float32) for each in ground)
    tint[SPOT], warmth[SPOT] = spot
    return tint, warmth


def gain(ground: Colour, before: Colour, now: Colour, brighter: float = 0.0) -> float:
    """Of the middle of a spot on some ground."""
    tint, warmth = view(ground, before)
    then = around(likeness(tint, warmth)), around(warmth), verdure(tint)
    lit = np.zeros(SHAPE, np.float32)
    lit[SPOT] = brighter
    return float(np.median(gained(*view(ground, now), lit, *then)[28:32, 65:85]))


def test_a_dig_in_grass_is_soil() -> None:
    assert gain(GRASS, GRASS, LOAM) > 0.8


def test_soil_laid_on_asphalt_is_soil_though_asphalt_is_no_plant() -> None:
    assert gain(ASPHALT, ASPHALT, (0.0, 0.7)) > 0.8


def test_a_dirt_road_that_dries_is_no_soil_that_came_up() -> None:
    """Wet, it is as grey as the sky that it shows; it was no greener than now."""
    for wet, dry in (((-0.09, 0.01), (-0.11, 0.17)), ((-0.04, 0.08), (-0.08, 0.22))):
        assert -0.1 < gain(GRASS, wet, dry) < 0.2
    assert gain(GRASS, (-0.5, 0.06), (-0.09, 0.15)) > 0.5  # pale soil in the same air, dug out of grass


def test_a_lamp_or_a_low_sun_on_asphalt_is_none() -> None:
    assert gain(ASPHALT, ASPHALT, (0.0, 0.7), brighter=1.0) < 0.1


@pytest.mark.parametrize("before", [PUDDLE, (-0.3, 0.1)], ids=["puddle", "lorry"])
def test_what_stood_on_soil_when_it_was_learnt_may_go(before: Colour) -> None:
    assert gain(LOAM, before, LOAM) < 0.3


def test_a_puddle_is_no_soil_and_takes_some_away() -> None:
    assert gain(GRASS, GRASS, PUDDLE) < 0.1
    assert gain(LOAM, LOAM, PUDDLE) < -0.5
