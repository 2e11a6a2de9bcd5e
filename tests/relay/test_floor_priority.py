"""Who goes before whom: priorities, pre-emption, emergencies, and what an operator may."""

from relay.floor_events import Heard, Joined, Left, Saying, Speech, Switch
from relay.floor_words import (
    Denied,
    Emergency,
    EndEmergency,
    Ending,
    Granted,
    Idle,
    Queued,
    Refused,
    Release,
    Request,
    Revoked,
    TakeBack,
    Taken,
)
from relay.talk import Denial, FloorRules, Member, Revocation, Role, Urgency
from tests.support.floors import ANNA, EVERYBODY, Meeting, said, speeches, talk_on


def test_an_emergency_finds_a_place_in_a_full_queue_and_its_head() -> None:
    meeting = Meeting(FloorRules(queue=1))
    meeting.press("centre", 1.0, Urgency.EMERGENCY)
    meeting.press("bo", 1.0)
    out = meeting.press("chen", 1.0, Urgency.EMERGENCY)  # the centre's own emergency has a higher priority
    assert said(out, "chen") == [Emergency(by=("centre", "chen")), Queued(position=1)]
    assert said(out, "bo") == [Emergency(by=("centre", "chen")), Queued(position=2)]


def test_the_centre_takes_the_floor_at_once() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    out = meeting.press("centre", 3.0, Urgency.PREEMPT)
    assert out[:2] == (Speech("anna", 1.0, 3.0, False, Revocation.PREEMPTED), Switch("centre"))
    assert said(out, "anna") == [Revoked.of(Revocation.PREEMPTED), Taken(by="centre", role=Role.OPERATOR)]
    assert said(out, "centre") == [Granted(seconds=60)]
    assert meeting.floor.waiting == ()


def test_a_pre_empted_speaker_may_have_its_turn_back() -> None:
    meeting = Meeting(FloorRules(requeue=True))
    meeting.press("anna", 1.0)
    meeting.press("bo", 2.0)
    out = meeting.press("centre", 3.0, Urgency.PREEMPT)
    assert said(out, "anna")[-1] == Queued(position=1)  # it asked before bo
    assert said(out, "bo")[-1] == Queued(position=2)
    meeting.event("centre", Release(press=1), 4.0)
    assert meeting.floor.holder == "anna"


def test_nobody_pre_empts_an_equal_a_higher_one_or_a_higher_one_that_waits() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    assert said(meeting.press("bo", 2.0, Urgency.PREEMPT), "bo") == [Queued(position=1)]
    meeting.press("centre", 2.0)
    out = meeting.press("deputy", 3.0, Urgency.PREEMPT)
    assert said(out, "deputy") == [Queued(position=2)]
    assert meeting.floor.holder == "anna"


def test_a_member_that_waits_may_become_urgent_with_the_same_press() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    meeting.press("centre", 2.0)
    out = meeting.event("centre", Request(press=1, urgency=Urgency.PREEMPT), 3.0)
    assert said(out, "centre") == [Granted(seconds=60)]


def test_an_emergency_overrides_any_priority_and_is_told_to_everybody() -> None:
    meeting = Meeting()
    meeting.press("centre", 1.0)
    out = meeting.press("anna", 2.0, Urgency.EMERGENCY)
    assert said(out, "centre") == [
        Revoked.of(Revocation.PREEMPTED),
        Emergency(by=("anna",)),
        Taken(by="anna", role=Role.BODY_CAMERA, emergency=True),
    ]
    assert said(out, "anna") == [Emergency(by=("anna",)), Granted(seconds=180, emergency=True)]
    assert said(meeting.press("centre", 3.0, Urgency.PREEMPT), "centre") == [Queued(position=1)]


def test_only_an_emergency_of_higher_priority_overrides_an_emergency() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0, Urgency.EMERGENCY)
    assert said(meeting.press("bo", 2.0, Urgency.EMERGENCY), "bo")[-1] == Queued(position=1)
    meeting.press("centre", 3.0, Urgency.EMERGENCY)
    assert meeting.floor.holder == "centre"


def test_an_emergency_lasts_until_its_owner_or_an_operator_ends_it() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0, Urgency.EMERGENCY)
    meeting.event("anna", Release(press=1), 2.0)
    assert meeting.floor.emergencies == ("anna",)
    [answer] = said(meeting.event("bo", EndEmergency(member="anna"), 3.0), "bo")
    assert isinstance(answer, Refused)
    assert answer.code == "talk.not_allowed"
    out = meeting.event("deputy", EndEmergency(member="anna"), 4.0)
    assert all(said(out, member.name)[0] == Emergency(by=()) for member in EVERYBODY)
    meeting.press("bo", 5.0, Urgency.EMERGENCY)
    assert said(meeting.event("bo", EndEmergency(), 6.0), "gate")[0] == Emergency(by=())


def test_an_emergency_outlives_the_connection_of_who_is_in_it() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0, Urgency.EMERGENCY)
    meeting.event("anna", Left(), 2.0)
    assert meeting.floor.emergencies == ("anna",)
    meeting.press("centre", 3.0)
    out = meeting.event("anna", Joined(ANNA), 4.0)
    assert said(out, "anna") == [
        Emergency(by=("anna",)),
        Taken(by="centre", role=Role.OPERATOR, seconds=1),
    ]
    meeting.press("anna", 5.0, Urgency.PREEMPT)  # its requests are still those of an emergency
    assert meeting.floor.holder == "anna"


