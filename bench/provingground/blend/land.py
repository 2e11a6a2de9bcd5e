"""The ground, the water, the plain beyond, and what grows and stands on them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy
import cv2
import numpy as np
from numpy.typing import NDArray

from bench.provingground.albedo import albedo, srgb
from bench.provingground.blend import objects
from bench.provingground.blend.materials import bump, mix, noise, ranged
from bench.provingground.ground import Ground
from bench.provingground.houses import village
from bench.provingground.mesh import Body
from bench.provingground.paint import Paint
from bench.provingground.site import HALF, WATER, Season
from bench.provingground.transforms import grow, move, turn_z
from bench.provingground.truth import PLANT
from bench.provingground.vegetation import Clearing, Plant, horizon, planted, species_shapes

_COARSE = 6.0  # m, the widest step of the mesh
_STEP = 1.12  # by which a step is longer than the one before it


class Land:
    """The built land of one site. `wetness` may change between pictures."""

    def __init__(
        self, ground: Ground, folder: Path, *, fine: float, detail: tuple[float, float, float, float]
    ) -> None:
        """fine: m between the points of the mesh within detail (x from, to, y from, to)."""
        made = _ground_mesh(ground, fine, detail)
        self._shader, self._wet = _ground_material(ground, folder)
        made.materials.append(self._shader)
        objects.add("ground", made)
        _water(ground.site.season)
        _plain(ground.site.season)

    def wetness(self, share: float) -> None:
        """0: dry. 1: darkened and glossy from rain."""
        for socket, dry, wet in self._wet:
            socket.default_value = dry + (wet - dry) * share


def furnish(ground: Ground, seed: int, clearing: Clearing, *, south: bool) -> None:
    """Plants and the village."""
    meshes = [objects.mesh(f"plant{index}", shape) for index, shape in enumerate(species_shapes(ground.site))]
    _grow(meshes, planted(ground, seed, clearing))
    _grow(meshes, horizon(seed + 7, south))
    for shape, frame in village(seed + 2):
        objects.add("house", objects.mesh("house", shape), frame)


def _grow(meshes: list[Any], plants: Iterable[Plant]) -> None:
    for plant in plants:
        frame = move(plant.x, plant.y, plant.z) @ turn_z(plant.turned) @ grow(plant.size)
        objects.add("plant", meshes[plant.species], frame, number=PLANT)


def _axis(low: float, high: float, fine: float) -> NDArray[np.float64]:
    """Places from -HALF to HALF, `fine` apart between low and high and ever wider outside."""
    middle = list(np.arange(low, high + 1e-6, fine))
    before, after = [middle[0]], [middle[-1]]
    step = fine
    while before[-1] > -HALF or after[-1] < HALF:
        step = min(_COARSE, step * _STEP)
        before.append(max(-HALF, before[-1] - step))
        after.append(min(HALF, after[-1] + step))
    return np.unique(np.array(before[::-1] + middle + after))


def _ground_mesh(ground: Ground, fine: float, detail: tuple[float, float, float, float]) -> Any:
    x, y = np.meshgrid(_axis(*detail[:2], fine), _axis(*detail[2:], fine))
    points = np.stack([x, y, ground.height(x, y)], -1).reshape(-1, 3).astype(np.float32)
    number = np.arange(x.size, dtype=np.int32).reshape(x.shape)
    corners = (number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1])
    faces = np.stack(corners, -1).reshape(-1, 4)
    made = bpy.data.meshes.new("ground")
    made.vertices.add(len(points))
    made.vertices.foreach_set("co", points.ravel())
    made.loops.add(faces.size)
    made.loops.foreach_set("vertex_index", faces.ravel())
    made.polygons.add(len(faces))
    made.polygons.foreach_set("loop_start", np.arange(0, faces.size, 4, dtype=np.int32))
    made.polygons.foreach_set("use_smooth", np.ones(len(faces), bool))
    spread = (points[faces.ravel(), :2] + HALF) / (2 * HALF)
    made.uv_layers.new(name="uv").data.foreach_set("uv", spread.astype(np.float32).ravel())
    made.update()
    made.validate()
    return made


def _ground_material(ground: Ground, folder: Path) -> tuple[Any, list[tuple[Any, float, float]]]:
    """The shader, and what wetness changes: socket, dry value, wet value."""
    made, nodes, links, shader = _bare("ground")
    shader.inputs["Specular IOR Level"].default_value = 0.15
    picture = nodes.new("ShaderNodeTexImage")
    picture.image = bpy.data.images.load(str(_texture(ground, folder)))
    place = nodes.new("ShaderNodeTexCoord").outputs["Object"]
    # The texture has 12 cm to the pixel; what is finer (gravel, stubble) is drawn by the shader.
    grains = noise(nodes, links, place, 3.0, 4)
    speckled = ranged(nodes, links, grains, (0.3, 0.7), (0.78, 1.22))
    fine = mix(nodes, links, 1.0, picture.outputs[0], speckled, "MULTIPLY")
    soaked = mix(nodes, links, 0.0, fine, (0.5, 0.5, 0.52), "MULTIPLY")
    links.new(soaked, shader.inputs["Base Color"])
    bump(nodes, links, shader, grains, 0.5, 0.25)
    shader.inputs["Roughness"].default_value = 0.95
    mixing = soaked.node.inputs[0]
    return made, [
        (mixing, 0.0, 1.0),
        (shader.inputs["Roughness"], 0.95, 0.30),
        (shader.inputs["Specular IOR Level"], 0.15, 0.5),
    ]


def _texture(ground: Ground, folder: Path) -> Path:
    path = folder / f"ground{ground.seed}.png"
    picture = (srgb(albedo(ground)[::-1, :, ::-1]) * 255 + 0.5).astype(np.uint8)
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return path


def _water(season: Season) -> None:
    made, nodes, links, shader = _bare("water")
    shader.inputs["Base Color"].default_value = (*season.water, 1)
    shader.inputs["Roughness"].default_value = 0.07
    place = nodes.new("ShaderNodeTexCoord").outputs["Object"]
    bump(nodes, links, shader, noise(nodes, links, place, 0.9, 6), 0.25, 0.15)
    body = Body()
    corners = [(-HALF, 20, WATER), (HALF, 20, WATER), (HALF, 190, WATER), (-HALF, 190, WATER)]
    body.patch(corners, Paint("placeholder"))
    surface = objects.mesh("water", body.shape())
    surface.materials[0] = made
    objects.add("water", surface)


def _plain(season: Season) -> None:
    """What lies beyond the detailed ground, to the hills on the horizon."""
    body, reach, deep = Body(), 4000, -3.2
    soil = Paint(
        "plain",
        (0.10, 0.125, 0.05),
        0.95,
        dirt=0.8,
        dirty=(-99, 99),
        dust=(0.17, 0.15, 0.08),
        dust_scale=0.012,
    )
    body.patch(
        [(-reach, -reach, deep), (reach, -reach, deep), (reach, reach, deep), (-reach, reach, deep)], soil
    )
    chance = np.random.default_rng(3)
    x = np.linspace(-3500, 3500, 120)
    ridge = np.convolve(chance.random(160), np.ones(9) / 9, "same")[20:140]
    peak = (20 + 260 * ridge * np.abs(np.sin(x / 900 + 1)) + 60 * chance.random(120)) * season.hill_height - 6
    foot = np.stack([x, np.full(120, 1900.0), np.full(120, -5.0)], -1)
    top = np.stack([x, 2600 + 300 * ridge, peak], -1)
    wood = Paint("hill", season.hill, 0.95)
    faces = [(i, i + 1, i + 121, i + 120) for i in range(119)]
    body.add(np.concatenate([foot, top]), faces, wood, smooth=True)
    objects.add("plain", objects.mesh("plain", body.shape()))


def _bare(name: str) -> tuple[Any, Any, Any, Any]:
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    return made, made.node_tree.nodes, made.node_tree.links, made.node_tree.nodes["Principled BSDF"]
