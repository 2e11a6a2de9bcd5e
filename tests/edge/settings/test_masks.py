"""Passwords of a site file are hidden from those who edit it, and survive that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.settings.masks import MASK, masked, unmasked

TEXT = """\
# by hand
broker: {url: "mqtts://box:s3cret%21@mqtt.example.org", password: 'o''pen', key_file: /etc/box.key}  # county
access:
  tokens:
    - {name: duty, secret: 0123456789abcdef, may: [watch]}
streams:
  - name: gate
    url: rtsp://192.0.2.1/user=admin_password=hunter2_channel=1.sdp  # odd maker
    password: !secret gate-password
"""


def test_what_is_hidden_is_only_what_is_secret() -> None:
    shown = masked(TEXT)
    for secret in ("s3cret", "pen'", "0123456789abcdef", "hunter2"):
        assert secret not in shown
    for kept in (
        "# by hand",
        "# county",
        "# odd maker",
        "/etc/box.key",
        "!secret gate-password",
        "mqtt.example.org",
    ):
        assert kept in shown
    assert shown.count(MASK) == 4
    assert masked(shown) == shown


def test_what_was_hidden_comes_back_where_it_was() -> None:
    new = masked(TEXT).replace("name: gate", "name: gate\n    title: North")
    found, lost = unmasked(new, TEXT)
    assert lost == ()
    for secret in ("s3cret%21", "o'", "0123456789abcdef", "hunter2"):
        assert secret in found, secret
    assert MASK not in found
    assert "title: North" in found


def test_one_that_is_written_anew_is_taken_as_it_is() -> None:
    found, lost = unmasked(masked(TEXT).replace(f'secret: "{MASK}"', "secret: fedcba9876543210"), TEXT)
    assert lost == ()
    assert "fedcba9876543210" in found
    assert "0123456789abcdef" not in found


def test_one_that_is_moved_is_named_with_its_line() -> None:
    found, lost = unmasked(masked(TEXT) + '    passphrase: "***"\n', TEXT)
    assert [(each.path, each.mark.line) for each in lost] == [("streams[0].passphrase", 10)]
    assert "passphrase" in found


SEVERAL = """\
broker: {url: "mqtts://mqtt.example.org:8883/x", password: one}
access:
  tokens:
    - {name: duty, secret: 0123456789abcdef}
    - {name: dock, secret: fedcba9876543210}
streams:
  - {name: gate, url: "rtsp://192.0.2.1/1", password: two}
  - {name: yard, url: "rtsp://192.0.2.2/1", password: three, onvif: {host: 192.0.2.2, password: four}}
"""


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("mqtt.example.org", "mine.example.net", ["broker.password"]),
        ("mqtts://mqtt", "mqtt://mqtt", ["broker.password"]),
        ("192.0.2.1/1", "192.0.2.1:555/1", ["streams[0].password"]),
        ("192.0.2.1/1", "192.0.2.2@192.0.2.9/1", ["streams[0].password"]),
        ("host: 192.0.2.2", "host: 192.0.2.9", ["streams[1].password", "streams[1].onvif.password"]),
        (
            "host: 192.0.2.2",
            "host: 192.0.2.2, port: 81",
            ["streams[1].password", "streams[1].onvif.password"],
        ),
        ("name: duty", "name: mine", ["access.tokens[0].secret"]),
        ('    - {name: duty, secret: "***"}\n', "", []),
        ('  - {name: gate, url: "rtsp://192.0.2.1/1", password: "***"}\n', "", []),
        ("192.0.2.1/1", "192.0.2.1/2?channel=3", []),
        ("name: gate", "name: door", []),
    ],
)
def test_a_hidden_one_goes_to_no_other_address_and_to_nobody_else(
    old: str, new: str, lost: list[str]
) -> None:
    shown = masked(SEVERAL)
    assert old in shown
    found, findings = unmasked(shown.replace(old, new), SEVERAL)
    assert [each.path for each in findings] == lost
    assert found.count(MASK) == len(lost)


def test_what_moves_up_in_a_list_keeps_its_own() -> None:
    gate = '  - {name: gate, url: "rtsp://192.0.2.1/1", password: "***"}\n'
    found, lost = unmasked(masked(SEVERAL).replace(gate, ""), SEVERAL)
    assert lost == ()
    assert "password: three" in found
    assert "password: four" in found
    assert "two" not in found


@pytest.mark.parametrize("text", ["", "[", "a: *b", "just words", "\x00"])
def test_what_is_no_site_file_is_left_as_it_is(text: str) -> None:
    assert masked(text) == text
    assert unmasked(text, TEXT) == (text, ())


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=30))
def test_any_password_is_hidden_and_comes_back(password: str) -> None:
    written = password.replace("'", "''")
    text = f"a: 1\nbroker:\n  password: '{written}'  # its password\n"
    shown = masked(text)
    assert shown.splitlines()[0] == "a: 1"
    assert "# its password" in shown
    found, lost = unmasked(shown, text)
    assert lost == ()
    assert masked(found) == shown
