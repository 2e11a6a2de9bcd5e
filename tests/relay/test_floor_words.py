"""What goes over the wire: each message with its example, and whatever else may be sent."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from relay import floor_words
from relay.floor_page import FROM_MEMBER, TO_MEMBER, page
from relay.floor_words import (
    LONGEST_MESSAGE,
    Denied,
    EndCall,
    Ending,
    FromMember,
    Granted,
    Release,
    Request,
    Ring,
    Taken,
    ToMember,
    Word,
    read,
    refusal,
    write,
)
from relay.talk import Denial, GroupKind, Role, TalkRefused, Urgency
from relay.talk_problems import not_allowed

PAGE = Path(__file__).parents[2] / "docs" / "talk-messages.md"


def test_the_page_is_the_one_that_the_messages_write() -> None:
    assert PAGE.read_text() == page(), "python -m relay.floor_page > docs/talk-messages.md"


def test_every_message_has_an_example() -> None:
    words = {word for word in vars(floor_words).values() if isinstance(word, type) and issubclass(word, Word)}
    assert {type(example) for example in (*FROM_MEMBER, *TO_MEMBER)} == words - {Word}


@pytest.mark.parametrize("word", FROM_MEMBER, ids=lambda word: str(word.type))
def test_what_a_member_sends_is_read_as_it_was_meant(word: FromMember) -> None:
    assert read(write(word)) == word
    assert len(write(word)) < LONGEST_MESSAGE


@pytest.mark.parametrize("word", TO_MEMBER, ids=lambda word: str(word.type))
def test_what_a_member_is_told_has_a_type_and_a_version(word: ToMember) -> None:
    message = json.loads(write(word))
    assert (message["type"], message["v"]) == (word.type, 1)
    assert None not in message.values()


def test_what_is_not_known_is_not_said() -> None:
    assert "retry_after" not in write(Denied.of(Denial.QUEUE_FULL))
    assert '"by"' not in write(Ring(call="c", kind=GroupKind.EVENT, members=("a", "b"), seconds=30))


def test_the_shortest_messages_do() -> None:
    assert read('{"type":"request","press":0}') == Request(press=0, urgency=Urgency.NORMAL)
    assert read(b'{"type":"end_call"}') == EndCall()


def test_fields_of_later_versions_are_ignored() -> None:
    assert read('{"v":1,"type":"release","press":2,"battery":0.4}') == Release(press=2)


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("", "talk.not_json", ""),
        ("request", "talk.not_json", ""),
        ('{"type":"request"', "talk.not_json", ""),
        (b"\xff\xfe", "talk.not_json", ""),
        ("\ud800", "talk.not_json", ""),
        ("[" * 1000, "talk.not_json", ""),
        ("[]", "talk.bad_message", ""),
        ("null", "talk.bad_message", ""),
        ("{}", "talk.unknown_type", "type"),
        ('{"type":"granted","seconds":1}', "talk.unknown_type", "type"),
        ('{"type":["request"],"press":1}', "talk.unknown_type", "type"),
        ('{"v":2,"type":"request","press":1}', "talk.version", "1"),
        ('{"type":"request"}', "talk.bad_message", "press"),
        ('{"type":"request","press":-1}', "talk.bad_message", "press"),
        ('{"type":"request","press":"1"}', "talk.bad_message", "press"),
        ('{"type":"request","press":1e300}', "talk.bad_message", "press"),
        ('{"type":"request","press":1,"urgency":"now"}', "talk.bad_message", "urgency"),
        ('{"type":"take_back"}', "talk.bad_message", "member"),
        ('{"type":"take_back","member":"' + "x" * 129 + '"}', "talk.bad_message", "member"),
        ('{"type":"end_call","x":"' + "x" * LONGEST_MESSAGE + '"}', "talk.too_large", str(LONGEST_MESSAGE)),
    ],
)
def test_what_cannot_be_read_says_why(text: str | bytes, code: str, named: str) -> None:
    with pytest.raises(TalkRefused) as refused:
        read(text)
    problem = refused.value.problem
    assert problem.code == code
    assert named in problem.what.en
    assert named in problem.what.zh


@given(st.text() | st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_nothing_that_is_sent_does_more_than_to_be_refused(message: str | bytes) -> None:
    with pytest.raises(TalkRefused):
        read(message)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from([word.type for word in FROM_MEMBER])},
        optional={
            "v": st.integers(0, 2),
            "press": st.integers() | st.floats() | st.text(),
            "urgency": st.sampled_from(Urgency) | st.text(),
            "member": st.text() | st.none() | st.integers(),
        },
    )
)
def test_what_is_read_is_within_what_is_allowed(message: dict[str, object]) -> None:
    try:
        word = read(json.dumps(message))
    except TalkRefused:
        return
    assert read(write(word)) == word
    assert message.get("v", 1) == 1
    assert not isinstance(word, Request | Release) or 0 <= word.press < 1 << 53


@pytest.mark.parametrize(
    ("field", "longest", "too_long"),
    [
        ('"type":"request","press":', str((1 << 53) - 1), str(1 << 53)),
        ('"type":"take_back","member":', '"x"', '""'),
        ('"type":"take_back","member":', '"' + "x" * 128 + '"', '"' + "x" * 129 + '"'),
    ],
)
def test_the_bounds_of_what_a_member_may_send_are_inside(field: str, longest: str, too_long: str) -> None:
    assert longest in write(read("{" + field + longest + "}"))
    with pytest.raises(TalkRefused):
        read("{" + field + too_long + "}")


def test_a_message_of_just_the_greatest_length_is_read() -> None:
    frame = '{"type":"end_call","x":""}'
    assert read(frame.replace('""', '"' + "x" * (LONGEST_MESSAGE - len(frame)) + '"')) == EndCall()


def test_of_two_things_that_are_wrong_the_first_is_named() -> None:
    with pytest.raises(TalkRefused) as refused:
        read('{"type":"request","press":-1,"urgency":"now"}')
    assert "press" in refused.value.problem.what.en


def test_what_is_not_said_is_no_emergency_and_has_just_begun() -> None:
    assert json.loads(write(Granted(seconds=0.5)))["emergency"] is False
    taken = json.loads(write(Taken(by="anna", role=Role.BODY_CAMERA)))
    assert (taken["emergency"], taken["seconds"]) == (False, 0)


def test_no_time_that_is_told_is_below_nought() -> None:
    assert Ending(seconds=0).seconds == 0
    with pytest.raises(ValidationError):
        Ending(seconds=-0.001)


@pytest.mark.parametrize("word", TO_MEMBER, ids=lambda word: str(word.type))
def test_a_word_that_goes_to_many_is_changed_by_none_of_them(word: ToMember) -> None:
    for each in (word, *getattr(word, "members", ())):
        if isinstance(each, BaseModel):
            field = next(iter(type(each).model_fields))
            with pytest.raises(ValidationError):
                setattr(each, field, getattr(each, field))


def test_a_problem_is_told_with_its_code_and_in_both_languages() -> None:
    refused = refusal(not_allowed())
    assert refused.code == "talk.not_allowed"
    assert refused.en == not_allowed().say("en")
    assert refused.zh == not_allowed().say("zh")
