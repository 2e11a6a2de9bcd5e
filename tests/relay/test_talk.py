"""The vocabulary of talk-back: values that cannot change, and rules that make sense."""

from dataclasses import FrozenInstanceError

import pytest

from relay.talk import Denial, FloorRules, Member, Revocation, Role, TalkGroup


def test_members_and_groups_are_values() -> None:
    centre = Member("centre", Role.OPERATOR, priority=9)
    group = TalkGroup("huangzhuang", (centre, Member("badge-17", Role.BODY_CAMERA)))
    assert group == TalkGroup("huangzhuang", (centre, Member("badge-17", Role.BODY_CAMERA)))
    with pytest.raises(FrozenInstanceError):
        centre.priority = 0  # type: ignore[misc]


def test_a_loudspeaker_and_a_listener_never_speak() -> None:
    assert Member("centre", Role.OPERATOR).may_speak
    assert not Member("gate", Role.SPEAKER).may_speak
    assert not Member("chief", Role.OPERATOR, priority=9, listen_only=True).may_speak


def test_every_reason_has_the_number_of_the_standard() -> None:
    assert {reason: reason.cause for reason in Denial} == {
        "taken": 1,
        "retry_after": 4,
        "receive_only": 5,
        "queue_full": 7,
    }
    assert {reason: reason.cause for reason in Revocation} == {
        "too_long": 2,
        "taken_back": 3,
        "preempted": 4,
        "silent": 255,
    }


@pytest.mark.parametrize(
    "wrong", [{"warn": 60.0}, {"warn": 0.0}, {"emergency_talk": 5.0}, {"silence": 0.0}, {"queue": -1}]
)
def test_rules_that_no_floor_can_keep_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"speech|silence"):
        FloorRules(**wrong)  # type: ignore[arg-type]
