"""RTSP on the wire: what a camera may send, cut anywhere, and what it must not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.loudspeaker.message import (
    LARGEST_BODY,
    LARGEST_HEAD,
    Answer,
    Asked,
    Malformed,
    Message,
    Parser,
    not_done,
    request,
)

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nContent-Length: 5\r\nPublic: PLAY,\r\n  SETUP\r\n\r\nv=0\r\n"
FRAME = b"$\x01\x00\x04\r\n\r\n"  # an interleaved packet that looks like the end of a head
ASKED = b"OPTIONS rtsp://box/ RTSP/1.0\nCSeq: 9\n\n"
CHALLENGED = (
    b"RTSP/1.0 401 Unauthorized\r\nCSeq: 4\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Digest a=b\r\n\r\n"
)


def fed(*pieces: bytes) -> list[Message]:
    parser = Parser()
    return [message for piece in pieces for message in parser.feed(piece)]


def test_an_answer_a_frame_and_a_request_of_the_camera() -> None:
    answer, asked, challenged = fed(FRAME + ANSWER + FRAME + b"\r\n" + ASKED + FRAME + CHALLENGED)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.cseq, answer.body) == (200, 3, b"v=0\r\n")
    assert answer.headers.get("public") == "PLAY, SETUP"
    assert asked == Asked("OPTIONS", 9)
    assert isinstance(challenged, Answer)
    assert challenged.headers.all("www-authenticate") == ("Basic", "Digest a=b")


@given(st.lists(st.sampled_from([ANSWER, FRAME, ASKED, CHALLENGED]), max_size=6), st.data())
def test_however_the_network_cuts_it(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert fed(*pieces) == fed(whole)
    assert len(fed(whole)) == sum(part is not FRAME for part in parts)


@given(
    st.lists(
        st.one_of(st.binary(max_size=60), st.sampled_from([ANSWER, FRAME, b"RTSP/1.0 200\r\n", b"\r\n\r\n"]))
    )
)
def test_whatever_comes_is_a_message_or_malformed(pieces: list[bytes]) -> None:
    with suppress(Malformed):
        for message in fed(*pieces):
            assert isinstance(message, Answer | Asked)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"RTSP/1.0 2000 OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nno colon\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 0x1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (LARGEST_BODY + 1),
        b"A" * LARGEST_HEAD,
    ],
)
def test_malformed(rubbish: bytes) -> None:
    with pytest.raises(Malformed):
        fed(rubbish)


def test_the_longest_that_is_taken() -> None:
    (answer,) = fed(b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGEST_BODY + b"x" * LARGEST_BODY)
    assert isinstance(answer, Answer)
    assert len(answer.body) == LARGEST_BODY


def test_what_we_say() -> None:
    said = request("SETUP", "rtsp://1.2.3.4/cam/back", 7, [("Require", "www.onvif.org/ver20/backchannel")])
    assert said.startswith(b"SETUP rtsp://1.2.3.4/cam/back RTSP/1.0\r\nCSeq: 7\r\n")
    assert said.endswith(b"Require: www.onvif.org/ver20/backchannel\r\n\r\n")
    assert fed(not_done(Asked("REDIRECT", 5)))[0].cseq == 5
