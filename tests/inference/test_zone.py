import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from inference.findings import Finding, Phase, Severity, Whistle
from inference.rule import Rule, Scene
from inference.rules.zone import Spec, ZoneRule, build
from inference.tracks import Tracks

CLASSES = ("truck", "excavator", "person")
TRUCK, EXCAVATOR, PERSON = 0, 1, 2
SIZE = (100, 100)
START = 1_000_000.0
STEP = 0.2

# The gate is the left half of the picture, the yard its lower half.
SCENE = Scene(
    zones={
        "gate": np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]]),
        "yard": np.array([[0, 0.5], [1, 0.5], [1, 1], [0, 1]]),
    },
    classes=CLASSES,
    time_zone="Asia/Shanghai",
)
INSIDE, OUTSIDE = (20.0, 40.0), (80.0, 40.0)  # of the gate: the foot of a box, in px

Seen = tuple[int, tuple[float, float], int, bool]  # id, foot, label, seen


def seen(foot: tuple[float, float], *, track: int = 1, label: int = TRUCK) -> Seen:
    return track, foot, label, True


def lost(foot: tuple[float, float], *, track: int = 1) -> Seen:
    return track, foot, TRUCK, False


def tracks(*rows: Seen) -> Tracks:
    count = len(rows)
    return Tracks(
        ids=np.array([row[0] for row in rows], np.int64),
        boxes=np.array([(x - 5, y - 10, x + 5, y) for _, (x, y), _, _ in rows], np.float32).reshape(-1, 4),
        scores=np.full(count, 0.7, np.float32),
        labels=np.array([row[2] for row in rows], np.int32),
        seen=np.array([row[3] for row in rows], np.bool_),
        first=np.full(count, START),
        last=np.full(count, START),
    )


def gate(**settings: object) -> Rule:
    return build(Spec.model_validate({"kind": "zone", "zones": ["gate"], **settings}), SCENE)


def play(rule: Rule, pictures: Sequence[Sequence[Seen]], start: float = START) -> list[Finding]:
    found = list[Finding]()
    for number, picture in enumerate(pictures):
        found += rule.update(tracks(*picture), SIZE, start + number * STEP)
    return found


def seconds(duration: float, *rows: Seen) -> list[list[Seen]]:
    return [list(rows)] * round(duration / STEP)


def story(found: Sequence[Finding]) -> list[tuple[str, float, str | None]]:
    """Phase, seconds since the start, reason."""
    return [(finding.phase.value, round(finding.time - START, 3), finding.reason) for finding in found]


def test_a_truck_comes_stays_and_leaves() -> None:
    history = seconds(1, seen(OUTSIDE)) + seconds(10, seen(INSIDE)) + seconds(5, seen(OUTSIDE))
    found = play(gate(repeat="4s", severity="critical", whistle="joint"), history)
    assert story(found) == [
        ("new", 4.0, None),
        ("update", 8.0, None),
        ("end", 13.0, "left"),
    ]
    new = found[0]
    assert (new.type, new.key, new.rule, new.zone) == ("vehicle.zone", "zone/gate/1", "zone", "gate")
    assert (new.severity, new.whistle) == (Severity.CRITICAL, Whistle.JOINT)
    assert {finding.since for finding in found} == {START + 1}
    (sighting,) = new.objects
    assert (sighting.track, sighting.label) == (1, "truck")
    assert sighting.score == pytest.approx(0.7)
    assert sighting.box == pytest.approx((0.15, 0.3, 0.25, 0.4))


def test_passing_through_is_no_event() -> None:
    assert play(gate(), seconds(2.8, seen(INSIDE)) + seconds(9, seen(OUTSIDE))) == []


def test_visits_shorter_than_the_dwell_do_not_add_up() -> None:
    visit = seconds(2, seen(INSIDE)) + seconds(3, seen(OUTSIDE))
    assert play(gate(), visit * 5) == []