def test_a_speech_that_becomes_an_emergency_has_its_longer_time_and_loses_it_with_its_end() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    talk_on(meeting, "anna", 0, 49)
    out = meeting.event("anna", Request(press=1, urgency=Urgency.EMERGENCY), 49.5)
    assert said(out, "anna") == [Emergency(by=("anna",)), Granted(seconds=180, emergency=True)]
    meeting.event("anna", Heard(), 50.0)
    out = meeting.event("anna", EndEmergency(), 51.0)
    assert said(out, "anna") == [Emergency(by=()), Granted(seconds=60)]
    assert said(out, "bo")[-1] == Taken(by="anna", role=Role.BODY_CAMERA, seconds=51)
    [speech] = speeches(meeting.event("anna", Release(press=1), 52.0))
    assert speech.emergency  # for the record: it was one


def test_a_stuck_button_does_not_keep_an_emergency_away() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    talk_on(meeting, "anna", 0, 60)
    assert said(meeting.press("anna", 61.0, Urgency.EMERGENCY), "anna")[-1] == Granted(
        seconds=180, emergency=True
    )


def test_an_operator_takes_the_floor_back_without_speaking() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    out = meeting.event("deputy", TakeBack(member="anna"), 2.0)
    assert said(out, "anna") == [Revoked.of(Revocation.TAKEN_BACK), Idle()]
    assert said(meeting.press("anna", 3.0), "anna") == [Denied.of(Denial.RETRY_AFTER, 2.0)]


def test_nobody_takes_the_floor_back_who_may_not_or_from_another_than_meant() -> None:
    meeting = Meeting()
    meeting.press("centre", 1.0)
    for who in ("deputy", "anna"):
        [answer] = said(meeting.event(who, TakeBack(member="centre"), 2.0), who)
        assert isinstance(answer, Refused)
    out = meeting.event("deputy", TakeBack(member="anna"), 3.0)  # anna's speech is over
    assert out == (Saying("deputy", Taken(by="centre", role=Role.OPERATOR, seconds=2)),)


def test_asking_again_while_waiting_loses_neither_the_place_nor_the_urgency() -> None:
    meeting = Meeting()
    meeting.press("centre", 1.0)
    meeting.press("bo", 1.0, Urgency.PREEMPT)
    meeting.press("anna", 1.0, Urgency.PREEMPT)
    meeting.press("chen", 1.0, Urgency.PREEMPT)
    assert said(meeting.event("bo", Request(press=1), 2.0), "bo") == [Queued(position=1)]
    meeting.press("bo", 3.0)  # its release was lost
    assert meeting.floor.waiting == ("bo", "anna", "chen")


def test_a_member_of_the_same_priority_takes_no_floor_back_unless_it_is_an_operator() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    [answer] = said(meeting.event("bo", TakeBack(member="anna"), 2.0), "bo")
    assert isinstance(answer, Refused)
    assert meeting.floor.holder == "anna"


def test_the_end_of_an_emergency_makes_no_speech_longer() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0, Urgency.EMERGENCY)
    talk_on(meeting, "anna", 0, 150)
    assert said(meeting.event("centre", EndEmergency(member="anna"), 150.0), "anna")[-1] == Granted(
        seconds=30
    )


def test_a_speech_that_was_warned_and_became_an_emergency_is_warned_again() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    talk_on(meeting, "anna", 0, 55)
    meeting.event("anna", Request(press=1, urgency=Urgency.EMERGENCY), 55.0)
    talk_on(meeting, "anna", 55, 224)
    assert meeting.floor.due(225.0) == (Saying("anna", Ending(seconds=10)),)


def test_who_waits_already_is_not_turned_away_by_a_queue_that_an_emergency_overfilled() -> None:
    meeting = Meeting(FloorRules(queue=1))
    meeting.press("centre", 1.0, Urgency.EMERGENCY)
    meeting.press("bo", 1.0)
    meeting.press("chen", 1.0, Urgency.EMERGENCY)
    assert said(meeting.event("bo", Request(press=1), 2.0), "bo") == [Queued(position=2)]


def test_who_asks_urgently_goes_before_its_equals() -> None:
    meeting = Meeting()
    meeting.press("centre", 1.0)
    meeting.press("bo", 1.0)
    assert said(meeting.press("anna", 2.0, Urgency.PREEMPT), "anna") == [Queued(position=1)]


def test_asking_again_in_an_emergency_does_not_make_its_speech_longer() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0, Urgency.EMERGENCY)
    talk_on(meeting, "anna", 0, 100)
    again = meeting.event("anna", Request(press=1, urgency=Urgency.EMERGENCY), 100.0)
    assert again == (Saying("anna", Granted(seconds=80, emergency=True)),)


def test_who_ends_an_emergency_that_is_none_is_told_how_things_stand() -> None:
    meeting = Meeting()
    assert meeting.event("anna", EndEmergency(), 1.0) == (Saying("anna", Idle()),)


def test_an_operator_takes_the_floor_back_from_one_of_its_own_priority() -> None:
    meeting = Meeting()
    meeting.event("night", Joined(Member("night", Role.OPERATOR, priority=5)), 0.0)
    meeting.press("deputy", 1.0)
    meeting.event("night", TakeBack(member="deputy"), 2.0)
    assert meeting.floor.holder is None


def test_a_pre_empted_speaker_waits_for_its_next_turn_without_its_urgency() -> None:
    meeting = Meeting(FloorRules(requeue=True))
    meeting.press("centre", 1.0)
    meeting.press("bo", 2.0)
    meeting.press("anna", 3.0, Urgency.PREEMPT)
    meeting.event("centre", Release(press=1), 4.0)
    assert meeting.floor.holder == "anna"
    meeting.press("centre", 5.0, Urgency.PREEMPT)
    assert meeting.floor.waiting == ("bo", "anna")  # bo asked first
