"""Ground that changed stands out; light, shadows, haze and noise do not."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.land.compare import Usual, bared, compared
from inference.land.features import Features
from inference.land.gather import Gather
from inference.land.model import Model, single
from inference.land.relight import residue
from tests.support.landscape import SIZE, Landscape, Mask, Picture, grey_world, spot

PLACE = Landscape()
ALL = np.ones(SIZE[::-1], bool)
DUG = spot()
INSIDE = cv2.erode(DUG.astype(np.uint8), np.ones((3, 5), np.uint8)) > 0
OUTSIDE = cv2.dilate(DUG.astype(np.uint8), np.ones((13, 21), np.uint8)) == 0


def learnt() -> Model:
    """Of eight looks in one light."""
    gather = Gather.begun(single(Features.of(PLACE.seen(chance=1)), ALL))
    for chance in range(2, 10):
        gather.add(residue(Features.of(PLACE.seen(chance=chance)), gather.base.features(), ALL), ALL)
    return gather.model()


MODEL = learnt()
SAME, OTHER = Usual.of(MODEL, same=True), Usual.of(MODEL, same=False)


def changed(picture: Picture, usual: Usual, known: Mask = ALL) -> NDArray[np.float32]:
    return compared(Features.of(picture), usual, known, known, colour=True).change


def gained(picture: Picture, usual: Usual) -> NDArray[np.float32]:
    return bared(compared(Features.of(picture), usual, ALL, ALL, colour=True), usual, colour=True)


def test_a_fresh_dig_is_sure_in_the_same_light_and_nothing_else_is() -> None:
    change = changed(PLACE.seen(dug=DUG, chance=20), SAME)
    assert (change[INSIDE] > 0.85).mean() > 0.97
    assert (change[OUTSIDE] > 0.5).mean() < 0.001
    assert (change[OUTSIDE] < 0.15).mean() > 0.97


LIGHTS = [{"sun": 0.0, "gain": 2.0}, {"shadow": -40.0}, {"shadow": 60.0, "gain": 0.5}, {"haze": 0.2}]


@pytest.mark.parametrize("light", LIGHTS, ids=["overcast", "afternoon", "evening", "haze"])
def test_a_dig_is_found_in_another_light_by_its_colour(light: dict[str, float]) -> None:
    change = changed(PLACE.seen(dug=DUG, chance=20, **light), OTHER)
    assert (change[INSIDE] > 0.7).mean() > 0.9
    assert (change[OUTSIDE] > 0.7).mean() < 0.002


@settings(max_examples=12, deadline=None)
@given(st.floats(0.5, 1.6), st.floats(0.75, 1.35), st.integers(-6, 6), st.floats(0, 0.05))
@example(0.8, 0.75, 5, 0.032)
@example(1.51, 0.77, 3, 0.023)
def test_exposure_gamma_and_black_level_change_no_ground(
    gain: float, gamma: float, offset: int, haze: float
) -> None:
    picture = PLACE.seen(gain=gain, haze=haze, chance=30).astype(np.float64)
    look = np.clip(255 * (picture / 255) ** gamma + offset, 0, 255).astype(np.uint8)
    change = changed(look, OTHER)
    assert (change > 0.5).mean() < 0.005


def test_a_shadow_that_wanders_is_not_a_dig() -> None:
    change = changed(PLACE.seen(shadow=-45, chance=21), OTHER)
    assert (change > 0.5).mean() < 0.002


def test_a_heap_brighter_than_all_around_stands_out_by_that_alone() -> None:
    sand = PLACE.seen(sun=0.3, chance=23).astype(np.float64)
    small = spot(250, 150, 14, 3)
    sand[small] = np.minimum(sand[small] * 1.9, 250)
    assert np.median(changed(sand.astype(np.uint8), OTHER)[spot(250, 150, 11, 2)]) > 0.6


def earth(*, turned: bool) -> Picture:
    """Ground a little less warm than it was; turned: with other grains."""
    look = PLACE.seen(chance=20).astype(np.float64)
    if turned:
        look[DUG] = np.roll(look, (7, 31), axis=(0, 1))[DUG]
    look[DUG] *= [1.03, 1.0, 0.97]
    return np.clip(look, 0, 255).astype(np.uint8)


def test_earth_on_earth_is_told_by_its_structure() -> None:
    """The same colour all but: what stands out is that no old clod is left."""
    assert np.median(changed(earth(turned=True), SAME)[INSIDE]) > 0.5
    assert np.median(changed(earth(turned=False), SAME)[INSIDE]) < 0.3


def test_structure_that_is_lost_everywhere_is_the_light() -> None:
    """An overcast sky draws no clods: that the meadow shows none is no dig."""
    flat = cv2.blur(PLACE.seen(chance=20), (9, 5)).astype(np.float64)
    noise = np.random.default_rng(3).normal(0, 2, flat.shape)
    change = changed(np.clip(flat + noise, 0, 255).astype(np.uint8), SAME)
    assert (change > 0.5).mean() < 0.02


def test_a_small_shift_counts_where_all_around_is_calm_and_not_where_nothing_is() -> None:
    rng = np.random.default_rng(5)
    calm = PLACE.seen(chance=20).astype(np.float64)
    calm[DUG] *= [1.05, 0.97, 1.0]
    stirred = PLACE.seen(chance=20).astype(np.float64)
    blots = cv2.GaussianBlur(rng.normal(0, 1, (SIZE[1], SIZE[0])), (0, 0), 6)[..., None]
    stirred *= 1 + np.array([1.0, -0.6, 0.0]) * 0.05 * blots / blots.std()
    stirred[DUG] = calm[DUG]
    sure, unsure = (
        np.median(changed(np.clip(each, 0, 255).astype(np.uint8), SAME)[INSIDE]) for each in (calm, stirred)
    )
    assert sure > unsure + 0.1


def test_white_balance_that_drifts_is_not_a_dig() -> None:
    look = np.clip(PLACE.seen(chance=22) * np.array([0.85, 1.0, 1.12]), 0, 255).astype(np.uint8)
    assert (changed(look, SAME) > 0.5).mean() < 0.001


def test_brightness_alone_says_little_in_another_light() -> None:
    lamp = PLACE.seen(chance=20).astype(np.float64)
    lamp[DUG] *= 0.6
    look = lamp.astype(np.uint8)
    assert np.nanmedian(changed(look, OTHER)[INSIDE]) < 0.5
    assert np.nanmedian(changed(look, SAME)[INSIDE]) > np.nanmedian(changed(look, OTHER)[INSIDE])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 200), st.integers(0, 400), st.integers(5, 60))
def test_nothing_is_said_where_nothing_is_known(top: int, left: int, side: int) -> None:
    known = ALL.copy()
    known[top : top + side, left : left + side] = False
    change = changed(PLACE.seen(dug=DUG, chance=20), SAME, known)
    assert np.isnan(change[~known]).all()
    assert np.isfinite(change[known & INSIDE]).all()


def test_grass_is_no_soil_and_a_dig_is() -> None:
    bare = gained(PLACE.seen(dug=DUG), SAME)
    assert bare[INSIDE].mean() > 0.7
    assert np.abs(bare[100:120, 200:300]).mean() < 0.1


def test_what_was_soil_has_become_none() -> None:
    was = Usual.of(single(Features.of(PLACE.seen(dug=DUG)), ALL), same=True)
    assert np.abs(gained(PLACE.seen(dug=DUG, chance=4), was)[INSIDE]).mean() < 0.1
    assert gained(PLACE.seen(chance=4), was)[INSIDE].mean() < -0.7


def test_a_puddle_that_shows_the_sky_is_no_soil() -> None:
    wet = PLACE.seen(chance=20)
    wet[DUG] = 175
    assert np.median(changed(wet, SAME)[INSIDE]) > 0.85
    assert np.median(gained(wet, SAME)[INSIDE]) < 0.15


def test_colours_of_all_lights_stand_for_those_of_one() -> None:
    """A light that was seen through a yellow haze alone, and a daylight that was not."""
    yellow = np.clip(PLACE.seen(chance=5) * np.array([0.6, 1.0, 1.05]), 0, 255).astype(np.uint8)
    yellow[80:220, 190:310] = PLACE.seen(dug=DUG, chance=5)[80:220, 190:310]
    one = Usual.of(single(Features.of(yellow), ALL), same=True, colours=MODEL)
    assert np.array_equal(one.features.tint, SAME.features.tint)
    assert np.median(changed(PLACE.seen(dug=DUG, chance=20), one)[INSIDE]) > 0.85


def test_infrared_knows_no_soil_and_never_vouches_for_ground() -> None:
    look = Features.of(grey_world(PLACE.seen(dug=DUG, chance=9)))
    usual = Usual.of(single(Features.of(grey_world(PLACE.seen(chance=3))), ALL), same=True)
    found = compared(look, usual, ALL, ALL, colour=False)
    change = found.change
    assert np.isnan(bared(found, usual, colour=False)).all()
    assert change.min() > 0.3
    assert np.median(change[INSIDE]) > np.median(change[OUTSIDE])
