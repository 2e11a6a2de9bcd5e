"""What surfaces look like: values only; blend.materials makes shaders of them."""

from dataclasses import dataclass, replace

Colour = tuple[float, float, float]  # linear RGB reflectance, 0 to 1

DUST: Colour = (0.30, 0.24, 0.17)


@dataclass(frozen=True, slots=True)
class Paint:
    """A surface. Paints that are equal share one shader.

    slot: "c1" or "c2", if the colour is a property of each object instead (one mesh, many liveries).
    dirt: share of dust on it, 0 to 1, all of it at height `dirty[0]` and a quarter of it at `dirty[1]` (m).
    glow: emitted light, a factor on `colour`; 0 is none.
    """

    name: str
    colour: Colour = (0.5, 0.5, 0.5)
    roughness: float = 0.6
    metal: float = 0.0
    specular: float = 0.5
    dirt: float = 0.0
    dirty: tuple[float, float] = (0.4, 2.6)
    dust: Colour = DUST
    dust_scale: float = 1.7
    glow: float = 0.0
    slot: str = ""


TYRE = Paint("tyre", (0.018, 0.018, 0.018), 0.9, dirt=0.3, dirty=(0, 1.2))
RIM = Paint("rim", (0.45, 0.45, 0.44), 0.5, dirt=0.5, dirty=(0, 1.3))
GLASS = Paint("glass", (0.012, 0.017, 0.022), 0.06, specular=0.8)
DARK = Paint("dark", (0.03, 0.03, 0.032), 0.7, dirt=0.35)
CHASSIS = Paint("chassis", (0.05, 0.045, 0.045), 0.8, dirt=0.6, dirty=(0.3, 1.6))
LAMP = Paint("lamp", (0.85, 0.85, 0.8), 0.15)
LAMP_ON = Paint("lamp_on", (1, 0.93, 0.8), 0.2, glow=60)
RED = Paint("red", (0.5, 0.02, 0.02), 0.3)
RED_ON = Paint("red_on", (1, 0.03, 0.02), 0.3, glow=8)
AMBER = Paint("amber", (0.8, 0.3, 0.02), 0.3)
SAND = Paint("sand", (0.50, 0.40, 0.27), 0.97)
WET_SAND = Paint("wet_sand", (0.26, 0.20, 0.13), 0.95)
STEEL = Paint("steel", (0.32, 0.31, 0.30), 0.45, 0.6, dirt=0.4)
CHROME = Paint("chrome", (0.75, 0.75, 0.75), 0.2, 0.9)
PLATE = Paint("plate", (0.75, 0.55, 0.05), 0.4)
WHITE = Paint("white", (0.75, 0.75, 0.74), 0.4, dirt=0.35)
SEAT = Paint("seat", (0.1, 0.1, 0.1), 0.9)
SKIN = Paint("skin", (0.42, 0.26, 0.17), 0.7)
HELMET = Paint("helmet", (0.8, 0.5, 0.02), 0.4)
VEST = Paint("vest", (0.85, 0.30, 0.03), 0.8)
TARPAULINS = (
    Paint("tarp_blue", (0.03, 0.10, 0.30), 0.7, dirt=0.3),
    Paint("tarp_green", (0.05, 0.14, 0.06), 0.8, dirt=0.3),
    Paint("tarp_black", (0.05, 0.05, 0.05), 0.8, dirt=0.4),
    Paint("tarp_orange", (0.5, 0.2, 0.03), 0.8, dirt=0.3),
)

LIVERY = Paint("livery", roughness=0.3, dirt=0.25, dirty=(0.2, 2.2), slot="c1")
SECOND = Paint("second", roughness=0.5, dirt=0.55, dirty=(0.6, 3.3), slot="c2")
MACHINE = Paint("machine", roughness=0.4, dirt=0.35, dirty=(0.4, 3.8), slot="c1")


def lit(paint: Paint, on: bool) -> Paint:
    """A lamp's paint, glowing or not."""
    return {LAMP: LAMP_ON, RED: RED_ON}.get(paint, paint) if on else paint


def coloured(paint: Paint, name: str, colour: Colour) -> Paint:
    return replace(paint, name=name, colour=colour)
