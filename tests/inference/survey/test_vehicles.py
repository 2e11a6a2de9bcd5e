from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.detections import Detections, Fit, Picture
from inference.survey.vehicles import occupied


class White:
    """Finds white pixels: one box round those of a picture, never of one larger than its input."""

    classes = ("truck",)
    size = (160, 128)
    fit: Fit = "letterbox"
    flexible = True
    problem = None

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._found(picture) for picture in pictures]

    def _found(self, picture: Picture) -> Detections:
        assert picture.shape[0] <= self.size[1]
        assert picture.shape[1] <= self.size[0]
        rows, columns = np.nonzero(picture[..., 0] == 255)
        if not len(rows):
            return Detections.none()
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Detections(np.array([box], np.float32), np.ones(1, np.float32), np.zeros(1, np.int32))


@given(st.integers(0, 610), st.integers(0, 330), st.integers(8, 30), st.integers(8, 30))
@settings(max_examples=60, deadline=None)
def test_a_lorry_anywhere_is_whole_in_one_tile(x: int, y: int, width: int, height: int) -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[y : y + height, x : x + width] = 255
    boxes = occupied(White(), picture) * [640, 360, 640, 360]
    whole = [x, y, min(x + width, 640), min(y + height, 360)]
    assert any(box == pytest.approx(whole, abs=0.01) for box in boxes)


def test_a_small_picture_with_nothing_in_it() -> None:
    assert occupied(White(), np.zeros((90, 120, 3), np.uint8)).shape == (0, 4)
