"""Number plates, with the real reader on a real picture.

tests/data/plate.jpg is made smaller from a picture of HyperLPR (github.com/szad670401/HyperLPR, Apache-2.0).
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.detections import Picture
from inference.plates import Plate, PlateReader, Reading, best, likely, plain
from streams.problem import Misconfigured

PLATE = Path(__file__).parents[1] / "data" / "plate.jpg"


@pytest.fixture(scope="module")
def reader() -> PlateReader:
    return PlateReader()


def opened(scale: float = 1.0) -> Picture:
    picture = cv2.imread(str(PLATE))
    assert picture is not None
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def line(top: float, *texts: tuple[str, float], width: float = 200, height: float = 40) -> Reading:
    return Reading(rectangle(100, top, width, height), texts)


def rectangle(left: float, top: float, width: float, height: float) -> NDArray[np.float64]:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def test_a_plate_is_read_with_its_province(reader: PlateReader) -> None:
    plate = reader.read(opened())
    assert plate is not None
    assert plate.text == "藏DT5022"
    assert plate.score > 0.8


@pytest.mark.parametrize("side", ["blank", "noise", "tiny", "upside down"])
def test_where_there_is_no_plate_none_is_read(reader: PlateReader, side: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    shown = {
        "blank": np.full((200, 300, 3), 90, np.uint8),
        "noise": noise,
        "tiny": opened(0.05),
        "upside down": np.ascontiguousarray(opened()[::-1]),
    }
    assert reader.read(shown[side]) is None


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    with pytest.raises(Misconfigured) as refused:
        PlateReader()
    assert refused.value.problem.code == "plates.missing"
    assert "sandwatch[plates]" in refused.value.problem.say("en")
    assert "sandwatch[plates]" in refused.value.problem.say("zh")


@pytest.mark.parametrize(
    "text",
    [
        "豫A12345",
        "豫A·1234挂",
        "京A 1234学",
        "冀B1234警",
        "粤Z·1234港",
        "沪AD12345",  # new energy, small
        "沪A12345D",  # new energy, large
        "豫ao1234",  # O is always a zero
    ],
)
def test_plates_there_are(text: str) -> None:
    plate = best([line(0, (plain(text), 0.9))])
    assert plate is not None
    assert plate.score == 0.9


@pytest.mark.parametrize(
    "text", ["A12345", "豫12345", "豫A1234", "豫AD123", "豫A123456", "满D15022", "豫A1234挂挂", ""]
)
def test_what_is_no_plate(text: str) -> None:
    assert best([line(0, (plain(text), 0.99))]) is None


def test_the_readings_vote_and_doubt_lowers_the_score() -> None:
    texts = (("豫A12345", 0.8), ("豫A12345", 0.7), ("豫A12346", 0.9), ("12345", 0.99))
    plate = best([line(0, *texts)])
    assert plate == Plate("豫A12345", round(0.8 * 1.5 / 2.4, 3))


def test_the_two_lines_of_a_yellow_plate_are_one() -> None:
    head, tail = line(100, ("豫A", 0.9), width=100), line(150, ("1234挂", 0.8))
    assert best([head, tail]) == Plate("豫A1234挂", 0.8)
    assert best([head, line(400, ("1234挂", 0.8))]) is None  # far below: a phone number on the tail board
    assert best([line(150, ("1234挂", 0.8)), line(200, ("豫A", 0.9))]) is None


def test_only_the_largest_of_a_plates_shape_are_looked_at() -> None:
    slogan, board = rectangle(0, 0, 800, 40), rectangle(0, 100, 50, 200)
    plates = [rectangle(0, 300 + 60 * number, 100 + number, 40) for number in range(6)]
    assert [float(box[1, 0]) for box in likely([slogan, board, *plates])] == [102, 103, 104, 105]


@given(st.text(alphabet="豫A1DO·- 挂学", max_size=9), st.floats(0.1, 1))
def test_whatever_is_read_a_plate_looks_like_one(text: str, score: float) -> None:
    plate = best([line(0, (plain(text), score))])
    if plate is not None:
        assert plate.text[0] == "豫"
        assert len(plate.text) in (7, 8)
        assert "O" not in plate.text
        assert 0 < plate.score <= 1
