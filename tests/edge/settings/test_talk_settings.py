"""talk: and respond: in a site file."""

from pathlib import Path

import pytest

from edge.check import report
from edge.settings.loader import load_text
from edge.talk.passes import Seat, seats
from relay.talk import Role

HEAD = """\
site: {id: test, area: "410122"}
broker: {url: "mqtt://127.0.0.1"}
"""
TALK = """\
talk:
  groups:
    - name: patrol
      members:
        - {name: duty, role: operator, priority: 5}
        - {name: badge-17, role: body_camera}
      talk: 45s
"""
ACCESS = "access: {key: a key of thirty-two bytes or more}\n"
STREAMS = """\
streams:
  - {name: gate, url: "rtsp://192.0.2.1/"}
"""


def check(tmp_path: Path, text: str) -> list[str]:
    """What `sandwatch check` says, without the file's name."""
    file = tmp_path / "site.yaml"
    file.write_text(text, encoding="utf-8")
    return [line.removeprefix(f"{file}:") for line in report(file, "en", {})[0]]


def test_a_group_is_what_the_file_says() -> None:
    site = load_text(HEAD + TALK + STREAMS, "site.yaml", {}).site
    plan = site.talk.groups[0].plan()
    assert [(member.name, member.role, member.priority) for member in plan.members] == [
        ("duty", Role.OPERATOR, 5),
        ("badge-17", Role.BODY_CAMERA, 0),
    ]
    assert (plan.rules.talk, plan.rules.warn, plan.rules.silence) == (45.0, 10.0, 4.0)


def test_a_site_without_groups_has_no_talk() -> None:
    assert load_text(HEAD + STREAMS, "site.yaml", {}).site.talk.groups == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("badge-17, role: body_camera", "duty, role: body_camera", "two members of one name"),
        ("talk: 45s", "talk: 10s", "warn shorter than talk"),
        ("role: body_camera", "role: body_cam", "did you mean 'body_camera'?"),
        ("badge-17", "badge/17", "needs a name"),
        (
            "role: body_camera",
            "role: body_camera, loudspeaker: {url: 'rtsp://192.0.2.1/'}",
            "its role is speaker",
        ),
        (
            "role: body_camera",
            "role: speaker, accounts: [zhang]",
            "nobody signs in as one",
        ),
        ("role: body_camera", "role: body_camera, accounts: [a/b]", "needs a name"),
        (
            "  groups:",
            "  handover: {whip: 'ftp://x/', whep: 'https://sfu.example.org/whep'}\n  groups:",
            "talk.handover.whip: needs https://HOST:PORT/PATH",
        ),
    ],
)
def test_a_mistake_is_named_at_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    lines = check(tmp_path, HEAD + TALK.replace(old, new) + STREAMS)
    assert any(said in line and "error: talk." in line for line in lines), lines


def test_an_event_can_call_only_whom_a_group_knows(tmp_path: Path) -> None:
    calls = "streams:\n  - {name: gate, url: 'rtsp://192.0.2.1/', respond: {members: [duty, bagde-17]}}\n"
    (line,) = [line for line in check(tmp_path, HEAD + TALK + calls) if "error" in line][:1]
    assert "there is no talk group member 'bagde-17'; did you mean 'badge-17'?" in line
    assert "streams[0].respond.members[1]" in line


def test_what_is_kept_is_what_the_file_says() -> None:
    more = "  recording: {pictures: {megabytes: 100, piece: 2min}}\n"
    talk = TALK.replace("talk: 45s", "record: false")
    site = load_text(HEAD + talk + more + STREAMS, "site.yaml", {}).site
    assert not site.talk.groups[0].record
    pictures = site.talk.recording.pictures
    assert (pictures.keep, pictures.megabytes, pictures.piece) == (True, 100, 120.0)


def test_a_loudspeaker_that_is_none_is_said(tmp_path: Path) -> None:
    horn = "        - {name: horn, role: speaker}\n"
    said = check(tmp_path, HEAD + TALK.replace("      talk: 45s\n", horn) + ACCESS + STREAMS)
    assert any("warning: talk.groups[0].members[2].role: is heard nowhere" in line for line in said)
    heard = horn.replace("speaker}", "speaker, loudspeaker: {url: 'rtsp://192.0.2.1/'}}")
    said = check(tmp_path, HEAD + TALK.replace("      talk: 45s\n", heard) + ACCESS + STREAMS)
    assert not any("is heard nowhere" in line for line in said)


@pytest.mark.parametrize("part", [TALK, TALK + "http: {}\n"])
def test_groups_that_nobody_can_join_are_named(tmp_path: Path, part: str) -> None:
    said = check(tmp_path, HEAD + part + STREAMS)
    assert any("warning: talk: nobody can join" in line for line in said)
    assert not any("nobody can join" in line for line in check(tmp_path, HEAD + part + ACCESS + STREAMS))


def test_a_console_without_tokens_is_right_for_people_have_accounts(tmp_path: Path) -> None:
    assert not any("warning" in line for line in check(tmp_path, HEAD + "http: {}\n" + STREAMS))


def test_an_account_is_one_member_in_as_many_groups_as_name_it() -> None:
    manned = TALK.replace("priority: 5", "priority: 5, accounts: [zhang, li]")
    other = manned.replace("talk:\n  groups:\n", "").replace("patrol", "river").replace(", li]", "]")
    site = load_text(HEAD + manned + other + STREAMS, "site.yaml", {}).site
    assert seats(site.talk.groups) == {
        "zhang": Seat("duty", frozenset({"patrol", "river"})),
        "li": Seat("duty", frozenset({"patrol"})),
    }


def test_members_with_accounts_need_no_tokens_but_a_console(tmp_path: Path) -> None:
    manned = TALK.replace("priority: 5", "priority: 5, accounts: [zhang]")
    http = 'http: {listen: "127.0.0.1:8080"}\n'
    assert not [line for line in check(tmp_path, HEAD + manned + http + STREAMS) if "nobody" in line]
    (said,) = [line for line in check(tmp_path, HEAD + manned + STREAMS) if "nobody" in line]
    assert "warning: talk.groups[0].members[0].accounts: nobody can sign in" in said
    (said,) = [line for line in check(tmp_path, HEAD + TALK + http + STREAMS) if "nobody" in line]
    assert "warning: talk: nobody can join" in said


def test_an_account_that_were_two_members_is_refused(tmp_path: Path) -> None:
    twice = TALK.replace("priority: 5", "accounts: [zhang]").replace(
        "body_camera", "body_camera, accounts: [zhang]"
    )
    said = check(tmp_path, HEAD + twice + STREAMS)
    assert any("error: talk: lets the account zhang speak as duty and as badge-17" in line for line in said)
