"""A camera on a mast, and points of the ground as it sees them and as they were measured."""

from typing import Any

import numpy as np

from inference.geodesy.frame import LocalFrame
from inference.terrain.posed import PosedCamera, turned

SITE = (34.8, 113.6)
"""Latitude and longitude, as in tests.support.desk."""

MAST = PosedCamera((10.0, -5.0, 24.0), turned(35, -14, 1.0), 55.0)
SPOTS = ((0.1, 0.9), (0.9, 0.85), (0.2, 0.35), (0.85, 0.3), (0.5, 0.5), (0.45, 0.75))


def points(number: int = len(SPOTS)) -> list[dict[str, Any]]:
    """pixel and lonlat, exact to 1 mm."""
    pixels = np.array(SPOTS[:number])
    degrees = LocalFrame(*SITE).degrees(MAST.places(pixels, np.zeros(number)))
    return [
        {"pixel": [x, y], "lonlat": [round(lon, 8), round(lat, 8)]}
        for (x, y), (lon, lat) in zip(SPOTS, degrees.tolist(), strict=False)
    ]


def seen(east: float, north: float) -> tuple[float, float]:
    """Where a place (m from the site) is in the picture, relative."""
    x, y = MAST.pixels(np.array([[east, north, 0.0]]))[0].tolist()
    return x, y


def square(east: float, north: float, side: float = 40.0) -> list[tuple[float, float]]:
    """A closed ring, degrees; its lower left corner so many m from the site."""
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side], [0, 0]]) + np.array([east, north])
    return [(lon, lat) for lon, lat in LocalFrame(*SITE).degrees(corners).tolist()]
