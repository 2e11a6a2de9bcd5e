"""A pinhole camera: where it stands, what it sees (OpenCV's frame: x right, y down, z ahead)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.provingground.transforms import IDENTITY, Matrix, Points, unit

Pixels = NDArray[np.float64]
Json = dict[str, object]

_FLIP = np.diag([1.0, -1.0, -1.0])  # from the renderer's camera (y up, looking along -z) to OpenCV's


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """frame: of the camera in the world, in the renderer's axes (x right, y up, looking along -z).
    angle: radians of the horizontal field of view. size: width, height in px."""

    frame: Matrix
    angle: float
    size: tuple[int, int]

    @property
    def place(self) -> Points:
        """[3] m."""
        return np.asarray(self.frame[:3, 3], float)

    @property
    def focal(self) -> float:
        """px."""
        return self.size[0] / 2 / math.tan(self.angle / 2)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """K, 3x3; the principal point is the picture's middle."""
        return np.array([[self.focal, 0, self.size[0] / 2], [0, self.focal, self.size[1] / 2], [0, 0, 1]])

    @property
    def rotation(self) -> NDArray[np.float64]:
        """R, 3x3, from the world to the camera."""
        return np.asarray(_FLIP @ self.frame[:3, :3].T, float)

    @property
    def offset(self) -> NDArray[np.float64]:
        """t, [3]: a world point P lies at R P + t before the camera."""
        return np.asarray(-self.rotation @ self.place, float)

    def project(self, points: Points) -> tuple[Pixels, NDArray[np.float64]]:
        """World points [n, 3] -> px [n, 2] and depth [n] in m along the axis (negative: behind)."""
        before = np.asarray(points, float) @ self.rotation.T + self.offset
        seen = before @ self.matrix.T
        return seen[:, :2] / seen[:, 2:], before[:, 2]

    def world(self, depth: NDArray[np.floating]) -> NDArray[np.float64]:
        """World points [h, w, 3] of the pixels' middles, from the depth along the axis [h, w] in m."""
        rows, cols = np.indices(depth.shape)
        x = (cols + 0.5 - self.size[0] / 2) / self.focal
        y = (rows + 0.5 - self.size[1] / 2) / self.focal
        before = np.stack([x * depth, y * depth, depth], -1)
        return np.asarray((before - self.offset) @ self.rotation, float)

    def truth(self) -> Json:
        """The camera's part of a truth file."""
        return {
            "K": self.matrix.round(4).tolist(),
            "R": self.rotation.round(7).tolist(),
            "t": self.offset.round(5).tolist(),
            "size": list(self.size),
        }


def look(place: Points, target: Points, angle: float, size: tuple[int, int]) -> Camera:
    """A level camera at `place` that looks at `target`; straight down, its top is to the north."""
    back = -unit(np.asarray(target, float) - np.asarray(place, float))
    right = np.cross((0.0, 0.0, 1.0), back)
    right = unit(right) if np.linalg.norm(right) > 1e-6 else np.array([1.0, 0.0, 0.0])
    frame = IDENTITY.copy()
    frame[:3, 0], frame[:3, 1], frame[:3, 2] = right, np.cross(back, right), back
    frame[:3, 3] = place
    return Camera(frame, angle, size)
