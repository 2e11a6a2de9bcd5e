"""Decoders: layouts, thresholds, non-maximum suppression, and outputs gone wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from inference.decoders import BadOutput, Decoder, deim, iou, suppress, yolox
from inference.detections import Detections

SIZE = (64, 64)  # 8*8 + 4*4 + 2*2 = 84 cells


def yolox_output(*, cell: int, dx: float, dy: float, w: float, h: float, label: int) -> NDArray[np.float32]:
    output = np.zeros((1, 84, 5 + 3), np.float32)
    output[0, cell] = [dx, dy, np.log(w), np.log(h), 0.9, *(0.8 if label == i else 0.1 for i in range(3))]
    return output


def test_yolox_puts_a_box_where_its_cell_says() -> None:
    # Cell 18 of the first level is column 2, row 2, stride 8: centre (2.5 * 8, 2.5 * 8).
    found = yolox([yolox_output(cell=18, dx=0.5, dy=0.5, w=2, h=1, label=1)], SIZE, 0.1)
    assert found.labels.tolist() == [1]
    assert found.scores.tolist() == pytest.approx([0.72])
    assert found.boxes.tolist()[0] == pytest.approx([12, 16, 28, 24])


def test_yolox_coarse_levels_have_larger_strides() -> None:
    # The first cell of the third level (64 + 16), stride 32.
    found = yolox([yolox_output(cell=80, dx=0.5, dy=0.5, w=0.5, h=0.5, label=0)], SIZE, 0.1)
    assert found.boxes.tolist()[0] == pytest.approx([8, 8, 24, 24])


def test_deim_layout() -> None:
    labels, scores = np.array([[2, 0]]), np.array([[0.3, 0.9]], np.float32)
    boxes = np.array([[[1, 1, 10, 10], [30, 30, 60, 50]]], np.float32)
    found = deim([labels, boxes, scores], SIZE, 0.1)
    assert found.labels.tolist() == [0, 2]
    assert found.boxes[0].tolist() == [30, 30, 60, 50]


@pytest.mark.parametrize("decode", [yolox, deim])
def test_another_layout_is_refused(decode: Decoder) -> None:
    with pytest.raises(BadOutput):
        decode([np.zeros((1, 7, 3), np.float32)], SIZE, 0.1)


@given(arrays(np.float32, (1, 84, 8), elements=st.floats(width=32, allow_nan=True, allow_infinity=True)))
def test_a_network_gone_wild_gives_sound_boxes_or_none(output: NDArray[np.float32]) -> None:
    with np.errstate(all="ignore"):
        found = yolox([output], SIZE, 0.1)
    assert np.isfinite(found.boxes).all()
    assert np.isfinite(found.scores[found.scores <= 1]).all()
    assert (found.boxes >= 0).all()
    assert (found.boxes <= 64).all()


corner = st.floats(0, 50)
box = st.tuples(corner, corner, st.floats(1, 40), st.floats(1, 40)).map(
    lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]]
)


@given(st.lists(box, min_size=1, max_size=20))
def test_suppression_keeps_the_best_and_no_two_that_overlap(rows: list[list[float]]) -> None:
    boxes = np.array(rows, np.float32)
    scores = np.linspace(0.9, 0.2, len(rows), dtype=np.float32)
    kept = suppress(Detections(boxes, scores, np.zeros(len(rows), np.int32)))
    overlaps = iou(kept.boxes, kept.boxes) - np.eye(len(kept))
    assert overlaps.max() <= 0.5
    assert kept.scores[0] == scores[0]
    # Whatever was dropped overlaps something better that stayed.
    assert (iou(boxes, kept.boxes).max(axis=1) > 0.5).all()
