"""Paints as Cycles shaders."""

from typing import Any

import bpy

from bench.provingground.paint import Paint

_made: dict[Paint, Any] = {}


def forget() -> None:
    """After the scene has been reset: its shaders are gone."""
    _made.clear()


def material(paint: Paint) -> Any:
    """The shader of a paint, made once."""
    if paint not in _made:
        _made[paint] = _make(paint)
    return _made[paint]


def _make(paint: Paint) -> Any:
    made = bpy.data.materials.new(paint.name)
    made.use_nodes = True
    nodes, links = made.node_tree.nodes, made.node_tree.links
    shader = nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*paint.colour, 1)
    shader.inputs["Roughness"].default_value = paint.roughness
    shader.inputs["Metallic"].default_value = paint.metal
    shader.inputs["Specular IOR Level"].default_value = paint.specular
    if paint.glow:
        shader.inputs["Emission Color"].default_value = (*paint.colour, 1)
        shader.inputs["Emission Strength"].default_value = paint.glow
        made.cycles.emission_sampling = "NONE"  # the spot light beside it lights the scene, at far less noise
    colour = _livery(nodes, paint.slot) if paint.slot else None
    if colour is not None:
        links.new(colour, shader.inputs["Base Color"])
    if paint.dirt:
        _dusty(nodes, links, shader, paint, colour)
    return made


def _livery(nodes: Any, slot: str) -> Any:
    """A property of each object: one mesh, many colours."""
    attribute = nodes.new("ShaderNodeAttribute")
    attribute.attribute_type, attribute.attribute_name = "OBJECT", slot
    return attribute.outputs["Color"]


def _dusty(nodes: Any, links: Any, shader: Any, paint: Paint, colour: Any) -> None:
    place = nodes.new("ShaderNodeTexCoord").outputs["Object"]
    blotches = noise(nodes, links, place, paint.dust_scale, 6)
    height = nodes.new("ShaderNodeSeparateXYZ")
    links.new(place, height.inputs[0])
    low, high = paint.dirty
    by_height = ranged(nodes, links, height.outputs["Z"], (low, high), (paint.dirt, paint.dirt * 0.25))
    uneven = ranged(nodes, links, blotches, (0.3, 0.7), (0.35, 1.3))
    share = nodes.new("ShaderNodeMath")
    share.operation, share.use_clamp = "MULTIPLY", True
    links.new(by_height, share.inputs[0])
    links.new(uneven, share.inputs[1])
    mixed = mix(nodes, links, share.outputs[0], colour if colour is not None else paint.colour, paint.dust)
    links.new(mixed, shader.inputs["Base Color"])
    rough = ranged(nodes, links, share.outputs[0], (0, 1), (paint.roughness, 0.95))
    links.new(rough, shader.inputs["Roughness"])


def noise(nodes: Any, links: Any, place: Any, scale: float, detail: float) -> Any:
    made = nodes.new("ShaderNodeTexNoise")
    made.inputs["Scale"].default_value, made.inputs["Detail"].default_value = scale, detail
    links.new(place, made.inputs["Vector"])
    return made.outputs[0]


def ranged(
    nodes: Any, links: Any, value: Any, source: tuple[float, float], target: tuple[float, float]
) -> Any:
    made = nodes.new("ShaderNodeMapRange")
    for index, limit in enumerate((*source, *target), start=1):
        made.inputs[index].default_value = limit
    links.new(value, made.inputs[0])
    return made.outputs[0]


def mix(nodes: Any, links: Any, share: Any, first: Any, second: Any, blend: str = "MIX") -> Any:
    """share: a socket or a number; first, second: a socket or a colour."""
    made = nodes.new("ShaderNodeMix")
    made.data_type, made.blend_type = "RGBA", blend
    for index, value in ((0, share), (6, first), (7, second)):
        if isinstance(value, float):
            made.inputs[index].default_value = value
        elif isinstance(value, tuple):
            made.inputs[index].default_value = (*value, 1)
        else:
            links.new(value, made.inputs[index])
    return made.outputs[2]


def bump(nodes: Any, links: Any, shader: Any, height: Any, strength: float, depth: float) -> None:
    made = nodes.new("ShaderNodeBump")
    made.inputs["Strength"].default_value, made.inputs["Distance"].default_value = strength, depth
    links.new(height, made.inputs["Height"])
    links.new(made.outputs[0], shader.inputs["Normal"])
