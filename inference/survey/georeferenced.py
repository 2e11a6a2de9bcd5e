"""A picture from a drone or a patrol vehicle, put on the ground by its pose. Pure.

A place along the line of sight is off by about height x tilt error / sin^2(depression): what is known of the pose's
errors (Precision) goes through to every place by draws (inference.terrain.posed).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.change import Corner
from inference.geodesy.frame import LocalFrame
from inference.survey.gimbal import looking
from inference.survey.heights import Level, above
from inference.survey.refusal import (
    NO_FOV,
    NO_POSE,
    STALE,
    NotPlaced,
    above_horizon,
    below_ground,
)
from inference.terrain.area import spread
from inference.terrain.posed import PosedCamera, PosedSight, PoseSigmas
from inference.terrain.sight import Sight
from inference.terrain.surface import Surface
from streams.telemetry.book import Fix
from streams.telemetry.pose import Fov, Pose, Position

Floats = NDArray[np.float64]

_LOWEST = 2.0  # m above the ground: below, the height is of the order of its own error
_SHALLOWEST = (
    10.0  # degrees down: there 0.5 degrees of tilt move a place by 0.3 heights, and twice that at half of it
)
_FARTHEST = 10.0  # heights that a footprint reaches: 6 degrees below the horizon
_EDGE = 8  # points per side of a footprint: with an elevation model it is no quadrangle
_TALLNESS = 0.5  # height of what is detected over its length: lorries, diggers


@dataclass(frozen=True, slots=True)
class Precision:
    """1 standard deviation of what telemetry tells. place_m: of GNSS (1.5 to 5 m; RTK 0.05), north and east each.
    up_m: of the height by barometer or GNSS. yaw: a compass beside motors; pitch, roll: a gimbal; degrees. fov: its
    share."""

    place_m: float = 2.5
    up_m: float = 2.0
    yaw: float = 3.0
    pitch: float = 0.5
    roll: float = 0.5
    fov: float = 0.02


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What telemetry leaves open. fov: horizontal, full angle, degrees, where the pose tells none."""

    fov: float | None = None
    level: Level = field(default_factory=Level)
    precision: Precision = field(default_factory=Precision)


@dataclass(frozen=True, slots=True)
class Georeferenced:
    """frame: the metres of `camera` and `sight`. surface: the ground under them. height: m above it."""

    camera: PosedCamera
    sight: Sight
    surface: Surface
    frame: LocalFrame
    height: float

    @property
    def footprint(self) -> tuple[Corner, ...]:
        """What the picture shows, longitude and latitude: up to ten heights away, further nothing is worth telling."""
        return self.outline(self.shown)

    @property
    def shown(self) -> Floats:
        """float64 [N, 2]: the edge of the footprint in the picture, relative."""
        return _below_horizon(self.camera)

    def outline(self, pixels: Floats) -> tuple[Corner, ...]:
        """Longitude and latitude of pixels [N, 2]; what is not on the ground is left out."""
        metres = self.sight.metres(pixels)
        degrees = self.frame.degrees(metres[np.isfinite(metres).all(axis=1)])
        return tuple((float(lon), float(lat)) for lon, lat in degrees)

    def places(self, boxes: Floats) -> tuple[Floats, Floats, Floats]:
        """Longitude, latitude (degrees) and 1 sigma (m, the worst direction) of where things stand, float64 [N] each;
        NaN where there is no ground. boxes: [N, 4], x1 y1 x2 y2 relative."""
        feet = _feet(np.asarray(boxes, np.float64).reshape(-1, 4), -self.camera.turn[2, 2])
        metres = self.sight.metres(feet)
        degrees = np.full_like(metres, np.nan)
        sigma = spread(self.sight, feet, self.camera.aspect)
        sigma[np.isinf(sigma)] = np.nan
        on_ground = np.isfinite(metres).all(axis=1)
        degrees[on_ground] = self.frame.degrees(metres[on_ground])
        return degrees[:, 0], degrees[:, 1], sigma


_USUAL = Surroundings()


