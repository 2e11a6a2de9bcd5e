import json
from typing import Any

import pytest

from streams.telemetry.dji_osd import LARGEST, OsdDecoder, decode, topic
from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import Attitude, Gimbal
from tests.support.telemetry import about


def osd(**changed: Any) -> bytes:
    """A message as an M30 sends it, less what we do not read."""
    data: dict[str, Any] = {
        "61-0-0": {
            "gimbal_pitch": -45.5,
            "gimbal_roll": 0,
            "gimbal_yaw": -117.8,
            "measure_target_altitude": 12.5,
            "measure_target_distance": 150.5,
            "measure_target_error_state": 0,
            "measure_target_latitude": 31.21,
            "measure_target_longitude": 121.61,
            "payload_index": "61-0-0",
        },
        "39-0-7": {"gimbal_pitch": 0, "gimbal_roll": 0, "gimbal_yaw": 10},
        "attitude_head": -170.5,
        "attitude_pitch": -0.4,
        "attitude_roll": 0.2,
        "elevation": 100.2,
        "height": 116.2,
        "horizontal_speed": 7.5,
        "latitude": 31.2,
        "longitude": 121.6,
        "position_state": {"gps_number": 17, "is_fixed": 2, "quality": 5, "rtk_number": 25},
        **changed,
    }
    return json.dumps(
        {"bid": "b", "tid": "t", "timestamp": 1_700_000_000_250, "gateway": "g", "data": data}
    ).encode()


def test_all_of_it() -> None:
    pose = decode(osd(), "m30", 1_700_000_001.0, "61-0-0")
    assert (pose.time, pose.arrival) == (1_700_000_000.25, 1_700_000_001.0)
    assert pose.position == (31.2, 121.6)
    assert (pose.altitude, pose.datum, pose.heights.takeoff) == (116.2, "wgs84_ellipsoid", 100.2)
    assert pose.attitude == Attitude(189.5, -0.4, 0.2)
    assert pose.gimbal == Gimbal("earth", about(242.2), -45.5, 0)
    assert pose.speed == 7.5
    assert pose.aim is not None
    assert (pose.aim.position, pose.aim.slant_range, pose.aim.heights.ellipsoid) == (
        (31.21, 121.61),
        150.5,
        12.5,
    )


def test_a_laser_without_a_target_aims_at_nothing() -> None:
    pose = decode(
        osd(**{"61-0-0": {"gimbal_pitch": 0, "measure_target_error_state": 3}}), "m30", 0.0, "61-0-0"
    )
    assert pose.aim is None


def test_the_first_camera_with_a_gimbal_unless_one_is_named() -> None:
    first = decode(osd(), "m30", 0.0)
    assert first.gimbal is not None
    assert first.gimbal.yaw == 10
    assert decode(osd(), "m30", 0.0, "99-0-0").gimbal is None


@pytest.mark.parametrize(
    "changed", [{"latitude": 0, "longitude": 0}, {"position_state": {"gps_number": 0, "rtk_number": 0}}]
)
def test_no_satellites_no_position(changed: dict[str, Any]) -> None:
    assert decode(osd(**changed), "m30", 0.0).position is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"{",
        b'{"data":[]}',
        b'{"data":{"latitude":91,"longitude":1}}',
        b"[" * 100_000,
        b" " * (LARGEST + 1),
    ],
)
def test_rubbish_is_refused(payload: bytes) -> None:
    with pytest.raises(Undecodable):
        decode(payload, "m30", 0.0)


def test_a_controllers_message_is_counted() -> None:
    decoder = OsdDecoder("m30")
    assert decoder.feed(b'{"data":{"capacity_percent":80}}', 0.0) == []
    assert len(decoder.feed(osd(), 0.0)) == 1
    assert decoder.refused == 1


def test_wrong_types_are_as_good_as_missing() -> None:
    pose = decode(
        osd(attitude_head="north", height=None, horizontal_speed=1e999, attitude_pitch=True), "m30", 0.0
    )
    assert (pose.attitude, pose.datum, pose.speed) == (Attitude(None, None, 0.2), "takeoff", None)


def test_topic() -> None:
    assert topic("1ZNBJ8K00C00A1") == "thing/product/1ZNBJ8K00C00A1/osd"
