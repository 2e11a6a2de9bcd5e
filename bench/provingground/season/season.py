"""Pictures of a scene at any moment of some days, and what they truly show."""

import math
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera
from bench.provingground.season.air import Air
from bench.provingground.season.basis import Basis
from bench.provingground.season.earth import Earth
from bench.provingground.season.lens import Lens
from bench.provingground.season.moment import Disturbed, Moment, Parts, Shot
from bench.provingground.season.places import Spot, spots
from bench.provingground.season.script import Script
from bench.provingground.season.traffic import Traffic
from bench.provingground.season.weather import Climate, Weather
from bench.provingground.sun import BEIJING

_ROOM = 5.0  # m kept round a standing vehicle


class Season:
    """Some days of one scene. seed decides weather, traffic and camera; the same three give the same pictures.

    start, end: s since 1970; moments outside are refused.
    """

    def __init__(self, basis: Basis, seed: int, script: Script) -> None:
        self.basis, self.script = basis, script
        self.start = datetime(2025, *basis.day, tzinfo=BEIJING).timestamp()
        self.end = self.start + script.days * 86_400
        self._parts = Parts(
            basis,
            script,
            self.start,
            seed,
            Climate(seed, self.start, script.days),
            Lens(seed, basis.camera.size),
            Air(basis, seed),
            tuple(Earth(basis, dig) for dig in script.digs),
            Traffic(basis.ground, _standing(basis, script), script, seed),
        )

    @property
    def camera(self) -> Camera:
        """The still camera; pictures sway round it."""
        return self.basis.camera

    def weather(self, time: float) -> Weather:
        return self._parts.climate.at(time)

    def area_m2(self, time: float) -> float:
        """Of everything dug so far."""
        return sum(area for _, area in self.disturbed(time))

    def disturbed(self, time: float) -> Disturbed:
        """Outlines in m with their areas in m^2."""
        return self._parts.disturbed(time - self.start)

    def outline_px(self, time: float) -> list[NDArray[np.float64]]:
        """Relative outlines [n, 2] of what the still camera sees of the digs (no vehicle before them)."""
        found = []
        width, height = self.camera.size
        for _, cut in self._parts.cuts(time - self.start):
            mask = np.pad((cut.cover > 0.5).astype(np.uint8), 1)
            rings, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            corner = np.array([cut.cols.start - 0.5, cut.rows.start - 0.5])
            found += [(ring[:, 0] + corner) / (width, height) for ring in rings if len(ring) > 2]
        return found

    def mask(self, time: float) -> NDArray[np.bool_]:
        """[h, w] the pixels of the still camera that show dug ground."""
        width, height = self.camera.size
        seen = np.zeros((height, width), bool)
        for _, cut in self._parts.cuts(time - self.start):
            seen[cut.box] |= cut.cover > 0.5
        return seen

    def at(self, time: float) -> Shot:
        """ValueError: the moment lies outside the season."""
        if not self.start <= time <= self.end:
            raise ValueError(f"{time} lies outside the season, {self.start} to {self.end}")
        return Moment(self._parts, time).shot()


def _standing(basis: Basis, script: Script) -> list[Spot]:
    """Eight places for vehicles, spread over the view, off every dig."""
    free = [
        spot
        for spot in spots(basis, _ROOM)
        if all(math.dist(spot.place, dig.place) > dig.reach() + 2 * _ROOM for dig in script.digs)
    ]
    return free[:: max(1, len(free) // 8)]