def test_flickering_across_the_border_is_one_event() -> None:
    flicker = [*seconds(1, seen(INSIDE)), *seconds(0.4, seen(OUTSIDE))] * 20
    found = play(gate(), flicker + seconds(5, seen(OUTSIDE)))
    assert [(phase, reason) for phase, _, reason in story(found)] == [("new", None), ("end", "left")]


def test_a_truck_that_comes_back_after_its_end_is_not_told_again() -> None:
    visit = seconds(5, seen(INSIDE)) + seconds(5, seen(OUTSIDE))
    found = play(gate(), visit * 4)
    assert [finding.phase for finding in found] == [Phase.NEW, Phase.END]


def test_each_zone_and_each_track_has_its_own_event() -> None:
    both = (20.0, 80.0)
    history = [*seconds(5, seen(both), seen(INSIDE, track=2)), []]
    found = play(build(Spec(kind="zone", zones=("gate", "yard")), SCENE), history)
    told = sorted((finding.key, finding.phase.value) for finding in found)
    keys = ["zone/gate/1", "zone/gate/2", "zone/yard/1"]
    assert told == [(key, phase) for key in keys for phase in ("end", "new")]


def test_without_zones_the_whole_picture_counts() -> None:
    over_the_edge = (99.0, 104.0)
    found = play(build(Spec(kind="zone"), SCENE), seconds(4, seen(over_the_edge)))
    assert [(finding.key, finding.zone) for finding in found] == [("zone/*/1", None)]
    assert found[0].objects[0].box == pytest.approx((0.94, 0.94, 1, 1))


def test_the_foot_of_a_cut_off_truck_is_at_the_edge_of_the_picture() -> None:
    yard = build(Spec(kind="zone", zones=("yard",)), SCENE)
    assert [finding.phase for finding in play(yard, seconds(4, seen((50, 103))))] == [Phase.NEW]


def test_the_anchor_decides() -> None:
    astride = seconds(4, seen((52, 40)))
    assert play(gate(), astride) == []
    assert [finding.phase for finding in play(gate(anchor="bottom_left"), astride)] == [Phase.NEW]


def test_only_the_wanted_kind_counts() -> None:
    assert play(gate(), seconds(9, seen(INSIDE, label=PERSON))) == []
    assert len(play(gate(), seconds(9, seen(INSIDE, label=EXCAVATOR)))) == 1
    assert len(play(gate(objects=["person"]), seconds(9, seen(INSIDE, label=PERSON)))) == 1


def test_a_vote_that_flips_for_a_moment_changes_nothing() -> None:
    doubt = seconds(4, seen(INSIDE)) + seconds(1, seen(INSIDE, label=PERSON)) + seconds(4, seen(INSIDE))
    assert [finding.phase for finding in play(gate(), doubt)] == [Phase.NEW]


def test_a_vote_that_stays_flipped_ends_the_event() -> None:
    found = play(gate(), seconds(4, seen(INSIDE)) + seconds(4, seen(INSIDE, label=PERSON)))
    assert story(found)[-1] == ("end", 6.0, "left")


def test_a_track_that_is_dropped_ends_as_lost() -> None:
    history = seconds(4, seen(INSIDE)) + seconds(3, lost(OUTSIDE)) + [[]] * 3
    assert story(play(gate(), history)) == [("new", 3.0, None), ("end", 7.0, "lost")]


def test_a_prediction_proves_nothing() -> None:
    assert play(gate(), seconds(1, seen(INSIDE)) + seconds(30, lost(INSIDE))) == []


def test_a_truck_hidden_for_a_moment_stayed_where_it_was() -> None:
    hidden = seconds(1, seen(INSIDE)) + seconds(1, lost(INSIDE)) + seconds(1.2, seen(INSIDE))
    assert story(play(gate(), hidden)) == [("new", 3.0, None)]


