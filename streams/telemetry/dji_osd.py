"""DJI Cloud API: a drone's properties ("OSD") over MQTT, topic thing/product/{sn}/osd, JSON at 0.5 Hz.

https://developer.dji.com/doc/cloud-api-tutorial: pilot-to-cloud and dock-to-cloud, device properties. `height` is
above the ellipsoid, `elevation` above the place of take-off; angles in degrees, -180 to 180, yaw from north.
"""

import json
import re
from collections.abc import Mapping

from streams.telemetry.errors import Undecodable
from streams.telemetry.pose import (
    Aim,
    Attitude,
    Gimbal,
    Heights,
    Pose,
    Position,
    finite,
    position,
    stamped,
    turned,
    within,
)

# The messages of the largest aircraft (three payloads, two batteries) take 6 KB.
LARGEST = 256 * 1024

_PAYLOAD = re.compile(r"\d+-\d+-\d+")  # type-subtype-gimbal position
_MEASURED = 0  # measure_target_error_state of a laser rangefinder that has a target

Json = Mapping[str, object]


def topic(sn: str) -> str:
    return f"thing/product/{sn}/osd"


def decode(payload: bytes, source: str, arrival: float, camera: str | None = None) -> Pose:
    """camera: which payload's gimbal ("61-0-0"); None: the first. Raises Undecodable."""
    message = _message(payload)
    data = _part(message, "data")
    if "latitude" not in data:  # a remote controller or a dock's partial report
        raise Undecodable("no aircraft's OSD")
    device_time = _seconds(message.get("timestamp"))
    carried = _payload(data, camera)
    return Pose(
        time=stamped(device_time, arrival),
        source=source,
        position=_position(data),
        heights=Heights(ellipsoid=finite(data.get("height")), takeoff=finite(data.get("elevation"))),
        attitude=_attitude(data),
        gimbal=_gimbal(carried),
        speed=within(data.get("horizontal_speed"), 0, 200),
        aim=_laser(carried),
        device_time=device_time,
        arrival=arrival,
    )


def _message(payload: bytes) -> Json:
    if len(payload) > LARGEST:
        raise Undecodable("OSD too large")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError):
        raise Undecodable("OSD is no JSON") from None
    if not isinstance(message, dict):
        raise Undecodable("OSD is no object")
    return message


def _part(data: Json, name: str) -> Json:
    part = data.get(name)
    return part if isinstance(part, dict) else {}


def _seconds(milliseconds: object) -> float | None:
    number = within(milliseconds, 0, 1e14)
    return None if number is None else number / 1000


def _position(data: Json) -> Position | None:
    """Without a satellite the aircraft repeats its last place, or zeros."""
    state = _part(data, "position_state")
    if state and not any(finite(state.get(name)) for name in ("gps_number", "rtk_number")):
        return None
    return position(data.get("latitude"), data.get("longitude"))


def _attitude(data: Json) -> Attitude | None:
    pitch, roll = (within(data.get(f"attitude_{axis}"), -180, 180) for axis in ("pitch", "roll"))
    attitude = Attitude(turned(data.get("attitude_head")), pitch, roll)
    return None if attitude == Attitude() else attitude


def _payload(data: Json, camera: str | None) -> Json:
    if camera is not None:
        return _part(data, camera)
    names = sorted(name for name in data if _PAYLOAD.fullmatch(name))
    return next((part for name in names if "gimbal_pitch" in (part := _part(data, name))), {})


def _gimbal(carried: Json) -> Gimbal | None:
    pitch, roll = (within(carried.get(f"gimbal_{axis}"), -180, 180) for axis in ("pitch", "roll"))
    gimbal = Gimbal("earth", turned(carried.get("gimbal_yaw")), pitch, roll)
    return None if gimbal == Gimbal("earth") else gimbal


def _laser(carried: Json) -> Aim | None:
    if carried.get("measure_target_error_state") != _MEASURED:
        return None
    target = position(carried.get("measure_target_latitude"), carried.get("measure_target_longitude"))
    height = Heights(ellipsoid=finite(carried.get("measure_target_altitude")))
    return Aim(target, height, finite(carried.get("measure_target_distance")))


class OsdDecoder:
    """One aircraft's messages. refused: how many could not be used."""

    def __init__(self, source: str, camera: str | None = None) -> None:
        self._source, self._camera = source, camera
        self.refused = 0

    def feed(self, data: bytes, time: float) -> list[Pose]:
        try:
            return [decode(data, self._source, time, self._camera)]
        except Undecodable:
            self.refused += 1
            return []
