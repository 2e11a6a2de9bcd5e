"""Calibration: what is wrong is named with its number, and what is told is as sure as it says."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.ground import Ground
from inference.terrain.area import SURE, measured, spread
from inference.terrain.calibration import calibrated, sigma_at
from inference.terrain.dem import Elevation
from inference.terrain.points import GroundRefused, Pair, misplaced
from inference.terrain.posed import PosedCamera, PosedSight, turned

Floats = NDArray[np.float64]

MAST = PosedCamera((3.0, -5.0, 24.0), turned(20, -14, 1.0), 55.0)
SPOTS = np.array(
    [[0.1, 0.9], [0.9, 0.85], [0.2, 0.35], [0.85, 0.3], [0.5, 0.5], [0.45, 0.75], [0.65, 0.4], [0.3, 0.6]]
)


def pairs(
    camera: PosedCamera = MAST,
    count: int = 8,
    heights: Floats | None = None,
    chance: np.random.Generator | None = None,
    noise: tuple[float, float] = (2.0, 0.5),
) -> list[Pair]:
    """The camera's own points, with errors of px of 1920 and m where there is chance in it."""
    ups = np.zeros(count) if heights is None else heights
    pixels, metres = SPOTS[:count], camera.places(SPOTS[:count], ups)
    if chance is not None:
        pixels = pixels + chance.normal(0, noise[0] / 1920 * np.array([1, 16 / 9]), pixels.shape)
        metres = metres + chance.normal(0, noise[1], metres.shape)
    told = [None] * count if heights is None else [float(up) for up in ups]
    return [
        Pair((float(x), float(y)), (float(e), float(n)), up)
        for (x, y), (e, n), up in zip(pixels, metres, told, strict=True)
    ]


def refusal(given: list[Pair]) -> GroundRefused:
    with pytest.raises(GroundRefused) as refused:
        calibrated(given)
    assert refused.value.text.zh
    return refused.value


def test_exact_points_give_the_camera_back_with_its_lens() -> None:
    bent = PosedCamera(MAST.place, MAST.turn, MAST.hfov, lens=-0.06)
    exact = [replace(pair, sigma_m=0.01) for pair in pairs(bent)]
    found = calibrated(exact, noise_px=0.05)
    assert max(each.metres for each in found.residuals) < 0.1
    camera = found.camera
    assert camera is not None
    assert camera.lens == pytest.approx(-0.06, abs=0.01)
    assert camera.place == pytest.approx(MAST.place, abs=1.5)
    assert camera.hfov == pytest.approx(55, abs=2)


def test_two_pairs_that_were_mixed_up_are_named() -> None:
    given = pairs(count=6)
    given[1], given[4] = Pair(given[1].pixel, given[4].metres), Pair(given[4].pixel, given[1].metres)
    refused = refusal(given)
    assert refused.suspects == (1, 4)
    assert "pairs 2 and 5 are mixed up" in refused.text.en


@pytest.mark.parametrize("wrong", range(8))
def test_one_wrong_pair_is_named_and_how_far_off_it_is(wrong: int) -> None:
    given = pairs(chance=np.random.default_rng(wrong))
    east, north = given[wrong].metres
    given[wrong] = Pair(given[wrong].pixel, (east + 15.0, north))
    refused = refusal(given)
    assert wrong in refused.suspects
    off = re.search(rf"pair {wrong + 1} is ([0-9.]+) m", refused.text.en)
    assert off is not None
    assert 5 < float(off[1]) < 60, "a far point is put less surely"


def test_honest_noise_is_never_called_a_mistake() -> None:
    for seed in range(30):
        calibrated(pairs(count=6, chance=np.random.default_rng(seed)))


def test_points_worse_than_stated_make_everything_less_sure() -> None:
    chance = [np.random.default_rng(3) for _ in range(2)]
    honest = calibrated(pairs(chance=chance[0]))
    poor = calibrated(pairs(chance=chance[1], noise=(8.0, 2.0)))
    assert poor.scale > 2
    at = np.array([[0.5, 0.45]])
    assert spread(poor.sight, at)[0] > 2 * spread(honest.sight, at)[0]


def test_a_mirrored_set_is_refused() -> None:
    given = [Pair((1 - each.pixel[0], each.pixel[1]), each.metres) for each in pairs()]
    assert "mirrored" in refusal(given).text.en
    risen = pairs(heights=np.linspace(0, 5, 8))
    given = [Pair((1 - each.pixel[0], each.pixel[1]), each.metres, each.height) for each in risen]
    assert refusal(given).text.en


def test_a_point_beyond_the_horizon_is_refused() -> None:
    given = pairs(count=5)
    given[4] = Pair((0.5, 0.05), given[4].metres)
    refusal(given)


@pytest.mark.parametrize("field", ["pixel", "metres", "height", "sigma_m"])
def test_no_number_is_named_with_its_pair(field: str) -> None:
    values = {"pixel": (math.nan, 0.5), "metres": (1.0, math.inf), "height": math.nan, "sigma_m": 0.0}
    given = pairs()
    fields = {name: getattr(given[2], name) for name in values} | {field: values[field]}
    given[2] = Pair(**fields)
    refused = refusal(given)
    assert refused.suspects == (2,)
    assert "pair 3" in refused.text.en


def test_two_points_at_one_spot_are_named() -> None:
    given = pairs()
    given[5] = Pair((0.9, 0.1), given[0].metres)
    assert refusal(given).suspects == (0, 5)


