"""Digest and Basic: the examples of the RFCs, and how often a password is shown."""

import hashlib
import re
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.loudspeaker.login import Login, challenge

REALM = 'realm="http-auth@example.org"'
NONCE = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
OPAQUE = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def mufasa(password: str = "Circle of Life") -> Login:
    return Login("Mufasa", password, cnonce=lambda: CNONCE)


def response(header: str | None) -> str:
    found = re.search(r'response="([0-9a-f]+)"', header or "")
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("algorithm", "wanted"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, wanted: str) -> None:
    login = mufasa()
    assert login.challenged(
        [f'Digest {REALM}, qop="auth, auth-int", algorithm={algorithm}, {NONCE}, {OPAQUE}']
    )
    header = login.authorization("GET", "/dir/index.html")
    assert response(header) == wanted
    assert header is not None
    assert f"algorithm={algorithm}, qop=auth, nc=00000001" in header
    assert OPAQUE in header


def test_an_old_camera_without_qop_as_in_rfc_2069() -> None:
    login = mufasa("CircleOfLife")
    assert login.challenged(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    header = login.authorization("GET", "/dir/index.html")
    assert response(header) == "1949323746fe6a43ef61f9606e7febea"
    assert header is not None
    assert not re.search("algorithm|qop|cnonce", header)


def test_a_session_variant() -> None:
    login = mufasa()
    assert login.challenged([f"Digest {REALM}, algorithm=MD5-sess, {NONCE}, qop=auth"])

    def md5(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode()).hexdigest()

    nonce = NONCE[7:-1]
    secret = md5(md5("Mufasa", "http-auth@example.org", "Circle of Life"), nonce, CNONCE)
    wanted = md5(secret, nonce, "00000001", CNONCE, "auth", md5("PLAY", "rtsp://c/"))
    assert response(login.authorization("PLAY", "rtsp://c/")) == wanted


def test_the_best_is_taken() -> None:
    basic, md5 = 'Basic realm="cam"', f"Digest {REALM}, {NONCE}, algorithm=MD5"
    sha, odd = (
        f"Digest {REALM}, {NONCE}, algorithm=SHA-256",
        f"Digest {REALM}, {NONCE}, algorithm=SHA-512-256",
    )
    assert [
        each.hash for values in ([basic, md5, sha], [basic, md5], [odd, basic]) if (each := challenge(values))
    ] == [
        "sha-256",
        "md5",
        "",
    ]
    assert challenge([odd, "Bearer x", f'Digest {REALM}, {NONCE}, qop="auth-int"']) is None


def test_basic_with_any_character() -> None:
    login = Login("值班", "p:ä")
    assert login.challenged(["Basic"])
    assert b64decode((login.authorization("PLAY", "rtsp://c/") or "").split()[1]).decode() == "值班:p:ä"


def test_a_wrong_password_is_shown_once() -> None:
    login = mufasa()
    assert login.authorization("DESCRIBE", "rtsp://c/") is None
    assert login.challenged([f"Digest {REALM}, {NONCE}"])
    assert not login.challenged([f'Digest {REALM}, nonce="another"'])


def test_a_nonce_may_grow_old() -> None:
    login = mufasa()
    assert login.challenged([f"Digest {REALM}, {NONCE}"])
    assert login.challenged([f'Digest {REALM}, nonce="2", stale=TRUE'])
    login.accepted()
    assert login.challenged(
        [f'Digest {REALM}, nonce="3"']
    )  # it took this login before, and does not say stale
    assert not login.challenged([f'Digest {REALM}, nonce="4"'])


def test_nothing_of_it_is_printed() -> None:
    assert "Circle" not in repr(mufasa())


def test_no_header_can_be_smuggled_in_by_a_realm() -> None:
    login = mufasa()
    assert login.challenged([r'Digest realm="a\"b\\", nonce="n"'])
    assert r'realm="a\"b\\"' in (login.authorization("PLAY", "rtsp://c/") or "")


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")))
def test_any_challenge_can_be_read(value: str) -> None:
    login = mufasa()
    for each in (value, f"Digest {value}", f"Digest nonce=x, {value}"):
        if login.challenged([each]):
            (login.authorization("PLAY", "rtsp://c/") or "").encode("latin-1")
