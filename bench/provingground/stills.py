"""The demo site from the mast, from near by, from a drone and by night: PNG with the truth beside each."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from bench.provingground import stage
from bench.provingground.blend import objects
from bench.provingground.blend.render import Renderer
from bench.provingground.camera import Camera, look
from bench.provingground.cast import Cast, furnish, lighten
from bench.provingground.sensor import develop
from bench.provingground.truth import described, sightings
from bench.provingground.weather import dust, haze

Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Still:
    """at: s into the script. wide: degrees of the field of view."""

    name: str
    script: stage.Name
    at: float
    place: Place
    target: Place
    wide: float

    def camera(self, size: tuple[int, int]) -> Camera:
        return look(np.array(self.place), np.array(self.target), math.radians(self.wide), size)


STILLS = (
    Still("mast", "day", 15.0, stage.MAST, (8, 27, 0), 37),
    Still("near", "day", 14.0, (8, 8, 6), (30, 37, 2), 45),
    Still("far", "day", 6.0, (-60, -150, 30), (5, 25, 0), 16),
    Still("oblique", "day", 24.0, (70, -15, 45), (22, 36, 0), 40),
    Still("nadir", "day", 24.0, (24, 33, 80), (24, 34, 0), 45),
    Still("night", "night", 6.0, stage.MAST, (8, 27, 0), 37),
)


def make(folder: Path, size: tuple[int, int], samples: int, threads: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for script in sorted({still.script for still in STILLS}):
        ground = stage.ground()
        cast = Cast(ground, stage.script(script, ground.site))
        furnish(ground, folder)
        cast.build()
        renderer = Renderer(samples, threads)
        for still in (each for each in STILLS if each.script == script):
            _take(still, folder, still.camera(size), cast, renderer)


def _take(still: Still, folder: Path, camera: Camera, cast: Cast, renderer: Renderer) -> None:
    lit = stage.LIGHTS[still.script]
    objects.remove("LIGHT")
    lighten(still.script)
    cast.play(still.at, movers=True)
    renderer.aim(camera)
    passes = renderer.whole()
    seen = haze(passes.light, passes.depth, lit.haze)
    seen = dust(seen, passes.depth, camera, cast.script.dust(still.at))
    picture = develop(seen, passes.depth, camera, lit.look, cast.lamps, np.random.default_rng(0))
    cv2.imwrite(str(folder / f"{still.name}.png"), picture)
    things = [described(sighting) for sighting in sightings(cast.things(), passes.ids, camera)]
    truth = {"camera": camera.truth(), "time": lit.time, "light": lit.name, "objects": things}
    (folder / f"{still.name}.json").write_text(json.dumps(truth))
    print(still.name, len(things), "things", flush=True)