def test_longitude_and_latitude_that_are_swapped_are_noticed() -> None:
    zhengzhou = (34.75, 113.62)
    assert misplaced([(113.621, 34.751)], zhengzhou) is None
    swapped = misplaced([(113.621, 34.751), (34.751, 113.621)], zhengzhou)
    assert swapped is not None
    assert "pair 2" in swapped.en
    assert "swapped" in swapped.en
    lone = misplaced([(34.751, 113.621)], None)
    assert lone is not None
    assert "swapped" in lone.en
    far = misplaced([(114.3, 30.6)], zhengzhou)
    assert far is not None
    assert "km from the site" in far.en
    # 45 N, 45 E is a place, swapped or not; nothing to be said of it
    assert misplaced([(45.0, 45.01)], (45.01, 45.0)) is None


def test_four_pairs_say_nothing_of_mistakes_and_six_do() -> None:
    assert {each.others for each in calibrated(pairs(count=4), thorough=True).residuals} == {None}
    others = [each.others for each in calibrated(pairs(count=6), thorough=True).residuals]
    assert all(each is not None and each < 1 for each in others)


def test_the_worst_pair_is_the_one_to_measure_again() -> None:
    given = pairs()
    east, north = given[4].metres
    given[4] = Pair(given[4].pixel, (east + 1.8, north))  # not twice the limit of chance: no mistake yet
    found = calibrated(given, thorough=True)
    assert found.worst == 4


def test_places_are_as_sure_as_they_say() -> None:
    """Of places and of areas, 95 % lie inside the stated 95 %: nine in ten at least, over 120 calibrations."""
    spots = np.array([[0.25, 0.8], [0.7, 0.55], [0.5, 0.3]])
    truth = MAST.places(spots, np.zeros(3))
    within = []
    for seed in range(120):
        found = calibrated(pairs(count=6, chance=np.random.default_rng(seed)))
        off = np.linalg.norm(found.sight.metres(spots) - truth, axis=1)
        within.append(off < 2.2 * spread(found.sight, spots, noise_px=0.001))  # 95 % of what has a long axis
    share = np.mean(within, axis=0)
    assert (share > 0.85).all(), share


def test_areas_are_as_sure_as_they_say() -> None:
    square = np.array([[0, 60], [15, 60], [15, 75], [0, 75.0]])
    outline = MAST.pixels(np.c_[square, np.zeros(4)])
    within = []
    for seed in range(80):
        told = measured(
            calibrated(pairs(count=6, chance=np.random.default_rng(seed))).sight, outline, noise_px=0.01
        )
        assert told.area_m2 is not None
        assert told.sigma_m2 is not None
        within.append(abs(told.area_m2 - 225) < SURE * told.sigma_m2)
    assert np.mean(within) > 0.88


def test_sigma_grows_with_distance_and_ends_at_the_horizon() -> None:
    found = calibrated(pairs(count=6, chance=np.random.default_rng(0)))
    near, far, beyond = (sigma_at(found, distance) for distance in (60.0, 200.0, 5000.0))
    assert near is not None
    assert far is not None
    assert near < far / 3
    assert beyond is None or math.isinf(beyond)


def test_heights_above_the_ground_are_taken_into_the_pose() -> None:
    heights = np.array([0, 4, 1, 6, 0, 3, 5, 2.0])
    found = calibrated(pairs(heights=heights))
    assert isinstance(found.sight, PosedSight)
    spots = np.array([[0.5, 0.7], [0.3, 0.4]])
    assert found.sight.metres(spots) == pytest.approx(MAST.places(spots, np.zeros(2)), abs=0.3)
    assert found.ground.metres(spots) == pytest.approx(found.sight.metres(spots), abs=0.01)
    ignored = Ground.fitted([Pair(each.pixel, each.metres) for each in pairs(heights=np.zeros(8))])
    assert ignored.metres(spots) == pytest.approx(MAST.places(spots, np.zeros(2)), abs=0.3)


def test_on_a_slope_the_points_lie_on_the_map_of_heights() -> None:
    line = np.arange(-50.0, 400.1, 10.0)
    east, north = np.meshgrid(line, line)
    hill = Elevation((0.05 * north + 0.02 * east).astype(np.float32), (-50.0, -50.0), 10.0)
    truth = PosedSight(MAST, hill, np.zeros((9, 9)))
    metres = truth.metres(SPOTS)
    given = [
        Pair((float(x), float(y)), (float(e), float(n))) for (x, y), (e, n) in zip(SPOTS, metres, strict=True)
    ]
    found = calibrated(given, surface=hill)
    spots = np.array([[0.5, 0.65], [0.3, 0.45]])
    assert found.sight.metres(spots) == pytest.approx(truth.metres(spots), abs=0.5)
    given[3] = replace(given[3], metres=(given[3].metres[0], -80.0))
    with pytest.raises(GroundRefused, match="pair 4: the map of heights"):
        calibrated(given, surface=hill)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(4, 8))
def test_what_is_told_twice_is_told_the_same(seed: int, count: int) -> None:
    given = pairs(count=count, chance=np.random.default_rng(seed))
    at = np.array([[0.4, 0.6], [0.6, 0.8]])
    one, other = (calibrated(given).sight for _ in range(2))
    assert np.array_equal(one.metres(at), other.metres(at), equal_nan=True)
    assert np.array_equal(one.draws(at), other.draws(at), equal_nan=True)
