"""STUN and TURN servers: what may stand in a site file, and the passwords made for them."""

import base64
import hashlib
import hmac

import pytest
from pydantic import SecretStr, ValidationError

from relay.ice import IceServers, IceServerSpec

NOW = 1_800_000_000.0
SECRET = SecretStr("north")


def test_everybody_gets_a_password_that_ends() -> None:
    spec = IceServerSpec(url="turns:turn.example:443?transport=tcp", secret=SECRET, lifetime=3600)
    server = spec.server("黄庄 1", NOW)
    assert server.username == "1800003600:%E9%BB%84%E5%BA%84%201"
    expected = hmac.new(b"north", server.username.encode(), hashlib.sha1).digest()
    assert server.credential == base64.b64encode(expected).decode()
    assert spec.server("other", NOW).credential != server.credential
    assert "north" not in repr(spec) + repr(server)
    assert server.credential not in repr(server)


def test_a_fixed_login_and_a_server_that_needs_none() -> None:
    turn = IceServerSpec(
        url="turn:[2001:db8::1]:3478?transport=udp", username="box", password=SecretStr("word")
    )
    stun = IceServerSpec(url="stun:stun.example")
    ours, theirs = IceServers([stun, turn]).for_us(NOW), IceServers([stun, turn]).for_client("x", NOW)
    assert ours == theirs
    assert [(server.urls, server.username, server.credential) for server in ours] == [
        (("stun:stun.example",), None, None),
        (("turn:[2001:db8::1]:3478?transport=udp",), "box", "word"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://turn.example"},
        {"url": "stun:turn.example?transport=udp"},
        {"url": "turn:turn.example:3478?transport=quic", "secret": SECRET},
        {"url": "turn:a@b", "secret": SECRET},
        {"url": "turn:turn.example"},
        {"url": "turn:turn.example", "username": "x"},
        {"url": "turn:turn.example", "username": "x", "password": "y", "secret": SECRET},
        {"url": "stun:stun.example", "secret": SECRET},
        {"url": "turn:turn.example", "secret": SECRET, "lifetime": "1s"},
    ],
)
def test_what_cannot_be_used_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        IceServerSpec.model_validate(wrong)
