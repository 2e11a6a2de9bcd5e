import numpy as np
import pytest

from inference.findings import Count, Direction
from inference.rule import Rule, Scene
from inference.rules.crossing import Spec, build
from tests.support.trackings import (
    CLASSES,
    PERSON,
    START,
    At,
    assert_whole_lives,
    drive,
    play,
    story,
    together,
)

# Across the middle of the picture, drawn to the right: in is downwards.
SCENE = Scene(
    zones={}, classes=CLASSES, time_zone="Asia/Shanghai", lines={"bank": np.array([[0.0, 0.5], [1.0, 0.5]])}
)
DOWN, UP = ((50.0, 20.0), (50.0, 80.0)), ((50.0, 80.0), (50.0, 20.0))


def bank(**settings: object) -> Rule:
    return build(Spec.model_validate({"kind": "crossing", "line": "bank", **settings}), SCENE)


def test_a_truck_that_drives_over_is_told_at_once_and_once() -> None:
    found = play(bank(), [[row] for row in drive(*DOWN, pictures=31)])
    assert_whole_lives(found)
    new, end = found
    assert (new.type, new.key, new.zone) == ("vehicle.crossing", "crossing/bank/1/in", "bank")
    assert (end.reason, end.time) == ("passed", new.time)
    assert new.objects[0].attributes == {"direction": "in"}
    assert new.counts == (Count("truck", 1, Direction.IN),)
    # At 2 px a picture the line is passed with the 16th picture, and 1.5 px beyond it is clear.
    assert START + 3.0 <= new.since <= START + 3.2
    assert new.since <= new.time <= new.since + 0.4


@pytest.mark.parametrize(("direction", "keys"), [("in", ["in"]), ("out", ["out"]), ("both", ["in", "out"])])
def test_the_direction_chooses(direction: str, keys: list[str]) -> None:
    there_and_back = [*drive(*DOWN, pictures=31), *drive(*UP, pictures=31)]
    found = play(bank(direction=direction), [[row] for row in there_and_back])
    assert [finding.key.split("/")[-1] for finding in found[::2]] == keys


def test_each_direction_counts_once_however_often_it_goes_to_and_fro() -> None:
    loader = [*drive(*DOWN, pictures=21), *drive(*UP, pictures=21)] * 6
    found = play(bank(), [[row] for row in loader])
    assert [finding.key for finding in found[::2]] == ["crossing/bank/1/in", "crossing/bank/1/out"]


def test_trembling_on_the_line_crosses_nothing() -> None:
    """1 px to and fro, of a box 10 px wide: within its margin of 1.5 px."""
    tremble = [At(50, 50 + (1 if number % 2 else -1)) for number in range(200)]
    assert play(bank(), [[row] for row in tremble]) == []
    assert len(play(bank(margin=0.05), [[row] for row in tremble])) == 4


def test_a_stop_on_the_line_is_told_when_it_goes_on() -> None:
    stop = [At(50, 50.5)] * 300
    found = play(
        bank(), [[row] for row in [*drive((50, 20), (50, 50), 16), *stop, *drive((50, 51), (50, 80), 16)]]
    )
    assert [finding.reason for finding in found] == [None, "passed"]
    back = play(bank(), [[row] for row in [*drive((50, 20), (50, 50.5), 16), *stop, *drive(*UP, 31)[15:]]])
    assert back == []


def test_what_was_hidden_while_it_crossed_has_crossed() -> None:
    hidden = [
        At(row.x, row.y, seen=not 10 <= number <= 20) for number, row in enumerate(drive(*DOWN, pictures=31))
    ]
    assert len(play(bank(), [[row] for row in hidden])) == 2


def test_past_the_end_of_the_line_is_not_over_it() -> None:
    short = build(Spec.model_validate({"line": [[0.6, 0.5], [0.9, 0.5]]}), SCENE)
    assert play(short, [[row] for row in drive(*DOWN, pictures=31)]) == []
    over = play(short, [[row] for row in drive((75, 20), (75, 80), pictures=31, track=2)])
    assert over[0].key == "crossing/*/2/in"
    assert over[0].zone is None


def test_a_person_is_no_truck_but_a_wrong_word_at_the_line_loses_none() -> None:
    rows = drive(*DOWN, pictures=31)
    assert play(bank(), [[At(row.x, row.y, label=PERSON)] for row in rows]) == []
    doubted = [At(row.x, row.y, label=PERSON if 12 <= number <= 20 else 0) for number, row in enumerate(rows)]
    assert len(play(bank(), [[row] for row in doubted])) == 2


def test_a_crossing_that_others_follow_is_one_event_with_its_counts() -> None:
    rule = bank(group=True, cooldown="10s")
    lives = [[*[None] * (20 * number), *drive(*DOWN, pictures=31, track=number)] for number in range(4)]
    back = [*[None] * 30, *drive(*UP, pictures=31, track=9)]
    found = play(rule, [*together(*lives, back), *[[]] * 100])
    assert_whole_lives(found)
    assert [phase for phase, _, _ in story(found)] == ["new", *["update"] * 4, "end"]
    assert found[-1].counts == (Count("truck", 4, Direction.IN), Count("truck", 1, Direction.OUT))
    assert found[-1].time - found[-2].time == pytest.approx(10)


def test_a_rule_without_a_line_or_with_an_unknown_one_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match="needs line: the name of a line"):
        build(Spec(), SCENE)
    with pytest.raises(ValueError, match="no line 'bnak' on this stream; did you mean 'bank'"):
        bank(line="bnak")


def test_how_far_it_must_get_away_is_counted_in_its_own_width() -> None:
    """Its box is 10 px wide, wherever it is: 1.5 px beyond the line it is clear of it."""
    found = play(bank(), [[row] for row in drive((90, 40), (90, 53), pictures=14)])
    assert [finding.reason for finding in found] == [None, "passed"]


def test_without_a_margin_it_is_told_on_the_line() -> None:
    assert len(play(bank(margin=0), [[row] for row in drive((50, 40), (50, 50), pictures=11)])) == 2


def test_nothing_of_it_stays_open() -> None:
    rule = bank()
    play(rule, [[row] for row in drive(*DOWN, pictures=31)])
    assert rule.close(START + 10) == []
