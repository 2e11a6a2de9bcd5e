"""How fast and where things go on calibrated ground. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.ground import Ground

Floats = NDArray[np.float64]

_WINDOW = 1.5  # s that speed is taken over: a lorry at 10 m/s goes its own length, and hardly turns
_LEAST_SPAN = 0.5  # s: over less, a pixel of jitter is a speed
_MOST_SIGHTINGS = 32  # in the window: 20 pictures per second
_STANDING = 2.0  # sigmas of speed: below, a direction would be noise


@dataclass(frozen=True, slots=True)
class Course:
    """Where a thing is on the ground and where it goes; sigmas are 1 standard deviation.

    The errors of the sightings are taken as independent; a detector's wobble that lasts makes them larger.
    place: m east and north. speed: m/s. heading: degrees clockwise from north, 0 to 360; None while it stands
    (its speed is below twice its sigma), where a direction would be noise.
    """

    place: tuple[float, float]
    place_sigma: float
    speed: float
    speed_sigma: float
    heading: float | None
    heading_sigma: float | None


class Courses:
    """The courses of many tracks over one calibrated ground. One thread; its only clock is `time`."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._seen: dict[int, deque[tuple[float, Floats, Floats]]] = {}

    def update(
        self, ids: Sequence[int], feet: Floats, noise: Floats, seen: Sequence[bool], time: float
    ) -> dict[int, Course]:
        """After one picture: the course of each track that has one by now.

        ids: of every track there is; others are forgotten. feet: float64 [N, 2], relative pixels where each meets
        the ground. noise: [N, 2], 1 sigma of them. seen: only these are taken in. time: s; what it saw later than
        that (a clock set back) is forgotten.
        """
        places = self._ground.metres(feet)
        near = np.isfinite(places).all(axis=1)
        spreads = np.zeros((len(feet), 2, 2))
        spreads[near] = self._ground.spread(feet[near], noise[near])
        self._seen = {each: self._recent(each, time) for each in ids}
        for each, place, spread, fresh in zip(
            ids, places, spreads, near & np.asarray(seen, bool), strict=True
        ):
            if fresh:
                self._seen[each].append((time, place, spread))
        courses = {each: _course(self._seen[each], time) for each in ids}
        return {each: course for each, course in courses.items() if course is not None}

    def _recent(self, each: int, time: float) -> deque[tuple[float, Floats, Floats]]:
        kept = (one for one in self._seen.get(each, ()) if 0 <= time - one[0] <= _WINDOW)
        return deque(kept, maxlen=_MOST_SIGHTINGS)


def _course(seen: Sequence[tuple[float, Floats, Floats]], time: float) -> Course | None:
    """A straight line at constant speed through the window, weighted (Bar-Shalom, Estimation, 3.4)."""
    if len(seen) < 3 or seen[-1][0] - seen[0][0] < _LEAST_SPAN:
        return None
    information, pull = np.zeros((4, 4)), np.zeros(4)
    for moment, place, spread in seen:
        weight = np.linalg.inv(spread + 1e-6 * np.eye(2))  # a millimetre: keeps an exact sighting invertible
        line = np.kron([1.0, moment - time], np.eye(2))
        information += line.T @ weight @ line
        pull += line.T @ weight @ place
    covariance = np.asarray(np.linalg.inv(information), np.float64)
    state: Floats = covariance @ pull
    return _said(state, covariance)


def _said(state: Floats, covariance: Floats) -> Course:
    velocity, spread = state[2:], covariance[2:, 2:]
    speed = float(np.hypot(*velocity))
    along = velocity / speed if speed > 0 else np.array([1.0, 0.0])
    across = np.array([-along[1], along[0]])
    sigma = float(np.sqrt(along @ spread @ along))
    moving = speed > _STANDING * sigma
    heading = float(np.degrees(np.arctan2(velocity[0], velocity[1]))) % 360
    turn = float(np.degrees(np.arctan2(np.sqrt(across @ spread @ across), speed)))
    return Course(
        place=(float(state[0]), float(state[1])),
        place_sigma=float(np.sqrt(np.linalg.eigvalsh(covariance[:2, :2])[-1])),
        speed=speed,
        speed_sigma=sigma,
        heading=heading if moving else None,
        heading_sigma=turn if moving else None,
    )
