"""One picture of a season, on its way from the passes to what the camera sends."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.outline import Outline, area
from bench.provingground.season.air import Air
from bench.provingground.season.basis import Basis, Floats
from bench.provingground.season.draw import contact, drawn, shadow
from bench.provingground.season.earth import Cut, Earth
from bench.provingground.season.lens import Lens
from bench.provingground.season.script import Script
from bench.provingground.season.shine import WARM, headlight, shine
from bench.provingground.season.traffic import Guest, Traffic
from bench.provingground.season.weather import Climate, Daylight, daylight
from bench.provingground.sensor import Picture
from bench.provingground.shadow import sun_direction
from bench.provingground.sun import BEIJING, sun
from bench.provingground.weather import rain

_DUSK = 12.0  # lx under which a camera's own lamp is on, and one with an infrared lamp turns grey
_DIM = 60.0  # lx under which vehicles have their lamps on
_LAMP = 3e-4  # of 100 klx: the camera's own lamp where it is brightest

Disturbed = tuple[tuple[Outline, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """picture: uint8 BGR [h, w, 3]. time: s since 1970. boxes: relative x1 y1 x2 y2, float32 [n, 4], of what is seen
    of each vehicle or person, `labels` theirs; working: of the machines that dig. weather: fair, overcast, haze, fog,
    rain. disturbed: outlines in m (float64 [n, 2]) with their exact areas in m^2; visible: share of them that no
    plant or house hides, 1 where there are none. lux: of the daylight."""

    picture: Picture
    time: float
    infrared: bool
    boxes: NDArray[np.float32]
    labels: tuple[str, ...]
    working: NDArray[np.float32]
    weather: str
    disturbed: Disturbed
    visible: float
    lux: float


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What a season's pictures are made of. start: s since 1970."""

    basis: Basis
    script: Script
    start: float
    seed: int
    climate: Climate
    lens: Lens
    air: Air
    earths: tuple[Earth, ...]
    traffic: Traffic

    def disturbed(self, since: float) -> Disturbed:
        """Outlines and areas of what has been dug, s after the start."""
        works = [work for dig in self.script.digs for work in dig.works(since)]
        return tuple((work.outline, area(work.outline)) for work in works)

    def cuts(self, since: float) -> list[tuple[Earth, Cut]]:
        """Every dig that has begun, as it looks s after the start."""
        return [(earth, cut) for earth in self.earths if (cut := earth.at(since)) is not None]


