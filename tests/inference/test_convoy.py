from collections.abc import Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from inference.findings import Count, Direction, Finding
from inference.rule import Rule, Scene
from inference.rules.convoy import Spec, build
from tests.support.trackings import (
    CLASSES,
    EXCAVATOR,
    START,
    At,
    assert_whole_lives,
    drive,
    play,
    story,
    together,
)

SCENE = Scene(
    zones={"road": np.array([[0, 0.5], [1, 0.5], [1, 1], [0, 1]])},
    classes=CLASSES,
    time_zone="Asia/Shanghai",
    lines={"bank": np.array([[0.0, 0.5], [1.0, 0.5]])},
)


def convoy(**settings: object) -> Rule:
    return build(Spec.model_validate({"kind": "convoy", "zones": ["road"], **settings}), SCENE)


def column(count: int, every: float, first: int = 1) -> list[list[At | None]]:
    """Lorries that drive across the road in 6 s, one every so many seconds."""
    return [
        [*[None] * round(number * every / 0.2), *drive((0, 80), (99, 80), 30, track=first + number)]
        for number in range(count)
    ]


def pictures(lives: Sequence[Sequence[At | None]], after: float = 120) -> list[list[At]]:
    return [*together(*lives), *[[]] * round(after / 0.2)]


def told(found: Sequence[Finding]) -> list[str]:
    return [phase for phase, _, _ in story(found)]


def test_three_within_two_minutes_are_one_alarm_that_grows_and_ends_when_none_came() -> None:
    found = play(convoy(), pictures(column(5, every=10)))
    assert_whole_lives(found)
    assert told(found) == ["new", "update", "update", "end"]
    new, *_, end = found
    assert (new.type, new.zone, new.key) == ("vehicle.convoy", "road", "convoy/road/1")
    assert [seen.track for seen in new.objects] == [1, 2, 3]
    assert [seen.track for seen in end.objects] == [1, 2, 3, 4, 5]
    assert end.counts == (Count("truck", 5),)
    assert new.since == START  # of the first lorry
    assert new.time - START == pytest.approx(21, abs=0.01)  # one second after the third came
    assert end.reason == "quiet"
    assert end.time - START == pytest.approx(41 + 60, abs=0.01)


def test_two_are_no_convoy_and_neither_are_three_far_apart() -> None:
    assert play(convoy(), pictures(column(2, every=5))) == []
    assert play(convoy(), pictures(column(6, every=70))) == []


def test_the_window_slides() -> None:
    early = column(2, every=5)
    late = [[*[None] * 1000, *life] for life in column(3, every=20, first=10)]
    found = play(convoy(), pictures([*early, *late]))
    assert [seen.track for seen in found[0].objects] == [10, 11, 12]


def test_one_that_drives_to_and_fro_is_no_convoy() -> None:
    back_and_forth = [*drive((50, 20), (50, 80), 20), *drive((50, 80), (50, 20), 20)] * 5
    assert play(convoy(), [[row] for row in back_and_forth]) == []
    assert play(convoy(zones=[], line="bank"), [[row] for row in back_and_forth]) == []


def test_over_a_line() -> None:
    lives = [
        [*[None] * (10 * number), *drive((20 + 5 * number, 20), (20 + 5 * number, 80), 20, track=number)]
        for number in range(4)
    ]
    found = play(convoy(zones=[], line="bank", direction="in"), pictures(lives))
    assert told(found) == ["new", "update", "end"]
    assert found[-1].counts == (Count("truck", 4, Direction.IN),)
    assert {finding.zone for finding in found} == {"bank"}


def test_who_drives_back_over_the_line_is_counted_once() -> None:
    lives = [
        [*drive((x, 20), (x, 80), 20 + track, track), *drive((x, 80), (x, 20), 20, track)]
        for track, x in enumerate((20, 50, 80))
    ]
    found = play(convoy(zones=[], line="bank"), pictures(lives))
    assert told(found) == ["new", "end"]
    assert found[-1].counts == (Count("truck", 3, Direction.IN),)


def test_only_heavy_vehicles_make_one() -> None:
    machines = [[At(20 + 10 * number, 80, number, EXCAVATOR)] * 20 for number in range(5)]
    assert play(convoy(), pictures(machines)) == []
    assert told(play(convoy(objects=["machine"]), pictures(machines))) == ["new", "end"]


def test_the_next_convoy_is_another_event() -> None:
    second = [[*[None] * 1000, *life] for life in column(3, every=5, first=50)]
    found = play(convoy(), pictures([*column(3, every=5), *second]))
    assert_whole_lives(found)
    assert [finding.key for finding in found] == ["convoy/road/1"] * 2 + ["convoy/road/2"] * 2


def test_a_convoy_without_end_names_the_first_and_counts_all() -> None:
    found = play(convoy(), pictures(column(60, every=2)))
    assert_whole_lives(found)
    assert len(found[-1].objects) == 32
    assert found[-1].counts == (Count("truck", 60),)


def test_closing_ends_it() -> None:
    rule = convoy()
    play(rule, together(*column(3, every=5)))
    assert story(rule.close(START + 30)) == [("end", 30.0, "stopped")]
    assert rule.close(START + 31) == []


def test_zones_and_a_line_at_once_are_refused() -> None:
    with pytest.raises(ValidationError, match="not both"):
        convoy(line="bank")


@pytest.mark.parametrize(("every", "phases"), [(60.0, ["new", "end"]), (60.2, [])])
def test_two_minutes_are_within_the_window_and_no_picture_more(every: float, phases: list[str]) -> None:
    assert told(play(convoy(), pictures(column(3, every)))) == phases


def test_one_that_goes_over_the_line_and_back_is_no_convoy_of_two() -> None:
    back = [*drive((50, 20), (50, 80), 20), *drive((50, 80), (50, 20), 20)]
    assert play(convoy(zones=[], line="bank", least=2), [[row] for row in back]) == []


def test_who_was_in_a_convoy_is_in_no_other() -> None:
    late = [[*[None] * 450, *life] for life in column(1, every=5, first=50)]  # 80 s after the last of them
    assert told(play(convoy(), pictures([*column(3, every=5), *late]))) == ["new", "end"]


def test_after_closing_it_counts_anew() -> None:
    rule = convoy()
    play(rule, together(*column(2, every=5)))
    assert rule.close(START + 15) == []
    assert play(rule, together(*column(1, every=5, first=10)), START + 20) == []
