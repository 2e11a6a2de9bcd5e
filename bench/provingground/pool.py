"""The machines from which the pictures of one batch are composed, and how they are painted."""

import numpy as np

from bench.provingground.fleet.bulldozer import Bulldozer
from bench.provingground.fleet.bus import Bus
from bench.provingground.fleet.car import Car, Style
from bench.provingground.fleet.excavator import Excavator, random_arm
from bench.provingground.fleet.loader import Loader
from bench.provingground.fleet.lorry import Carrying, Lorry
from bench.provingground.fleet.motorcycle import Motorcycle
from bench.provingground.fleet.person import Person, Pose
from bench.provingground.fleet.screen import ScreeningPlant
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.fleet.tractor import Tractor
from bench.provingground.fleet.vessel import Hull, Vessel
from bench.provingground.paint import TARPAULINS, Colour, Paint
from bench.provingground.script import Spec

Chance = np.random.Generator

_LORRIES: tuple[Colour, ...] = (
    (0.5, 0.03, 0.03), (0.03, 0.11, 0.42), (0.62, 0.62, 0.60), (0.55, 0.30, 0.02), (0.03, 0.22, 0.10),
    (0.45, 0.18, 0.03), (0.70, 0.52, 0.03), (0.10, 0.10, 0.11), (0.28, 0.29, 0.30), (0.04, 0.28, 0.32),
    (0.30, 0.20, 0.12), (0.02, 0.05, 0.18), (0.35, 0.02, 0.05),
)  # fmt: skip
_MACHINES: tuple[Colour, ...] = (
    (0.72, 0.40, 0.02), (0.72, 0.40, 0.02), (0.70, 0.22, 0.02), (0.70, 0.22, 0.02), (0.10, 0.35, 0.08),
    (0.30, 0.31, 0.31), (0.66, 0.60, 0.20), (0.05, 0.16, 0.38),
)  # fmt: skip
_CARS: tuple[Colour, ...] = (
    (0.02, 0.02, 0.022), (0.65, 0.65, 0.64), (0.4, 0.41, 0.42), (0.15, 0.155, 0.16), (0.4, 0.02, 0.02),
    (0.03, 0.06, 0.2), (0.3, 0.25, 0.18), (0.08, 0.1, 0.08),
)  # fmt: skip
_BUSES: tuple[Colour, ...] = (
    (0.65, 0.65, 0.63), (0.7, 0.6, 0.1), (0.1, 0.25, 0.5), (0.5, 0.05, 0.04), (0.1, 0.35, 0.2),
)  # fmt: skip
_LOADS = {"empty": 4, "loaded": 3, "covered": 3, "tipping": 2}  # tipping lorries of each
_BODIES: tuple[Carrying, ...] = ("open", "open", "open", "box", "tank", "flat")
_CHOICES = {"excavator": _MACHINES, "loader": _MACHINES[:4], "car": _CARS, "bus": _BUSES}


def random_pool(chance: Chance) -> list[Spec]:
    """About sixty machines, vehicles, vessels and people."""
    poses: tuple[Pose, ...] = ("stands", "walks", "bends", "waves")
    styles: tuple[Style, ...] = ("saloon", "saloon", "off-roader", "off-roader", "pick-up", "van", "van")
    hulls: tuple[Hull, ...] = ("dredger", "barge", "barge", "boat", "covered boat", "boat")
    return [
        *(_tipper(chance, load) for load, count in _LOADS.items() for _ in range(count)),
        *(_lorry(chance) for _ in range(6)),
        *(Excavator(random_arm(chance), full=chance.random() < 0.4) for _ in range(7)),
        *(Loader(float(chance.uniform(0, 1.1)), full=chance.random() < 0.4) for _ in range(3)),
        *(Bulldozer(float(chance.uniform(0, 0.6)), ripper=chance.random() < 0.6) for _ in range(2)),
        Bus(),
        Bus(mini=True),
        *(Car(style) for style in styles),
        *(Person(poses[number % 4], float(chance.uniform(-1, 1))) for number in range(8)),
        *(Motorcycle(rider=number < 3) for number in range(4)),
        *(Vessel(hull, float(chance.uniform(0, 1))) for hull in hulls),
        Tractor(float(chance.uniform(0, 1))),
        Tractor(None),
        ScreeningPlant(),
    ]


def _cover(chance: Chance) -> Paint:
    return TARPAULINS[int(chance.integers(len(TARPAULINS)))]


def _tipper(chance: Chance, load: str) -> Tipper:
    axles, seed = int(chance.choice([2, 3, 3, 4, 4])), int(chance.integers(999))
    if load == "tipping":
        return Tipper(axles, 0.0, float(chance.uniform(0.3, 0.85)), seed=seed)
    if load == "covered":
        return Tipper(axles, 0.95, cover=_cover(chance), seed=seed)
    return Tipper(axles, float(chance.uniform(0.5, 1)) if load == "loaded" else 0.0, seed=seed)


def _lorry(chance: Chance) -> Lorry:
    load, covered = float(chance.choice([0, 1, 0.9])), chance.random() < 0.33
    return Lorry(
        bonnet=chance.random() < 0.5,
        body=_BODIES[int(chance.integers(len(_BODIES)))],
        axles=int(chance.choice([2, 3])),
        load=load,
        cover=_cover(chance) if covered else None,
        seed=int(chance.integers(999)),
    )


def livery(label: str, chance: Chance) -> tuple[Colour, Colour]:
    """Two colours that a thing of this label may have."""
    choices = _CHOICES.get(label, _LORRIES)
    first = choices[int(chance.integers(len(choices)))]
    second = first if chance.random() < 0.5 else _LORRIES[int(chance.integers(len(_LORRIES)))]
    bright = float(chance.uniform(0.75, 1.2))
    return _scaled(first, bright), _scaled(second, bright)


def _scaled(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(0.85, part * factor) for part in colour)
    return red, green, blue