class Moment:
    """One picture on its way."""

    def __init__(self, parts: Parts, time: float) -> None:
        self._parts, self._time = parts, time
        self._since = time - parts.start
        self._chance = np.random.default_rng([parts.seed, round(time * 10)])
        self._weather = parts.climate.at(time)
        self._angles = sun(datetime.fromtimestamp(time, BEIJING))
        self._day: Daylight = daylight(self._angles[0], self._weather.cover)
        self._night = self._day.lux < _DUSK
        self._infrared = parts.basis.infrared and self._night
        dark = self._day.lux < _DIM
        self._guests = parts.traffic.at(self._since, dark)
        self._towards = sun_direction(*self._angles).astype(np.float32)
        self._clear = parts.air.clear(self._since, self._weather.cover)

    def shot(self) -> Shot:
        parts, air, lens, chance = self._parts, self._parts.air, self._parts.lens, self._chance
        light, dug = self._lit()
        boxes, labels, working = self._populate(light)
        light = air.sky(light, self._clear, self._day)
        light = air.haze(light, self._weather.haze, self._clear, self._day)
        if self._weather.rain > 0.05:
            light = rain(light, chance, self._weather.rain)
        sway = lens.sway(self._time, self._weather.wind, chance)
        light = air.moved(light, sway, self._weather.wind, chance)
        gain = lens.gain(light, ~parts.basis.heaven, self._night)
        picture = lens.picture(light, gain, self._infrared, lens.drift(self._time), chance)
        moved = _swayed(boxes, sway, parts.basis.camera.size)
        return Shot(
            picture, self._time, self._infrared, moved, labels, moved[working], self._weather.name,
            parts.disturbed(self._since), dug, self._day.lux,
        )  # fmt: skip

    def _lit(self) -> tuple[Floats, float]:
        """The scene without its guests but with their shadows, and the share of the digs that is seen."""
        parts, day, basis = self._parts, self._day, self._parts.basis
        sky, sun_, lamp = self._sources()
        dry = np.zeros(basis.depth.shape, np.float32)
        seen = whole = 0.0
        for earth, cut in parts.cuts(self._since):
            self._lay(earth, cut, sky, sun_, lamp)
            dry[cut.box] = np.maximum(dry[cut.box], cut.cover)
            seen, whole = seen + float(cut.cover.sum()), whole + float(cut.whole.sum())
        self._shade(sky, sun_)
        light = sky * day.sky
        if sun_ is not None:
            light += sun_ * (self._clear[..., None] * day.sun)
        tint = parts.air.tint(parts.script.growth * self._since / 864_000)
        light *= 1 + (tint - 1) * (1 - dry[..., None])
        light = parts.air.wetted(light, self._weather, day, dry)
        if lamp is not None:
            light += lamp * (_LAMP * (1.0 if self._infrared else WARM))
        return np.asarray(light, np.float32), seen / whole if whole else 1.0

    def _sources(self) -> tuple[Floats, Floats | None, Floats | None]:
        """The passes of this moment: sky, sun if it is up, lamp if it is on."""
        basis = self._parts.basis
        sky = basis.sky.astype(np.float32)
        lamp = basis.lamp.astype(np.float32) if self._night else None
        return sky, sunlight(basis, self._angles) if self._day.sun.any() else None, lamp

    def _lay(self, earth: Earth, cut: Cut, sky: Floats, sun_: Floats | None, lamp: Floats | None) -> None:
        """Dug ground into the passes."""
        cover, box = cut.cover[..., None], cut.box
        before = np.maximum(sky[box].mean(-1, keepdims=True), 0.02)
        if sun_ is not None:
            level = before * max(0.03, float(self._towards[2]))
            free = np.clip(sun_[box].mean(-1, keepdims=True) / level, 0, 1)  # of trees' and houses' shadows
            on_dug, beside = earth.sunlit(cut, self._angles)
            beside *= 1 - cut.cover
            sun_[box] *= beside[..., None]
            sun_[box] += on_dug * np.asarray(cv2.blur(free, (5, 5)))[..., None] * cover
        if lamp is not None:
            facing = earth.lamplit(cut)[..., None]
            lamp[box] += (cut.albedo * facing * lamp[box] / before - lamp[box]) * cover
        sky[box] += (cut.albedo * cut.open[..., None] - sky[box]) * cover

    def _shade(self, sky: Floats, sun_: Floats | None) -> None:
        """The guests' shadows, on bare ground."""
        basis, ground = self._parts.basis, self._parts.basis.ground
        for guest in self._guests:
            under = contact(guest.skin, guest.frame, basis.camera, ground)
            if under is not None:
                sky[under[0]] *= (1 - 0.6 * under[1] * basis.bare[under[0]])[..., None]
            if sun_ is None:
                continue
            fallen = shadow(guest.skin, guest.frame, basis.camera, self._towards, ground)
            if fallen is not None:
                sun_[fallen[0]] *= (1 - fallen[1] * basis.bare[fallen[0]])[..., None]

    def _populate(self, light: Floats) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[np.bool_]]:
        """Draws the guests; their boxes in px of the still camera, labels, and which of them dig."""
        boxes: list[tuple[float, float, float, float]] = []
        labels, working = [], []
        place = self._parts.basis.camera.place
        for guest in sorted(self._guests, key=lambda each: -float(np.linalg.norm(each.frame[:3, 3] - place))):
            box = self._draw(light, guest)
            if box is not None:
                boxes.append(box)
                labels.append(guest.model.label)
                working.append(guest.working)
        return np.array(boxes, float).reshape(-1, 4), tuple(labels), np.array(working, bool)

    def _draw(self, light: Floats, guest: Guest) -> tuple[float, float, float, float] | None:
        basis = self._parts.basis
        if guest.lamps:
            headlight(light, basis, guest)
        made = drawn(guest.skin, guest.frame, basis.camera, *self._around(guest), self._towards)
        if made is None:
            return None
        free = basis.bare[made.area] | (basis.depth[made.area] > made.depth)
        cover = made.cover * free
        light[made.area] += made.colour * free[..., None] - light[made.area] * cover[..., None]
        if guest.lamps:
            shine(light, basis.camera, guest)
        rows, cols = np.nonzero(cover > 0.5)
        if len(rows) < 6:
            return None
        top, left = made.area[0].start, made.area[1].start
        return left + cols.min(), top + rows.min(), left + cols.max() + 1, top + rows.max() + 1

    def _around(self, guest: Guest) -> tuple[Floats, Floats]:
        """The light at a machine: from all sides (the sky's and the camera's lamp's), and the sun's beam."""
        basis = self._parts.basis
        pixel = basis.camera.project(guest.frame[None, :3, 3])[0][0]
        col, row = np.clip(np.nan_to_num(pixel), 2, np.array(basis.camera.size) - 3).astype(int).tolist()
        near = slice(row - 2, row + 3), slice(col - 2, col + 3)
        lamp = 0.0
        if self._night:
            lamp = (
                _LAMP
                * float(basis.lamp[near].mean(dtype=float))
                / max(0.02, float(basis.sky[near].mean(dtype=float)))
            )
        return (self._day.sky + np.float32(lamp)), self._day.sun * self._clear[row, col]


def sunlight(basis: Basis, angles: tuple[float, float]) -> Floats:
    """The pass in the sun alone for any place of the sun: the two passes nearest in azimuth, blended."""
    height, azimuth = angles
    turns = [turn for _, turn in basis.suns]
    later = int(np.clip(np.searchsorted(turns, azimuth), 1, len(turns) - 1))
    share = float(np.clip((azimuth - turns[later - 1]) / (turns[later] - turns[later - 1]), 0, 1))
    first, second = (basis.sunlit[at].astype(np.float32) for at in (later - 1, later))
    lowest = (1 - share) * basis.suns[later - 1][0] + share * basis.suns[later][0]
    lower = min(
        1.0, max(0.0, math.sin(math.radians(max(0.0, height))) / math.sin(math.radians(max(0.5, lowest))))
    )
    blended = cv2.addWeighted(first, (1 - share) * lower, second, share * lower, 0)
    return np.asarray(blended, np.float32)


def _swayed(
    boxes: NDArray[np.float64], sway: NDArray[np.float64], size: Sequence[int]
) -> NDArray[np.float32]:
    """px of the still camera to relative places in the picture."""
    corners = boxes.reshape(-1, 2) @ sway[:, :2].T + sway[:, 2]
    relative = (corners / np.array(size)).reshape(-1, 4)
    return np.asarray(np.clip(relative, 0, 1), np.float32)
