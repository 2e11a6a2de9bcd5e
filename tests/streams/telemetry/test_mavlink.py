"""The peer is pymavlink, which writes what we read."""

import math
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v10 import common as v1
from pymavlink.dialects.v20 import common as v2

from streams.telemetry.mavlink import Frames, Message
from streams.telemetry.mavlink_pose import MavlinkDecoder, euler
from streams.telemetry.pose import Attitude, Fov, Gimbal
from tests.support.telemetry import about

ARRIVAL = 1_700_000_000.0
YAW_LOCK, IN_VEHICLE, IN_EARTH = 16, 32, 64


class Vehicle:
    """Packs messages as one vehicle does."""

    def __init__(self, dialect: ModuleType = v2, system: int = 1, *, signed: bool = False) -> None:
        self.link = dialect.MAVLink(None, srcSystem=system, srcComponent=1)
        if signed:
            self.link.signing.secret_key, self.link.signing.sign_outgoing = b"k" * 32, True

    def pack(self, message: Any) -> bytes:
        data: bytes = message.pack(self.link)
        return data

    def position(self, **changed: int) -> bytes:
        told = {"lat": 312_000_000, "lon": 1_216_000_000, "hdg": 9050, "vx": 300, "vy": -400, **changed}
        return self.pack(
            self.link.global_position_int_encode(
                told.pop("time_boot_ms", 5000), alt=116_500, relative_alt=100_250, vz=0, **told
            )
        )

    def fov(self, horizontal: float, vertical: float) -> bytes:
        quaternion = [1.0, 0, 0, 0]
        return self.pack(
            v2.MAVLink_camera_fov_status_message(5000, 0, 0, 0, 0, 0, 0, quaternion, horizontal, vertical)
        )

    def gimbal(self, quaternion: list[float], flags: int) -> bytes:
        return self.pack(
            v2.MAVLink_gimbal_device_attitude_status_message(0, 0, 5000, flags, quaternion, 0, 0, 0, 0)
        )


@pytest.mark.parametrize("dialect", [v1, v2])
def test_a_position(dialect: ModuleType) -> None:
    (pose,) = MavlinkDecoder("uav").feed(Vehicle(dialect).position(), ARRIVAL)
    assert pose.position == about((31.2, 121.6))
    assert (pose.altitude, pose.datum, pose.heights.takeoff) == (116.5, "msl", 100.25)
    assert pose.attitude == Attitude(90.5)
    assert (pose.speed, pose.course) == (5.0, about(360 - math.degrees(math.atan2(4, 3))))
    assert (pose.time, pose.device_time, pose.gimbal, pose.fov) == (ARRIVAL, None, None, None)


def test_everything_a_camera_drone_sends() -> None:
    vehicle, decoder = Vehicle(), MavlinkDecoder("uav")
    half = math.radians(-30) / 2
    parts = [
        vehicle.pack(vehicle.link.heartbeat_encode(2, 3, 0, 0, 4)),
        vehicle.pack(vehicle.link.system_time_encode(1_700_000_000_000_000, 4000)),
        vehicle.pack(vehicle.link.gps_raw_int_encode(0, 3, 312_000_000, 1_216_000_000, 0, 0, 0, 0, 0, 12)),
        vehicle.pack(vehicle.link.attitude_encode(5000, 0.1, -0.2, -math.pi / 2, 0, 0, 0)),
        vehicle.gimbal([math.cos(half), 0, math.sin(half), 0], IN_EARTH),
        vehicle.fov(60.0, math.nan),
        vehicle.position(time_boot_ms=5000),
    ]
    (pose,) = decoder.feed(b"".join(parts), ARRIVAL)
    assert pose.time == pose.device_time == 1_700_000_001.0
    assert pose.attitude is not None
    assert (pose.attitude.yaw, pose.attitude.pitch, pose.attitude.roll) == about(
        (270, math.degrees(-0.2), math.degrees(0.1))
    )
    assert pose.gimbal == Gimbal("earth", about(0), about(-30), about(0))
    assert pose.fov == Fov(60.0, None)
    assert decoder.refused == 0


