"""The options that all rules of single tracks share, seen through the zone rule."""

from itertools import pairwise

import numpy as np
import pytest

from inference.findings import Count, Phase
from inference.rule import Rule, Scene
from inference.rules.zone import Spec, build
from tests.support.trackings import (
    CLASSES,
    EXCAVATOR,
    SIZE,
    START,
    At,
    assert_whole_lives,
    play,
    story,
    together,
    tracks,
)

SCENE = Scene(
    zones={
        "gate": np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]]),
        "yard": np.array([[0, 0.5], [1, 0.5], [1, 1], [0, 1]]),
    },
    classes=CLASSES,
    time_zone="Asia/Shanghai",
)


def gate(**settings: object) -> Rule:
    return build(Spec.model_validate({"kind": "zone", "zones": ["gate"], **settings}), SCENE)


def stay(track: int, start: float, end: float, *, label: int = 0) -> list[At | None]:
    """In the gate from `start` to `end`, s; gone before and afterwards."""
    return [*[None] * round(start / 0.2), *[At(20, 40, track, label)] * round((end - start) / 0.2)]


def test_a_group_is_one_event_that_grows_and_ends_with_the_last() -> None:
    lives = together(stay(1, 0, 30), stay(2, 5, 20), stay(3, 10, 40, label=EXCAVATOR))
    found = play(gate(group=True, repeat=0), [*lives, []])
    assert_whole_lives(found)
    assert story(found) == [
        ("new", 3.0, None),
        ("update", 8.0, None),
        ("update", 13.0, None),
        ("end", 40.0, "lost"),
    ]
    assert {finding.key for finding in found} == {"zone/gate/1"}
    assert [len(finding.objects) for finding in found] == [1, 2, 3, 3]
    assert found[-1].counts == (Count("excavator", 1), Count("truck", 2))
    assert {finding.since for finding in found} == {START}


def test_those_that_come_together_are_one_message() -> None:
    found = play(gate(group=True, repeat=0), [*together(*(stay(track, 0, 10) for track in range(5))), []])
    assert [
        (phase, len(finding.objects)) for finding, (phase, _, _) in zip(found, story(found), strict=True)
    ] == [
        ("new", 5),
        ("end", 5),
    ]


def test_zones_are_grouped_apart() -> None:
    both = [[At(20, 80, 1), At(20, 40, 2)]] * 30
    found = play(gate(group=True, zones=["gate", "yard"]), [*both, []])
    assert sorted(finding.key for finding in found if finding.phase is Phase.NEW) == [
        "zone/gate/1",
        "zone/yard/1",
    ]


def test_the_repeat_tells_where_all_are_once() -> None:
    found = play(gate(group=True, repeat="5s"), together(*(stay(track, 0, 24) for track in range(4))))
    assert story(found) == [("new", 3.0, None), *(("update", at, None) for at in (8.0, 13.0, 18.0, 23.0))]
    assert [len(finding.objects) for finding in found] == [4] * 5


def test_those_that_came_one_by_one_are_told_in_one_message_per_repeat() -> None:
    lives = together(*(stay(track, track, 40) for track in range(4)))
    found = play(gate(group=True, repeat="10s"), lives)
    grown = [("new", 3.0, None), *(("update", 3.0 + track, None) for track in (1, 2, 3))]
    assert story(found)[:4] == grown
    again = [time for _, time, _ in story(found)[4:]]
    assert again[0] == pytest.approx(16, abs=0.3)
    assert [later - earlier for earlier, later in pairwise(again)] == [pytest.approx(10, abs=0.3)] * (
        len(again) - 1
    )


def test_nothing_is_repeated_of_those_who_have_gone() -> None:
    found = play(gate(cooldown="30s", repeat="5s"), [*together(stay(1, 0, 4)), *[[]] * 200])
    assert story(found) == [("new", 3.0, None), ("end", 34.0, "lost")]


