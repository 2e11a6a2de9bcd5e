"""Average precision: worked examples, and what holds for any detections."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.agreement import agreement, average_precision
from inference.detections import Detections


def detections(*rows: tuple[float, float, int]) -> Detections:
    """Squares of 10 px: (left, score, label), best first."""
    boxes = [[left, 0, left + 10, 10] for left, _, _ in rows]
    scores, labels = [score for _, score, _ in rows], [label for *_, label in rows]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(labels, np.int32)
    )


def test_a_worked_example() -> None:
    # Hit, miss, hit of two true: precision 1 up to recall 1/2, then 2/3. COCO: 51 points of 1, 50 of 2/3.
    truth = [detections((0, 1, 0), (100, 1, 0))]
    found = [detections((0, 0.9, 0), (50, 0.8, 0), (102, 0.7, 0))]
    assert average_precision(found, truth) == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_the_mean_is_over_classes_and_the_agreement_over_all_at_once() -> None:
    truth = [detections(*((100.0 * turn, 1, 0) for turn in range(9)), (5000, 1, 1))]
    found = [truth[0].keep(truth[0].labels == 0)]
    assert average_precision(found, truth) == pytest.approx(0.5)
    assert agreement(found, truth, 0.5) == pytest.approx(91 / 101)


def test_a_double_and_another_class_are_no_hits() -> None:
    truth = [detections((0, 1, 0))]
    assert average_precision([detections((0, 0.9, 1))], truth) == 0
    assert average_precision([detections((1, 0.9, 0), (0, 0.8, 0))], truth) == 1
    assert agreement([detections((0, 0.9, 1), (0, 0.8, 0))], truth, 0.5) == pytest.approx(0.5)


def test_what_the_other_form_is_unsure_of_is_neither_hit_nor_miss() -> None:
    answers = [detections((0, 0.5, 0), (100, 0.19, 0))]
    assert agreement([detections((100, 0.9, 0), (0, 0.8, 0))], answers, 0.2) == 1
    assert agreement([detections((300, 0.9, 0), (0, 0.8, 0))], answers, 0.2) == pytest.approx(0.5)


def test_a_hit_in_another_picture_is_none() -> None:
    truth = [detections((0, 1, 0)), detections()]
    assert average_precision(truth[::-1], truth) == 0


def test_without_a_truth_there_is_no_figure() -> None:
    assert np.isnan(average_precision([detections((0, 0.9, 0))], [detections()]))
    assert np.isnan(agreement([], [], 0.5))


pictures = st.lists(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 99), st.integers(0, 2)), max_size=6),
    min_size=1,
    max_size=4,
)


@given(pictures)
def test_what_agrees_with_itself_agrees_wholly_whatever_it_is_unsure_of(
    rows: list[list[tuple[int, int, int]]],
) -> None:
    ranked = [sorted(each, key=lambda row: -row[1]) for each in rows]
    found = [
        detections(*((20.0 * left, score / 100, label) for left, score, label in each)) for each in ranked
    ]
    figure = agreement(found, found, 0.2)
    assert np.isnan(figure) or figure == pytest.approx(1)
