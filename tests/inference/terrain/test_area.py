"""Areas: right on known ground, withheld rather than wrong, and never too sure."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.terrain.area import measured, relief_bound, spread
from inference.terrain.calibration import calibrated
from inference.terrain.points import Pair
from inference.terrain.posed import PosedCamera, PosedSight, PoseSigmas, turned
from inference.terrain.surface import Flat

Floats = NDArray[np.float64]

MAST = PosedCamera((0.0, 0.0, 30.0), turned(0, -12, 0), 60.0)
SURE = PoseSigmas(0.2, 0.2, 0.1, 0.05, 0.05, 0.1)


def sight(camera: PosedCamera = MAST, sigmas: PoseSigmas = SURE) -> PosedSight:
    return PosedSight(camera, Flat(), sigmas.covariance())


def square(north: float, side: float, camera: PosedCamera = MAST) -> Floats:
    half = side / 2
    corners = np.array([[-half, north], [half, north], [half, north + side], [-half, north + side]])
    return camera.pixels(np.c_[corners, np.zeros(4)])


@settings(deadline=None, max_examples=40)
@given(north=st.floats(50, 120), side=st.floats(12, 40), yaw=st.floats(-10, 10))
def test_a_square_on_the_ground_has_its_area(north: float, side: float, yaw: float) -> None:
    camera = PosedCamera(MAST.place, turned(yaw, -12, 0), 60.0)
    told = measured(sight(camera), square(north, side, camera))
    assert told.area_m2 == pytest.approx(side**2, rel=1e-6)
    assert told.sigma_m2 is not None
    assert 0 < told.sigma_m2 < 0.15 * side**2
    turned_round = measured(sight(camera), square(north, side, camera)[::-1])
    assert turned_round.area_m2 == pytest.approx(side**2, rel=1e-6)


def test_more_corners_on_the_same_outline_make_it_no_surer() -> None:
    four = square(80, 20)
    many = np.concatenate(
        [np.linspace(a, b, 20, endpoint=False) for a, b in zip(four, np.roll(four, -1, 0), strict=True)]
    )
    few, lots = measured(sight(), four), measured(sight(), many)
    assert few.sigma_m2 is not None
    assert lots.sigma_m2 == pytest.approx(few.sigma_m2, rel=0.1)


def test_a_small_patch_far_away_is_withheld_and_says_why() -> None:
    told = measured(sight(), square(300, 4.5))
    assert told.area_m2 is None
    assert told.sigma_m2 is None
    assert told.withheld is not None
    assert "30 %" in told.withheld.en
    assert "30 %" in told.withheld.zh
    assert math.isfinite(told.sigma_m)


def test_at_the_horizon_nothing_is_told() -> None:
    horizon = np.array([[0.4, 0.1], [0.6, 0.1], [0.6, 0.6], [0.4, 0.6]])
    told = measured(sight(), horizon)
    assert (told.area_m2, math.isinf(told.sigma_m)) == (None, True)
    assert told.withheld is not None
    assert "horizon" in told.withheld.en


def test_a_shaky_tilt_hides_what_lies_near_the_horizon_before_it_hides_the_rest() -> None:
    shaky = sight(sigmas=PoseSigmas(0.2, 0.2, 0.1, 2.0, 0.05, 0.1))
    assert measured(shaky, square(300, 40)).area_m2 is None
    assert measured(sight(), square(300, 40)).area_m2 is not None


@pytest.mark.parametrize("outline", [np.array([[0.5, 0.6]] * 3), np.array([[0.4, 0.6], [0.6, 0.6]])])
def test_what_has_no_area_is_said_to_have_none(outline: Floats) -> None:
    told = measured(sight(), outline)
    assert told.area_m2 is None
    assert told.withheld is not None


def test_nan_corners_are_withheld() -> None:
    outline = square(80, 20)
    outline[1, 0] = np.nan
    assert measured(sight(), outline).area_m2 is None


def test_far_outside_the_control_points_no_area_is_told() -> None:
    spots = np.array([[0.3, 0.9], [0.7, 0.9], [0.35, 0.7], [0.65, 0.7], [0.5, 0.8], [0.5, 0.95]])
    metres = MAST.places(spots, np.zeros(6))
    given = [
        Pair((float(x), float(y)), (float(e), float(n)), sigma_m=0.01)
        for (x, y), (e, n) in zip(spots, metres, strict=True)
    ]
    known = calibrated(given, noise_px=0.05).sight
    assert measured(known, square(50, 10)).area_m2 == pytest.approx(100, rel=0.02)
    told = measured(known, square(250, 40))
    assert told.withheld is not None
    assert "control points" in told.withheld.en


def test_a_heap_can_look_larger_by_its_height_over_the_tangent_of_the_depression() -> None:
    camera = PosedCamera((0.0, 0.0, 30.0), turned(0, -20, 0), 40.0)
    bound = relief_bound(sight(camera), square(80, 20, camera), 3.0)
    assert bound == pytest.approx(20 * 3.0 * 90 / 30, rel=0.05)
    plain = measured(sight(camera), square(80, 20, camera))
    heap = measured(sight(camera), square(80, 20, camera), relief_m=1.0)
    assert plain.sigma_m2 is not None
    assert heap.sigma_m2 is not None
    assert heap.sigma_m2 > plain.sigma_m2
    assert measured(sight(camera), square(80, 20, camera), relief_m=5.0).area_m2 is None


def test_a_dome_really_looks_larger_and_no_larger_than_bounded() -> None:
    camera = PosedCamera((0.0, 0.0, 30.0), turned(0, -20, 0), 40.0)
    angle = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    rings = [(12 * share, 3.0 * (1 - share**2)) for share in np.linspace(0, 1, 40)]
    points = np.concatenate(
        [np.stack([r * np.cos(angle), 90 + r * np.sin(angle), np.full(60, up)], 1) for r, up in rings]
    )
    seen = camera.pixels(points)
    hull = seen[_hull(seen)]
    foot = measured(sight(camera), seen[-60:])
    heap = measured(sight(camera), hull)
    assert foot.area_m2 is not None
    assert heap.area_m2 is not None
    assert foot.area_m2 == pytest.approx(math.pi * 144, rel=0.01)
    extra = heap.area_m2 - foot.area_m2
    assert 0 < extra < relief_bound(sight(camera), hull, 3.0)


def _hull(points: Floats) -> list[int]:
    """Andrew's monotone chain."""
    order = sorted(range(len(points)), key=lambda each: (points[each, 0], points[each, 1]))

    def half(indices: list[int]) -> list[int]:
        kept: list[int] = []
        for each in indices:
            while len(kept) > 1:
                a, b = points[kept[-1]] - points[kept[-2]], points[each] - points[kept[-2]]
                if a[0] * b[1] - a[1] * b[0] > 0:
                    break
                kept.pop()
            kept.append(each)
        return kept[:-1]

    return half(order) + half(order[::-1])


def test_spread_counts_the_pixel_and_the_camera() -> None:
    at = np.array([[0.5, 0.7]])
    exact = PosedSight(MAST, Flat(), np.zeros((9, 9)))
    one, two = (spread(exact, at, noise_px=px)[0] for px in (1.0, 2.0))
    assert two == pytest.approx(2 * one, rel=1e-3)
    assert spread(sight(), at, noise_px=1e-6)[0] > 0.2
    assert math.isinf(spread(sight(), np.array([[0.5, 0.0]]))[0])
