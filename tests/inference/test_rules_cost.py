"""What a rule costs: the pictures that it has to see, and what it remembers."""

import pickle
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from inference.rule import Rule, Scene
from streams import kinds
from tests.support.trackings import CLASSES, EXCAVATOR, START, At, drive, play

SCENE = Scene(
    zones={"gate": np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]])},
    classes=CLASSES,
    time_zone="Asia/Shanghai",
    lines={"bank": np.array([[0.0, 0.5], [1.0, 0.5]])},
)
ZONE = {"kind": "zone", "zones": ["gate"], "dwell": 2, "leave": 2, "repeat": 0}
LINE = {"kind": "convoy", "line": "bank", "least": 2}
INSIDE, OUTSIDE = At(20, 40), At(80, 40)


def made(settings: Mapping[str, object]) -> Rule:
    module = kinds.load("inference.rules", str(settings["kind"]))
    rule: Rule = module.build(module.Spec.model_validate(settings), SCENE)
    return rule


def seen(rule: Rule, *row: At, seconds: float, start: float) -> bool:
    """Whether it needs to see every picture from then on."""
    play(rule, [row] * round(seconds / 0.2), START + start)
    return rule.pending


@pytest.mark.parametrize("options", [{}, {"group": True}, {"cooldown": "1h"}, {"schedule": "00:00-24:00"}])
def test_a_stay_needs_every_picture_while_it_may_begin_or_end(options: Mapping[str, object]) -> None:
    rule = made({**ZONE, **options})
    assert not rule.pending
    assert not seen(rule, OUTSIDE, seconds=1, start=0)
    assert seen(rule, INSIDE, seconds=1, start=1)  # its dwell
    assert not seen(rule, OUTSIDE, seconds=1, start=2)  # passed by
    assert not seen(rule, INSIDE, seconds=4, start=5)  # told: it may stay for hours
    assert seen(rule, OUTSIDE, seconds=1, start=9)  # its leave
    assert not seen(rule, OUTSIDE, seconds=3, start=10)  # ended
    assert not seen(rule, INSIDE, seconds=3, start=13)


def test_work_is_waited_for_like_a_stay() -> None:
    rule = made({"kind": "working", "zones": ["gate"], "dwell": 10})
    digging = replace(INSIDE, label=EXCAVATOR, stir=0.1)
    assert not seen(rule, digging, seconds=4, start=0)  # it may drive through
    assert seen(rule, digging, seconds=4, start=4)
    assert not seen(rule, digging, seconds=20, start=8)


@pytest.mark.parametrize("kind", ["convoy", "count"])
def test_who_arrives_in_a_zone_is_waited_for_as_long_as_it_takes(kind: str) -> None:
    rule = made({"kind": kind, "zones": ["gate"], "dwell": 2})
    assert not rule.pending
    assert seen(rule, INSIDE, seconds=1, start=0)
    assert not seen(rule, INSIDE, seconds=3, start=1)


@pytest.mark.parametrize("kind", ["convoy", "count", "crossing"])
def test_over_a_line_nothing_is_waited_for(kind: str) -> None:
    rule = made({"kind": kind, "line": "bank"})
    assert not rule.pending
    assert not seen(rule, At(50, 50), seconds=2, start=0)


@pytest.mark.parametrize(
    "settings",
    [
        {**ZONE, "dwell": 0},
        {**ZONE, "dwell": 60},
        {**ZONE, "dwell": 0, "group": True},
        {"kind": "working", "zones": ["gate"], "objects": ["any"]},
        {"kind": "crossing", "line": "bank"},
        {"kind": "crossing", "line": "bank", "group": True, "cooldown": 1},
        {**LINE, "window": 60, "quiet": 3600},
        {"kind": "count", "zones": ["gate"], "dwell": 0},
    ],
    ids=lambda settings: "-".join(str(value) for value in settings.values()),
)
def test_what_is_remembered_does_not_grow_with_those_who_have_gone(settings: Mapping[str, object]) -> None:
    """A gateway runs for months."""
    rule, sizes = made(settings), list[int]()
    for hundred in range(1, 5):
        for number in range(100):
            track = 1_000_000 + 100 * hundred + number
            start = START + 5 * (100 * hundred + number)
            play(rule, [[row] for row in drive((20, 20), (20, 80), pictures=5, track=track)], start, step=1.0)
        sizes.append(len(pickle.dumps(rule)))
    assert max(sizes[1:]) <= sizes[0] + 200