@pytest.mark.parametrize(
    ("flags", "frame"), [(IN_VEHICLE, "heading"), (IN_EARTH, "earth"), (YAW_LOCK, "earth"), (0, "heading")]
)
def test_what_a_gimbals_yaw_is_measured_from(flags: int, frame: str) -> None:
    vehicle = Vehicle()
    (pose,) = MavlinkDecoder("uav").feed(vehicle.gimbal([1, 0, 0, 0], flags) + vehicle.position(), ARRIVAL)
    assert pose.gimbal is not None
    assert pose.gimbal.frame == frame


def test_an_old_gimbal_angle_is_not_put_on_a_new_position() -> None:
    vehicle, decoder = Vehicle(), MavlinkDecoder("uav")
    decoder.feed(vehicle.gimbal([1, 0, 0, 0], IN_EARTH), ARRIVAL)
    (near,) = decoder.feed(vehicle.position(), ARRIVAL + 0.4)
    (far,) = decoder.feed(vehicle.position(), ARRIVAL + 0.6)
    assert (near.gimbal is None, far.gimbal is None) == (False, True)


def test_dead_reckoning_is_no_fix() -> None:
    vehicle = Vehicle()
    lost = vehicle.pack(vehicle.link.gps_raw_int_encode(0, 1, 0, 0, 0, 0, 0, 0, 0, 0))
    (pose,) = MavlinkDecoder("uav").feed(lost + vehicle.position(), ARRIVAL)
    assert pose.position is None


def test_zeros_are_no_fix_and_the_impossible_is_counted() -> None:
    decoder = MavlinkDecoder("uav")
    (pose,) = decoder.feed(Vehicle().position(lat=0, lon=0, hdg=65535), ARRIVAL)
    assert (pose.position, pose.attitude) == (None, None)
    assert decoder.feed(Vehicle().position(lat=910_000_000), ARRIVAL) == []
    assert decoder.refused == 1


def test_the_first_vehicle_heard_or_the_one_named() -> None:
    both = Vehicle(system=7).position(lat=300_000_000) + Vehicle(system=8).position(lat=310_000_000)
    assert [p.position and p.position.lat for p in MavlinkDecoder("uav").feed(both, ARRIVAL)] == [30.0]
    assert [p.position and p.position.lat for p in MavlinkDecoder("uav", 8).feed(both, ARRIVAL)] == [31.0]


def test_signed_frames_are_read() -> None:
    assert len(MavlinkDecoder("uav").feed(Vehicle(signed=True).position() * 2, ARRIVAL)) == 2


@settings(max_examples=30)
@given(st.binary(max_size=40), st.integers(1, 60))
def test_frames_in_pieces_after_rubbish(rubbish: bytes, size: int) -> None:
    vehicle, frames = Vehicle(), Frames()
    # A false start may swallow at most one frame's length before the stream is in step again.
    stream = rubbish + vehicle.position() * 30
    found = [p for at in range(0, len(stream), size) for p in frames.feed(stream[at : at + size])]
    assert len(found) >= 15
    assert {packet.message for packet in found} == {Message.GLOBAL_POSITION_INT}


def test_a_damaged_frame_is_refused() -> None:
    whole = bytearray(Vehicle().position())
    whole[15] ^= 1
    frames = Frames()
    assert list(frames.feed(bytes(whole))) == []
    assert frames.refused >= 1


def test_what_is_no_rotation() -> None:
    assert euler((0.0, 0.0, 0.0, 0.0)) is None
    assert euler((math.nan, 0.0, 0.0, 0.0)) is None
    straight_down = euler((math.sqrt(0.5), 0.0, -math.sqrt(0.5), 0.0))
    assert straight_down is not None
    assert straight_down[1] == about(-90)
