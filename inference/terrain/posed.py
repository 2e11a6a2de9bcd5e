"""A camera of which it is known where it stands and looks: from picture to ground over any surface, and back. Pure.

Metres are east, north and up; up counts from the zero of the surface's heights. Pixels are relative (0 to 1, y down).
The earth is taken as flat: at 3 km it has dropped by 0.6 m (refraction included).
"""

import math
from dataclasses import dataclass, field, replace
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.terrain.adjust import PARAMETERS
from inference.terrain.lens import bent, straight
from inference.terrain.surface import Surface, struck

Floats = NDArray[np.float64]

DRAWS = 64
REACH = 3000.0  # m: beyond, haze, the earth's curve and the site's own frame all err by decimetres


def normals() -> Floats:
    """[64, 9]: equally likely errors in standard deviations, the same ones every time; their mean is 0 and their
    covariance 1 exactly, so that a spread taken over them has no sampling error to first order."""
    half = np.random.default_rng(64).normal(size=(DRAWS // 2, PARAMETERS))
    both = np.concatenate([half, -half])
    even = np.linalg.cholesky(np.linalg.inv(both.T @ both / (DRAWS - 1)))
    return np.asarray(both @ even, np.float64)


class Movable(Protocol):
    def moved(self, step: Floats) -> Self: ...


M = TypeVar("M", bound=Movable)


def drawn(model: M, covariance: Floats) -> list[M]:
    """64 models that are as likely, by the same errors every time."""
    return [model.moved(step) for step in normals() @ _root(covariance).T]


def turned(yaw: float, pitch: float, roll: float) -> Floats:
    """[3, 3], camera (x right, y down, z ahead) to east, north, up, from degrees in aircraft order. yaw: of the axis,
    clockwise from north (straight down: of the picture's top). pitch: up is positive. roll: about the axis, right
    side down is positive."""
    level = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # looks north, upright
    tilted = level @ _about_x(math.radians(pitch)) @ _about_z(math.radians(roll))
    return np.asarray(_about_z(-math.radians(yaw)) @ tilted, np.float64)


@dataclass(frozen=True, slots=True)
class PosedCamera:
    """A pinhole with square pixels behind one lens: a Model of inference.terrain.adjust with 9 parameters (east, north,
    up, yaw, pitch, roll, field of view, lens and the ground's height, which is not its own; m and radians).

    place: east, north, up. turn: [3, 3] as `turned` gives it. hfov: degrees of the full width, had the lens not bent
    it. aspect: width by height. lens: as inference.terrain.lens has it.
    """

    place: tuple[float, float, float]
    turn: Floats
    hfov: float
    aspect: float = 16 / 9
    lens: float = 0.0
    pivot: float = 0.0

    def rays(self, pixels: Floats) -> Floats:
        """Unit vectors east, north, up [N, 3]; NaN beyond what the lens can show."""
        seen = (straight(pixels, self.lens, self.aspect) - 0.5) * self._spans
        ahead = np.concatenate([seen, np.ones((len(seen), 1))], axis=1) @ self.turn.T
        return np.asarray(ahead / np.linalg.norm(ahead, axis=1, keepdims=True), np.float64)

    def pixels(self, points: Floats) -> Floats:
        """[N, 2], relative, of points [N, 3]; NaN behind the camera."""
        before = (points - np.array(self.place)) @ self.turn
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = before[:, :2] / before[:, 2:] / self._spans + 0.5
        seen[before[:, 2] <= 0] = np.nan
        return bent(seen, self.lens, self.aspect)

    def places(self, pixels: Floats, heights: Floats) -> Floats:
        """[N, 2] m east and north of what pixels show at those heights; NaN where the ray does not come to it."""
        rays, place = self.rays(pixels), np.array(self.place)
        with np.errstate(divide="ignore", invalid="ignore"):
            away = (heights - place[2]) / rays[:, 2]
        return np.asarray((place + np.where(away > 0, away, np.nan)[:, None] * rays)[:, :2], np.float64)

    def moved(self, step: Floats) -> Self:
        """yaw turns about the vertical, roll about the level axis it heads along, pitch about the camera's own right:
        of these no two are ever the same, straight down included."""
        right = self.turn[:, 0]
        heading = np.array([-right[1], right[0], 0.0]) / max(math.hypot(right[0], right[1]), 1e-9)
        turn = _about_z(-step[3]) @ _about(heading, step[5]) @ self.turn @ _about_x(step[4])
        longer = math.exp(
            -step[6] / math.sin(math.radians(self.hfov))
        )  # focal length; so it never turns negative
        hfov = 2 * math.degrees(math.atan(math.tan(math.radians(self.hfov) / 2) / longer))
        back = self.pivot * (1 - longer) * self.turn[:, 2]
        east, north, up = (np.array(self.place) + step[:3] + back).tolist()
        pivot, lens = self.pivot * longer, self.lens + float(step[7])
        return replace(self, place=(east, north, up), turn=turn, hfov=hfov, lens=lens, pivot=pivot)

    def plane(self, level: float = 0.0) -> Floats:
        """[3, 3] of unit norm: straight relative pixels to metres on the level plane at that height; positive third
        coordinate where the plane is seen."""
        spans = np.diag([*self._spans, 1.0]) @ np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
        ahead = self.turn @ spans  # relative pixels to directions
        east, north, up = self.place
        drop = up - level
        plane = np.stack([drop * ahead[0] - east * ahead[2], drop * ahead[1] - north * ahead[2], -ahead[2]])
        return np.asarray(plane / np.linalg.norm(plane), np.float64)

    @property
    def _spans(self) -> Floats:
        """Width and height of the picture one m before the camera."""
        wide = 2 * math.tan(math.radians(self.hfov) / 2)
        return np.array([wide, wide / self.aspect])


@dataclass(frozen=True, slots=True)
class PoseSigmas:
    """How sure a told pose is, 1 standard deviation each, independent. position_m: of east and of north. ground_m: of
    the surface's heights. lens: as in PosedCamera."""

    position_m: float
    height_m: float
    yaw_deg: float
    pitch_deg: float
    roll_deg: float
    hfov_deg: float
    lens: float = 0.0
    ground_m: float = 0.0

    def covariance(self) -> Floats:
        """[9, 9] in m and radians."""
        angles = [math.radians(each) for each in (self.yaw_deg, self.pitch_deg, self.roll_deg, self.hfov_deg)]
        sigmas = [self.position_m, self.position_m, self.height_m, *angles, self.lens, self.ground_m]
        return np.diag(np.square(sigmas))


@dataclass(frozen=True, slots=True)
class PosedSight:
    """A Sight over a surface. covariance: [9, 9] of the camera's parameters. Draw k of any two of them rests on the
    same errors in standard deviations, so that pictures of one flight can be fused draw by draw.

    marks: [N, 2] m, the points the pose was solved from; none where it was told by the device.
    """

    camera: PosedCamera
    surface: Surface
    covariance: Floats
    reach: float = REACH
    marks: Floats = field(default_factory=lambda: np.zeros((0, 2)))

    def metres(self, pixels: Floats) -> Floats:
        eyes = np.broadcast_to(np.array(self.camera.place), (len(pixels), 3))
        return struck(eyes, self.camera.rays(pixels), self.surface, self.reach)

    def draws(self, pixels: Floats) -> Floats:
        steps = normals() @ _root(self.covariance).T
        cameras = [self._drawn(step) for step in steps]
        eyes = np.repeat([camera.place for camera in cameras], len(pixels), axis=0)
        rays = np.concatenate([camera.rays(pixels) for camera in cameras])
        return struck(eyes, rays, self.surface, self.reach).reshape(DRAWS, len(pixels), 2)

    def _drawn(self, step: Floats) -> PosedCamera:
        """The ground higher by so much is the camera lower by as much."""
        camera = self.camera.moved(step)
        east, north, up = camera.place
        return replace(camera, place=(east, north, up - float(step[8])))


def _root(covariance: Floats) -> Floats:
    """Its symmetric square root; each parameter known exactly stays so."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T, np.float64)


def _about_x(angle: float) -> Floats:
    sine, cosine = math.sin(angle), math.cos(angle)
    return np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])


def _about_z(angle: float) -> Floats:
    sine, cosine = math.sin(angle), math.cos(angle)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])


def _about(axis: Floats, angle: float) -> Floats:
    """Rodrigues' formula."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross, np.float64)
