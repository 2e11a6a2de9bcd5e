"""Shapes as objects of the scene: placed, repainted, put away, never rebuilt."""

import math
from typing import Any

import bpy
import mathutils
import numpy as np

from bench.provingground.blend.materials import forget, material
from bench.provingground.mesh import Shape
from bench.provingground.paint import Colour
from bench.provingground.transforms import IDENTITY, Matrix, move

AWAY = move(0, 0, -900)  # where what a picture does not show is kept


def reset() -> None:
    """An empty scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    forget()


def mesh(name: str, shape: Shape) -> Any:
    """A mesh with its paints."""
    made = bpy.data.meshes.new(name)
    made.from_pydata(shape.points.tolist(), [], [list(face) for face in shape.faces])
    for paint in shape.paints:
        made.materials.append(material(paint))
    made.polygons.foreach_set("material_index", shape.painted)
    made.polygons.foreach_set("use_smooth", shape.smooth)
    made.update()
    return made


def add(name: str, made: Any, frame: Matrix = IDENTITY, *, bevel: float = 0.0, number: int = 0) -> Any:
    """An object of a mesh. bevel: m by which its edges are rounded. number: in the index pass."""
    thing = bpy.data.objects.new(name, made)
    bpy.context.scene.collection.objects.link(thing)
    thing.pass_index = number
    if bevel:
        rounding = thing.modifiers.new("bevel", "BEVEL")
        rounding.width, rounding.segments, rounding.limit_method = bevel, 2, "ANGLE"
        rounding.angle_limit, rounding.use_clamp_overlap = math.radians(50), True
    put(thing, frame)
    return thing


def put(thing: Any, frame: Matrix) -> None:
    thing.matrix_world = mathutils.Matrix(np.asarray(frame).tolist())  # plain lists are read by columns


def repaint(thing: Any, first: Colour, second: Colour) -> None:
    thing["c1"], thing["c2"] = list(first), list(second)
    thing.update_tag()


def remove(kind: str) -> None:
    """Every object of a kind ("LIGHT", "CAMERA")."""
    for thing in [thing for thing in bpy.data.objects if thing.type == kind]:
        bpy.data.objects.remove(thing)


def remove_all(things: list[Any]) -> None:
    for thing in things:
        bpy.data.objects.remove(thing)
