"""Finding the loudspeaker in what cameras describe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.loudspeaker.message import Headers, Malformed
from relay.loudspeaker.offer import Encoding, Form, Taken, address, choose, described
from relay.loudspeaker.transport import Granted, granted

VIDEO = "v=0\r\ns=cam\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\na=recvonly\r\n"
MICROPHONE = "m=audio 0 RTP/AVP 8\r\na=control:mic\r\na=recvonly\r\n"
AAC = (
    "a=rtpmap:{0} mpeg4-generic/{1}/1\r\na=fmtp:{0} streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;"
    "indexlength=3;indexdeltalength=3;config={2}\r\n"
)


def speaker(types: str = "0 8", more: str = "") -> str:
    return VIDEO + MICROPHONE + f"m=audio 0 RTP/AVP {types}\r\n{more}a=control:audioback\r\na=sendonly\r\n"


def test_g711_by_its_static_numbers() -> None:
    exists, ways = described(speaker())
    assert exists
    assert ways == (
        Taken("audioback", 0, Encoding.PCMU, 8000, 1),
        Taken("audioback", 8, Encoding.PCMA, 8000, 1),
    )


def test_dynamic_numbers_and_aac() -> None:
    more = "a=rtpmap:98 PCMA/16000\r\n" + AAC.format(97, 16000, "1408")
    _, ways = described(speaker("97 98 0", more))
    assert [(each.payload_type, each.encoding, each.rate) for each in ways] == [
        (97, Encoding.AAC, 16000),
        (98, Encoding.PCMA, 16000),
        (0, Encoding.PCMU, 8000),
    ]


@pytest.mark.parametrize(
    ("types", "more"),
    [
        ("9", ""),  # G.722
        ("97", AAC.format(97, 16000, "2b92")),  # object type 5: HE-AAC
        ("97", AAC.format(97, 16000, "1408").replace("AAC-hbr", "AAC-lbr")),
        ("97", AAC.format(97, 16000, "1408").replace("sizelength=13", "sizelength=6")),
        ("99", "a=rtpmap:99 PCMA/11025\r\n"),
        ("99", "a=rtpmap:99 PCMA/8000/2\r\n"),
        ("8", "a=rtpmap:8 OPUS/48000/2\r\n"),
        ("300", "a=rtpmap:300 PCMA/8000\r\n"),
    ],
)
def test_a_loudspeaker_that_takes_nothing_we_can_send(types: str, more: str) -> None:
    assert described(speaker(types, more)) == (True, ())


@pytest.mark.parametrize("sdp", ["", VIDEO, VIDEO + MICROPHONE, VIDEO.replace("recvonly", "sendonly")])
def test_no_loudspeaker(sdp: str) -> None:
    assert described(sdp) == (False, ())


def test_the_choice() -> None:
    _, ways = described(speaker("97 0 98 8", "a=rtpmap:98 PCMA/16000\r\n" + AAC.format(97, 16000, "1408")))
    best, wished = choose(ways, None), choose(ways, Encoding.AAC)
    assert best is not None
    assert wished is not None
    assert (best.payload_type, wished.payload_type) == (8, 97)
    assert choose(ways[1:2], Encoding.AAC) is None
    assert best.form(0.04) == Form(Encoding.PCMA, 8000, 1, 320)
    assert wished.form(0.04) == Form(Encoding.AAC, 16000, 1, 1024)


@pytest.mark.parametrize(
    ("base", "control", "wanted"),
    [
        ("rtsp://c/cam/", "audioback", "rtsp://c/cam/audioback"),
        ("rtsp://c/cam", "trackID=2", "rtsp://c/cam/trackID=2"),
        ("rtsp://c/cam?channel=1", "/trackID=2", "rtsp://c/cam?channel=1/trackID=2"),
        ("rtsp://c/cam", "rtsp://10.0.0.1/cam/back", "rtsp://10.0.0.1/cam/back"),
        ("rtsp://c/cam", "*", "rtsp://c/cam"),
        ("rtsp://c/cam", "", "rtsp://c/cam"),
    ],
)
def test_where_to_set_up(base: str, control: str, wanted: str) -> None:
    assert address(base, control) == wanted


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from(speaker("97 8", AAC).splitlines()))))
def test_any_description_can_be_read(lines: list[str]) -> None:
    exists, ways = described("\n".join(lines))
    assert exists or not ways
    for way in ways:
        assert 0 <= way.payload_type <= 127
        assert not any(mark.isspace() for mark in way.control)


def headers(session: str, transport: str) -> Headers:
    return Headers((("session", session), ("transport", transport)))


def test_what_is_granted() -> None:
    by_tcp = headers("AB-12; timeout=30", "RTP/AVP/TCP;unicast;destination=10.0.0.9;interleaved=2-3;ssrc=1")
    assert granted(by_tcp) == Granted("AB-12", 30, 2, None)
    by_udp = headers("7", "RTP/AVP;unicast;client_port=4000-4001;server_port=5000-5001")
    assert granted(by_udp) == Granted("7", 60, None, 5000)


@given(
    st.text(st.characters(max_codepoint=255), max_size=60),
    st.text(st.characters(max_codepoint=255), max_size=60),
)
def test_any_grant_can_be_read(session: str, transport: str) -> None:
    for told in (session, f"1;timeout={session}"):
        try:
            found = granted(headers(told, transport))
        except Malformed:
            continue
        assert found.session.isprintable()
        assert " " not in found.session
        assert 5 <= found.timeout <= 86400
        assert found.port is None or found.port <= 65535
        assert found.channel is None or found.channel <= 255
