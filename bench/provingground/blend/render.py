"""Cycles on the CPU: linear light, depth and object index of the whole picture or of a part of it."""

import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from bench.provingground.blend import objects
from bench.provingground.camera import Camera
from bench.provingground.patches import Floats, Passes
from bench.provingground.truth import Box


class Renderer:
    """Set up once per scene. samples: per pixel, denoised. threads: of the CPU."""

    def __init__(self, samples: int, threads: int) -> None:
        self._scene = bpy.context.scene
        self._folder = tempfile.TemporaryDirectory(prefix="provingground-")
        self.samples = samples
        self._cycles(threads)
        self._compositor()

    def aim(self, camera: Camera) -> None:
        """The camera that the next pictures are taken with."""
        objects.remove("CAMERA")
        lens = bpy.data.cameras.new("camera")
        lens.sensor_fit, lens.angle, lens.clip_end = "HORIZONTAL", camera.angle, 6000
        thing = objects.add("camera", lens, camera.frame)
        self._scene.camera = thing
        self._scene.render.resolution_x, self._scene.render.resolution_y = camera.size
        self._scene.render.resolution_percentage = 100

    def whole(self, samples: int | None = None) -> Passes:
        self._scene.render.use_border = False
        return self._take(samples)

    def part(self, box: Box, samples: int | None = None) -> Passes:
        """Only the pixels of a box of the picture; the passes have its size."""
        render = self._scene.render
        width, height = render.resolution_x, render.resolution_y
        render.use_border = render.use_crop_to_border = True
        render.border_min_x, render.border_max_x = box[0] / width, box[2] / width
        render.border_min_y, render.border_max_y = 1 - box[3] / height, 1 - box[1] / height
        taken = self._take(samples)
        wide, high = box[2] - box[0], box[3] - box[1]
        # The renderer rounds a border's edge to either side; a row too many is cut, a missing one repeated.
        return Passes(*(_fitted(each, high, wide) for each in (taken.light, taken.depth, taken.ids)))

    def _take(self, samples: int | None) -> Passes:
        self._scene.cycles.samples = self.samples if samples is None else samples
        bpy.ops.render.render(write_still=False)
        light, depth, ids = (self._read(name) for name in ("light", "depth", "ids"))
        return Passes(np.clip(light[..., :3], 0, 500), depth[..., 0].copy(), ids[..., 0].copy())

    def _read(self, name: str) -> Floats:
        path = Path(self._folder.name) / f"{name}{self._scene.frame_current:04d}.exr"
        image = bpy.data.images.load(str(path))
        width, height = image.size
        flat = np.empty(width * height * 4, np.float32)
        image.pixels.foreach_get(flat)
        bpy.data.images.remove(image)
        return flat.reshape(height, width, 4)[::-1].copy()

    def _cycles(self, threads: int) -> None:
        scene = self._scene
        scene.render.engine = "CYCLES"
        cycles = scene.cycles
        scene.render.threads_mode, scene.render.threads = "FIXED", threads
        scene.render.use_persistent_data = True
        cycles.device = "CPU"
        cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.05
        cycles.use_denoising, cycles.denoiser, cycles.denoising_prefilter = True, "OPENIMAGEDENOISE", "FAST"
        cycles.max_bounces, cycles.diffuse_bounces = 4, 2
        cycles.glossy_bounces, cycles.transmission_bounces = 2, 2
        cycles.caustics_reflective = cycles.caustics_refractive = False
        cycles.sample_clamp_indirect = 4

    def _compositor(self) -> None:
        layer = self._scene.view_layers[0]
        layer.use_pass_z = layer.use_pass_object_index = True
        self._scene.use_nodes = True
        tree = self._scene.node_tree
        tree.nodes.clear()
        layers, composite = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeComposite")
        tree.links.new(layers.outputs["Image"], composite.inputs[0])
        files = tree.nodes.new("CompositorNodeOutputFile")
        files.base_path = self._folder.name
        files.format.file_format, files.format.color_depth, files.format.color_mode = "OPEN_EXR", "32", "RGB"
        files.file_slots.clear()
        for name, output in (("light", "Image"), ("depth", "Depth"), ("ids", "IndexOB")):
            files.file_slots.new(name)
            tree.links.new(layers.outputs[output], files.inputs[name])


def _fitted(array: Any, height: int, width: int) -> Any:
    rows, cols = max(0, height - array.shape[0]), max(0, width - array.shape[1])
    grown = np.pad(array, [(0, rows), (0, cols)] + [(0, 0)] * (array.ndim - 2), mode="edge")
    return grown[:height, :width]
