"""What each member is told, and who may speak."""

from relay.floor_events import Heard, Joined, Left, Saying, Speech, Switch
from relay.floor_words import (
    Denied,
    Ending,
    Granted,
    Idle,
    Queued,
    Release,
    Request,
    Revoked,
    Taken,
)
from relay.talk import Denial, FloorRules, FloorState, Leaving, Member, Revocation, Role, Urgency
from tests.support.floors import ANNA, CENTRE, EVERYBODY, Meeting, said, speeches, switches, talk_on


def test_a_free_floor_is_granted_and_everybody_is_told_who_speaks() -> None:
    meeting = Meeting()
    out = meeting.press("anna", 1.0)
    assert out[0] == Switch("anna")  # the media first
    assert said(out, "anna") == [Granted(seconds=60)]
    for other in ("centre", "bo", "gate"):
        assert said(out, other) == [Taken(by="anna", role=Role.BODY_CAMERA)]


def test_a_released_floor_is_idle_for_everybody_and_the_speech_is_known() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    out = meeting.event("anna", Release(press=1), 4.5)
    assert out[:2] == (Speech("anna", 1.0, 4.5, False, Leaving.RELEASED), Switch(None))
    assert all(said(out, member.name) == [Idle()] for member in EVERYBODY)


def test_who_waits_is_told_its_place_and_every_change_of_it() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    assert said(meeting.press("bo", 2.0), "bo") == [Queued(position=1)]
    assert said(meeting.press("chen", 3.0), "chen") == [Queued(position=2)]
    out = meeting.press("deputy", 4.0)  # of higher priority, politely
    assert meeting.floor.waiting == ("deputy", "bo", "chen")
    assert [said(out, who) for who in meeting.floor.waiting] == [
        [Queued(position=1)],
        [Queued(position=2)],
        [Queued(position=3)],
    ]
    assert meeting.floor.state("bo") is FloorState.QUEUED
    out = meeting.event("anna", Release(press=1), 5.0)
    assert said(out, "deputy") == [Granted(seconds=60)]
    assert said(out, "bo") == [Taken(by="deputy", role=Role.OPERATOR), Queued(position=1)]


def test_letting_the_button_go_gives_the_place_in_the_queue_up() -> None:
    meeting = Meeting()
    for who in ("anna", "bo", "chen"):
        meeting.press(who, 1.0)
    out = meeting.event("bo", Release(press=1), 2.0)
    assert said(out, "bo") == [Taken(by="anna", role=Role.BODY_CAMERA, seconds=1)]
    assert said(out, "chen") == [Queued(position=1)]


def test_a_full_queue_and_no_queue_deny() -> None:
    meeting = Meeting(FloorRules(queue=1))
    meeting.press("anna", 1.0)
    meeting.press("bo", 1.0)
    assert said(meeting.press("chen", 1.0), "chen") == [Denied.of(Denial.QUEUE_FULL)]
    none = Meeting(FloorRules(queue=0))
    none.press("anna", 1.0)
    assert said(none.press("bo", 1.0), "bo") == [Denied.of(Denial.TAKEN)]


def test_a_listener_hears_and_never_speaks() -> None:
    meeting = Meeting()
    for urgency in Urgency:
        assert said(meeting.press("gate", 1.0, urgency), "gate") == [Denied.of(Denial.RECEIVE_ONLY)]
    assert meeting.floor.emergencies == ()


def test_a_long_speech_is_warned_then_taken_back_and_may_not_come_again_at_once() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    meeting.press("bo", 1.0)
    talk_on(meeting, "anna", 0, 49)
    assert meeting.floor.next_due == 50.0
    assert meeting.floor.due(50.0) == (Saying("anna", Ending(seconds=10)),)
    talk_on(meeting, "anna", 50, 59)
    assert meeting.floor.next_due == 60.0
    out = meeting.floor.due(60.0)
    assert said(out, "anna")[0] == Revoked.of(Revocation.TOO_LONG)
    assert switches(out) == ["bo"]
    assert said(meeting.press("anna", 61.0), "anna") == [Denied.of(Denial.RETRY_AFTER, 2.0)]
    assert said(meeting.press("anna", 63.0), "anna") == [Queued(position=1)]


def test_a_speaker_of_whom_nothing_is_heard_loses_the_floor_and_one_who_is_heard_does_not() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    meeting.event("anna", Heard(), 3.0)
    assert meeting.floor.due(6.9) == ()
    out = meeting.floor.due(7.0)
    assert said(out, "anna") == [Revoked.of(Revocation.SILENT), Idle()]
    assert said(meeting.press("anna", 7.1), "anna") == [Granted(seconds=60)]  # no penalty for a bad network


def test_a_voice_of_somebody_else_keeps_nobody_on_the_floor() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    meeting.event("bo", Heard(), 3.0)
    assert switches(meeting.floor.due(4.0)) == [None]


