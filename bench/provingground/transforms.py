"""Rigid motions as 4x4 matrices, float64, applied to column vectors from the left. Angles in radians."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Points = NDArray[np.float64]

IDENTITY: Matrix = np.eye(4)


def move(x: float, y: float, z: float) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


def turn_x(angle: float) -> Matrix:
    return _turn(angle, 1, 2)


def turn_y(angle: float) -> Matrix:
    return _turn(angle, 2, 0)


def turn_z(angle: float) -> Matrix:
    return _turn(angle, 0, 1)


def grow(factor: float) -> Matrix:
    return np.diag([factor, factor, factor, 1.0])


def apply(matrix: Matrix, points: Points | Sequence[Sequence[float]]) -> Points:
    """points: [n, 3] -> [n, 3]."""
    moved: Points = np.asarray(points, float) @ matrix[:3, :3].T + matrix[:3, 3]
    return moved


def point(matrix: Matrix, place: Sequence[float]) -> Points:
    """One point, [3]."""
    return apply(matrix, [list(place)]).reshape(3)


def unit(vector: Sequence[float] | Points) -> Points:
    """[3], length 1; the zero vector stays zero."""
    array = np.asarray(vector, float)
    length = float(np.linalg.norm(array))
    return np.asarray(array / length if length else array, float)


def _turn(angle: float, first: int, second: int) -> Matrix:
    matrix = np.eye(4)
    cos, sin = math.cos(angle), math.sin(angle)
    matrix[first, first] = matrix[second, second] = cos
    matrix[first, second], matrix[second, first] = -sin, sin
    return matrix
