"""Is something hidden? By a ray through the scene."""

import bpy
from mathutils import Vector

from bench.provingground.transforms import Points

_NEAR = 2.5  # m; a ray that ends this near to the target has met the thing itself or its wheel's dust


def in_sight(place: Points, target: Points, number: int) -> bool:
    """Does a straight line from `place` reach `target` or the thing with this number before anything else?"""
    scene = bpy.context.scene
    start, end = Vector(place.tolist()), Vector(target.tolist())
    way = end - start
    graph = bpy.context.evaluated_depsgraph_get()
    hit, where, _, _, met, _ = scene.ray_cast(graph, start, way.normalized(), distance=way.length + 1)
    return not hit or (met is not None and met.pass_index == number) or (where - end).length < _NEAR