@pytest.mark.parametrize("jump", [5.0, 86_400.0, -0.5, -3600.0, -86_400.0])
def test_a_gap_or_a_jump_of_the_clock_is_no_dwell(jump: float) -> None:
    rule = gate()
    assert play(rule, seconds(2, seen(INSIDE))) == []
    later = START + 1.8 + jump
    found = play(rule, seconds(3, seen(INSIDE)), start=later)
    # 1.8 s are on the account; a clock set back adds none, nor does a gap: the rest must really pass.
    assert [finding.time for finding in found] == [pytest.approx(later + 1.2)]
    assert found[0].since <= found[0].time


def test_an_open_event_survives_a_clock_set_back() -> None:
    rule = gate(repeat="2s")
    play(rule, seconds(4, seen(INSIDE)))
    found = play(rule, seconds(4, seen(INSIDE)) + seconds(3, seen(OUTSIDE)), start=START - 3600)
    assert [(finding.phase.value, finding.reason) for finding in found] == [
        ("update", None),
        ("update", None),
        ("end", "left"),
    ]


def test_the_schedule_begins_and_ends_events() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    evening = datetime(2026, 3, 2, 18, 59, 50, tzinfo=zone).timestamp()
    rule = gate(schedule="19:00-19:01")
    found = play(rule, seconds(120, seen(INSIDE)), start=evening)
    assert [(f.phase.value, round(f.time - evening, 1), f.reason) for f in found] == [
        ("new", 13.0, None),
        ("end", 70.0, "schedule"),
    ]
    tomorrow = evening + 86_400
    assert play(rule, seconds(60, seen(INSIDE)), start=tomorrow) == []


def test_closing_ends_what_is_open_and_only_that() -> None:
    rule = gate()
    play(rule, seconds(4, seen(INSIDE), seen(OUTSIDE, track=2)) + seconds(1, seen(INSIDE, track=3)))
    rule.update(tracks(seen(INSIDE, track=4)), SIZE, START + 5)
    assert rule.close(START + 6) == []
    rule = gate()
    play(rule, seconds(4, seen(INSIDE), seen(OUTSIDE, track=2)))
    assert story(rule.close(START + 4)) == [("end", 4.0, "stopped")]
    assert rule.close(START + 5) == []


def test_no_dwell_fires_at_the_first_sight_and_no_repeat_is_silent() -> None:
    found = play(gate(dwell=0, leave=0, repeat=0), seconds(300, seen(INSIDE)) + seconds(1, seen(OUTSIDE)))
    assert story(found) == [("new", 0.0, None), ("end", 300.0, "left")]


def test_a_wider_gap_serves_time_lapse_pictures() -> None:
    rule = gate(gap="150s", dwell="2min", repeat=0)
    found = [finding for n in range(4) for finding in rule.update(tracks(seen(INSIDE)), SIZE, START + 60 * n)]
    assert story(found) == [("new", 120.0, None)]


@pytest.mark.parametrize(("away", "told"), [(140.0, [1]), (160.0, [])])
def test_time_lapse_may_miss_a_picture_of_a_stay_and_not_two(away: float, told: list[int]) -> None:
    """One picture a minute: two and a half of them are its patience."""
    scene = replace(SCENE, period=60.0)
    rule = build(Spec(kind="zone", zones=("gate",), dwell=100.0), scene)
    found = [
        finding for now in (START, START + away) for finding in rule.update(tracks(seen(INSIDE)), SIZE, now)
    ]
    assert [sighting.track for finding in found for sighting in finding.objects] == told


def test_a_gap_that_is_just_as_long_as_allowed_is_a_stay() -> None:
    rule = gate(gap="2s", dwell="4s")
    found = [finding for n in range(3) for finding in rule.update(tracks(seen(INSIDE)), SIZE, START + 2 * n)]
    assert story(found) == [("new", 4.0, None)]


