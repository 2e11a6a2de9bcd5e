"""Cutting views: what is cut is what lies there, and boxes come back to where they were."""

import tracemalloc

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.detections import Detections
from inference.views import Cutter, View, fitted, luma, placed


def checkered(width: int, height: int, fmt: str = "yuv420p") -> av.VideoFrame:
    """Four flat quarters: black, red, green, white (left to right, top to bottom)."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, width // 2 :] = (0, 0, 255)
    picture[height // 2 :, : width // 2] = (0, 255, 0)
    picture[height // 2 :, width // 2 :] = (255, 255, 255)
    return av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=fmt)


@pytest.mark.parametrize("fmt", ["yuv420p", "yuvj420p", "nv12", "yuv422p", "bgr24", "gray"])
def test_a_crop_shows_the_part_it_was_asked_for(fmt: str) -> None:
    frame = checkered(640, 360, fmt)
    lower_right = Cutter((416, 416), "letterbox").cut(frame, View(320, 180, 320, 180))
    assert lower_right.shape == (234, 416, 3)
    assert lower_right.mean() > 225
    upper_left = Cutter((416, 416), "letterbox").cut(frame, View(0, 0, 320, 180))
    assert upper_left.mean() < 25


def test_a_crop_and_the_whole_picture_agree_in_colour() -> None:
    frame = checkered(640, 360)
    cutter = Cutter((640, 360), "letterbox")
    whole = cutter.cut(frame, View.whole((640, 360)))[20:160, 340:620]
    crop = cv2.resize(cutter.cut(frame, View(340, 20, 280, 140)), (280, 140))
    assert np.abs(whole.astype(int) - crop.astype(int)).mean() < 3


@pytest.mark.parametrize("fmt", ["yuv420p", "yuvj420p", "nv12"])
def test_a_crop_is_read_where_the_decoder_left_it_and_handed_on_where_it_was_written(fmt: str) -> None:
    frame = checkered(1280, 720, fmt)
    cutter, view = Cutter((416, 416), "letterbox"), View(320, 180, 416, 416)
    cropped = cutter._crop(frame, view)
    for index in range(len(frame.planes)):
        left, taken = (np.frombuffer(memoryview(each.planes[index]), np.uint8) for each in (frame, cropped))
        assert np.shares_memory(left, taken)
    cutter.cut(frame, view)  # warm
    tracemalloc.start()
    shown = cutter.cut(frame, view)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < shown.nbytes / 20  # swscale's own is not traced; whatever NumPy copied would be


def test_stretch_fills_the_input_and_letterbox_keeps_the_shape() -> None:
    view = View(0, 0, 640, 360)
    assert fitted(view, (416, 416), "stretch") == (416, 416)
    assert fitted(view, (416, 416), "letterbox") == (416, 234)


def test_luma_is_the_picture_in_grey_whatever_the_decoder_gave() -> None:
    for fmt in ("yuv420p", "nv12", "bgr24", "gray"):
        grey = luma(checkered(64, 36, fmt))
        assert grey.shape == (36, 64)
        assert grey[30, 60] > 220
        assert grey[5, 5] < 30


@given(
    left=st.integers(0, 200),
    top=st.integers(0, 100),
    side=st.integers(64, 200),
    box=st.tuples(st.floats(0.1, 0.4), st.floats(0.1, 0.4), st.floats(0.5, 0.9), st.floats(0.5, 0.9)),
)
def test_a_box_goes_into_a_view_and_comes_back(
    left: int, top: int, side: int, box: tuple[float, float, float, float]
) -> None:
    view = View(left, top, side, side)
    source = np.array([left + box[0] * side, top + box[1] * side, left + box[2] * side, top + box[3] * side])
    cut = fitted(view, (416, 416), "letterbox")
    inside = np.array([box[0] * cut[0], box[1] * cut[1], box[2] * cut[0], box[3] * cut[1]], np.float32)
    found = Detections(inside[None], np.array([0.9], np.float32), np.array([0], np.int32))
    back = placed(found, view, cut, (640, 360))
    assert np.allclose(back.boxes[0], source, atol=0.01)


def test_what_a_crop_cuts_through_is_left_to_another_view() -> None:
    view = View(100, 100, 100, 100)
    boxes = np.array([[0, 10, 30, 40], [20, 20, 60, 60]], np.float32)
    found = Detections(boxes, np.array([0.9, 0.8], np.float32), np.array([0, 0], np.int32))
    kept = placed(found, view, (100, 100), (640, 360))
    assert kept.boxes.tolist() == [[120, 120, 160, 160]]


def test_the_edge_of_the_picture_cuts_nothing_off() -> None:
    boxes = np.array([[0, 10, 30, 40]], np.float32)
    found = Detections(boxes, np.array([0.9], np.float32), np.array([0], np.int32))
    assert len(placed(found, View(0, 100, 100, 100), (100, 100), (640, 360))) == 1
