"""A season's basis: one empty scene in the light of each source alone, as arrays in a folder.

    scene.json   name, site, camera (K, R, t, size), frame (4x4, of the camera), angle, suns (degrees), day, infrared
    sky.npy      float16 [h, w, 3] linear RGB under an even white sky (a white level surface in the open has 1)
    sun_NN.npy   the same in the sun alone (a white surface that faces it has 1; the sky is black)
    lamp.npy     the same in the lamp beside the camera alone
    depth.npy    float32 [h, w] m along the axis, 1e10 for the sky
    ids.npy      int16 [h, w], truth.PLANT where leaves are, 0 elsewhere

Light adds up: every picture of the scene is a weighted sum of these, tinted by what is between.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.provingground.camera import Camera, Json
from bench.provingground.ground import Ground
from bench.provingground.season.plan import Angles, Plan
from bench.provingground.site import Site, random_site
from bench.provingground.truth import PLANT

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

FAR = 1e5  # m; beyond is sky
_FACTS = "scene.json"


@dataclass(frozen=True, eq=False)
class Basis:
    """One scene's passes. suns: degrees (height, azimuth) of each pass in `sunlit`, from morning to evening."""

    name: str
    camera: Camera
    ground: Ground
    day: tuple[int, int]
    infrared: bool
    suns: tuple[Angles, ...]
    sky: Halves
    sunlit: tuple[Halves, ...]
    lamp: Halves
    depth: Floats
    ids: NDArray[np.int16]

    @cached_property
    def world(self) -> Floats:
        """[h, w, 3] m: the place that each pixel's middle shows; 2 km away where it shows the sky."""
        return self.camera.world(np.minimum(self.depth, 2000.0).astype(np.float64)).astype(np.float32)

    @cached_property
    def heaven(self) -> NDArray[np.bool_]:
        return np.asarray(self.depth > FAR)

    @cached_property
    def plants(self) -> NDArray[np.bool_]:
        """Leaves of trees and bushes."""
        return np.asarray(self.ids == PLANT)

    @cached_property
    def bare(self) -> NDArray[np.bool_]:
        """The ground itself: no plant, house, water or sky before it."""
        x, y, z = np.moveaxis(self.world.astype(np.float64), -1, 0)
        near = np.maximum(np.abs(x), np.abs(y)) < 248.0
        level = np.abs(z - self.ground.height(x, y)) < 0.35 + 0.004 * self.depth
        return np.asarray(near & level & ~self.plants & (self.ground.site.off_water(x, y) > 0.5))


def sky_name() -> str:
    return "sky.npy"


def sun_name(number: int) -> str:
    return f"sun_{number:02d}.npy"


def lamp_name() -> str:
    return "lamp.npy"


def site_of(plan: Plan) -> tuple[Site, int]:
    """The plan's site, and the seed of its ground."""
    if plan.site is None:
        return Site(bank_track=18.0), 1
    return random_site(plan.site), plan.site


def keep(path: Path, light: Floats) -> None:
    """Write one pass, whole or not at all."""
    part = path.with_suffix(".part.npy")
    np.save(part, np.clip(light, 0, 6e4).astype(np.float16))
    part.rename(path)


def written(plan: Plan, folder: Path) -> None:
    """The facts of a scene beside its passes: it is complete."""
    camera = plan.camera()
    facts: Json = {
        "name": plan.name,
        "site": plan.site,
        "camera": camera.truth(),
        "frame": camera.frame.tolist(),
        "angle": camera.angle,
        "suns": plan.suns(),
        "day": plan.day,
        "infrared": plan.infrared,
    }
    (folder / _FACTS).write_text(json.dumps(facts, indent=1))


def scenes(folder: Path) -> list[str]:
    """Names of the complete scenes in a folder, sorted."""
    return sorted(path.parent.name for path in folder.glob(f"*/{_FACTS}"))


def load(folder: Path, name: str) -> Basis:
    """One scene, its passes mapped from the files. FileNotFoundError: it is not there, or not complete."""
    place = folder / name
    facts = json.loads((place / _FACTS).read_text())

    def taken(file: str) -> NDArray[np.float16]:
        return np.asarray(np.load(place / file, mmap_mode="r"))

    site = (
        (Site(bank_track=18.0), 1) if facts["site"] is None else (random_site(facts["site"]), facts["site"])
    )
    width, height = facts["camera"]["size"]
    return Basis(
        name,
        Camera(np.array(facts["frame"]), facts["angle"], (width, height)),
        Ground(*site),
        (facts["day"][0], facts["day"][1]),
        facts["infrared"],
        tuple((each[0], each[1]) for each in facts["suns"]),
        taken(sky_name()),
        tuple(taken(sun_name(number)) for number in range(len(facts["suns"]))),
        taken(lamp_name()),
        np.load(place / "depth.npy"),
        np.load(place / "ids.npy"),
    )
