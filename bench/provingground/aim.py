"""From where a random view is taken: a mast, a drone that looks obliquely, or one that looks straight down."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bench.provingground.camera import Camera, look
from bench.provingground.ground import Ground
from bench.provingground.site import HALF, WATER
from bench.provingground.transforms import Matrix, Points, move, point, turn_x, turn_y, turn_z, unit
from bench.provingground.truth import Thing

Chance = np.random.Generator
Kind = Literal["mast", "obl", "nadir"]
Clear = Callable[[Points, Points, int], bool]  # camera's place, target, number of the thing: is it in sight?

_SMALL = ("person", "motorcycle")
_RARE = ("excavator", "loader", "bus", "motorcycle", "vessel")
_TRIES = 16


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """distance: m to what the camera was aimed at. seen: how many things of a labelled size are in sight."""

    camera: Camera
    kind: Kind
    distance: float
    seen: int


def aim(
    things: Sequence[Thing],
    centre: tuple[float, float],
    ground: Ground,
    size: tuple[int, int],
    chance: Chance,
    clear: Clear,
) -> Aim:
    """The view in which most is seen, of a few that show more than half of what lies in them."""
    enough, good, best = (1 if chance.random() < 0.3 else 5), [], None
    for _ in range(_TRIES):
        camera, kind, distance = _random(things, centre, ground, size, chance)
        inside, seen = _in_sight(things, camera, clear)
        tried = Aim(camera, kind, distance, seen)
        if not things:
            return tried
        if best is None or seen > best.seen:
            best = tried
        if seen and seen >= 0.6 * inside:
            good.append(tried)
        if len(good) >= enough:
            break
    assert best is not None
    return max(good, key=lambda each: each.seen, default=best)


def _random(
    things: Sequence[Thing],
    centre: tuple[float, float],
    ground: Ground,
    size: tuple[int, int],
    chance: Chance,
) -> tuple[Camera, Kind, float]:
    thing = _subject(things, chance)
    target = np.array([*centre, 0.0]) if thing is None else thing.frame[:3, 3] + [0, 0, 1.0]
    long, small = (8.6, False) if thing is None else (thing.model.size, thing.model.label in _SMALL)
    kind, away, height = _stand(small, chance)
    azimuth = chance.normal(-math.pi / 2, 0.75) if chance.random() < 0.7 else chance.uniform(0, 2 * math.pi)
    x, y = target[0] + away * math.cos(azimuth), target[1] + away * math.sin(azimuth)
    floor = max(WATER, float(ground.height(x, y))) if max(abs(x), abs(y)) < HALF - 5 else -3.2
    place = np.array([x, y, max(floor + 4, (floor if kind == "mast" else target[2]) + height)])
    distance = float(np.linalg.norm(place - target))
    angle = _angle(
        long, distance, size[0], chance, small or (thing is not None and thing.model.label == "car")
    )
    frame = look(place, _off_centre(place, target, distance * math.tan(angle / 2), chance), angle, size).frame
    return Camera(frame @ _hang(kind, frame, chance), angle, size), kind, distance


def _subject(things: Sequence[Thing], chance: Chance) -> Thing | None:
    if not things:
        return None
    weights = np.array([1.8 if thing.model.label in _RARE else 1.0 for thing in things])
    return things[int(chance.choice(len(things), p=weights / weights.sum()))]


def _stand(small: bool, chance: Chance) -> tuple[Kind, float, float]:
    """Kind, m away along the ground, m high."""
    kind: Kind = ("mast", "mast", "mast", "mast", "obl", "nadir")[int(chance.integers(6))]
    if kind == "mast":
        near, far = (35.0, 150.0) if small else (40.0, 340.0)
        away = math.exp(chance.uniform(math.log(near), math.log(far)))
        return kind, away, min(float(chance.uniform(8, 45)), away * 0.7)
    if kind == "obl":
        away = float(chance.uniform(20, 130))
        return kind, away, float(chance.uniform(0.35, 1.4)) * away
    return kind, float(chance.uniform(0.1, 6)), float(chance.uniform(25, 120))


def _angle(long: float, distance: float, width: int, chance: Chance, small: bool) -> float:
    """Radians of the field of view in which the subject is 12 to 300 px long (small ones 11 to 130)."""
    least, most = (11, 130) if small else (12, 300)
    wanted = least * (most / least) ** (chance.random() ** 1.45)
    half = math.atan(width / 2 / (wanted * distance / long))
    return 2 * min(max(half, math.radians(1.2)), math.radians(48))


def _off_centre(place: Points, target: Points, half: float, chance: Chance) -> Points:
    """A point near the target, so that the subject is not always in the middle. half: m, of the view's width."""
    ahead = unit(target - place)
    right = unit(np.cross(ahead, (0.0, 0.0, 1.0)))
    up = np.cross(right, ahead)
    return np.asarray(
        target + right * half * chance.uniform(-0.55, 0.55) + up * half * 0.56 * chance.uniform(-0.45, 0.45),
        float,
    )


def _hang(kind: Kind, frame: Matrix, chance: Chance) -> Matrix:
    """How the camera hangs: a drone's looks straight down at any heading, a mast's leans a little."""
    if kind == "nadir":
        down = (
            turn_z(chance.uniform(0, 2 * math.pi))
            @ turn_x(chance.normal() * 0.04)
            @ turn_y(chance.normal() * 0.04)
        )
        turned = move(0, 0, 0)
        turned[:3, :3] = frame[:3, :3].T @ down[:3, :3]
        return turned
    return turn_z(math.radians(chance.normal() * 2)) if chance.random() < 0.5 else move(0, 0, 0)


def _in_sight(things: Sequence[Thing], camera: Camera, clear: Clear) -> tuple[int, int]:
    """How many lie in the view at 10 px or more, and how many of them nothing hides."""
    inside = seen = 0
    for thing in things:
        middle = point(thing.frame, (0, 0, 0.9 if thing.model.label in _SMALL else 1.6))
        pixel, depth = camera.project(middle[None])
        in_frame = 0 < pixel[0, 0] < camera.size[0] and 0 < pixel[0, 1] < camera.size[1]
        if depth[0] > 1 and in_frame and camera.focal * thing.model.size / depth[0] > 10:
            inside += 1
            seen += clear(camera.place, middle, thing.number)
    return inside, seen
