"""Where a moving camera was, as an event tells it."""

from typing import Self

from edge.wire import WireModel, rfc3339
from streams.telemetry.book import Fix
from streams.telemetry.pose import Attitude, Fov


class PoseData(WireModel):
    """Where a moving camera was, as its telemetry told it. lat, lon: WGS84, degrees; altitude: m above `datum`.

    Angles in degrees; yaw and course clockwise from true north; gimbal angles count from `gimbal_frame`.
    age: s from the fix to the event. fresh: fit to place something on the ground; a stale pose is told as the
    device told it, never carried forward. basis: how it was come by (streams.telemetry.book.Reason).
    """

    fresh: bool
    basis: str
    age: float | None = None
    time: str | None = None
    lat: float | None = None
    lon: float | None = None
    altitude: float | None = None
    datum: str = "unknown"
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    gimbal_frame: str | None = None
    gimbal_yaw: float | None = None
    gimbal_pitch: float | None = None
    gimbal_roll: float | None = None
    fov_horizontal: float | None = None
    fov_vertical: float | None = None
    speed: float | None = None
    course: float | None = None
    source: str | None = None

    @classmethod
    def of(cls, fix: Fix) -> Self:
        """A fix without a pose says so, and why."""
        pose = fix.pose
        told = {"fresh": fix.fresh, "basis": fix.reason.value, "age": _round(fix.age, 2)}
        if pose is None:
            return cls.model_validate(told)
        attitude, gimbal, fov = pose.attitude or Attitude(), pose.gimbal, pose.fov or Fov()
        return cls.model_validate(
            {
                **told,
                "time": rfc3339(pose.time),
                "lat": _round(pose.position.lat if pose.position else None, 7),
                "lon": _round(pose.position.lon if pose.position else None, 7),
                "altitude": _round(pose.altitude, 2),
                "datum": pose.datum,
                "yaw": _round(attitude.yaw, 2),
                "pitch": _round(attitude.pitch, 2),
                "roll": _round(attitude.roll, 2),
                "gimbal_frame": gimbal.frame if gimbal else None,
                "gimbal_yaw": _round(gimbal.yaw if gimbal else None, 2),
                "gimbal_pitch": _round(gimbal.pitch if gimbal else None, 2),
                "gimbal_roll": _round(gimbal.roll if gimbal else None, 2),
                "fov_horizontal": _round(fov.horizontal, 2),
                "fov_vertical": _round(fov.vertical, 2),
                "speed": _round(pose.speed, 2),
                "course": _round(pose.course, 1),
                "source": pose.source,
            }
        )


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
