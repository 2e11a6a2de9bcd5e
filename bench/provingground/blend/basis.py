"""Renders a season's basis: the empty scene in the light of each source alone. See season.basis for what is kept."""

import time as clock
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bench.provingground.blend import land, light, objects
from bench.provingground.blend.render import Renderer
from bench.provingground.ground import Ground
from bench.provingground.patches import Passes
from bench.provingground.season.basis import Floats, keep, lamp_name, site_of, sky_name, sun_name, written
from bench.provingground.season.plan import Plan
from bench.provingground.spots import Spot
from bench.provingground.vegetation import Clearing

_TEXTURES = "textures"


def make(plan: Plan, folder: Path, samples: int, threads: int) -> None:
    """Render what is missing of one scene's basis into folder/NAME; what is there already is kept."""
    place = folder / plan.name
    (place / _TEXTURES).mkdir(parents=True, exist_ok=True)
    renderer = _built(plan, place, samples, threads)
    _once(place, sky_name(), lambda: _sky(place, renderer))
    _once(place, lamp_name(), lambda: _lamp(plan, renderer))
    for number, angles in enumerate(plan.suns()):
        _once(place, sun_name(number), partial(_sun, renderer, *angles))
    written(plan, place)


def _built(plan: Plan, place: Path, samples: int, threads: int) -> Renderer:
    started = clock.monotonic()
    objects.reset()
    ground = Ground(*site_of(plan))
    near, far = plan.clear[1] - 5, plan.clear[2]
    land.Land(
        ground, place / _TEXTURES, fine=0.6, detail=(-plan.clear[0] - 20, plan.clear[0] + 20, near, far)
    )
    clearing = Clearing((-plan.clear[0], plan.clear[0]), plan.clear[1:], plan.place[:2])
    land.furnish(ground, ground.seed, clearing, south=True)
    renderer = Renderer(samples, threads)
    renderer.aim(plan.camera())
    print(plan.name, f"built in {clock.monotonic() - started:.0f} s", flush=True)
    return renderer


def _once(place: Path, name: str, take: Callable[[], Floats]) -> None:
    if (place / name).exists():
        return
    started = clock.monotonic()
    keep(place / name, take())
    print(place.name, name, f"{clock.monotonic() - started:.1f} s", flush=True)


def _sky(place: Path, renderer: Renderer) -> Floats:
    objects.remove("LIGHT")
    light.even_sky(1.0)
    passes: Passes = renderer.whole(2 * renderer.samples)
    np.save(place / "depth.npy", passes.depth)
    np.save(place / "ids.npy", np.rint(passes.ids).astype(np.int16))
    return passes.light


def _sun(renderer: Renderer, height: float, azimuth: float) -> Floats:
    objects.remove("LIGHT")
    light.even_sky(0.0)
    light.sun(height, azimuth)
    return renderer.whole().light


def _lamp(plan: Plan, renderer: Renderer) -> Floats:
    """The lamp beside the camera; scaled so that the brightest fortieth of the picture begins at 1."""
    objects.remove("LIGHT")
    light.even_sky(0.0)
    x, y, z = plan.place
    light.spot(Spot((x, y, z + 0.4), plan.target, 1e5, min(150.0, 1.25 * plan.wide), 0.8, (1, 1, 1), 0.2))
    seen = renderer.whole().light
    return np.asarray(seen / max(1e-6, float(np.percentile(seen.mean(-1), 97.5))), np.float32)
