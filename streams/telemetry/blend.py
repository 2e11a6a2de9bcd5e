"""The pose between two poses. Straight lines: over the few seconds allowed, no drone bends away from one."""

from dataclasses import replace

from streams.telemetry.pose import Aim, Attitude, Fov, Gimbal, Heights, Pose, Position


def blended(earlier: Pose, later: Pose, share: float) -> Pose:
    """share: 0 at `earlier`, 1 at `later`. What only one of them tells is None; time is the caller's business."""
    return replace(
        earlier,
        position=_position(earlier.position, later.position, share),
        heights=_heights(earlier.heights, later.heights, share),
        attitude=_attitude(earlier.attitude, later.attitude, share),
        gimbal=_gimbal(earlier.gimbal, later.gimbal, share),
        fov=_fov(earlier.fov, later.fov, share),
        speed=_line(earlier.speed, later.speed, share),
        course=_turn(earlier.course, later.course, share),
        aim=_aim(earlier.aim, later.aim, share),
    )


def _line(a: float | None, b: float | None, share: float) -> float | None:
    return None if a is None or b is None else a * (1 - share) + b * share


def _arc(a: float, b: float, share: float) -> float:
    """The shorter way round, degrees, not normalised."""
    return a + ((b - a + 180) % 360 - 180) * share


def _turn(a: float | None, b: float | None, share: float) -> float | None:
    return None if a is None or b is None else _arc(a, b, share) % 360.0 % 360.0


def _tilt(a: float | None, b: float | None, share: float) -> float | None:
    """Pitch or roll: -180 to 180."""
    return None if a is None or b is None else (_arc(a, b, share) + 180) % 360 - 180


def _position(a: Position | None, b: Position | None, share: float) -> Position | None:
    if a is None or b is None:
        return None
    return Position(a.lat * (1 - share) + b.lat * share, (_arc(a.lon, b.lon, share) + 180) % 360 - 180)


def _heights(a: Heights, b: Heights, share: float) -> Heights:
    return Heights(
        _line(a.ellipsoid, b.ellipsoid, share),
        _line(a.msl, b.msl, share),
        _line(a.takeoff, b.takeoff, share),
        _line(a.unknown, b.unknown, share),
    )


def _attitude(a: Attitude | None, b: Attitude | None, share: float) -> Attitude | None:
    if a is None or b is None:
        return None
    return Attitude(_turn(a.yaw, b.yaw, share), _tilt(a.pitch, b.pitch, share), _tilt(a.roll, b.roll, share))


def _gimbal(a: Gimbal | None, b: Gimbal | None, share: float) -> Gimbal | None:
    if a is None or b is None or a.frame != b.frame:
        return None
    yaw, pitch = _turn(a.yaw, b.yaw, share), _tilt(a.pitch, b.pitch, share)
    return Gimbal(a.frame, yaw, pitch, _tilt(a.roll, b.roll, share))


def _fov(a: Fov | None, b: Fov | None, share: float) -> Fov | None:
    if a is None or b is None:
        return None
    return Fov(_line(a.horizontal, b.horizontal, share), _line(a.vertical, b.vertical, share))


def _aim(a: Aim | None, b: Aim | None, share: float) -> Aim | None:
    if a is None or b is None:
        return None
    slant = _line(a.slant_range, b.slant_range, share)
    return Aim(_position(a.position, b.position, share), _heights(a.heights, b.heights, share), slant)
