"""One detector for several cameras: each gets the answers to its own pictures, in one call."""

from collections.abc import Sequence

import numpy as np
import pytest

from inference.asking import Asking, answered, together
from inference.detections import Detections, Fit, Picture


class Bright:
    """Finds one box in each picture, as wide as its first pixel is bright; counts its calls."""

    classes = ("truck",)
    size = (64, 64)
    fit: Fit = "letterbox"
    flexible = False
    problem = None

    def __init__(self) -> None:
        self.calls: list[int] = []

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        self.calls.append(len(pictures))
        return [
            Detections(
                np.array([[0, 0, picture[0, 0, 0], 1]], np.float32),
                np.ones(1, np.float32),
                np.zeros(1, np.int32),
            )
            for picture in pictures
        ]


def asks(*rounds: list[int]) -> Asking[list[float]]:
    """Asks about pictures of these brightnesses, round by round; returns the widths it was told."""
    told: list[float] = []
    for brightnesses in rounds:
        answers = yield [np.full((2, 2, 3), bright, np.uint8) for bright in brightnesses]
        told += [float(answer.boxes[0, 2]) for answer in answers]
    return told


def test_each_gets_its_own_answers_from_one_call() -> None:
    detector = Bright()
    assert together([asks([1, 2]), asks(), asks([3]), asks([4], [5])], detector) == [[1, 2], [], [3], [4, 5]]
    assert detector.calls == [4, 1]


def test_one_alone() -> None:
    detector = Bright()
    assert answered(asks([7], [8, 9]), detector) == [7, 8, 9]
    assert detector.calls == [1, 2]


def test_who_asks_nothing_calls_nothing() -> None:
    detector = Bright()
    assert answered(asks(), detector) == []
    assert detector.calls == []


def test_a_failure_closes_all_that_wait() -> None:
    class Broken(Bright):
        def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
            raise RuntimeError("lost")

    waiting = [asks([1]), asks([2])]
    with pytest.raises(RuntimeError, match="lost"):
        together(waiting, Broken())
    assert [list(each) for each in waiting] == [[], []]
