"""What RTMP senders may say, and what they may not."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.push.amf import Malformed, decode, encode
from streams.push.chunks import Message, Reader, written
from streams.push.lockout import Lockout
from streams.push.rtmp import Rejected, Session
from streams.push.srt import resource

texts = st.text(max_size=40)
plain = st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False), texts)
values = st.lists(plain | st.dictionaries(texts.filter(bool), st.floats(allow_nan=False) | texts, max_size=4))
HELLO = b"\x03" + bytes(1536) + bytes(1536)


@given(values)
def test_commands_survive_the_wire(said: list[float | bool | str | dict[str, float | str] | None]) -> None:
    assert decode(encode(*said)) == said


@given(st.binary(max_size=300))
def test_no_bytes_upset_the_command_reader(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        decode(data)


@given(
    st.lists(st.tuples(st.sampled_from([8, 9, 18, 20]), st.binary(max_size=700)), max_size=6),
    st.integers(1, 300),
    st.integers(1, 400),
)
def test_messages_come_out_as_they_went_in_however_they_are_cut(
    said: list[tuple[int, bytes]], size: int, cut: int
) -> None:
    wire = written(1, size.to_bytes(4, "big"), number=2, size=128)
    wire += b"".join(written(kind, data, number=4, stream=1, size=size) for kind, data in said)
    reader = Reader(limit=1000)
    heard = [message for at in range(0, len(wire), cut) for message in reader.feed(wire[at : at + cut])]
    assert heard == [Message(kind, 0, 1, data) for kind, data in said]


def test_short_headers_repeat_what_came_before() -> None:
    first = b"\x04" + (1000).to_bytes(3, "big") + b"\0\0\2" + b"\x09" + b"\1\0\0\0" + b"ab"
    later = b"\x84" + (40).to_bytes(3, "big") + b"cd"
    again = b"\xc4" + b"ef"
    resized = b"\x44" + (40).to_bytes(3, "big") + b"\0\0\1" + b"\x08" + b"g"
    assert Reader(100).feed(first + later + again + resized) == [
        Message(9, 1000, 1, b"ab"),
        Message(9, 1040, 1, b"cd"),
        Message(9, 1080, 1, b"ef"),
        Message(8, 1120, 1, b"g"),
    ]


def test_long_times_and_many_chunk_streams() -> None:
    long = (
        b"\x04" + b"\xff" * 3 + b"\0\0\x82" + b"\x09" + bytes(4) + (1 << 24).to_bytes(4, "big") + b"a" * 128
    )
    rest = b"\xc4" + (1 << 24).to_bytes(4, "big") + b"bb"
    assert Reader(200).feed(long + rest) == [Message(9, 1 << 24, 0, b"a" * 128 + b"bb")]
    for number in (b"\x00\x10", b"\x01\x10\x01"):
        assert Reader(9).feed(number + bytes(6) + b"\x09" + bytes(4)) == [Message(9, 0, 0, b"")]


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        (b"\x04" + bytes(3) + b"\x0f\0\0" + b"\x09" + bytes(4), "too long"),
        (b"\xc4", "does not begin"),
        (written(1, bytes(4), number=2, size=128), "without content"),
        (
            b"".join(bytes([number]) + bytes(5) + b"\1\x09" + bytes(4) + b"x" for number in range(2, 40)),
            "too many",
        ),
    ],
)
def test_what_would_fill_the_memory_is_refused(wire: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=says):
        Reader(limit=1000).feed(wire)


def command(*said: float | str | dict[str, float | str] | None) -> bytes:
    return written(20, encode(*said), number=3, size=128)


def session(answer: str | None = None) -> tuple[Session, list[str]]:
    asked: list[str] = []

    def judge(name: str) -> str | None:
        asked.append(name)
        return answer

    return Session(judge), asked


@pytest.mark.parametrize(
    ("app", "name"),
    [("live", "key"), ("live/", "key?x=y"), ("/live", "/key"), ("live?vhost=a", "key")],
)
def test_path_and_key_are_put_together(app: str, name: str) -> None:
    made, asked = session()
    answer = made.feed(HELLO)
    answer += made.feed(command("connect", 1.0, {"app": app}) + command("publish", 2.0, None, name))
    assert made.publishing
    assert asked == ["live/key"]
    assert answer.startswith(b"\x03")
    assert b"NetStream.Publish.Start" in answer


def test_pictures_become_flv_and_sound_does_not() -> None:
    made, _ = session()
    made.feed(HELLO + command("connect", 1.0, {"app": "a"}) + command("publish", 2.0, None, "b"))
    made.feed(written(8, b"sound", number=5, size=128) + written(9, b"picture", number=6, size=128))
    assert bytes(made.flv).startswith(b"FLV\x01\x01")
    assert b"picture" in made.flv
    assert b"sound" not in made.flv
    assert (made.sound, made.video) == (1, 1)
    made.feed(command("deleteStream", 3.0, None, 1.0))
    assert made.ended


def test_a_ping_is_answered() -> None:
    made, _ = session()
    made.feed(HELLO)
    assert made.feed(written(4, b"\0\x06abcd", number=2, size=128)).endswith(b"\0\x07abcd")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"GET / HTTP/1.1\r\n", "no RTMP"),
        (b"\x06" + bytes(1536), "no RTMP"),
        (HELLO + written(9, b"picture", number=6, size=128), "before it may"),
        (HELLO + command("play", 1.0, None, "x"), "watch"),
        (HELLO + command("publish", 1.0, None, "x") * 2, "twice"),
        (HELLO + written(8, b"x" * 100, number=5, size=128) * 900, "publishes nothing"),
    ],
)
def test_who_is_shown_out(data: bytes, says: str) -> None:
    made, _ = session()
    with pytest.raises(Rejected, match=says):
        made.feed(data)


def test_a_refusal_is_told_to_the_sender() -> None:
    made, _ = session("wrong key")
    made.feed(HELLO)
    with pytest.raises(Rejected, match="wrong key") as caught:
        made.feed(command("publish", 1.0, None, "secret-name"))
    assert b"NetStream.Publish.BadName" in caught.value.answer
    assert "secret-name" not in f"{caught.value!r} {caught.value.answer!r}"
    assert not made.publishing


@given(st.lists(st.binary(max_size=2000), max_size=8), st.booleans())
def test_no_bytes_get_in_or_upset_the_session(pieces: list[bytes], greeted: bool) -> None:
    made, _ = session("never")
    try:
        if greeted:
            made.feed(HELLO)
        for piece in pieces:
            made.feed(piece)
    except Rejected:
        pass
    assert not made.publishing
    assert not made.flv


@pytest.mark.parametrize(
    ("stream_id", "wanted"),
    [
        (b"key", "key"),
        (b"#!::r=key,m=publish", "key"),
        (b"#!::u=drone,m=publish,r=key", "key"),
        (b"#!::u=drone", ""),
        (b"", ""),
        (b"key\0\0", "key"),
    ],
)
def test_what_an_srt_stream_id_asks_for(stream_id: bytes, wanted: str) -> None:
    assert resource(stream_id) == wanted


def test_five_wrong_keys_within_a_minute_lock_out_that_sender_only() -> None:
    lockout = Lockout()
    for second in range(5):
        assert not lockout.blocked("10.0.0.5", second)
        lockout.failed("10.0.0.5", second)
    assert lockout.blocked("10.0.0.5", 59.9)
    assert not lockout.blocked("10.0.0.6", 59.9)
    assert not lockout.blocked("10.0.0.5", 60.0)


def test_the_lockout_remembers_a_bounded_number() -> None:
    lockout = Lockout()
    for number in range(5000):
        lockout.failed(str(number), 0.0)
    assert len(lockout._failures) <= 1024
