"""Flights over made-up ground: what a drone with an exactly known pose would have taken."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.geodesy.frame import LocalFrame
from inference.survey.georeferenced import Precision
from inference.survey.gimbal import looking
from inference.survey.heights import Level
from inference.terrain.posed import PosedCamera
from streams.telemetry.book import Fix, Reason
from streams.telemetry.pose import Fov, Gimbal, Heights, Pose, Position

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]

FRAME = LocalFrame(28.2, 112.9)
SIZE = (960, 540)
FOV = 70.0
SAND = (120.0, 155.0, 185.0)  # BGR


@dataclass(frozen=True, slots=True)
class Land:
    """Level ground at 0 m. texture: uint8 [h, w, 3] BGR, north up, its middle at the origin. cell: m of a pixel."""

    texture: Picture
    cell: float

    def pixels(self, metres: Floats) -> Floats:
        height, width = self.texture.shape[:2]
        return np.asarray(metres * [1, -1] / self.cell + [width / 2 - 0.5, height / 2 - 0.5])

    def dug(self, outline: Floats, seed: int = 0) -> "Land":
        """With bare soil inside an outline [N, 2], m."""
        inside = np.zeros(self.texture.shape[:2], np.uint8)
        corners = np.round(self.pixels(outline) * 16).astype(np.int32)
        cv2.fillPoly(inside, [corners], 255, cv2.LINE_AA, shift=4)
        soil = np.array(SAND) + motley(np.random.default_rng(seed), inside.shape, (1, 4, 16), 5.0)[..., None]
        share = inside[..., None] / 255.0
        return replace(self, texture=_bytes(self.texture * (1 - share) + soil * share))

    def ripened(self, seed: int = 0) -> "Land":
        """Every spot in another colour: crops that grew, each its own way."""
        chance = np.random.default_rng(seed)
        tints = [motley(chance, self.texture.shape, (200,), 0.45) for _ in range(3)]
        return replace(
            self, texture=_bytes(np.asarray(self.texture * np.exp(np.stack(tints, axis=2)), np.float64))
        )


def motley(
    chance: np.random.Generator, shape: tuple[int, ...], scales: tuple[int, ...], level: float
) -> Floats:
    """Noise of several sizes (px), each of that level."""
    total = np.zeros(shape[:2])
    for scale in scales:
        small = chance.normal(0, level, (shape[0] // scale + 2, shape[1] // scale + 2)).astype(np.float32)
        total += cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return total


def fields(seed: int = 1, size: int = 2400, cell: float = 0.1) -> Land:
    """Fields of several crops with paths, bushes and stones between them."""
    chance = np.random.default_rng(seed)
    land = np.zeros((size, size, 3))
    crops = ((60, 105, 75), (75, 125, 95), (70, 120, 110), (90, 140, 130), (62, 112, 88))
    step = size // 6
    for row in range(6):
        for column in range(6):
            crop = np.array(crops[chance.integers(len(crops))], float)
            land[row * step : (row + 1) * step, column * step : (column + 1) * step] = crop
    for along in range(0, size, step):
        cv2.line(land, (along, 0), (along + 60, size), (165, 170, 172), 24)
        cv2.line(land, (0, along + 40), (size, along), (150, 156, 160), 16)
    for x, y, r in zip(*chance.integers(0, size, (2, 1100)), chance.integers(4, 22, 1100), strict=True):
        shade = chance.uniform(0.4, 1.5)
        cv2.circle(land, (int(x), int(y)), int(r), (45 * shade, 80 * shade, 60 * shade), -1, cv2.LINE_AA)
    return Land(_bytes(land + motley(chance, land.shape, (1, 3, 12), 5.0)[..., None]), cell)


def pose(
    east: float = 0.0,
    north: float = 0.0,
    up: float = 60.0,
    yaw: float = 0.0,
    pitch: float = -90.0,
    roll: float = 0.0,
) -> Pose:
    """A pose as DJI's telemetry tells it: above take-off, the gimbal against the earth."""
    lon, lat = (float(part) for part in FRAME.degrees(np.array([[east, north]]))[0])
    return Pose(
        time=1_700_000_000.0,
        source="drone",
        position=Position(lat, lon),
        heights=Heights(takeoff=up),
        gimbal=Gimbal("earth", yaw % 360, pitch, roll),
        fov=Fov(FOV),
    )


