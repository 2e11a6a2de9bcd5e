"""The ground: how far off places and areas are against exact truth as the noise grows, and whether they say so."""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.groundtruth import HILLS, Scene, mast, on_hills, patches, pose, sights
from bench.report import Figure, Goal, Report
from inference.ground import GroundRefused
from inference.terrain.area import SURE, measured
from inference.terrain.calibration import calibrated
from inference.terrain.posed import PosedSight
from inference.terrain.sight import Sight
from inference.terrain.surface import Flat

QUESTION = "How far off are places and areas on the ground, and is the stated uncertainty true?"

Floats = NDArray[np.float64]

_SEED = 5
_NOISE = ((1.0, 0.1), (2.0, 0.5), (4.0, 1.0), (8.0, 2.0))  # px of 1920, m: of each control point, 1 sigma
_USUAL = _NOISE[1]
_POSE_NOISE = (0.5, 1.0, 2.0, 4.0)  # times the errors of a usual drone
_PAIRS = (4, 6, 10)
_RANSAC_M = 2.0  # m that a point may be off for the peer: four times its noise
_BANDS = ((0.0, 75.0), (75.0, 150.0), (150.0, 250.0), (250.0, 350.0))  # m from the camera's foot


@dataclass
class Tally:
    """What one way of measuring got right. place: m off; within: whether inside the stated 95 %."""

    place: list[float] = field(default_factory=list)
    place_within: list[bool] = field(default_factory=list)
    area: list[float] = field(default_factory=list)
    area_within: list[bool] = field(default_factory=list)
    distance: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    refused: int = 0

    def figures(self) -> dict[str, Figure]:
        """None where there is nothing to tell."""
        return {
            "places_off_median_m": _rank(self.place, 50),
            "places_off_p95_m": _rank(self.place, 95),
            "places_within_95": _mean(self.place_within),
            "areas_told": len(self.area) / max(len(self.asked), 1),
            "areas_off_median": _rank(self.area, 50),
            "areas_off_p95": _rank(self.area, 95),
            "areas_within_95": _mean(self.area_within),
            "refused": self.refused,
        }

    def by_distance(self) -> dict[str, dict[str, Figure]]:
        off, at, asked = np.array(self.area), np.array(self.distance), np.array(self.asked)
        return {
            f"{low:.0f}_{high:.0f}_m": {
                "areas": int(((asked >= low) & (asked < high)).sum()),
                "told": _mean(
                    ((at >= low) & (at < high)).sum() / max(((asked >= low) & (asked < high)).sum(), 1)
                ),
                "off_median": _rank(off[(at >= low) & (at < high)], 50),
                "off_p95": _rank(off[(at >= low) & (at < high)], 95),
            }
            for low, high in _BANDS
        }


def run(quick: bool) -> Report:
    count = 12 if quick else 150
    planes = {
        f"{px:g}_px_{metres:g}_m": {f"{pairs}_pairs": _planes(px, metres, pairs, count) for pairs in _PAIRS}
        for px, metres in _NOISE
    }
    usual = planes[f"{_USUAL[0]:g}_px_{_USUAL[1]:g}_m"]
    drones = {f"{times:g}_times": _drones(times, count, flat=True) for times in _POSE_NOISE}
    others = {
        "pose_from_heights_8_pairs": _heights(count),
        "drone_over_hills": _drones(1.0, count, flat=False),
    }
    everything = [tally for by_pairs in planes.values() for tally in by_pairs.values()]
    figures: dict[str, dict[str, Any]] = {
        "plane": {
            noise: {key: each.figures() for key, each in found.items()} for noise, found in planes.items()
        },
        "plane_by_distance": {key: each.by_distance() for key, each in usual.items()},
        "plane_6_pairs_peers": _peers(count),
        "drone": {key: each.figures() for key, each in drones.items()},
        "other": {key: each.figures() for key, each in others.items()},
    }
    return Report(figures, _goals(everything, list(drones.values()), others, usual["6_pairs"]))


def _goals(
    planes: list[Tally], drones: list[Tally], others: dict[str, Tally], usual: Tally
) -> dict[str, Goal]:
    kinds = {"plane": planes, "drone": drones, **{key: [each] for key, each in others.items()}}
    goals = {}
    for key, tallies in kinds.items():
        places = [each for tally in tallies for each in tally.place_within]
        areas = [each for tally in tallies for each in tally.area_within]
        goals[f"{key}_places_within_95"] = Goal(_share(places), "share", at_least=0.90, at_most=0.99)
        goals[f"{key}_areas_within_95"] = Goal(_share(areas), "share", at_least=0.90, at_most=0.99)
    goals["plane_area_off_median"] = Goal(float(np.median(usual.area)), "share", at_most=0.10)
    return goals


