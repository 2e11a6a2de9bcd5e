"""What a look costs at 1080p on one core."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from bench.disturbance.clock import DAY
from bench.disturbance.scenario import Look, Told
from bench.disturbance.survey import EVERYBODY, OURS, play
from bench.report import Figure, Goal, spread
from inference.detections import Picture
from inference.terrain.sight import Sight

_SIZE = (1920, 1080)
_MIDDAY = 1_749_441_600.0  # 2025-06-09 12:00 in Beijing
_EVERY = 30.0  # s, as the daemon looks
_LEARNING, _LOOKS = 40, 60
_MOST = 60.0  # ms


@dataclass(frozen=True, slots=True)
class Meadow:
    """A made picture with as much detail as a lens gives, moved and brightened a little from look to look."""

    many: int

    @property
    def told(self) -> Told:
        return Told("meadow", "filmed", _MIDDAY + _LEARNING * _EVERY, _MIDDAY + DAY)

    def sight(self) -> Sight | None:
        return None

    def looks(self) -> Iterator[Look]:
        chance = np.random.default_rng(1)
        plain = meadow(chance)
        nobody = np.zeros((0, 4), np.float32)
        for number in range(_LEARNING + self.many):
            move = np.hstack([np.eye(2), chance.normal(0, 0.3, (2, 1))])
            moved = cv2.warpAffine(plain, move, _SIZE, borderMode=cv2.BORDER_REPLICATE)
            noise = chance.normal(0, 2, (*_SIZE[::-1], 1))
            picture = np.clip(moved * chance.normal(1, 0.05) + noise, 0, 255).astype(np.uint8)
            yield Look(_MIDDAY + number * _EVERY, picture, nobody, nobody)


def speed(*, quick: bool = False) -> tuple[dict[str, Figure | dict[str, Figure]], dict[str, Goal]]:
    """ms per look after learning, by contestant; and whether ours keeps what was promised."""
    looks = _LOOKS // 6 if quick else _LOOKS
    records = play(Meadow(looks), EVERYBODY).records
    found = {name: spread(record.ms[-looks:]) for name, record in records.items()}
    cost = found[OURS]["median"]
    assert isinstance(cost, float)
    return {**found}, {"ms_per_look_1080p": Goal(cost, "ms", at_most=_MOST)}


def meadow(chance: np.random.Generator) -> Picture:
    """Sky above grass: uint8 [1080, 1920, 3]."""
    width, height = _SIZE
    detail = sum(
        cv2.resize(chance.normal(0, 12, (height // 2**octave, width // 2**octave)), _SIZE)
        for octave in range(1, 6)
    )
    picture = np.array([60, 110, 90]) + np.asarray(detail)[..., None]
    picture[: height // 4] = [220, 190, 160]
    return np.asarray(np.clip(picture, 0, 255), np.uint8)
