"""Renders the growing excavation: STAGE.png, its masks, and STAGE.json with outlines in metres."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from bench.provingground.blend import land, light, objects
from bench.provingground.blend.render import Renderer
from bench.provingground.camera import Camera, look
from bench.provingground.excavation import STAGES, Stage, described, drawn_mask, visible_mask
from bench.provingground.fleet.excavator import Arm, Excavator
from bench.provingground.fleet.model import Model
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.ground import Ground
from bench.provingground.sensor import Look, develop
from bench.provingground.site import Site
from bench.provingground.stage import RED, YELLOW
from bench.provingground.truth import Thing, sightings
from bench.provingground.truth import described as seen_thing
from bench.provingground.vegetation import Clearing
from bench.provingground.weather import haze

_LOOK = Look(sharpen=0.3, key=0.17)
_HAZE = 0.00045  # per m


def make(folder: Path, size: tuple[int, int], samples: int, threads: int) -> None:
    camera = look(np.array([-20.0, -105.0, 28.0]), np.array([0.0, 32.0, 0.0]), math.radians(30), size)
    for number, stage in enumerate(STAGES):
        _stage(folder, f"disturb_{number}", stage, camera, samples, threads)


def _stage(folder: Path, name: str, stage: Stage, camera: Camera, samples: int, threads: int) -> None:
    works = stage.earthworks()
    ground = Ground(Site(), 1, works)
    things = _built(ground, folder, stage)
    renderer = Renderer(samples, threads)
    renderer.aim(camera)
    passes = renderer.whole()
    seen = haze(passes.light, passes.depth, _HAZE)
    picture = develop(seen, passes.depth, camera, _LOOK, [], np.random.default_rng(len(works)))
    visible = visible_mask(works, passes.depth, passes.ids, camera)
    cv2.imwrite(str(folder / f"{name}.png"), picture)
    cv2.imwrite(str(folder / f"{name}_mask.png"), drawn_mask(works, ground, camera))
    cv2.imwrite(str(folder / f"{name}_visible.png"), visible)
    truth = {
        "camera": camera.truth(),
        "time": stage.moment.isoformat(),
        "sun": stage.sun,
        "disturbed": described(works),
        "total_m2": stage.pit + stage.heap,
        "visible_px": int((visible > 0).sum()),
        "objects": [seen_thing(sighting) for sighting in sightings(things, passes.ids, camera)],
    }
    (folder / f"{name}.json").write_text(json.dumps(truth))
    print(name, f"{stage.pit + stage.heap:.0f} m2,", truth["visible_px"], "px of it seen", flush=True)


def _built(ground: Ground, folder: Path, stage: Stage) -> list[Thing]:
    objects.reset()
    textures = folder / "textures"
    textures.mkdir(parents=True, exist_ok=True)
    land.Land(ground, textures, fine=0.3, detail=(-40, 45, 0, 60))
    # Nothing grows where the last stage will be, from the first one on: bushes do not come and go.
    last = Ground(Site(), 1, STAGES[-1].earthworks())
    land.furnish(last, 2, Clearing(x=(-40, 60), y=(-5, 72), camera=(-20, -105)), south=False)
    if stage.sun is not None:
        light.clear_sky(*stage.sun)
    else:
        light.grey_sky()
    things = [_placed(1, Excavator(Arm()).build(), ground, (-3.5, 44, -1.6))]
    if stage.lorry_load is not None:
        things.append(_placed(2, Tipper(load=stage.lorry_load, seed=1).build(), ground, (-16, 40, 0.2)))
    return things


def _placed(number: int, model: Model, ground: Ground, place: Sequence[float]) -> Thing:
    thing = Thing(number, model, ground.stand(*place))
    made = objects.mesh(model.kind, model.shape)
    machine = objects.add(model.kind, made, thing.frame, bevel=model.bevel, number=number)
    objects.repaint(machine, *((YELLOW, YELLOW) if model.label == "excavator" else (RED, RED)))
    return thing
