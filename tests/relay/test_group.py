"""Who is connected, by what, and what they are told."""

import pytest

from relay.floor_events import Output, Saying, Speech, Switch
from relay.floor_words import (
    Closed,
    Granted,
    Idle,
    Refused,
    Replaced,
    Request,
    Roster,
    Taken,
    ToMember,
    write,
)
from relay.group import CallRules, Group
from relay.talk import CallEnd, GroupKind, Leaving, Member, Role, TalkGroup, TalkRefused, Urgency
from tests.support.floors import ANNA, BO, CENTRE, EVERYBODY, said, speeches, switches


def joined(*members: str, seats: int = 50) -> Group:
    """Each by the session of its name, with a 1 behind."""
    group = Group(TalkGroup("huangzhuang", EVERYBODY, seats=seats))
    for member in members:
        group.join(member, f"{member}1", 0.0)
    return group


def request(press: int, urgency: Urgency = Urgency.NORMAL) -> str:
    return write(Request(press=press, urgency=urgency))


def release(press: int) -> str:
    return f'{{"v":1,"type":"release","press":{press}}}'


def code(words: list[ToMember]) -> str:
    [word] = words
    assert isinstance(word, Refused)
    return word.code


def here(out: tuple[Output, ...], to: str) -> list[str]:
    """As the newest roster of these outputs says."""
    roster = next(word for word in reversed(said(out, to)) if isinstance(word, Roster))
    return [member.name for member in roster.members if member.here]


def test_who_joins_is_told_who_is_there_and_who_speaks_and_all_are_told_of_it() -> None:
    group = joined("centre", "anna")
    group.receive("anna1", request(1), 1.0)
    out = group.join("bo", "bo1", 2.0)
    assert here(out, "bo1") == ["centre", "anna", "bo"]
    assert here(out, "centre1") == ["centre", "anna", "bo"]
    assert said(out, "bo1")[-1] == Taken(by="anna", role=Role.BODY_CAMERA, seconds=1)
    assert group.present == ("centre", "anna", "bo")


def test_the_roster_names_who_is_not_there_and_what_each_may() -> None:
    roster = joined("anna").roster()
    assert [(member.name, member.here) for member in roster.members] == [
        (member.name, member is ANNA) for member in EVERYBODY
    ]
    assert {member.name for member in roster.members if not member.may_speak} == {"gate"}
    assert (roster.group, roster.kind) == ("huangzhuang", GroupKind.STANDING)


def test_words_go_to_sessions_and_the_media_goes_by_member() -> None:
    group = joined("centre", "anna")
    out = group.receive("anna1", request(1), 1.0)
    assert out == (
        Switch("anna"),
        Saying("centre1", Taken(by="anna", role=Role.BODY_CAMERA)),
        Saying("anna1", Granted(seconds=60)),
    )


def test_a_member_that_leaves_while_it_speaks_frees_the_floor() -> None:
    group = joined("centre", "anna")
    group.receive("anna1", request(1), 1.0)
    out = group.leave("anna1", 3.0)
    assert out[:2] == (Speech("anna", 1.0, 3.0, False, Leaving.LEFT), Switch(None))
    assert said(out, "centre1")[0] == Idle()
    assert here(out, "centre1") == ["centre"]
    assert group.leave("anna1", 4.0) == ()


def test_the_newest_session_of_a_member_wins_and_a_late_farewell_of_the_old_one_changes_nothing() -> None:
    group = joined("centre", "anna")
    group.receive("anna1", request(1), 1.0)
    out = group.join("anna", "anna2", 2.0)  # a reload in mid-speech
    assert said(out, "anna1") == [Replaced()]
    assert switches(out) == [None]
    assert said(out, "anna2")[-1] == Idle()
    assert group.session("anna") == "anna2"
    assert group.leave("anna1", 3.0) == ()
    assert group.receive("anna1", request(2), 3.0) == ()
    group.receive("anna2", request(1), 4.0)
    assert group.holder == "anna"


def test_joining_twice_by_the_same_session_changes_nothing() -> None:
    group = joined("anna")
    assert group.join("anna", "anna1", 1.0) == ()


def test_who_may_not_join_is_told_why() -> None:
    group = joined("centre", "anna", seats=2)
    for member, session, why in (
        ("zoe", "zoe1", "talk.no_member"),
        ("bo", "bo1", "talk.group_full"),
        ("bo", "anna1", "talk.session_taken"),
    ):
        with pytest.raises(TalkRefused) as refused:
            group.join(member, session, 1.0)
        assert refused.value.problem.code == why
    group.join("anna", "anna2", 1.0)  # who has a seat may take it anew
    assert group.present == ("centre", "anna")


def test_a_guest_is_on_the_roster_while_it_is_there() -> None:
    group = joined("centre")
    guest = Member("patrol-4", Role.BODY_CAMERA, priority=1)
    assert here(group.join("patrol-4", "p1", 1.0, guest), "centre1") == ["centre", "patrol-4"]
    assert here(group.join("patrol-4", "p2", 1.0, guest), "centre1") == ["centre", "patrol-4"]
    group.leave("p2", 2.0)
    assert "patrol-4" not in {member.name for member in group.roster().members}


def test_a_guest_is_not_more_than_the_group_says_of_its_name() -> None:
    group = joined("centre")
    group.join("anna", "anna1", 1.0, Member("anna", Role.OPERATOR, priority=99))
    [anna] = [member for member in group.roster().members if member.name == "anna"]
    assert (anna.role, anna.priority) == (Role.BODY_CAMERA, 1)
    with pytest.raises(TalkRefused):
        group.join("zoe", "zoe1", 1.0, Member("centre", Role.OPERATOR))