def noisy(true: Pose, chance: np.random.Generator, sure: Precision | None = None) -> Pose:
    """What telemetry of that precision might have told of a pose, over ground whose height is 2 m unsure."""
    sure = sure or Precision()
    assert true.position is not None
    assert true.gimbal is not None
    assert true.fov is not None
    yaw, pitch, roll = (each or 0.0 for each in (true.gimbal.yaw, true.gimbal.pitch, true.gimbal.roll))
    east, north = FRAME.metres(np.array([[true.position.lon, true.position.lat]]))[0]
    told = pose(
        east + chance.normal(0, sure.place_m),
        north + chance.normal(0, sure.place_m),
        (true.heights.takeoff or 0.0) + chance.normal(0, np.hypot(sure.up_m, Level().sigma)),
        yaw + chance.normal(0, sure.yaw),
        pitch + chance.normal(0, sure.pitch),
        roll + chance.normal(0, sure.roll),
    )
    return replace(told, fov=Fov((true.fov.horizontal or FOV) * (1 + chance.normal(0, sure.fov))))


def fix(told: Pose) -> Fix:
    return Fix(told, 0.0, True, Reason.EXACT)


def camera(told: Pose, size: tuple[int, int] = SIZE) -> PosedCamera:
    """The exact camera of a pose."""
    assert told.position is not None
    assert told.fov is not None
    east, north = FRAME.metres(np.array([[told.position.lon, told.position.lat]]))[0]
    up = told.heights.takeoff or 0.0
    return PosedCamera((east, north, up), looking(told), told.fov.horizontal or FOV, size[0] / size[1])


def shot(land: Land, told: Pose, size: tuple[int, int] = SIZE, seed: int = 0) -> Picture:
    """What that camera sees, with a little noise; grey beyond the land."""
    width, height = size
    columns, rows = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    seen = camera(told, size)
    rays = seen.rays(np.stack([columns.ravel(), rows.ravel()], axis=1))
    away = -seen.place[2] / np.minimum(rays[:, 2], -1e-6)
    at = (
        land.pixels(rays[:, :2] * away[:, None] + seen.place[:2]).astype(np.float32).reshape(height, width, 2)
    )
    grey = (128, 128, 128)
    picture = cv2.remap(land.texture, at[..., 0], at[..., 1], cv2.INTER_AREA, borderValue=grey)
    return _bytes(picture + np.random.default_rng(seed).normal(0, 2.0, picture.shape))


def lit(picture: Picture, gain: tuple[float, float, float] = (0.8, 0.9, 1.0), gamma: float = 1.15) -> Picture:
    """The same in another light: BGR gains and another tone curve."""
    return _bytes((picture / 255.0) ** gamma * np.array(gain) * 255)


def ring(
    east: float, north: float, area: float, corners: int = 24, wobble: float = 0.2, seed: int = 0
) -> Floats:
    """A roundish outline [corners, 2] of exactly that area, m2, counter-clockwise."""
    chance = np.random.default_rng(seed)
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    away = 1 + wobble * np.sin(2 * angles + chance.uniform(0, 6)) * chance.uniform(0.5, 1)
    outline = np.stack([np.cos(angles) * away, np.sin(angles) * away], axis=1)
    return np.asarray(outline * np.sqrt(area / shoelace(outline)) + [east, north], np.float64)


def shoelace(outline: Floats) -> float:
    """m2 of [N, 2]."""
    x, y = outline.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _bytes(picture: NDArray[np.floating[Any]]) -> Picture:
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)