def test_a_message_shows_where_they_are_and_the_end_where_they_were_last() -> None:
    way = [At(10 + number / 5, 40, 1) for number in range(100)]  # 1 px/s to the right
    found = play(gate(group=True, repeat="5s"), [*together(way), []])
    centres = [sum(finding.objects[0].box[::2]) / 2 for finding in found]
    assert [phase for phase, _, _ in story(found)] == ["new", "update", "update", "update", "end"]
    assert centres == pytest.approx([0.13, 0.18, 0.23, 0.28, 0.298], abs=0.005)
    rule = gate(group=True, repeat=0)
    play(rule, together(way))
    (end,) = rule.close(START + 20)
    assert sum(end.objects[0].box[::2]) / 2 == pytest.approx(0.298, abs=0.005)


def test_closing_begins_every_dwell_anew() -> None:
    rule = gate(group=True)
    assert play(rule, together(stay(1, 0, 2))) == []
    assert rule.close(START + 2) == []
    assert play(rule, together(stay(1, 0, 2)), START + 2) == []


def test_whoever_is_there_is_named_before_those_who_have_gone() -> None:
    lives = [stay(track, track, track + 10) for track in range(60)]
    for finding in play(gate(group=True, repeat=0), together(*lives)):
        newest = round(finding.time - START - 3)
        there = set(range(max(0, newest - 6), newest + 1))
        assert there <= {seen.track for seen in finding.objects}


def test_a_crowd_is_named_up_to_what_a_message_holds_also_while_it_goes() -> None:
    lives = [stay(track, 0, 10 + track / 5) for track in range(50)]
    found = play(gate(group=True, repeat="1s"), [*together(*lives), []])
    assert {len(finding.objects) for finding in found} == {32}
    assert found[-1].counts == (Count("truck", 50),)


def test_after_its_tracks_have_gone_an_event_cools_down() -> None:
    lives = together(stay(1, 0, 10), stay(2, 20, 45), stay(3, 80, 90))
    found = play(gate(cooldown="30s", repeat=0), [*lives, *[[]] * 200])
    assert_whole_lives(found)
    assert story(found) == [
        ("new", 3.0, None),
        ("update", 23.0, None),  # the second goes on with the first one's event
        ("end", 75.0, "lost"),  # 30 s after the second went
        ("new", 83.0, None),
        ("end", 120.0, "lost"),
    ]
    assert [finding.key for finding in found] == ["zone/gate/1"] * 3 + ["zone/gate/3"] * 2


def test_without_a_group_those_there_at_once_are_events_of_their_own() -> None:
    found = play(gate(cooldown="30s", repeat=0), [*together(stay(1, 0, 10), stay(2, 0, 20)), *[[]] * 200])
    assert_whole_lives(found)
    assert sorted(finding.key for finding in found) == ["zone/gate/1"] * 2 + ["zone/gate/2"] * 2


def test_a_group_names_as_many_as_a_message_holds_and_counts_them_all() -> None:
    lives = [stay(track, track, track + 10) for track in range(60)]
    found = play(gate(group=True, repeat=0), [*together(*lives), []])
    assert_whole_lives(found)
    assert max(len(finding.objects) for finding in found) == 32
    assert found[-1].counts == (Count("truck", 60),)
    assert 59 in [seen.track for seen in found[-1].objects]  # who has gone makes room


def test_closing_ends_what_cools_down_as_well() -> None:
    rule = gate(cooldown="1h")
    play(rule, [*together(stay(1, 0, 10)), []])
    assert story(rule.close(START + 20)) == [("end", 20.0, "stopped")]
    assert rule.close(START + 21) == []


def test_its_schedule_ends_a_group() -> None:
    """2001-09-09T01:46:40Z is 09:46:40 in China."""
    start = 1_000_000_000.0
    found = play(gate(group=True, cooldown="1h", schedule="09:00-09:47"), [[At(20, 40)]] * 300, start)
    assert story(found, start) == [("new", 3.0, None), ("end", 20.0, "schedule")]


def test_a_clock_set_back_cools_no_faster_and_no_slower() -> None:
    rule = gate(cooldown="30s", repeat=0)
    play(rule, [*together(stay(1, 0, 10)), []])
    found = [f for number in range(200) for f in rule.update(tracks([]), SIZE, START - 3600 + 0.2 * number)]
    (end,) = found
    assert (end.phase, end.reason) == (Phase.END, "lost")
    assert end.time - (START - 3600) == pytest.approx(30, abs=0.3)
    assert end.since <= end.time
