"""Packets that cross between processes arrive as they were, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.crossing import HEAD, LONGEST, Content, Garbled, content, head, packed
from streams.packet import Packet
from streams.sound import Sound, SoundInfo
from streams.source import StreamInfo

times = st.floats(-1e12, 1e12)
packets = st.builds(Packet, st.binary(max_size=300), times, times, st.booleans(), st.booleans())
infos = st.builds(
    StreamInfo,
    st.sampled_from(["h264", "hevc", "mjpeg", ""]),
    st.integers(0, 1 << 16),
    st.integers(0, 1 << 16),
    st.none() | st.floats(0, 1000),
    st.binary(max_size=80),
    st.none()
    | st.builds(
        SoundInfo,
        st.sampled_from(["aac", "pcm_alaw", "opus"]),
        st.integers(0, 192_000),
        st.integers(0, 8),
        st.binary(max_size=20),
    ),
)
sounds = st.builds(Sound, st.binary(max_size=300), times)


def parted(frame: bytes) -> tuple[int, Content]:
    found = head(frame[: HEAD.size])
    assert found.length == len(frame) - HEAD.size
    return found.channel, content(found, frame[HEAD.size :])


@given(st.integers(0, (1 << 32) - 1), packets | infos | sounds)
def test_what_is_packed_arrives(channel: int, sent: Content) -> None:
    assert parted(packed(channel, sent)) == (channel, sent)


@given(st.binary(min_size=HEAD.size, max_size=HEAD.size), st.binary(max_size=50))
def test_nonsense_is_refused_or_taken_for_a_packet_but_never_more_than_that(data: bytes, body: bytes) -> None:
    try:
        found = head(data)
        content(found, body)
    except Garbled:
        return
    assert found.length <= LONGEST


def test_a_length_that_would_fill_the_memory_is_refused() -> None:
    frame = packed(1, Packet(b"", 0.0, 0.0, key=True))
    with pytest.raises(Garbled):
        head((LONGEST + 1).to_bytes(4) + frame[4 : HEAD.size])


def test_an_opening_that_is_none_is_refused() -> None:
    frame = packed(1, StreamInfo("h264", 1, 1, None))
    with pytest.raises(Garbled):
        content(head(frame[: HEAD.size]), b'{"codec": 1}')