def test_what_cannot_be_read_is_answered_and_changes_nothing() -> None:
    group = joined("anna")
    assert code(said(group.receive("anna1", "{", 1.0), "anna1")) == "talk.not_json"
    assert group.receive("zoe1", "{", 1.0) == ()


def test_a_storm_of_requests_is_slowed_down_and_letting_go_never_is() -> None:
    group = joined("centre", "anna")
    answers = [group.receive("anna1", request(press), 1.0) for press in range(1, 101)]
    refused = [out for out in answers if any(isinstance(word, Refused) for word in said(out, "anna1"))]
    assert len(refused) == 80
    assert code(said(refused[0], "anna1")) == "talk.too_fast"
    assert group.holder == "anna"
    group.receive("anna1", release(1000), 1.0)
    assert group.holder is None
    assert code(said(group.receive("anna1", request(1001), 1.1), "anna1")) == "talk.too_fast"
    group.receive("anna1", request(1002), 2.0)
    assert group.holder == "anna"


def test_the_voice_that_is_heard_keeps_the_floor() -> None:
    group = joined("centre", "anna")
    group.receive("anna1", request(1), 0.0)
    group.heard("anna", 3.0)
    assert group.next_due == 7.0
    assert switches(group.due(7.0)) == [None]


def test_a_standing_group_is_never_over_for_want_of_members() -> None:
    group = joined("anna")
    group.leave("anna1", 1.0)
    assert group.next_due is None
    assert group.due(1e6) == ()
    assert group.closed is None


def test_nobody_hangs_a_standing_group_up() -> None:
    group = joined("centre", "anna")
    assert code(said(group.receive("centre1", '{"type":"end_call"}', 1.0), "centre1")) == "talk.not_allowed"
    assert group.closed is None


def test_a_closed_group_told_everybody_and_keeps_one_record_of_who_spoke() -> None:
    group = joined("centre", "anna", "bo")
    group.receive("anna1", request(1), 1.0)
    group.receive("bo1", request(1), 2.0)
    out = group.close(CallEnd.STOPPED, 3.0)
    assert speeches(out) == [Speech("anna", 1.0, 3.0, False, Leaving.LEFT)]
    assert switches(out) == [None]
    for session in ("centre1", "anna1", "bo1"):
        assert said(out, session) == [Closed(reason=CallEnd.STOPPED)]
    assert group.present == ()
    assert group.close(CallEnd.STOPPED, 4.0) == ()
    with pytest.raises(TalkRefused):
        group.join("anna", "anna1", 5.0)


def call(kind: GroupKind, *members: Member, by: str | None = None) -> Group:
    return Group(TalkGroup("call-1", members, kind=kind), 0.0, CallRules(), by)


def test_a_call_that_nobody_answers_ends() -> None:
    group = call(GroupKind.PRIVATE, CENTRE, ANNA, by="centre")
    group.join("centre", "centre1", 1.0)
    assert group.next_due == 30.0
    out = group.due(30.0)
    assert said(out, "centre1") == [Closed(reason=CallEnd.NO_ANSWER)]
    assert group.next_due is None


def test_nobody_joins_a_call_that_nobody_answered_in_time() -> None:
    group = call(GroupKind.PRIVATE, CENTRE, ANNA)
    with pytest.raises(TalkRefused):
        group.join("anna", "anna1", 30.0)


def test_a_reload_in_a_call_does_not_end_it_and_being_alone_does() -> None:
    group = call(GroupKind.PRIVATE, CENTRE, ANNA)
    group.join("centre", "centre1", 1.0)
    group.join("anna", "anna1", 2.0)
    assert group.next_due is None
    group.leave("anna1", 50.0)
    group.join("anna", "anna2", 59.0)
    assert group.due(60.0) == ()
    group.leave("centre1", 70.0)
    assert said(group.due(80.0), "anna2") == [Closed(reason=CallEnd.ALONE)]


def test_either_party_hangs_a_private_call_up() -> None:
    group = call(GroupKind.PRIVATE, CENTRE, ANNA)
    group.join("centre", "centre1", 1.0)
    group.join("anna", "anna1", 1.0)
    out = group.receive("anna1", '{"type":"end_call"}', 2.0)
    assert said(out, "centre1") == [Closed(reason=CallEnd.HUNG_UP)]
    assert group.closed is CallEnd.HUNG_UP


@pytest.mark.parametrize(("who", "ends"), [("centre", True), ("anna", True), ("bo", False)])
def test_an_event_call_is_ended_by_an_operator_or_who_opened_it(who: str, ends: bool) -> None:
    group = call(GroupKind.EVENT, CENTRE, ANNA, BO, by="anna")
    for member in ("centre", "anna", "bo"):
        group.join(member, f"{member}1", 1.0)
    group.receive(f"{who}1", '{"type":"end_call"}', 2.0)
    assert (group.closed is not None) == ends


def test_no_guest_comes_into_a_call() -> None:
    group = call(GroupKind.PRIVATE, CENTRE, ANNA)
    with pytest.raises(TalkRefused):
        group.join("zoe", "zoe1", 1.0, Member("zoe", Role.OPERATOR))


def test_coming_and_going_makes_no_lonely_call_last() -> None:
    group = call(GroupKind.PRIVATE, CENTRE, ANNA)
    group.join("centre", "centre1", 25.0)
    group.leave("centre1", 26.0)
    group.join("centre", "centre2", 27.0)
    assert group.next_due == 30.0
    group.join("anna", "anna1", 28.0)
    group.leave("anna1", 50.0)
    group.join("centre", "centre3", 55.0)
    assert group.next_due == 60.0
