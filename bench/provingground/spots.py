"""Lamps as values."""

from dataclasses import dataclass

from bench.provingground.paint import Colour

WARM: Colour = (1, 0.93, 0.8)


@dataclass(frozen=True, slots=True)
class Spot:
    """A cone of light. power: W. angle: degrees across. soft: share of the cone in which it fades. size: m."""

    place: tuple[float, float, float]
    target: tuple[float, float, float]
    power: float
    angle: float
    soft: float = 0.5
    colour: Colour = WARM
    size: float = 0.1
