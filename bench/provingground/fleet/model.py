"""What a kind of thing is, once built: its mesh, its lamps, and what a label says about it."""

from dataclasses import dataclass

from bench.provingground.mesh import Body, Shape

CLASSES = ("truck", "excavator", "loader", "bus", "car", "person", "motorcycle", "vessel")
OTHER = "other"  # machinery without a class of ours (tractor, screening plant): shown, never labelled

Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """label: one of CLASSES, or OTHER. kind: finer ("tipper", "dredger"). load: "empty", "loaded", "covered",
    "tipping", or "" where it has none. headlamps look ahead, tail lamps back, work lamps stand on the roof.
    bevel: m by which edges are rounded. size: m, long side. room: m, radius kept free round it."""

    label: str
    kind: str
    shape: Shape
    size: float
    room: float
    load: str = ""
    headlamps: tuple[Place, ...] = ()
    tail_lamps: tuple[Place, ...] = ()
    work_lamps: tuple[Place, ...] = ()
    bevel: float = 0.03

    @property
    def number(self) -> int | None:
        """Index of the label in CLASSES; None for what is never labelled."""
        return CLASSES.index(self.label) if self.label in CLASSES else None


def pair(x: float, y: float, z: float) -> tuple[Place, Place]:
    """The same place on the left and on the right."""
    return (x, y, z), (x, -y, z)


def load_state(load: float, covered: bool, tipped: float) -> str:
    if tipped > 0.05:
        return "tipping"
    if covered:
        return "covered"
    return "loaded" if load > 0.25 else "empty"


__all__ = ["CLASSES", "OTHER", "Body", "Model", "Place", "load_state", "pair"]