def test_a_member_that_vanishes_in_mid_speech_frees_the_floor_for_the_next() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    meeting.press("bo", 2.0)
    out = meeting.event("anna", Left(), 3.0)
    assert out[:2] == (Speech("anna", 1.0, 3.0, False, Leaving.LEFT), Switch("bo"))
    assert said(out, "anna") == []
    assert said(out, "bo") == [Granted(seconds=60)]


def test_a_member_that_vanishes_while_waiting_waits_no_more() -> None:
    meeting = Meeting()
    for who in ("anna", "bo", "chen"):
        meeting.press(who, 1.0)
    assert said(meeting.event("bo", Left(), 2.0), "chen") == [Queued(position=1)]


def test_who_joins_late_is_told_who_speaks_and_since_when() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    out = meeting.event("dora", Joined(Member("dora", Role.BODY_CAMERA)), 3.5)
    assert out == (Saying("dora", Taken(by="anna", role=Role.BODY_CAMERA, seconds=2.5)),)


def test_who_joins_anew_while_speaking_speaks_no_more() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    out = meeting.event("anna", Joined(ANNA), 2.0)
    assert switches(out) == [None]
    assert said(out, "anna") == [Idle()]
    meeting.event("anna", Request(press=1), 3.0)  # counts its presses anew
    assert meeting.floor.holder == "anna"


def test_messages_that_come_twice_or_late_change_nothing() -> None:
    meeting = Meeting()
    meeting.press("anna", 1.0)
    assert said(meeting.event("anna", Request(press=1), 2.0), "anna") == [Granted(seconds=59)]
    meeting.event("anna", Release(press=1), 3.0)
    again = meeting.event("anna", Request(press=1), 4.0)  # a repeat of what is over
    assert again == (Saying("anna", Idle()),)
    meeting.press("anna", 5.0)
    stale = meeting.event("anna", Release(press=1), 6.0)  # of the press before
    assert stale == (Saying("anna", Granted(seconds=59)),)
    assert said(meeting.event("bo", Release(press=0), 7.0), "bo") == [
        Taken(by="anna", role=Role.BODY_CAMERA, seconds=2)
    ]


def test_a_request_that_overtook_its_own_release_opens_no_microphone() -> None:
    meeting = Meeting()
    meeting.event("anna", Release(press=7), 1.0)
    assert meeting.event("anna", Request(press=7), 1.1) == (Saying("anna", Idle()),)


def test_who_is_not_connected_is_not_heard() -> None:
    meeting = Meeting()
    assert meeting.event("zoe", Request(press=1), 1.0) == ()
    assert meeting.event("zoe", Left(), 1.0) == ()


def test_a_late_timer_is_made_up_for_before_the_next_event() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    out = meeting.press("bo", 500.0)  # nobody called due
    assert speeches(out) == [Speech("anna", 0.0, 500.0, False, Revocation.TOO_LONG)]
    assert said(out, "bo") == [Idle(), Granted(seconds=60)]


def test_a_clock_that_goes_back_stands_still() -> None:
    meeting = Meeting()
    meeting.press("anna", 10.0)
    [speech] = speeches(meeting.event("anna", Release(press=1), 5.0))
    assert (speech.since, speech.until) == (10.0, 10.0)


def test_an_empty_floor_waits_for_nothing() -> None:
    meeting = Meeting()
    assert meeting.floor.next_due is None
    assert meeting.floor.due(1e9) == ()
    assert meeting.floor.state(CENTRE.name) is FloorState.IDLE


def test_a_reload_does_not_shorten_the_wait_of_who_spoke_too_long() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    talk_on(meeting, "anna", 0, 60)
    meeting.event("anna", Joined(ANNA), 61.0)
    assert said(meeting.press("anna", 61.5), "anna") == [Denied.of(Denial.RETRY_AFTER, 1.5)]


def test_the_last_half_second_of_a_penalty_is_still_one() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    talk_on(meeting, "anna", 0, 60)
    assert said(meeting.press("anna", 62.5), "anna") == [Denied.of(Denial.RETRY_AFTER, 0.5)]
    assert said(meeting.press("anna", 63.0), "anna") == [Granted(seconds=60)]


def test_times_are_told_to_the_millisecond() -> None:
    meeting = Meeting()
    meeting.press("anna", 0.0)
    out = meeting.event("anna", Request(press=1), 1.23456)
    assert said(out, "anna") == [Granted(seconds=58.765)]
    out = meeting.event("bo", Release(press=0), 1.23456)
    assert said(out, "bo") == [Taken(by="anna", role=Role.BODY_CAMERA, seconds=1.235)]
    talk_on(meeting, "anna", 2, 49)
    assert said(meeting.floor.due(50.12345), "anna") == [Ending(seconds=9.877)]
    talk_on(meeting, "anna", 51, 60)
    assert said(meeting.press("anna", 61.23456), "anna") == [Denied.of(Denial.RETRY_AFTER, 1.765)]


def test_a_first_press_that_was_let_go_before_it_came_opens_no_microphone() -> None:
    meeting = Meeting()
    meeting.event("anna", Release(press=0), 1.0)
    assert meeting.event("anna", Request(press=0), 1.1) == (Saying("anna", Idle()),)
