"""Real footage as days of one camera: its frames in turn, on a fast clock, in a light and on a mast of our making.

What is real: the scene, its traffic, its lens, its compression, its seconds of natural light. What is made: the clock, the
course of brightness and colour over a day, gusts, sensor noise, and the soil. Shadows do not move, and no season passes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.disturbance.clock import DAY, HOUR, MINUTE, times
from bench.disturbance.plane import ByEye
from bench.disturbance.scenario import Dig, Look, Told, due
from bench.disturbance.soil import Patch
from bench.disturbance.traffic import traffic
from bench.provingground.sun import BEIJING
from inference.detections import Boxes, Picture
from inference.terrain.sight import Sight

RAMPS = (5 * MINUTE, 30 * MINUTE)
_FRAMES = 48  # of a clip, evenly: more would show the same vehicles again
_MIDNIGHT = 1_749_398_400.0  # 2025-06-09 00:00 in Beijing
_UP, _DOWN = 6.0, 18.5  # local hours between which a clip of the day is shown
_LEARNING = 1.0  # days
_GUST = 0.25  # px, standard deviation of the picture's place
_NOISE = 1.5  # grey levels, beside what the clip has
_DARKEST = 0.45  # of the clip's own brightness, at the ends of the day
_CLOUD = 0.15  # standard deviation of the brightness from one half hour to the next


@dataclass(frozen=True, slots=True)
class Place:
    """Where soil may be laid that nobody drives over. middle: relative. area_m2: when it is whole, by a view that is
    by eye itself. view: of the ground there, which may be a slope that faces the camera."""

    middle: tuple[float, float]
    area_m2: float
    view: ByEye


@dataclass(frozen=True, slots=True)
class Camera:
    """clips: file names, one after the other one camera's footage. dark: a clip of the night, shown around the clock as
    it is. still: whether it stands still."""

    name: str
    clips: tuple[str, ...]
    dark: bool = False
    still: bool = True
    places: tuple[Place, ...] = ()


_BANK = (
    48.0,
    0.84,
    -0.32,
    16 / 9,
)  # height, focal, horizon, aspect: as steep as the banks of the motorway's cutting
_BEND = 7.0, 0.9, 0.18, 16 / 9

CAMERAS = (
    Camera(
        "motorway",
        tuple(f"motorway{number}.mp4" for number in range(1, 6)),
        places=(
            Place((0.20, 0.445), 60.0, ByEye(*_BANK)),
            Place((0.80, 0.475), 40.0, ByEye(*_BANK)),
        ),
    ),
    Camera(
        "highway_bend",
        ("highway_bend.mp4",),
        places=(Place((0.31, 0.65), 24.0, ByEye(*_BEND)), Place((0.08, 0.88), 24.0, ByEye(*_BEND))),
    ),
    Camera(
        "road_close",
        ("road_close.avi",),
        places=(Place((0.80, 0.92), 25.0, ByEye(8.0, 1.2, -0.5, 16 / 9)),),
    ),
    Camera("motorway_320", ("motorway_320.avi",)),
    Camera("cars_topdown", ("cars_topdown.mp4",)),
    Camera("night_person", ("night_person.mp4",), dark=True),
    Camera("drone_nadir_city", ("drone_nadir_city.mp4",), still=False),
)


@dataclass(frozen=True, slots=True)
class Filmed:
    """One camera's clips for some days; dug: the place, and s its dig takes."""

    folder: Path
    camera: Camera
    days: float
    dug: tuple[Place, float] | None = None
    seed: int = 0

    @property
    def told(self) -> Told:
        begins = _MIDNIGHT + (_UP / 24 + _LEARNING) * DAY
        ends = _MIDNIGHT + _UP * HOUR + (_LEARNING + self.days) * DAY
        still = self.camera.still
        if self.dug is None:
            return Told(f"{self.camera.name} untouched", "filmed", begins, ends, still=still)
        (place, ramp), start = self.dug, begins + 3 * HOUR
        name = f"{self.camera.name} {place.middle} {place.area_m2:.0f} m2 in {ramp / MINUTE:.0f} min"
        far = float(np.hypot(*_metres(place)))
        dig = Dig(place.area_m2, far, start, ramp, due(start, ramp, place.area_m2))
        return Told(name, "filmed", begins, max(ends, start + ramp + 2 * HOUR), dig, still)

    def sight(self) -> Sight | None:
        return self.dug[0].view if self.dug else None

    def looks(self) -> Iterator[Look]:
        told, chance = self.told, np.random.default_rng(self.seed)
        frames = [shot for clip in self.camera.clips for shot in _frames(self.folder / clip)]
        patch = self._patch()
        begin, number = _MIDNIGHT + _UP * HOUR, int(chance.integers(len(frames)))
        for time in times(begin, told.begins, told.ends, told.dig, BEIJING):
            if not self.camera.dark and not _UP <= (time - _MIDNIGHT) % DAY / HOUR <= _DOWN:
                continue
            number = (number + int(chance.integers(1, 4))) % len(frames)
            look = Look(time, frames[number].picture, frames[number].boxes, _NOBODY)
            yield self._lit(self._dug(look, patch, told.dig), chance)

    def _patch(self) -> Patch | None:
        if self.dug is None:
            return None
        place, _ = self.dug
        return Patch(place.view, _metres(place), place.area_m2, self.seed + 1)

    def _dug(self, look: Look, patch: Patch | None, dig: Dig | None) -> Look:
        if patch is None or dig is None or look.time <= dig.start:
            return look
        area = dig.area_m2 * min(1.0, (look.time - dig.start) / dig.ramp)
        laid = patch.laid(look.picture, area)
        outline = np.clip(patch.outline(area), 0, 1)
        # The detector looks at soil as well, and may take it for something.
        return replace(look, picture=laid, occupied=traffic().boxes(laid), digs=(outline,), area_m2=area)

    def _lit(self, look: Look, chance: np.random.Generator) -> Look:
        """In the light of its hour, moved by the wind; the truth stays where it is: a gust is less than a pixel."""
        shift = chance.normal(0, _GUST, 2)
        move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        height, width = look.picture.shape[:2]
        moved = cv2.warpAffine(look.picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        gain = np.ones(3) if self.camera.dark else daylight(look.time, self.seed)
        noise = chance.standard_normal((height, width, 1), np.float32) * _NOISE
        picture = np.clip(moved * gain.astype(np.float32) + noise, 0, 255)
        return replace(look, picture=np.asarray(picture, np.uint8))


def _metres(place: Place) -> tuple[float, float]:
    right, ahead = place.view.metres(np.array([place.middle]))[0].tolist()
    return right, ahead


def daylight(time: float, seed: int) -> NDArray[np.float64]:
    """Gains [3] BGR over the clip's own light: a bow over the day, warmer at its ends, clouds by the half hour; never
    above 1, which would clip what its camera kept from clipping."""
    hour = (time - _MIDNIGHT) % DAY / HOUR
    height = max(0.0, float(np.sin(np.pi * (hour - _UP) / (_DOWN - _UP))))
    step, share = divmod(time / (30 * MINUTE), 1)
    cloud = [float(np.random.default_rng((seed, int(step) + after)).normal(0, _CLOUD)) for after in (0, 1)]
    clouds = float(np.exp((1 - share) * cloud[0] + share * cloud[1]))
    bright = min(1.0, (_DARKEST + (1 - _DARKEST) * height**0.5) * clouds)
    warm = 0.15 * (1 - height)
    return np.asarray(bright * np.array([1 - warm, 1.0, 1 + warm]) / (1 + warm), np.float64)


@dataclass(frozen=True, slots=True)
class _Frame:
    picture: Picture
    boxes: Boxes


_NOBODY: Boxes = np.zeros((0, 4), np.float32)


@cache
def _frames(clip: Path) -> tuple[_Frame, ...]:
    """Of the whole clip, with what the shipped detector sees on them. Raises ValueError where it is no clip."""
    eyes = traffic()
    return tuple(_Frame(picture, eyes.boxes(picture)) for picture in _pictures(clip))


def _pictures(clip: Path) -> Iterator[Picture]:
    capture = cv2.VideoCapture(str(clip))
    every = max(1, round(capture.get(cv2.CAP_PROP_FRAME_COUNT) / _FRAMES))
    for number in count():
        read, frame = capture.read()
        if not read:
            break
        if number % every == 0:
            yield np.asarray(frame, np.uint8)
    if not number:
        raise ValueError(f"not a clip: {clip}")


def cameras(data: Path) -> list[Camera]:
    """Those whose clips are all there."""
    return [each for each in CAMERAS if all((data / "video" / clip).is_file() for clip in each.clips)]
