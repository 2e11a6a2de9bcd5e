import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.geometry import area, polygon_trouble
from inference.land.outline import outline

SIZE = (960, 540)


def traced(patch: np.ndarray, left: int = 100, top: int = 50) -> np.ndarray:
    return np.array(outline(patch.astype(bool), left, top, SIZE)) * SIZE


@pytest.mark.parametrize(("width", "height"), [(13, 1), (13, 2), (27, 3), (1, 1), (60, 40)])
def test_a_rectangle_is_as_large_and_where_it_is(width: int, height: int) -> None:
    corners = traced(np.ones((height, width)))
    assert area(corners) == pytest.approx(width * height, rel=1e-6)
    assert corners.min(axis=0) == pytest.approx([100, 50], abs=0.01)
    assert corners.max(axis=0) == pytest.approx([100 + width, 50 + height], abs=0.01)
    assert len(corners) == 4


@given(st.integers(2, 60), st.integers(2, 60), st.floats(0, 180))
def test_an_ellipse_is_as_large_as_its_pixels_to_less_than_a_pixel_of_its_rim(
    across: int, down: int, turn: float
) -> None:
    patch = np.zeros((140, 140), np.uint8)
    cv2.ellipse(patch, (70, 70), (across, down), turn, 0, 360, 1, cv2.FILLED)
    corners = traced(patch)
    assert area(corners) == pytest.approx(int(patch.sum()), rel=1e-6)
    back = np.zeros_like(patch)
    shifted = np.rint((corners - [100, 50] - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(back, [shifted], 1, shift=4)
    rim = cv2.dilate(patch, np.ones((5, 5), np.uint8)) - cv2.erode(patch, np.ones((5, 5), np.uint8))
    assert not (back != patch)[rim == 0].any()


@given(arrays.arrays(np.bool_, (12, 14)))
def test_whatever_the_pixels_it_is_a_polygon(patch: np.ndarray) -> None:
    patch[5, 7] = True
    corners = outline(patch, 0, 0, (14, 12))
    assert polygon_trouble(corners) is None
    assert 3 <= len(corners) <= 64


def test_holes_are_filled_and_the_largest_part_counts() -> None:
    patch = np.zeros((40, 60))
    patch[5:35, 5:35] = 1
    patch[10:20, 10:20] = 0
    patch[10:12, 50:52] = 1
    assert area(traced(patch)) == pytest.approx(900, rel=1e-6)