def test_who_stays_is_told_again_each_minute() -> None:
    found = play(gate(), seconds(130, seen(INSIDE)))
    assert story(found) == [("new", 3.0, None), ("update", 63.0, None), ("update", 123.0, None)]


@pytest.mark.parametrize("dwell", [3.0, 0.0])
def test_dead_tracks_are_forgotten(dwell: float) -> None:
    rule = ZoneRule(Spec(kind="zone", zones=("gate",), dwell=dwell), SCENE)
    for number in range(500):
        rule.update(tracks(seen(INSIDE, track=number)), SIZE, START + number)
    assert len(rule._stays) == 1


def test_an_unknown_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="no zone 'gaet' on this stream; did you mean 'gate'"):
        gate(zones=["gaet"])


def test_an_unknown_object_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'excavator'"):
        gate(objects=["excavater"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"dwell": "soon"},
        {"dwell": -1},
        {"anchor": "wheel"},
        {"objects": []},
        {"name": "a/b"},
        {"schedule": 1140},
        {"colour": 1},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Spec.model_validate({"kind": "zone", **wrong})


# Random lives of three tracks: each is absent, then present for a while, then gone for good.
glimpse = st.sampled_from(["in", "in", "in", "in", "out", "lost", "person"])
life = st.tuples(st.integers(0, 10), st.lists(glimpse, min_size=1, max_size=40))
pace = st.floats(0.05, 1.0) | st.sampled_from([2.5, 30.0, -7.0, 86_400.0])


def at(number: int, track: int, born: int, glimpses: list[str]) -> Seen | None:
    if not born <= number < born + len(glimpses):
        return None
    match glimpses[number - born]:
        case "in":
            return seen(INSIDE, track=track)
        case "out":
            return seen(OUTSIDE, track=track)
        case "person":
            return seen(INSIDE, track=track, label=PERSON)
        case _:
            return lost(INSIDE, track=track)


def stayed(sightings: list[tuple[float, bool]], gap: float) -> float:
    """Seconds between neighbouring sightings that are both inside: the most that any dwell can claim.

    Times are of a clock that is never set back.
    """
    return math.fsum(
        later - earlier
        for (earlier, was_in), (later, is_in) in pairwise(sightings)
        if was_in and is_in and later - earlier <= gap
    )


@settings(max_examples=200, deadline=None)
@given(
    lives=st.lists(life, min_size=1, max_size=3),
    steps=st.lists(pace, min_size=50, max_size=50),
    dwell=st.sampled_from([0.0, 0.5, 1.5]),
    leave=st.sampled_from([0.0, 1.0]),
)
def test_every_event_has_one_beginning_and_one_end(
    lives: list[tuple[int, list[str]]], steps: list[float], dwell: float, leave: float
) -> None:
    rule = gate(dwell=dwell, leave=leave, repeat=1)
    told: dict[str, list[Finding]] = {}
    sightings: dict[str, list[tuple[float, bool]]] = {}
    now, passed = START, 0.0
    for number, step in enumerate(steps):
        now, passed = now + step, passed + max(step, 0)
        rows = [row for track, one in enumerate(lives) if (row := at(number, track, *one))]
        for track, foot, label, visible in rows:
            if visible:
                inside = foot == INSIDE and label == TRUCK
                sightings.setdefault(f"zone/gate/{track}", []).append((passed, inside))
        for finding in rule.update(tracks(*rows), SIZE, now):
            if finding.phase is Phase.NEW:
                assert stayed(sightings[finding.key], 2.0) >= dwell - 2e-3
            assert finding.since <= finding.time == now
            told.setdefault(finding.key, []).append(finding)
    for finding in rule.close(now):
        told.setdefault(finding.key, []).append(finding)
    for findings in told.values():
        phases = [finding.phase for finding in findings]
        assert phases == [Phase.NEW] + [Phase.UPDATE] * (len(phases) - 2) + [Phase.END]
        assert [finding.reason is None for finding in findings] == [True] * (len(phases) - 1) + [False]
