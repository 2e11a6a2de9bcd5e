"""No decoder raises anything but its own error, whatever comes; and what it lets through can be believed."""

import contextlib
import math
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import common as mavlink

from streams.telemetry import dji_osd, dji_srt, klv, nmea
from streams.telemetry.book import PoseBook, Refusal
from streams.telemetry.errors import Undecodable
from streams.telemetry.feed import PoseDecoder
from streams.telemetry.klv_stream import KlvStream
from streams.telemetry.mavlink_pose import MavlinkDecoder
from streams.telemetry.nmea import NmeaDecoder
from streams.telemetry.pose import Pose
from tests.support.telemetry import cell, here, item, packet, signed
from tests.support.telemetry import nmea as sentence

ZONE = ZoneInfo("Asia/Shanghai")
NOW = 1_700_000_000.0

_SRT = (
    b"1\n00:00:00,000 --> 00:00:00,033\n2026-07-08 16:12:57.018 [latitude: 31.229247] [longitude: 121.634603] "
    b"[rel_alt: 79.969 abs_alt: 96.474] [gb_yaw: -67.6 gb_pitch: -30.0 gb_roll: 0.0] GPS(121.5,31.5,0.0M)\n"
)
_OSD = (
    b'{"timestamp":1700000000250,"data":{"latitude":31.2,"longitude":121.6,"height":116.2,"attitude_head":-170.5,'
    b'"position_state":{"gps_number":17},"61-0-0":{"gimbal_pitch":-45.5,"measure_target_error_state":0,'
    b'"measure_target_latitude":31.21,"measure_target_longitude":121.61}}}'
)
_LINK = mavlink.MAVLink(None, srcSystem=1)
_MAVLINK = (
    _LINK.system_time_encode(1_700_000_000_000_000, 4000).pack(_LINK)
    + mavlink.MAVLink_gimbal_device_attitude_status_message(0, 0, 1, 64, [1, 0, 0, 0], 0, 0, 0, 0).pack(_LINK)
    + _LINK.attitude_encode(5000, 0.1, -0.2, 1, 0, 0, 0).pack(_LINK)
    + _LINK.global_position_int_encode(1, 312_000_000, 1_216_000_000, 1, 1, 1, 1, 1, 9000).pack(_LINK)
)
_NMEA = (
    sentence("GNHDT,91.5,T")
    + sentence("GNRMC,120000.00,A,3112.0000,N,12136.0000,E,10.0,84.4,010526,,,A")
    + sentence("GNGGA,120000.00,3112.0000,N,12136.0000,E,1,12,0.8,15.5,M,9.5,M,,")
)
_KLV = packet([*here(31, 121), item(19, signed(4, 180, -45)), item(104, bytes.fromhex("2F921E"))])

DECODERS: dict[str, tuple[Callable[[], PoseDecoder], bytes]] = {
    "klv": (lambda: KlvStream("x"), _KLV + cell(_KLV)),
    "mavlink": (lambda: MavlinkDecoder("x"), _MAVLINK),
    "nmea": (lambda: NmeaDecoder("x"), _NMEA),
    "dji_osd": (lambda: dji_osd.OsdDecoder("x"), _OSD),
    "dji_srt": (lambda: dji_srt.SubtitleDecoder("x", ZONE), _SRT),
}
PURE: dict[str, Callable[[bytes], object]] = {
    "klv": lambda data: klv.decode(data, "x", NOW),
    "klv items": lambda data: klv._pose(dict(klv._items(data, 0)), "x", NOW),
    "nmea": nmea.parse,
    "nmea, right checksum": lambda data: nmea.parse(sentence(data.decode("latin-1").replace("*", ""))),
    "dji_osd": lambda data: dji_osd.decode(data, "x", NOW),
    "dji_srt": lambda data: dji_srt.load(data.decode("utf-8", "replace"), "x", ZONE),
}
VALID = [valid for _, valid in DECODERS.values()]


@st.composite
def mutated(draw: st.DrawFn, valid: bytes) -> bytes:
    """Valid, with bytes changed, pieces taken out, doubled or swapped in."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        size = draw(st.integers(0, 12))
        match draw(st.sampled_from(["change", "cut", "double", "insert", "end"])):
            case "change":
                data[at : at + size] = draw(st.binary(min_size=size, max_size=size))
            case "cut":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size]
            case "insert":
                data[at:at] = draw(
                    st.binary(max_size=12) | st.sampled_from([b"-", b"9e999", b"nan", b"\xff" * 8])
                )
            case _:
                del data[at:]
    return bytes(data)


ANYTHING = st.binary(max_size=400) | st.sampled_from(VALID).flatmap(mutated)


def believable(pose: Pose) -> bool:
    numbers = [pose.time, pose.speed, pose.course, pose.altitude, *(pose.position or ())]
    for part in (pose.attitude, pose.gimbal):
        numbers += [] if part is None else [part.yaw, part.pitch, part.roll]
    return all(math.isfinite(number) for number in numbers if number is not None)


@pytest.mark.parametrize("kind", DECODERS)
@given(data=st.data())
def test_a_decoder_takes_anything(kind: str, data: st.DataObject) -> None:
    make, valid = DECODERS[kind]
    decoder, book = make(), PoseBook()
    for piece in data.draw(st.lists(ANYTHING | mutated(valid), min_size=1, max_size=4)):
        for pose in decoder.feed(piece, NOW):
            assert believable(pose)
            assert book.add(pose) is not Refusal.OUT_OF_RANGE


# How much of what follows a decoder may lose to a length that rubbish claimed, bytes.
SWALLOWED = {"mavlink": 2 * 300, "nmea": 1024}


@pytest.mark.parametrize("kind", DECODERS)
@given(rubbish=ANYTHING)
def test_a_decoder_recovers(kind: str, rubbish: bytes) -> None:
    make, valid = DECODERS[kind]
    decoder = make()
    decoder.feed(rubbish, NOW)
    rounds = 3 + SWALLOWED.get(kind, 0) // len(valid)
    fresh = [pose for n in range(rounds) for pose in decoder.feed(valid, NOW + n)]
    assert fresh
    assert fresh[-1].position is not None


@pytest.mark.parametrize("kind", PURE)
@given(data=ANYTHING | st.text(max_size=200).map(str.encode))
def test_only_its_own_error(kind: str, data: bytes) -> None:
    with contextlib.suppress(Undecodable):
        PURE[kind](data)
