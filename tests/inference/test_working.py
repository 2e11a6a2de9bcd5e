from dataclasses import replace

import numpy as np
import pytest

from inference.rule import Rule, Scene
from inference.rules.working import Spec, build
from inference.tracks import Tracks
from tests.support.trackings import CLASSES, EXCAVATOR, SIZE, START, TRUCK, At, drive, play, story, tracks

SCENE = Scene(
    zones={"pit": np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]])}, classes=CLASSES, time_zone="Asia/Shanghai"
)
DIGGING = At(20, 40, label=EXCAVATOR, stir=0.1)
IDLE = replace(DIGGING, stir=0.0)


def pit(**settings: object) -> Rule:
    return build(
        Spec.model_validate({"kind": "working", "zones": ["pit"], "dwell": "60s", **settings}), SCENE
    )


def seconds(duration: float, row: At) -> list[list[At]]:
    return [[row]] * round(duration / 0.2)


def test_a_machine_that_digs_for_long_enough_is_told_until_it_idles() -> None:
    found = play(pit(), seconds(120, DIGGING) + seconds(200, IDLE))
    assert story(found) == [("new", 65.0, None), ("end", pytest.approx(210, abs=0.5), "idle")]
    assert (found[0].type, found[0].zone, found[0].key) == ("machine.working", "pit", "working/pit/1")
    assert found[0].since - START == pytest.approx(5)  # only then did it seem to stay


def test_a_parked_machine_does_not_work() -> None:
    assert play(pit(), seconds(600, IDLE)) == []


def test_a_pause_for_the_next_lorry_is_work() -> None:
    found = play(pit(), (seconds(20, DIGGING) + seconds(25, IDLE)) * 6)
    assert [phase for phase, _, _ in story(found)] == ["new"]


def test_the_boom_may_move_the_box_about() -> None:
    swing = [[replace(DIGGING, x=20 + 2.4 * np.sin(number / 3))] for number in range(600)]
    assert [phase for phase, _, _ in story(play(pit(), swing))] == ["new"]


def test_driving_is_no_work_however_much_of_it_moves() -> None:
    way = drive((5, 40), (45, 40), 150)
    driving = [[replace(row, label=EXCAVATOR, stir=0.3)] for row in [*way, *way[::-1]] * 4]
    assert play(pit(), driving) == []


def test_driving_off_ends_it() -> None:
    off = [[replace(row, label=EXCAVATOR, stir=0.3)] for row in drive((20, 40), (95, 40), 100)]
    gone = seconds(70, replace(DIGGING, x=95))
    found = play(pit(), seconds(70, DIGGING) + off + gone)
    assert [reason for _, _, reason in story(found)] == [None, "idle"]


def test_a_truck_that_is_loaded_and_a_machine_outside_are_not_meant() -> None:
    assert play(pit(), seconds(100, replace(DIGGING, label=TRUCK))) == []
    assert play(pit(), seconds(100, replace(DIGGING, x=80))) == []


def test_what_nobody_measured_does_not_move() -> None:
    unmeasured = replace(DIGGING, stir=float("nan"))
    assert play(pit(), seconds(100, unmeasured)) == []
    rule, plain = pit(), tracks([DIGGING])
    known = Tracks(plain.ids, plain.boxes, plain.scores, plain.labels, plain.seen, plain.first, plain.last)
    assert [f for number in range(500) for f in rule.update(known, SIZE, START + number / 5)] == []


def usual(**settings: object) -> Rule:
    return build(Spec.model_validate({"kind": "working", "zones": ["pit"], **settings}), SCENE)


def test_work_is_told_after_three_minutes_and_again_every_five() -> None:
    found = play(usual(), seconds(800, DIGGING))
    assert story(found) == [("new", 185.0, None), ("update", 485.0, None), ("update", 785.0, None)]


@pytest.mark.parametrize(("hidden", "begun"), [(9.8, 185.0), (10.4, 195.4)])
def test_a_machine_that_is_hidden_for_ten_seconds_has_worked_on(hidden: float, begun: float) -> None:
    history = (
        seconds(60, DIGGING) + seconds(hidden - 0.2, replace(DIGGING, seen=False)) + seconds(200, DIGGING)
    )
    ((phase, at, _),) = story(play(usual(), history))
    assert phase == "new"
    assert at == pytest.approx(begun, abs=0.3)


def test_closing_ends_what_works() -> None:
    rule = pit()
    play(rule, seconds(70, DIGGING))
    assert story(rule.close(START + 70)) == [("end", 70.0, "stopped")]


def test_the_least_that_has_to_move_is_enough_and_so_is_the_longest_pause() -> None:
    rule = pit(moving=0.25, pause="30s", leave="60s")
    least = replace(DIGGING, stir=0.25)
    digging = [[least]] * (70 * 4)  # its last picture at 69.75 s
    found = play(rule, digging + [[IDLE]] * (100 * 4), step=0.25)
    # It counts as working for 30 s more, and as away from the next picture on.
    assert story(found) == [("new", 65.0, None), ("end", 160.0, "idle")]


def test_half_its_width_to_and_fro_is_its_place() -> None:
    swing = [[replace(DIGGING, x=20 + 5 * (number % 2))] for number in range(500)]
    assert [phase for phase, _, _ in story(play(pit(), swing))] == ["new"]
    wider = [[replace(DIGGING, x=20 + 5.25 * (number % 2))] for number in range(500)]
    assert play(pit(), wider) == []
