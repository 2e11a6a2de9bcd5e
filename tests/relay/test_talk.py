"""The vocabulary of talk-back: values that cannot change, and words that go over the wire as they are."""

from dataclasses import FrozenInstanceError

import pytest

from relay.talk import FloorState, Member, Role, TalkGroup


def test_members_and_groups_are_values() -> None:
    centre = Member("centre", Role.OPERATOR, priority=9)
    group = TalkGroup("huangzhuang", (centre, Member("badge-17", Role.BODY_CAMERA)))
    assert group == TalkGroup("huangzhuang", (centre, Member("badge-17", Role.BODY_CAMERA)))
    with pytest.raises(FrozenInstanceError):
        centre.priority = 0  # type: ignore[misc]


def test_the_words_of_the_floor() -> None:
    assert [state.value for state in FloorState] == [
        "idle",
        "requested",
        "queued",
        "granted",
        "taken",
        "revoked",
        "released",
    ]
