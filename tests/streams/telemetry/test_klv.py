import math
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.telemetry import klv
from streams.telemetry.errors import Undecodable
from streams.telemetry.klv_stream import LARGEST, KlvStream
from streams.telemetry.pose import Position
from tests.support.telemetry import LABEL, about, ber, cell, here, item, packet, signed, unsigned

# The worked example that the Motion Imagery Standards Board hands out with ST 0601.
MISB = bytes.fromhex(
    "060E2B34020B01010E0103010100000081D2020800046050584E0180030A4D697373696F6E203132050271C20602FD3D"
    "070208B80A085072656461746F720B07454F204E6F73650C0E47656F64657469632057475338340D045595B66D0E045B"
    "5360C40F02C2211002CD9C1102D9171204724A0A20130487F84B86140400000000150403830926160212811704F101A2"
    "29180414BC082B190234F3301C01010102010703052F2F5553410C01070D060055005300411602000A4101065E220170"
    "F592F02373364AF8AA9162C00F2EB2DA16B74341000841A0BE365B5AB96A36450102AA43"
)
LATS, LONS = st.floats(-90, 90), st.floats(-180, 180)


def test_the_standards_own_example() -> None:
    pose = klv.decode(MISB, "uav", arrival=5.0)
    assert pose.time == pose.device_time == 1_231_798_102.0
    assert pose.position == about((60.176822966978335, 128.42675904204452))
    assert (pose.altitude, pose.datum) == (about(14190.7195, abs=1e-4), "msl")
    assert pose.attitude is not None
    assert pose.gimbal is not None
    assert pose.fov is not None
    assert pose.aim is not None
    assert (pose.attitude.yaw, pose.attitude.pitch, pose.attitude.roll) == about(
        (159.974365, -0.431531724, 3.405865657)
    )
    assert (pose.gimbal.frame, pose.gimbal.roll) == ("airframe", 0)
    assert (pose.gimbal.yaw, pose.gimbal.pitch) == about((160.719211474396, -168.792324833941))
    assert (pose.fov.horizontal, pose.fov.vertical) == about((144.571298, 152.643626))
    assert pose.aim.slant_range == about(68590.983298744770)
    assert pose.aim.position == about((-10.542388633146132, 29.157890122923018))
    assert pose.aim.heights.msl == about(3216.03723)


@given(LATS, LONS, st.floats(-900, 19_000), st.floats(0, 359.99), st.floats(-90, 90), st.integers(0, 3))
def test_what_was_encoded_comes_back(
    lat: float, lon: float, alt: float, heading: float, pitch: float, octets: int
) -> None:
    items = [
        *here(lat, lon),
        item(5, unsigned(2, 0, 360, heading)),
        item(15, unsigned(2, -900, 19_000, alt), octets=octets),
        item(90, signed(4, 90, pitch)),
        item(200, b"an item of a later edition", octets=octets),
    ]
    pose = klv.decode(packet(items, octets=octets), "uav", 0.0)
    assert pose.attitude is not None
    assert pose.altitude == about(alt, abs=0.16)
    assert pose.attitude.yaw == about(heading, abs=0.003)
    assert pose.attitude.pitch == about(pitch, abs=1e-7)
    if max(abs(lat), abs(lon)) > 1e-5:
        assert pose.position == about((lat, lon), abs=1e-7)


def test_full_angles_and_ellipsoid_height_beat_the_old_ones() -> None:
    items = [
        item(6, signed(2, 20, 11.0)),
        item(90, signed(4, 90, 55.5)),
        item(7, signed(2, 50, -11.0)),
        item(15, unsigned(2, -900, 19_000, 500.0)),
        item(75, unsigned(2, -900, 19_000, 540.0)),
        item(104, bytes.fromhex("2F921E")),  # ST 0601's example: 23456.24 m
    ]
    pose = klv.decode(packet([*here(31, 121), *items]), "uav", 0.0)
    assert pose.attitude is not None
    assert pose.attitude.pitch == about(55.5)
    assert pose.attitude.roll == about(-11.0, abs=0.001)
    assert pose.heights.ellipsoid == about(23456.24, abs=0.01)
    assert pose.heights.msl == about(500, abs=0.2)
    assert pose.datum == "wgs84_ellipsoid"


