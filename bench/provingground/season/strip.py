"""A day of a season at a glance."""

import cv2
import numpy as np

from bench.provingground.season.basis import Basis
from bench.provingground.season.moment import Shot
from bench.provingground.season.places import nearest, spots
from bench.provingground.season.script import dig, quiet
from bench.provingground.season.season import Season
from bench.provingground.sensor import Picture

_HOURS = (1, 5, 5.7, 6.5, 8, 9.5, 11, 12.5, 14, 15.5, 17, 18, 18.9, 19.7, 21, 23)
_ACROSS = 4
_TILE = (480, 270)
_HOUR = 3600.0


def strip(basis: Basis, seed: int, area: float, distance: float) -> Picture:
    """Sixteen moments of a scene's day, with what is in them. area: m2 that is dug from 8 to 16 o'clock (0: none), on
    open ground about `distance` m away."""
    script = quiet(1)
    if area:
        free = spots(basis, 1.4 * area**0.5)
        script = dig(nearest(free, distance).place, 8 * _HOUR, area, 8 * _HOUR, days=1)
    season = Season(basis, seed, script)
    tiles = [_tile(season.at(season.start + hour * _HOUR), hour) for hour in _HOURS]
    rows = [np.hstack(tiles[first : first + _ACROSS]) for first in range(0, len(tiles), _ACROSS)]
    return np.asarray(np.vstack(rows), np.uint8)


def _tile(shot: Shot, hour: float) -> Picture:
    tile = cv2.resize(shot.picture, _TILE, interpolation=cv2.INTER_AREA)
    for box in shot.boxes * np.tile(_TILE, 2):
        left, top, right, bottom = box.astype(int).tolist()
        cv2.rectangle(tile, (left, top), (right, bottom), (0, 255, 255), 1)
    dug = sum(area for _, area in shot.disturbed)
    words = f"{int(hour):02d}:{round(hour % 1 * 60):02d} {shot.weather} {dug:.0f} m2"
    cv2.putText(tile, words, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)
