"""http, access and ice in a site file."""

import pytest

from edge.settings.finding import SettingsError
from edge.settings.loader import Loaded, load_text
from relay.tokens import Right
from tests.edge.settings.documents import GOOD

SECRETS = {
    "SANDWATCH_SECRET_DUTY": "duty-token-0123456789",
    "SANDWATCH_SECRET_SHORT": "short",
    "SANDWATCH_SECRET_KEY": "a key of thirty-two bytes or more",
    "SANDWATCH_SECRET_TURN": "north",
}

ACCESS = "access: {key: !secret key}\n"


def loaded(more: str) -> Loaded:
    return load_text(GOOD + more, "site.yaml", SECRETS)


def wrong(more: str) -> list[tuple[str, str]]:
    with pytest.raises(SettingsError) as error:
        loaded(more)
    return [(finding.path, finding.message.en) for finding in error.value.findings]


def test_nothing_listens_unless_it_is_asked_to() -> None:
    site = loaded("").site
    assert site.http is None
    assert site.access.tokens == ()
    assert site.ice == ()


def test_what_a_technician_writes() -> None:
    site = loaded("""
http: {listen: "[::]:8443", tls: {cert_file: /etc/web.crt, key_file: /etc/web.key}, origins: ["https://centre.example:8443"]}
access:
  key: !secret key
  tokens:
    - {name: duty, secret: !secret duty, may: [watch, speak], groups: ["*"], until: "2027-01-01T00:00:00+08:00"}
ice: [{url: "turns:turn.example:443?transport=tcp", secret: !secret turn}]
""").site
    assert site.http is not None
    assert (site.http.host, site.http.port, site.http.url) == ("::", 8443, "https://[::]:8443")
    assert site.access.tokens[0].may == (Right.WATCH, Right.SPEAK)
    assert site.ice[0].is_turn
    assert "duty-token" not in repr(site)
    assert "north" not in repr(site)


def test_tokens_in_the_clear_are_warned_of() -> None:
    paths = [finding.path for finding in loaded(ACCESS + 'http: {listen: "0.0.0.0:8480"}').warnings]
    assert paths == ["http.listen"]
    assert loaded(ACCESS + "http: {}").warnings == ()
    plain = loaded("access: {tokens: [{name: duty, secret: duty-token-0123456789, may: [watch]}]}").warnings
    assert [finding.path for finding in plain] == ["access.tokens[0].secret"]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        (ACCESS + "http: {listen: 8480}", "http.listen"),
        (ACCESS + "http: {listen: 127.0.0.1:99999}", "http.listen"),
        (ACCESS + 'http: {origins: ["https://centre.example/page"]}', "http.origins[0]"),
        ("access: {tokens: [{name: a b, secret: !secret duty, may: [watch]}]}", "access.tokens[0].name"),
        ("access: {tokens: [{name: a, secret: !secret short, may: [watch]}]}", "access.tokens[0].secret"),
        ("access: {tokens: [{name: a, secret: !secret duty, may: []}]}", "access.tokens[0].may"),
        ("access: {tokens: [{name: a, secret: !secret duty, may: [rule]}]}", "access.tokens[0].may[0]"),
        ("access: {key: !secret short}", "access.key"),
        ('ice: [{url: "turn:turn.example"}]', "ice[0]"),
        ('ice: [{url: "turn.example"}]', "ice[0].url"),
    ],
)
def test_mistakes_have_their_place(more: str, path: str) -> None:
    assert [place for place, _ in wrong(more)] == [path]


def test_two_tokens_of_one_name() -> None:
    twice = "{name: a, secret: !secret duty, may: [watch]}"
    found = wrong(f"access: {{tokens: [{twice}, {twice}]}}")
    assert found == [("access.tokens[1].name", "two tokens are called 'a' (first on line 13)")]
