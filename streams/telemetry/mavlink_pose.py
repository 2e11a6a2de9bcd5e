"""A vehicle's MAVLink messages, each with a part of the truth, to poses. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from streams.telemetry.errors import Undecodable
from streams.telemetry.mavlink import Frames, Message, Packet
from streams.telemetry.pose import (
    Attitude,
    Fov,
    Gimbal,
    Heights,
    Pose,
    Position,
    finite,
    position,
    turned,
    within,
)

T = TypeVar("T")

# An attitude or gimbal message this far from the position's is no longer the same moment, s: both come at 4 Hz or
# more where they are asked for, and a gimbal turns 30 degrees per second.
SAME_MOMENT = 0.5
# CAMERA_FOV_STATUS and GPS_RAW_INT come at 1 Hz or when something changes; five of them may be lost, s.
SLOW = 5.0
# SYSTEM_TIME is the vehicle's own clock against its uptime: as good for minutes as for a second, s.
CLOCK = 600.0

_FIX_2D = 2  # GPS_FIX_TYPE
_UNKNOWN_HEADING = 65535
_YAW_LOCK, _IN_VEHICLE_FRAME, _IN_EARTH_FRAME = 16, 32, 64  # GIMBAL_DEVICE_FLAGS


@dataclass(frozen=True, slots=True)
class _Heard(Generic[T]):
    value: T
    arrival: float


class MavlinkDecoder:
    """system: the vehicle's id; None: the first one heard from that tells its position, and then no other.

    refused: frames with a wrong checksum, and positions outside the globe.
    """

    def __init__(self, source: str, system: int | None = None) -> None:
        self._source, self._system = source, system
        self._frames = Frames()
        self._attitude: _Heard[Attitude] | None = None
        self._gimbal: _Heard[Gimbal] | None = None
        self._fov: _Heard[Fov] | None = None
        self._fix: _Heard[int] | None = None
        self._booted: _Heard[float] | None = None
        self._outside = 0
        self._told: Mapping[Message, Callable[[tuple[float, ...], float], None]] = {
            Message.SYSTEM_TIME: self._on_time,
            Message.GPS_RAW_INT: self._on_fix,
            Message.ATTITUDE: self._on_attitude,
            Message.GIMBAL_DEVICE_ATTITUDE_STATUS: self._on_gimbal,
            Message.CAMERA_FOV_STATUS: self._on_fov,
        }

    @property
    def refused(self) -> int:
        return self._frames.refused + self._outside

    def feed(self, data: bytes, time: float) -> list[Pose]:
        """time: of arrival, s since 1970. A pose for each GLOBAL_POSITION_INT."""
        poses = [self._packet(packet, time) for packet in self._frames.feed(data)]
        return [pose for pose in poses if pose is not None]

    def _packet(self, packet: Packet, arrival: float) -> Pose | None:
        if self._system not in (None, packet.system):
            return None
        if packet.message is not Message.GLOBAL_POSITION_INT:
            self._told[packet.message](packet.values, arrival)
            return None
        self._system = packet.system
        return self._pose(packet.values, arrival)

    def _pose(self, values: tuple[float, ...], arrival: float) -> Pose | None:
        boot_ms, lat, lon, alt, relative, north, east, _, heading = values
        try:
            here = self._position(lat, lon, arrival)
        except Undecodable:
            self._outside += 1
            return None
        booted = _recent(self._booted, arrival, CLOCK)
        device_time = None if booted is None else booted + boot_ms / 1000
        attitude = _recent(self._attitude, arrival, SAME_MOMENT)
        if attitude is None and heading != _UNKNOWN_HEADING:
            attitude = Attitude(turned(heading / 100))
        speed = math.hypot(north, east) / 100
        return Pose(
            time=arrival if device_time is None else device_time,
            source=self._source,
            position=here,
            heights=Heights(msl=alt / 1000, takeoff=relative / 1000),
            attitude=attitude,
            gimbal=_recent(self._gimbal, arrival, SAME_MOMENT),
            fov=_recent(self._fov, arrival, SLOW),
            speed=speed,
            course=turned(math.degrees(math.atan2(east, north))) if speed > 0 else None,
            device_time=device_time,
            arrival=arrival,
        )

    def _position(self, lat: float, lon: float, arrival: float) -> Position | None:
        """GLOBAL_POSITION_INT goes on without a satellite, dead reckoned: GPS_RAW_INT tells, where it comes."""
        fix = _recent(self._fix, arrival, SLOW)
        return None if fix is not None and fix < _FIX_2D else position(lat / 1e7, lon / 1e7)

    def _on_time(self, values: tuple[float, ...], arrival: float) -> None:
        unix_us, boot_ms = values
        if unix_us > 0:  # zero: not known yet
            self._booted = _Heard(unix_us / 1e6 - boot_ms / 1000, arrival)

    def _on_fix(self, values: tuple[float, ...], arrival: float) -> None:
        self._fix = _Heard(int(values[8]), arrival)

    def _on_attitude(self, values: tuple[float, ...], arrival: float) -> None:
        roll, pitch, yaw = (finite(math.degrees(angle)) for angle in values[1:4])
        attitude = Attitude(turned(yaw), within(pitch, -180, 180), within(roll, -180, 180))
        self._attitude = _Heard(attitude, arrival)

    def _on_gimbal(self, values: tuple[float, ...], arrival: float) -> None:
        angles = euler(values[1:5])
        if angles is not None:
            yaw, pitch, roll = angles
            earth = _yaw_from_north(int(values[9]))
            self._gimbal = _Heard(Gimbal("earth" if earth else "heading", turned(yaw), pitch, roll), arrival)

    def _on_fov(self, values: tuple[float, ...], arrival: float) -> None:
        horizontal, vertical = (within(angle, 0.01, 360) for angle in values[11:13])  # NaN: unknown
        self._fov = _Heard(Fov(horizontal, vertical), arrival)


def euler(quaternion: tuple[float, ...]) -> tuple[float, float, float] | None:
    """w, x, y, z -> yaw, pitch, roll in degrees (Z-Y-X, as MAVLink). None if it is no rotation."""
    norm = math.hypot(*quaternion)
    if not math.isfinite(norm) or norm < 0.5:  # a rotation has 1; zeros stand for "not known"
        return None
    w, x, y, z = (part / norm for part in quaternion)
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


def _yaw_from_north(flags: int) -> bool:
    """GIMBAL_DEVICE_FLAGS: older gimbals set neither frame, and then the yaw lock says it."""
    if flags & (_IN_VEHICLE_FRAME | _IN_EARTH_FRAME):
        return bool(flags & _IN_EARTH_FRAME)
    return bool(flags & _YAW_LOCK)


def _recent(heard: _Heard[T] | None, now: float, limit: float) -> T | None:
    return heard.value if heard is not None and abs(now - heard.arrival) <= limit else None