def _planes(px: float, metres: float, pairs: int, count: int) -> Tally:
    """Masts over flat ground, measured in by so many pairs of which the noise is known."""
    tally, chance = Tally(), np.random.default_rng([_SEED, pairs, int(10 * px)])
    for _ in range(count):
        scene = mast(chance)
        given = scene.pairs(pairs, (px, metres), chance)
        try:
            sight: Sight = calibrated(given, aspect=scene.aspect, noise_px=px).sight
        except GroundRefused:
            tally.refused += 1
            continue
        _judge(tally, scene, sight, chance)
    return tally


def _heights(count: int) -> Tally:
    """Masts over flat ground, measured in by points up to 6 m above it."""
    tally, chance = Tally(), np.random.default_rng([_SEED, 77])
    for _ in range(count):
        scene = mast(chance)
        given = scene.pairs(8, _USUAL, chance, heights=6.0)
        try:
            sight = calibrated(given, aspect=scene.aspect, noise_px=_USUAL[0]).sight
        except GroundRefused:
            tally.refused += 1
            continue
        _judge(tally, scene, sight, chance)
    return tally


def _drones(times: float, count: int, *, flat: bool) -> Tally:
    """A pose that is told with errors, over flat ground or over hills that are known."""
    tally, chance = Tally(), np.random.default_rng([_SEED, 99, int(10 * times), int(flat)])
    for _ in range(count):
        scene = pose(chance) if flat else on_hills(chance)
        told, covariance = scene.told(times, chance)
        _judge(tally, scene, PosedSight(told, Flat() if flat else HILLS, covariance), chance)
    return tally


def _judge(tally: Tally, scene: Scene, sight: Sight, chance: np.random.Generator) -> None:
    """Points and patches of the scene through the sight, against where they are."""
    for pixel, place in sights(scene, chance):
        found, drawn = sight.metres(pixel)[0], sight.draws(pixel)[:, 0]
        if not (np.isfinite(found).all() and np.isfinite(drawn).all()):
            continue
        values, axes = np.linalg.eigh(np.cov(drawn.T))
        tally.place.append(float(np.linalg.norm(found - place)))
        along = abs(float((found - place) @ axes[:, -1]))
        tally.place_within.append(along <= SURE * float(np.sqrt(values[-1])))
    for outline, area, distance in patches(scene, chance):
        told = measured(sight, outline, scene.aspect)
        tally.asked.append(distance)
        if told.area_m2 is not None and told.sigma_m2 is not None:
            tally.area.append(abs(told.area_m2 - area) / area)
            tally.area_within.append(abs(told.area_m2 - area) <= SURE * told.sigma_m2)
            tally.distance.append(distance)


def _peers(count: int) -> dict[str, dict[str, Figure]]:
    """cv2.findHomography on the same six pairs: it measures everything, and says of nothing how sure it is."""
    return {"opencv_all_points": _peer(0, count), "opencv_ransac": _peer(cv2.RANSAC, count)}


def _peer(method: int, count: int) -> dict[str, Figure]:
    chance = np.random.default_rng([_SEED, 6, int(10 * _USUAL[0])])
    places: list[float] = []
    areas: list[float] = []
    for _ in range(count):
        scene = mast(chance)
        given = scene.pairs(6, _USUAL, chance)
        pixels, metres = (np.array([getattr(each, side) for each in given]) for side in ("pixel", "metres"))
        plane = np.asarray(cv2.findHomography(pixels, metres, method, _RANSAC_M)[0], np.float64)
        if plane.shape != (3, 3):
            continue
        for pixel, place in sights(scene, chance):
            places.append(float(np.linalg.norm(_through(plane, pixel)[0] - place)))
        for outline, area, _distance in patches(scene, chance):
            areas.append(abs(_size(_through(plane, outline)) - area) / area)
    return {
        "places_off_median_m": _rank(places, 50),
        "places_off_p95_m": _rank(places, 95),
        "areas_off_median": _rank(areas, 50),
        "areas_off_p95": _rank(areas, 95),
    }


def _through(plane: Floats, pixels: Floats) -> Floats:
    return np.asarray(cv2.perspectiveTransform(pixels[None], plane)[0], np.float64)


def _size(corners: Floats) -> float:
    x, y = corners.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def _rank(values: list[float] | Floats, percent: float) -> float | None:
    return float(np.percentile(values, percent)) if len(values) else None


def _mean(values: object) -> float | None:
    found = np.asarray(values, np.float64)
    return float(found.mean()) if found.size else None


def _share(values: list[bool]) -> float:
    return float(np.mean(values)) if values else float("nan")
