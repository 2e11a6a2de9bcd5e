"""Which boxes count as found, false, or neither; and what they add up to."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.eyes.judging import TARGETS, Box, Known, Seen, judge
from bench.eyes.precision import average_precision
from bench.eyes.tally import Tally, even, recall_where

TRUCK = TARGETS["truck"]
LEFT, RIGHT, FAR = (0.1, 0.1, 0.3, 0.3), (0.6, 0.1, 0.8, 0.3), (0.4, 0.7, 0.6, 0.9)


def known(box: Box, *names: str) -> Known:
    return Known(box, frozenset(names))


def seen(*found: tuple[Box, str, float]) -> Seen:
    boxes = np.array([box for box, _, _ in found], np.float32).reshape(-1, 4)
    return Seen(
        boxes, np.array([score for *_, score in found], np.float32), tuple(word for _, word, _ in found)
    )


def test_a_truck_is_found_by_a_box_in_its_place_with_its_name() -> None:
    told = judge([known(LEFT, "truck"), known(RIGHT, "truck")], seen((LEFT, "truck", 0.8)), TRUCK, 1.0, 0.3)
    assert told.hits == pytest.approx([0.8, 0])
    assert told.sides == pytest.approx([0.2 * 416] * 2)
    assert told.called == [None, None]
    assert told.false == []


def test_a_box_in_the_right_place_with_another_name_is_told_apart() -> None:
    told = judge([known(LEFT, "excavator")], seen((LEFT, "boat", 0.5)), TARGETS["excavator"], 1.0, 0.3)
    assert (told.hits, told.called) == ([0], ["boat"])
    weak = judge([known(LEFT, "excavator")], seen((LEFT, "boat", 0.2)), TARGETS["excavator"], 1.0, 0.3)
    assert weak.called == [None]


def test_a_truck_box_on_a_car_is_false_and_said_to_lie_on_something() -> None:
    told = judge([known(LEFT, "car")], seen((LEFT, "truck", 0.6), (FAR, "truck", 0.5)), TRUCK, 1.0, 0.3)
    assert told.false == pytest.approx([0.6, 0.5])
    assert told.astray == [True, False]


def test_a_second_box_on_the_same_truck_is_false() -> None:
    told = judge([known(LEFT, "truck")], seen((LEFT, "truck", 0.6), (LEFT, "truck", 0.9)), TRUCK, 1.0, 0.3)
    assert told.hits == pytest.approx([0.9])
    assert told.false == pytest.approx([0.6])


def test_of_two_trucks_side_by_side_each_gets_a_box() -> None:
    trucks = [known((0.1, 0.1, 0.5, 0.3), "truck"), known((0.15, 0.1, 0.55, 0.3), "truck")]
    boxes = seen(((0.1, 0.1, 0.5, 0.3), "truck", 0.9), ((0.11, 0.1, 0.51, 0.3), "truck", 0.8))
    assert judge(trucks, boxes, TRUCK, 1.0, 0.3).hits == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize(
    "open_",
    [
        known(LEFT, "truck", "bus"),  # the label does not say which
        known(LEFT),  # nobody labelled what is there
        known((0.1, 0.1, 0.11, 0.11), "truck"),  # 4 px: too small to be asked for
    ],
)
def test_what_a_label_leaves_open_counts_neither_way(open_: Known) -> None:
    told = judge([open_], seen((open_.box, "truck", 0.9)), TRUCK, 1.0, 0.3)
    assert (told.hits, told.false) == ([], [])


def test_cocos_train_on_a_road_is_a_truck() -> None:
    assert judge([known(LEFT, "truck")], seen((LEFT, "train", 0.9)), TRUCK, 1.0, 0.3).hits == pytest.approx(
        [0.9]
    )


def test_sizes_are_those_of_a_letterboxed_picture() -> None:
    wide = judge([known((0, 0, 0.1, 0.5), "truck")], seen(), TRUCK, 2.0, 0.3)
    high = judge([known((0, 0, 0.5, 0.1), "truck")], seen(), TRUCK, 0.5, 0.3)
    assert wide.sides == high.sides == pytest.approx([104])


BOXES = st.tuples(st.floats(0, 0.7), st.floats(0, 0.7), st.floats(0.05, 0.3), st.floats(0.05, 0.3)).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)
WORDS = st.sampled_from(["truck", "car", "train", "boat"])
KNOWN = st.lists(
    st.builds(Known, BOXES, st.frozensets(st.sampled_from(["truck", "car", "bus"]), max_size=2)), max_size=6
)
FOUND = st.lists(
    st.tuples(BOXES, WORDS, st.floats(0.1, 1).map(lambda score: round(score, 3))),
    max_size=8,
    unique_by=lambda each: each[2],
)


@given(KNOWN, FOUND, st.randoms(use_true_random=False))
def test_no_box_finds_two_objects_and_the_order_of_boxes_is_nothing(
    labels: list[Known], found: list[tuple[Box, str, float]], chance: random.Random
) -> None:
    told = judge(labels, seen(*found), TRUCK, 1.0, 0.3)
    hits = [hit for hit in told.hits if hit > 0]
    trucks = [score for _, word, score in found if word in ("truck", "train")]
    assert len(hits) + len(told.false) <= len(trucks)
    assert len({*hits, *told.false}) == len(hits) + len(told.false)
    shuffled = chance.sample(found, len(found))
    assert judge(labels, seen(*shuffled), TRUCK, 1.0, 0.3) == told


@given(KNOWN, FOUND)
def test_average_precision_never_exceeds_what_was_found(
    labels: list[Known], found: list[tuple[Box, str, float]]
) -> None:
    told = judge(labels, seen(*found), TRUCK, 1.0, 0.3)
    if not told.hits:
        return
    ap50, ap = average_precision([(labels, seen(*found), 1.0)], TRUCK)
    recall = sum(hit > 0 for hit in told.hits) / len(told.hits)
    assert 0 <= ap <= ap50 + 1e-6
    assert ap50 <= recall + 0.01  # 101 steps of recall
    if not told.false:
        assert ap50 >= recall - 0.01


def test_average_precision_is_cocos() -> None:
    """Two trucks, a false box between them in score: precision 1 up to half the recall, then 2/3."""
    labels = [known(LEFT, "truck"), known(RIGHT, "truck"), known((0.8, 0.8, 1, 1), "truck", "bus")]
    found = seen(
        (LEFT, "truck", 0.9), (FAR, "truck", 0.8), (RIGHT, "truck", 0.7), ((0.8, 0.8, 1, 1), "truck", 0.95)
    )
    ap50, ap = average_precision([(labels, found, 1.0)], TRUCK)
    assert (ap50, ap) == pytest.approx([(51 + 50 * 2 / 3) / 101] * 2)
    assert average_precision([(labels, seen(), 1.0)], TRUCK) == (0, 0)
    with pytest.raises(ValueError, match="no such object"):
        average_precision([(labels, found, 1.0)], TARGETS["person"])


def tally(hits: list[float], false: list[float], *, complete: bool = True) -> Tally:
    sides = [30.0] * len(hits)
    return Tally(complete, 2, sides, hits, [None] * len(hits), false, [False] * len(false))


def test_a_tally_answers_at_the_score_it_is_asked_for() -> None:
    counted = tally([0.9, 0.4, 0.2, 0], [0.8, 0.25])
    assert counted.recall(0.3) == 0.5
    assert counted.precision(0.3) == pytest.approx(2 / 3)
    assert counted.false_per_picture(0.3) == 0.5
    assert counted.recall(0.3, (100, 200)) is None


def test_labels_that_are_not_complete_can_call_nothing_false() -> None:
    counted = tally([0.9], [0.8], complete=False)
    assert counted.recall(0.3) == 1
    assert counted.precision(0.3) is None
    assert counted.false_per_picture(0.3) is None


def test_recall_at_another_models_false_boxes_takes_the_lowest_score_that_will_do() -> None:
    counted = tally([0.9, 0.6, 0.35, 0], [0.8, 0.5, 0.3])
    assert recall_where([counted], 1.0) == 0.75  # two false in two pictures: everything from 0.35 on
    assert recall_where([counted], 0.5) == 0.5
    assert recall_where([counted], 0.0) == 0.25
    assert recall_where([tally([0.2], [0.9])], 0.0) is None


def test_sets_count_the_same_however_large() -> None:
    assert even([1.0, 0.5, None]) == 0.75
    assert even([None]) is None
