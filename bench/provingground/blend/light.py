"""Sky, sun and lamps."""

import math
from typing import Any

import bpy
import numpy as np

from bench.provingground.blend import objects
from bench.provingground.camera import look
from bench.provingground.shadow import sun_direction
from bench.provingground.spots import Spot


def clear_sky(elevation: float, azimuth: float) -> None:
    """A sun `elevation` degrees above the horizon (Nishita's sky model), azimuth in degrees."""
    nodes, links, background = _world()
    sky = nodes.new("ShaderNodeTexSky")
    sky.sky_type, sky.sun_disc = "NISHITA", True
    sky.sun_elevation, sky.sun_rotation = math.radians(elevation), math.radians(azimuth)
    sky.air_density, sky.dust_density, sky.ozone_density, sky.sun_intensity = 1.3, 2.5, 1, 0.55
    links.new(sky.outputs[0], background.inputs[0])
    # A low sun is exposed longer.
    background.inputs[1].default_value = 0.115 if elevation > 25 else 0.16 if elevation > 12 else 0.26


def grey_sky(strength: float = 1.0) -> None:
    """Clouds from end to end, a little brighter overhead."""
    nodes, links, background = _world()
    height = nodes.new("ShaderNodeSeparateXYZ")
    links.new(nodes.new("ShaderNodeTexCoord").outputs["Generated"], height.inputs[0])
    ramp = nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].color = (0.62, 0.66, 0.70, 1)
    ramp.color_ramp.elements[1].color = (0.9, 0.95, 1, 1)
    links.new(height.outputs["Z"], ramp.inputs[0])
    links.new(ramp.outputs[0], background.inputs[0])
    background.inputs[1].default_value = strength


def night_sky(strength: float) -> None:
    _, _, background = _world()
    background.inputs[0].default_value = (0.012, 0.014, 0.02, 1)
    background.inputs[1].default_value = strength


def even_sky(strength: float) -> None:
    """The same white light from every side; 0: none."""
    _, _, background = _world()
    background.inputs[0].default_value = (1, 1, 1, 1)
    background.inputs[1].default_value = strength


def sun(elevation: float, azimuth: float) -> None:
    """The sun's disc alone, of half a degree: a white surface that faces it has a radiance of 1. Degrees."""
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle = math.pi, math.radians(0.53)
    thing = bpy.data.objects.new("sun", lamp)
    bpy.context.scene.collection.objects.link(thing)
    objects.put(thing, look(100 * sun_direction(elevation, azimuth), np.zeros(3), 1.0, (1, 1)).frame)


def spot(light: Spot) -> Any:
    lamp = bpy.data.lights.new("spot", "SPOT")
    lamp.energy, lamp.spot_size, lamp.spot_blend = light.power, math.radians(light.angle), light.soft
    lamp.color, lamp.shadow_soft_size = light.colour, light.size
    thing = bpy.data.objects.new("spot", lamp)
    bpy.context.scene.collection.objects.link(thing)
    objects.put(thing, look(np.array(light.place), np.array(light.target), 1.0, (1, 1)).frame)
    return thing


def _world() -> tuple[Any, Any, Any]:
    for old in list(bpy.data.worlds):
        bpy.data.worlds.remove(old)
    made = bpy.data.worlds.new("world")
    bpy.context.scene.world = made
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    return nodes, links, nodes["Background"]
