from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from inference.findings import Count, Direction, Finding, Phase, Severity
from inference.rule import Rule, Scene
from inference.rules.count import Spec, build
from tests.support.trackings import (
    CLASSES,
    PERSON,
    SIZE,
    At,
    assert_whole_lives,
    drive,
    play,
    together,
    tracks,
)

CHINA = ZoneInfo("Asia/Shanghai")
SCENE = Scene(
    zones={"road": np.array([[0, 0.5], [1, 0.5], [1, 1], [0, 1]])},
    classes=CLASSES,
    time_zone="Asia/Shanghai",
    lines={"bank": np.array([[0.0, 0.5], [1.0, 0.5]])},
)
BEFORE_TEN = datetime(2026, 3, 2, 9, 59, 30, tzinfo=CHINA).timestamp()


def count(**settings: object) -> Rule:
    return build(Spec.model_validate({"kind": "count", "line": "bank", **settings}), SCENE)


def clock(finding: Finding) -> str:
    return datetime.fromtimestamp(finding.time, CHINA).strftime("%H:%M:%S")


def over(track: int, after: int, down: bool = True) -> list[At | None]:
    """Over the bank within 4 s, after so many pictures of 0.2 s."""
    way = ((50.0, 20.0), (50.0, 80.0)) if down else ((50.0, 80.0), (50.0, 20.0))
    return [*[None] * after, *drive(*way, pictures=20, track=track)]


def test_each_period_of_the_sites_clock_is_told_with_its_totals() -> None:
    lives = [over(1, 0), over(2, 40), over(3, 100, down=False), over(4, 250)]
    rule = count(period="1min")
    found = play(rule, [*together(*lives), *[[]] * 200], BEFORE_TEN)
    new, first, second = found
    assert (new.type, new.phase, new.key, new.zone) == ("traffic.count", Phase.NEW, "count/bank/1", "bank")
    assert (new.severity, new.pictured, new.objects) == (Severity.INFO, False, ())
    assert (clock(first), clock(second)) == ("10:00:00", "10:01:00")
    assert first.counts == (Count("truck", 2, Direction.IN), Count("truck", 1, Direction.OUT))
    assert second.counts == (Count("truck", 1, Direction.IN),)
    assert (new.since, first.since) == (BEFORE_TEN, BEFORE_TEN)
    assert second.since == pytest.approx(first.time)
    (end,) = rule.close(second.time + 5)
    assert (end.phase, end.reason, end.counts, end.since) == (Phase.END, "stopped", (), second.time)
    assert_whole_lives([*found, end])


def test_the_rest_goes_with_the_end() -> None:
    rule = count()
    play(rule, together(over(1, 0)), BEFORE_TEN)
    (end,) = rule.close(BEFORE_TEN + 9)
    assert end.counts == (Count("truck", 1, Direction.IN),)


def test_to_and_fro_is_one_in_and_one_out() -> None:
    to_and_fro = [*over(1, 0), *over(1, 0, down=False)] * 5
    rule = count()
    play(rule, together(to_and_fro), BEFORE_TEN - 1000)
    (end,) = rule.close(BEFORE_TEN - 1000 + 60)
    assert end.counts == (Count("truck", 1, Direction.IN), Count("truck", 1, Direction.OUT))


def test_in_zones_each_class_is_counted_on_its_own() -> None:
    rule = count(line=None, zones=["road"])
    people = [[At(20.0 + 10 * number, 80, 10 + number, PERSON)] * 20 for number in range(3)]
    rule_found = play(rule, together(over(1, 0), *people), BEFORE_TEN)
    assert [finding.phase for finding in rule_found] == [Phase.NEW]
    (end,) = rule.close(BEFORE_TEN + 20)
    assert end.counts == (Count("person", 3), Count("truck", 1))


def test_an_empty_road_is_told_as_well() -> None:
    found = play(count(period="1min"), [[]] * 700, BEFORE_TEN)
    assert [(finding.phase.value, finding.counts) for finding in found] == [("new", ())] + [
        ("update", ())
    ] * 2


def test_midnight_ends_a_period_that_does_not_fit_the_day() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=CHINA).timestamp()
    rule = count(period="7h")
    found = [
        finding for hour in range(18) for finding in rule.update(tracks([]), SIZE, late + 3600 * hour / 2)
    ]
    assert [clock(finding) for finding in found] == ["23:30:00", "00:00:00", "07:00:00"]


def test_a_clock_that_is_set_right_moves_the_periods_along() -> None:
    rule = count(period="1h")
    wrong = BEFORE_TEN + 7 * 86_400 + 1000
    play(rule, together(over(1, 0)), wrong)
    found = play(rule, together(over(2, 0), *[[None] * 200]), BEFORE_TEN)
    (told,) = found
    assert (clock(told), told.counts) == ("10:00:00", (Count("truck", 2, Direction.IN),))
    assert told.since == BEFORE_TEN


def test_its_schedule_begins_and_ends_the_event() -> None:
    rule = count(schedule="09:00-10:00", period="1h")
    found = [f for hour in range(50) for f in rule.update(tracks([]), SIZE, BEFORE_TEN + 1800 * hour)]
    assert [(f.phase.value, f.key, f.reason) for f in found] == [
        ("new", "count/bank/1", None),
        ("end", "count/bank/1", "schedule"),
        ("new", "count/bank/2", None),
        ("end", "count/bank/2", "schedule"),
    ]


def test_without_a_period_each_hour_is_told() -> None:
    rule = count()
    found = [f for second in range(3700) for f in rule.update(tracks([]), SIZE, BEFORE_TEN + second)]
    assert [clock(finding) for finding in found] == ["09:59:30", "10:00:00", "11:00:00"]


def test_closing_before_the_first_picture_ends_nothing() -> None:
    assert count().close(BEFORE_TEN) == []


def test_a_clock_set_back_just_before_the_end_leaves_no_end_before_its_beginning() -> None:
    rule = count()
    play(rule, [[]], BEFORE_TEN)
    (end,) = rule.close(BEFORE_TEN - 3600)
    assert end.since == end.time == BEFORE_TEN - 3600
