"""Pictures in RTP packets: whoever puts them together again has what the camera sent."""

from dataclasses import replace
from itertools import pairwise

import av
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from relay.live.nal import units
from relay.live.rtp import CLOCK, PAYLOAD, Packer, Vp8, h264
from relay.media.h264 import H264
from relay.media.stream import Packet as RtpPacket
from relay.media.stream import stamp_step
from relay.media.vp8 import VP8
from streams.packet import Packet
from tests.support.encoded import START, joined, shot
from tests.support.unpacked import unpacked

SHOT = shot(30, gop=10, size=(320, 240))


def packets(*pictures: Packet) -> list[RtpPacket]:
    packer = Packer(h264)
    return [packed for picture in pictures for packed in packer.pack(picture)]


def test_pictures_arrive_unchanged() -> None:
    for picture in SHOT.packets:
        assert unpacked([one.payload for one in packets(picture)]) == list(units(picture.data))


@given(st.lists(st.tuples(st.sampled_from([1, 5, 6, 7, 8]), st.integers(0, 6000)), min_size=1, max_size=8))
def test_units_of_any_size_arrive_in_order_and_no_packet_is_too_large(sizes: list[tuple[int, int]]) -> None:
    sent = [bytes([0x60 | kind]) + b"\xab" * size + b"\x80" for kind, size in sizes]
    payloads = list(h264(Packet(joined(sent), START, START, key=True)))
    assert unpacked(payloads) == sent
    assert all(len(payload) <= PAYLOAD for payload in payloads)


def test_delimiters_and_filler_stay_at_home() -> None:
    sent = [b"\x09\xf0", b"\x67abc", b"\x68d", b"\x65picture", b"\x0c\xff\xff\x80", b"\x0a"]
    assert unpacked(list(h264(Packet(joined(sent), START, START, key=True)))) == sent[1:4]


def test_the_marker_ends_a_picture_and_numbers_have_no_gaps() -> None:
    sent = packets(*SHOT.packets)
    assert [one.sequence for one in sent] == [sent[0].sequence + place for place in range(len(sent))]
    ends = [at for at, one in enumerate(sent) if one.marker]
    assert len(ends) == len(SHOT.packets)
    assert ends[-1] == len(sent) - 1
    assert len({one.timestamp for one in sent}) == len(SHOT.packets)


def test_stamps_have_the_cameras_spacing() -> None:
    stamps = sorted({one.timestamp for one in packets(*SHOT.packets)})
    assert {later - earlier for earlier, later in pairwise(stamps)} == {CLOCK // 10}


def test_stamps_rise_even_where_the_clock_was_set_back_a_little() -> None:
    first, second = SHOT.packets[0], replace(SHOT.packets[1], time=SHOT.packets[0].time - 0.5)
    sent = packets(first, second)
    assert sent[0].ssrc == sent[-1].ssrc
    assert 0 < stamp_step(sent[-1].timestamp, sent[0].timestamp) < CLOCK


def test_another_stream_has_another_ssrc() -> None:
    packer = Packer(h264)
    before = list(packer.pack(SHOT.packets[0]))
    packer.restart()
    after = list(packer.pack(SHOT.packets[0]))
    far = list(packer.pack(replace(SHOT.packets[10], time=SHOT.packets[0].time - 3600)))
    assert len({before[0].ssrc, after[0].ssrc, far[0].ssrc}) == 3


def test_a_late_viewer_can_tell_where_to_begin() -> None:
    sent = packets(*SHOT.packets)
    keys = {one.timestamp for one in sent if H264.begins_key(one.payload)}
    first = {one.timestamp: one for one in reversed(sent)}
    assert len(keys) == 3
    assert all(H264.opens(first[stamp].payload) == (stamp in keys) for stamp in first)


def test_vp8_arrives_unchanged_and_its_key_frames_are_known() -> None:
    pack = Vp8()
    for size, key in ((300, True), (5000, False), (2400, True)):
        picture = bytes([0x10 if key else 0x11]) + b"x" * size
        payloads = list(pack(Packet(picture, START, START, key=key)))
        rest = [VpxPayloadDescriptor.parse(payload) for payload in payloads]
        assert b"".join(data for _, data in rest) == picture
        assert [descriptor.partition_start for descriptor, _ in rest] == [1, *[0] * (len(rest) - 1)]
        assert len({descriptor.picture_id for descriptor, _ in rest}) == 1
        assert [VP8.begins_key(payload) for payload in payloads] == [key, *[False] * (len(rest) - 1)]


@given(st.binary(max_size=12))
def test_any_payload_can_be_asked_whether_it_begins_a_key_frame(payload: bytes) -> None:
    VP8.begins_key(payload)


def test_what_was_unpacked_decodes() -> None:
    decoder = av.CodecContext.create("h264", "r")
    found = 0
    for picture in SHOT.packets:
        data = joined(unpacked([one.payload for one in packets(picture)]))
        found += len(decoder.decode(av.Packet(data)))
    found += len(decoder.decode(None))
    assert found == len(SHOT.packets)