def test_out_of_range_marks_are_not_numbers() -> None:
    """ST 0601: the lowest signed value says "out of range"; ST 1201: a first bit with others after it, "special"."""
    marks = [item(6, b"\x80\x00"), item(19, b"\x80\x00\x00\x00"), item(104, b"\xc8\x00\x00")]
    pose = klv.decode(
        packet([item(13, b"\x80\x00\x00\x00"), item(14, signed(4, 180, 121.0)), *marks]), "uav", 0.0
    )
    assert (pose.position, pose.attitude, pose.gimbal, pose.altitude) == (None, None, None, None)


def test_zeros_are_no_fix() -> None:
    assert klv.decode(packet(here(0, 0)), "uav", 0.0).position is None


def test_without_a_time_stamp_it_is_as_old_as_its_arrival() -> None:
    pose = klv.decode(packet(here(31, 121), time=None), "uav", 77.0)
    assert (pose.time, pose.device_time, pose.arrival) == (77.0, None, 77.0)


def test_course_and_speed() -> None:
    quarter = struct.pack(">H", 90 * 2**6)  # IMAPB(0, 360, 2 bytes): steps of 1/64 degree
    pose = klv.decode(packet([*here(31, 121), item(56, b"\x0f"), item(112, quarter)]), "uav", 0.0)
    assert (pose.speed, pose.course) == (15, 90)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[:30] + bytes([whole[30] ^ 1]) + whole[31:],
        lambda whole: b"\0" + whole[1:],
        lambda whole: LABEL + ber(6) + item(2, b"1234"),  # no checksum
        lambda whole: LABEL + b"\x80" + whole[17:],  # indefinite length
        lambda whole: b"",
    ],
)
def test_damage_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Undecodable):
        klv.decode(damage(packet(here(31, 121))), "uav", 0.0)


def test_packets_split_anywhere_and_several_at_once() -> None:
    wholes = [packet(here(31, 121), time=1000.0 + n) for n in range(5)]
    for size in (1, 7, 40, 1000):
        stream = KlvStream("uav")
        joined = b"".join(wholes)
        pieces = [joined[at : at + size] for at in range(0, len(joined), size)]
        poses = [pose for piece in pieces for pose in stream.feed(piece, 2000.0)]
        assert [pose.time for pose in poses] == [1000, 1001, 1002, 1003, 1004]
        assert stream.refused == 0


def test_synchronous_metadata_with_its_cell_headers() -> None:
    whole = packet(here(31, 121))
    stream = KlvStream("uav")
    assert len(stream.feed(cell(whole), 1.0)) == 1
    assert len(stream.feed(cell(whole[:20], fragment=2) + cell(whole[20:], fragment=1), 2.0)) == 1
    assert stream.feed(cell(whole[:20], fragment=2), 3.0) == []
    assert len(stream.feed(cell(whole[20:], fragment=1), 3.0)) == 1
    assert stream.refused == 0


def test_a_packet_cut_off_costs_only_itself() -> None:
    whole = packet(here(31, 121), time=1000.0)
    stream = KlvStream("uav")
    poses = stream.feed(whole[:-9] + whole + whole, 1.0)
    assert [pose.position for pose in poses] == [about(Position(31, 121))] * 2
    assert stream.refused == 1


def test_a_length_that_cannot_be_does_not_hold_the_stream_up() -> None:
    stream = KlvStream("uav")
    whole = packet(here(31, 121))
    poses = stream.feed(LABEL + ber(LARGEST + 1, octets=4) + whole + LABEL + b"\xff" + whole, 1.0)
    assert len(poses) == 2
    assert stream.refused == 2


def test_a_packet_that_never_ends_is_given_up_at_the_next_label() -> None:
    whole = packet(here(31, 121))
    stream = KlvStream("uav")
    assert stream.feed(LABEL + ber(60_000, octets=4) + b"1234", 1.0) == []
    assert len(stream.feed(whole, 2.0)) == 1
    assert stream.refused == 1


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_rubbish_is_never_hoarded(pieces: list[bytes]) -> None:
    stream = KlvStream("uav")
    for piece in pieces * 20:
        stream.feed(piece, 0.0)
    assert len(stream._held) <= LARGEST + 300


@given(st.floats(-900, 40_000), st.integers(3, 8))
def test_imapb_as_st1201_maps_forward(value: float, size: int) -> None:
    scale = 2.0 ** (8 * size - 1 - math.ceil(math.log2(40_900)))
    offset = scale * -900 - math.floor(scale * -900)
    raw = math.floor(scale * (value + 900) + offset).to_bytes(size, "big")
    pose = klv.decode(packet([*here(31, 121), item(104, raw)]), "uav", 0.0)
    assert pose.heights.ellipsoid == about(value, abs=1 / scale + 1e-6)
