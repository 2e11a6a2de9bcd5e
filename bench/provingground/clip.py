"""A clip with the truth of every frame.

What stands still is rendered once, at many samples (the plate); of each frame only the boxes round what moves or
changes are rendered and blended in. A frame that lies in the folder already is kept: a run that was stopped goes on.
"""

import json
import shutil
import subprocess
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground import stage
from bench.provingground.blend.render import Renderer
from bench.provingground.camera import Json
from bench.provingground.cast import Cast, furnish, lighten
from bench.provingground.patches import Passes, blend, merged
from bench.provingground.sensor import develop, gain_for
from bench.provingground.shadow import changed_box
from bench.provingground.truth import PLANT, Box, Sighting, Thing, sightings
from bench.provingground.weather import clouds, dust, haze, wind

_MARGIN = 6  # px round what moves, of which the outer ones fade into the plate
_BEAM = 24.0  # m ahead that headlamps light visibly
_LEAST = 8  # px of a thing that is told of


@dataclass(frozen=True, slots=True)
class Effort:
    """samples: per pixel of what moves; plate: of what stands still."""

    samples: int = 8
    plate: int = 48
    threads: int = 2


class Shoot:
    """One clip being rendered. folder: gets NAME.mp4, NAME.json and the frames."""

    def __init__(self, name: stage.Name, folder: Path, size: tuple[int, int], effort: Effort) -> None:
        self._name, self._folder, self._effort = name, folder, effort
        self._light, self._ground = stage.LIGHTS[name], stage.ground()
        self._camera = stage.camera(size)
        self._script = stage.script(name, self._ground.site)
        self._frames = folder / f"frames_{name}"
        self._frames.mkdir(parents=True, exist_ok=True)
        self._cast = Cast(self._ground, self._script)

    def run(self) -> None:
        """Render what is missing, then write the clip and its truth."""
        times = self._script.times()
        missing = [number for number in range(len(times)) if not self._path(number, "json").exists()]
        if missing:
            self._shoot(missing, times)
        _encode(self._frames, self._script.fps, self._light.crf, self._folder / f"{self._name}.mp4")
        (self._folder / f"{self._name}.json").write_text(
            json.dumps(self._truth(len(times)), separators=(",", ":"))
        )

    def _path(self, number: int, kind: str) -> Path:
        return self._frames / f"{number:04d}.{kind}"

    def _shoot(self, missing: Sequence[int], times: Sequence[float]) -> None:
        began = clock.monotonic()
        renderer = self._build()
        plate = self._plate(renderer)
        gain = gain_for(plate.light, plate.depth, self._light.look)
        print(f"plate after {clock.monotonic() - began:.0f} s, {len(missing)} frames to go", flush=True)
        last: dict[object, Passes] = {}
        for number in missing:
            last = self._frame(renderer, plate, gain, number, times[number], last)
            if number % 20 == 0:
                print(f"frame {number} after {clock.monotonic() - began:.0f} s", flush=True)

    def _build(self) -> Renderer:
        furnish(self._ground, self._folder)
        lighten(self._name)
        self._cast.build()
        renderer = Renderer(self._effort.samples, self._effort.threads)
        renderer.aim(self._camera)
        return renderer

    def _plate(self, renderer: Renderer) -> Passes:
        kept = self._folder / f"plate_{self._name}.npz"
        if not kept.exists():
            self._cast.play(0.0, movers=False)
            taken = renderer.whole(self._effort.plate)
            np.savez(kept, light=taken.light, depth=taken.depth, ids=taken.ids)
        with np.load(kept) as stored:
            return Passes(stored["light"], stored["depth"], stored["ids"])

    def _frame(
        self,
        renderer: Renderer,
        plate: Passes,
        gain: float,
        number: int,
        time: float,
        last: dict[object, Passes],
    ) -> dict[object, Passes]:
        self._cast.play(time, movers=True)
        shown, parts = plate.copy(), {}
        for box, key in self._regions(time):
            taken = last[key] if key in last else renderer.part(box)
            parts[key] = taken
            blend(shown, taken, box)
        picture = self._developed(shown, gain, number, time)
        cv2.imwrite(str(self._path(number, "png")), picture)
        seen = sightings(self._cast.things(), shown.ids, self._camera, _LEAST)
        told = [self._told(sighting, time) for sighting in seen]
        self._path(number, "json").write_text(json.dumps({"t": round(time, 3), "objects": told}))
        return parts

    def _regions(self, time: float) -> list[tuple[Box, object]]:
        """Boxes to render, and a key that is equal where nothing has changed since."""
        boxes = [
            (box, (number, key))
            for number, key, thing in self._cast.movers(time)
            if (box := self._changed(thing, lit=number in self._cast.lit)) is not None
        ]
        return merged(boxes)

    def _changed(self, thing: Thing, *, lit: bool) -> Box | None:
        """The box in which a thing changes the picture: itself, its shadow, the ground its lamps light."""
        return changed_box(
            thing, self._camera, self._light.sun, self._ground, _MARGIN, beam=_BEAM if lit else 0.0
        )

    def _developed(self, shown: Passes, gain: float, number: int, time: float) -> NDArray[np.uint8]:
        seen = shown.light
        if self._light.wind:
            seen = wind(seen, np.rint(shown.ids) == PLANT, time, self._light.wind)
        if self._light.clouds:
            seen = clouds(seen, shown.depth, self._camera, time, self._light.clouds)
        seen = haze(seen, shown.depth, self._light.haze)
        seen = dust(seen, shown.depth, self._camera, self._script.dust(time))
        look = stage.fixed(self._light.look, gain)
        lamps = self._cast.lamps if look.glare else []
        return develop(seen, shown.depth, self._camera, look, lamps, np.random.default_rng(number))

    def _told(self, sighting: Sighting, time: float) -> Json:
        thing = sighting.thing
        state = self._script.actors[thing.number - 1].at(time)
        return {
            "id": thing.number,
            "class": thing.model.label,
            "kind": thing.model.kind,
            "state": "moving" if state is not None and state.moving else "standing",
            "load": thing.model.load,
            "box": list(sighting.box),
            "visible": round(sighting.visible, 2),
            "ground": [round(value, 2) for value in thing.ground],
        }

    def _truth(self, count: int) -> Json:
        mast = {"fps": self._script.fps, "mast_height": stage.MAST[2]}
        events = [{"t": event.t, "what": event.what, "id": event.id} for event in self._script.events()]
        return {
            "camera": {**self._camera.truth(), **mast},
            "time": self._light.time,
            "light": self._light.name,
            "frames": [json.loads(self._path(number, "json").read_text()) for number in range(count)],
            "events": events,
        }


def _encode(frames: Path, fps: int, crf: int, target: Path) -> None:
    """H.264 as cameras make it: no B pictures, a key picture every 2 s."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        raise FileNotFoundError("ffmpeg is not installed; the frames are in " + str(frames))
    options = (
        f"-c:v libx264 -pix_fmt yuv420p -preset slow -crf {crf} -bf 0 -g {2 * fps} -keyint_min {2 * fps}"
    )
    command = [ffmpeg, "-y", "-loglevel", "error", "-framerate", str(fps), "-i", str(frames / "%04d.png")]
    subprocess.run([*command, *options.split(), "-movflags", "+faststart", str(target)], check=True)


def make(name: stage.Name, folder: Path, size: tuple[int, int], effort: Effort) -> None:
    Shoot(name, folder, size, effort).run()
