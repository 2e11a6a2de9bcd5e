from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from streams.urls import checked, endpoint, has_password, with_login


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://10.0.0.5/ch1", "10.0.0.5:554/ch1"),
        ("rtsps://cam.example/ch1", "cam.example:322/ch1"),
        (
            "rtsp://admin:s3cret@10.0.0.5:8554/a/b?channel=1&subtype=0",
            "10.0.0.5:8554/a/b?channel=1&subtype=0",
        ),
        ("rtsp://admin:s3@cret@10.0.0.5/ch1", "10.0.0.5:554/ch1"),
        ("rtsp://[fe80::1]:554/x", "[fe80::1]:554/x"),
        ("rtsp://10.0.0.5", "10.0.0.5:554"),
        (
            "rtsp://10.0.0.5/user=admin&password=s3cret&channel=1",
            "10.0.0.5:554/user=admin&password=***&channel=1",
        ),
        (
            "rtsp://10.0.0.5/user=admin_password=s3cret_channel=1.sdp?real",
            "10.0.0.5:554/user=admin_password=***?real",
        ),
        ("rtsp://10.0.0.5/live?token=s3cret", "10.0.0.5:554/live?token=***"),
    ],
)
def test_a_camera_is_shown_without_its_password(url: str, shown: str) -> None:
    place = endpoint(checked(SecretStr(url)))
    assert str(place) == shown
    assert "s3cret" not in repr(place)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://10.0.0.5/s3cret", "rtsp://"),
        ("10.0.0.5/s3cret", "rtsp://"),
        ("", "rtsp://"),
        ("rtsp:///s3cret", "host"),
        ("rtsp://admin:s3c/ret@10.0.0.5/ch1", "%2F"),
        ("rtsp://admin:12/s3cret@10.0.0.5/ch1", "%2F"),
        ("rtsp://admin:12#s3cret@10.0.0.5/ch1", "%23"),
        ("rtsp://admin:12?s3cret@10.0.0.5/ch1", "%3F"),
        ("rtsp://admin:s3cret@10.0.0.5:99999/ch1", "port"),
        ("rtsp://[s3cret/ch1", "host"),
        ("rtsp://10.0.0.5/a s3cret", "blanks"),
    ],
)
def test_a_wrong_address_is_explained_without_being_quoted(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^(needs|has|must)") as caught:
        checked(SecretStr(url))
    assert says in str(caught.value)
    assert "s3c" not in str(caught.value)
    assert caught.value.__context__ is None


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_login_survives_the_url(user: str, password: str) -> None:
    url = with_login(SecretStr("rtsp://old:word@10.0.0.5:8554/ch1?a=b"), user, SecretStr(password))
    parts = urlsplit(checked(url).get_secret_value())
    assert (parts.hostname, parts.port, parts.path, parts.query) == ("10.0.0.5", 8554, "/ch1", "a=b")
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password


def test_what_is_not_given_stays_as_the_url_has_it() -> None:
    url = SecretStr("rtsp://admin:p%40ss@10.0.0.5/ch1")
    assert with_login(url, None, None) == url
    assert with_login(url, None, SecretStr("new")).get_secret_value() == "rtsp://admin:new@10.0.0.5/ch1"
    assert with_login(url, "viewer", None).get_secret_value() == "rtsp://viewer:p%40ss@10.0.0.5/ch1"
    bare = SecretStr("rtsp://10.0.0.5/ch1")
    assert with_login(bare, None, None) == bare


def test_a_raw_at_sign_in_the_password_is_mended() -> None:
    url = with_login(SecretStr("rtsp://admin:p@ss@10.0.0.5/ch1"), None, None)
    assert url.get_secret_value() == "rtsp://admin:p%40ss@10.0.0.5/ch1"


@pytest.mark.parametrize(
    ("url", "has"),
    [
        ("rtsp://10.0.0.5/ch1", False),
        ("rtsp://admin@10.0.0.5/ch1", False),
        ("rtsp://admin:x@10.0.0.5/ch1", True),
        ("rtsp://10.0.0.5/user=a&password=x", True),
    ],
)
def test_a_password_in_the_url_is_noticed(url: str, has: bool) -> None:
    assert has_password(SecretStr(url)) is has