def placed(
    fix: Fix, size: tuple[int, int], around: Surroundings = _USUAL, frame: LocalFrame | None = None
) -> Georeferenced:
    """size: the picture's width and height, px. frame: whose metres to use; without it the camera's own place is the
    origin. Raises NotPlaced: a stale pose, one without height, direction or field of view, one above the horizon."""
    pose, here = _usable(fix)
    frame = frame or LocalFrame(here.lat, here.lon)
    turn, fov = looking(pose), _horizontal(pose.fov, around.fov, size)
    _look_down(turn)
    up, surface = above(pose.heights, around.level)
    east, north = (float(part) for part in frame.metres(np.array([[here.lon, here.lat]]))[0])
    height = up - float(surface.height(np.array([[east, north]]))[0])
    if not height >= _LOWEST:  # NaN as well: outside the elevation model
        raise NotPlaced(below_ground(height))
    camera = PosedCamera((east, north, up), turn, fov, size[0] / size[1])
    sight = PosedSight(camera, surface, _sigmas(around, fov).covariance())
    return Georeferenced(camera, sight, surface, frame, height)


def _usable(fix: Fix) -> tuple[Pose, Position]:
    if fix.pose is None or fix.pose.position is None:
        raise NotPlaced(NO_POSE)
    if not fix.fresh:
        raise NotPlaced(STALE)
    return fix.pose, fix.pose.position


def _horizontal(told: Fov | None, given: float | None, size: tuple[int, int]) -> float:
    told = told or Fov()
    if told.horizontal is not None:
        return told.horizontal
    if told.vertical is not None:
        half = np.tan(np.radians(told.vertical / 2)) * size[0] / size[1]
        return float(2 * np.degrees(np.arctan(half)))
    if given is None:
        raise NotPlaced(NO_FOV)
    return given


def _look_down(turn: Floats) -> None:
    pitch = float(np.degrees(np.arcsin(np.clip(turn[2, 2], -1.0, 1.0))))
    if not pitch <= -_SHALLOWEST:  # NaN as well
        raise NotPlaced(above_horizon(pitch))


def _sigmas(around: Surroundings, fov: float) -> PoseSigmas:
    told = around.precision
    return PoseSigmas(
        position_m=told.place_m,
        height_m=told.up_m,
        yaw_deg=told.yaw,
        pitch_deg=told.pitch,
        roll_deg=told.roll,
        hfov_deg=told.fov * fov,
        ground_m=around.level.sigma,
    )


def _feet(boxes: Floats, down: float) -> Floats:
    """The middle of where it stands: the higher the camera looks from, the further above the box's lower edge. down:
    sine of the angle it looks down by.

    A thing of length L and height H is L sin(down) + H cos(down) tall in the picture, of which the first part is its
    footprint."""
    share = 0.5 * down / (down + _TALLNESS * np.sqrt(1 - min(down, 1.0) ** 2))
    x = (boxes[:, 0] + boxes[:, 2]) / 2
    return np.stack([x, boxes[:, 3] - share * (boxes[:, 3] - boxes[:, 1])], axis=1)


def _below_horizon(camera: PosedCamera) -> Floats:
    """The picture's edge, cut where the line of sight falls less than a tenth of its way."""
    along = np.linspace(0.0, 1.0, _EDGE, endpoint=False)
    zero = np.zeros(_EDGE)
    edge = np.concatenate(
        [
            np.stack(side, axis=1)
            for side in (
                (along, zero),
                (zero + 1, along),
                (1 - along, zero + 1),
                (zero, 1 - along),
            )
        ]
    )
    rays = camera.rays(edge)
    forward = camera.rays(np.array([[0.5, 0.5]]))[0]
    fall = -rays[:, 2] / (rays @ forward) - 1 / _FARTHEST
    return _clipped(edge, fall)


def _clipped(edge: Floats, inside: Floats) -> Floats:
    """Sutherland and Hodgman: where `inside`, which is linear, is not negative."""
    kept: list[Floats] = []
    for a, b, ia, ib in zip(edge, np.roll(edge, -1, axis=0), inside, np.roll(inside, -1), strict=True):
        if ia >= 0:
            kept.append(a)
        if (ia >= 0) != (ib >= 0):
            kept.append(a + (b - a) * ia / (ia - ib))
    return np.array(kept, np.float64).reshape(-1, 2)
