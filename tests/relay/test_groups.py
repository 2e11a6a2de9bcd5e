"""The groups of a box, and the calls that come and go."""

import pytest

from relay.floor_words import Closed, Request, write
from relay.group import CallRules
from relay.groups import TalkGroups
from relay.talk import CallEnd, GroupKind, Member, Role, TalkGroup, TalkRefused
from tests.support.floors import ANNA, BO, CENTRE, GATE, said, speeches

VILLAGE = TalkGroup("huangzhuang", (CENTRE, ANNA, GATE))
RIVER = TalkGroup("river", (CENTRE, BO, Member("anna", Role.BODY_CAMERA, priority=3)))


def box(rules: CallRules | None = None) -> TalkGroups:
    return TalkGroups((VILLAGE, RIVER), rules)


def refusal(error: pytest.ExceptionInfo[TalkRefused]) -> str:
    return error.value.problem.code


def test_the_groups_of_the_configuration_are_there_and_no_others() -> None:
    groups = box()
    assert groups.names == ("huangzhuang", "river")
    assert groups.get("river").plan is RIVER
    with pytest.raises(TalkRefused) as error:
        groups.get("lake")
    assert refusal(error) == "talk.no_group"
    assert groups.next_due is None


def test_a_private_call_rings_at_the_other_and_is_a_group_of_two() -> None:
    groups = box()
    opened = groups.private("call-1", "centre", "bo", 0.0)
    assert opened.called == ("bo",)
    assert (opened.ring.call, opened.ring.by, opened.ring.seconds) == ("call-1", "centre", 30)
    assert opened.ring.members == ("centre", "bo")
    groups.get("call-1").join("centre", "c", 1.0)
    groups.get("call-1").join("bo", "b", 2.0)
    with pytest.raises(TalkRefused):
        groups.get("call-1").join("anna", "a", 2.0)


def test_a_member_of_two_groups_has_its_higher_priority_in_a_call() -> None:
    group = box().private("call-1", "anna", "bo", 0.0).group
    assert {member.name: member.priority for member in group.plan.members} == {"anna": 3, "bo": 1}


def test_calling_back_whom_one_is_called_by_meets_in_one_call() -> None:
    groups = box()
    first = groups.private("call-1", "centre", "bo", 0.0)
    back = groups.private("call-2", "bo", "centre", 1.0)
    assert back.group is first.group
    assert back.ring.call == "call-1"
    assert back.called == ("centre",)
    assert groups.calls == ("call-1",)


def test_calls_that_cannot_be_are_refused() -> None:
    groups = box(CallRules(calls=1))
    for caller, callee, why in (
        ("centre", "zoe", "talk.no_member"),
        ("zoe", "centre", "talk.no_member"),
        ("centre", "centre", "talk.nobody_known"),
    ):
        with pytest.raises(TalkRefused) as error:
            groups.private("call-1", caller, callee, 0.0)
        assert refusal(error) == why
    with pytest.raises(TalkRefused) as error:
        groups.private("river", "centre", "anna", 0.0)
    assert refusal(error) == "talk.name_taken"
    groups.private("call-1", "centre", "anna", 0.0)
    with pytest.raises(TalkRefused) as error:
        groups.private("call-2", "centre", "bo", 0.0)
    assert refusal(error) == "talk.too_many_calls"
    assert groups.calls == ("call-1",)


def test_a_declined_private_call_is_over_and_its_caller_is_told() -> None:
    groups = box()
    groups.private("call-1", "centre", "bo", 0.0).group.join("centre", "c", 1.0)
    with pytest.raises(TalkRefused):
        groups.decline("call-1", "anna", 2.0)
    assert groups.decline("call-1", "centre", 2.0) == ()  # it is in it
    assert said(groups.decline("call-1", "bo", 3.0), "c") == [Closed(reason=CallEnd.DECLINED)]
    with pytest.raises(TalkRefused):
        groups.get("call-1")
    groups.private("call-1", "centre", "bo", 4.0)  # the name is free again


def test_an_event_calls_those_it_names_and_says_whom_nobody_knows() -> None:
    groups = box()
    opened = groups.event("ev-7", ["centre", "bo", "zoe", "bo"], 0.0, subject="vehicle.zone")
    assert opened.called == ("centre", "bo")
    assert opened.unknown == ("zoe",)
    assert opened.ring.kind is GroupKind.EVENT
    assert (opened.ring.subject, opened.ring.by) == ("vehicle.zone", None)
    assert groups.decline("ev-7", "bo", 1.0) == ()  # the others may still talk
    assert groups.calls == ("ev-7",)
    with pytest.raises(TalkRefused) as error:
        groups.event("ev-8", ["zoe", "bo"], 0.0)
    assert refusal(error) == "talk.nobody_known"


def test_who_opens_an_event_call_is_in_it_and_is_not_rung() -> None:
    opened = box().event("ev-7", ["bo"], 0.0, by="centre")
    assert opened.called == ("bo",)
    assert opened.ring.members == ("centre", "bo")


def test_time_ends_what_is_over_and_leaves_the_rest() -> None:
    groups = box()
    village = groups.get("huangzhuang")
    village.join("anna", "a", 0.0)
    village.receive("a", write(Request(press=1)), 0.0)
    groups.private("call-1", "centre", "bo", 0.0).group.join("centre", "c", 0.0)
    assert groups.next_due == 4.0
    happened = dict(groups.due(30.0))
    assert len(speeches(happened["huangzhuang"])) == 1
    assert said(happened["call-1"], "c") == [Closed(reason=CallEnd.NO_ANSWER)]
    assert groups.names == ("huangzhuang", "river")
    assert groups.due(31.0) == ()


def test_a_box_that_stops_tells_everybody() -> None:
    groups = box()
    groups.get("river").join("bo", "b", 0.0)
    assert said(dict(groups.close(1.0))["river"], "b") == [Closed(reason=CallEnd.STOPPED)]
    assert groups.names == ()


def test_a_thousand_calls_leave_nothing_behind() -> None:
    groups = box()
    for number in range(1000):
        group = groups.private(f"call-{number}", "centre", "bo", float(number)).group
        group.join("centre", "c", float(number))
        group.join("bo", "b", float(number))
        group.close(CallEnd.HUNG_UP, float(number))
    groups.due(2000.0)
    assert groups.names == ("huangzhuang", "river")
