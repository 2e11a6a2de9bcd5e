"""Ground that a person said may be disturbed until a date."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.findings import Phase
from inference.land.allowed import Allowance, polygons
from inference.land.patches import Patches
from inference.land.settings import LandSettings
from tests.support.lands import SHAPE, START, Scene, flat, phases, watched

PIT = (40, 20, 52, 28)
BARE = Scene(dug=[(PIT, 0.8)])
LONG = START + 1e6


def corners(left: float, top: float, right: float, bottom: float) -> tuple[tuple[float, float], ...]:
    scale = np.array(SHAPE[::-1])
    points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) / scale
    return tuple((float(x), float(y)) for x, y in points)


AROUND = Allowance("site 7", corners(38, 18, 54, 30), LONG)


def view() -> Patches:
    return Patches(LandSettings(), flat)


def test_nothing_is_told_of_what_is_allowed_and_all_of_the_rest() -> None:
    patches = view()
    assert patches.allow(AROUND, START) == []
    beyond = Scene(dug=[(PIT, 0.8), ((70, 40, 80, 50), 0.8)])
    found = watched(patches, [beyond] * 40)
    assert phases(found) == [Phase.NEW]
    assert found[0].change is not None
    assert found[0].change.outline[0][0] > 0.7


def test_its_date_ends_it() -> None:
    patches = view()
    patches.allow(replace(AROUND, until=START + 7200), START)
    found = watched(patches, [BARE] * 400)
    assert phases(found) == [Phase.NEW]
    assert 7200 < found[0].time - START <= 7200 + 600


def test_an_open_case_is_ended_by_it_and_stays_so() -> None:
    patches = view()
    (first,) = watched(patches, [BARE] * 40)
    (end,) = patches.allow_patch(first.key, LONG, START + 1200, "papers seen")
    assert (end.key, end.phase, end.reason) == (first.key, Phase.END, "allowed")
    assert watched(patches, [BARE] * 100, start=START + 1230) == []


def test_one_that_has_run_out_ends_nothing() -> None:
    patches = view()
    watched(patches, [BARE] * 40)
    assert patches.allow(replace(AROUND, until=START + 600), START + 1200) == []
    assert len(patches.open) == 1


def test_growth_beyond_it_is_told() -> None:
    patches = view()
    (first,) = watched(patches, [BARE] * 40)
    patches.allow_patch(first.key, LONG, START + 1200)
    rim = Scene(dug=[((39, 19, 53, 29), 0.8)])
    assert watched(patches, [rim] * 60, start=START + 1230) == []  # a pixel is an outline's error
    wide = Scene(dug=[((40, 20, 64, 28), 0.8)])
    found = watched(patches, [wide] * 60, start=START + 4000)
    assert phases(found) == [Phase.NEW]
    assert found[0].change is not None
    assert found[0].change.place is not None
    assert found[0].change.place.area_m2 == pytest.approx(10 * 8, abs=8.1)  # to a pixel of its seam


def test_one_of_the_same_name_takes_its_place() -> None:
    patches = view()
    patches.allow(AROUND, START)
    patches.allow(replace(AROUND, until=START), START)
    assert phases(watched(patches, [BARE] * 40)) == [Phase.NEW]


def test_there_is_no_such_case() -> None:
    with pytest.raises(KeyError):
        view().allow_patch("land/1-1", LONG, START)


class Plain:
    """inference.terrain.sight.Sight: 1 px of SHAPE is 1 m, the upper half is sky."""

    def metres(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        places = pixels * SHAPE[::-1]
        return np.where(pixels[:, 1:] < 0.3, np.nan, places)

    def draws(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        return self.metres(pixels)[None]


def test_it_may_be_drawn_on_the_ground_where_the_camera_is_calibrated() -> None:
    ground = Allowance("site 8", ((36, 16), (56, 16), (56, 32), (36, 32)), LONG, ground=True)
    patches = Patches(LandSettings(), flat, Plain())
    patches.allow(ground, START)
    assert watched(patches, [BARE] * 40) == []
    with pytest.raises(ValueError, match="calibrated"):
        view().allow(ground, START)


def test_a_polygon_covers_the_pixels_it_is_drawn_round() -> None:
    mask = polygons([np.array(corners(10, 20, 30, 40))], SHAPE)
    assert mask[20:40, 10:30].all()
    assert np.count_nonzero(mask) <= 21 * 21
