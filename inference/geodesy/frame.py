"""Metres about a site: east and north of its position. Pure; loads pyproj."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import Proj

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """lat, lon: the origin, degrees WGS84.

    Transverse Mercator on the ellipsoid with scale 1 at the origin (Snyder, Map Projections, USGS 1395, 8): lengths
    are true to (east / 6,400 km)^2 / 2, 0.3 mm over 3 km and 0.3 m over 30 km, and angles everywhere.
    """

    lat: float
    lon: float

    def metres(self, degrees: Floats) -> Floats:
        """float64 [N, 2], east and north of places [N, 2], longitude and latitude; NaN where they are no numbers."""
        return self._through(degrees, inverse=False)

    def degrees(self, metres: Floats) -> Floats:
        """float64 [N, 2], longitude and latitude of places [N, 2] in metres; NaN where they are no numbers."""
        return self._through(metres, inverse=True)

    def _through(self, points: Floats, *, inverse: bool) -> Floats:
        points = np.asarray(points, np.float64).reshape(-1, 2)
        found = np.column_stack(_projection(self.lat, self.lon)(points[:, 0], points[:, 1], inverse=inverse))
        found[~(np.isfinite(found) & np.isfinite(points)).all(axis=1)] = np.nan
        return np.asarray(found, np.float64)


@lru_cache(maxsize=16)
def _projection(lat: float, lon: float) -> Proj:
    return Proj(proj="tmerc", lat_0=lat, lon_0=lon, k=1, ellps="WGS84")
