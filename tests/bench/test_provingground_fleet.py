"""The proving ground's machines: built to size, standing on the ground, labelled as the detector counts."""

from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from bench.provingground.fleet.bulldozer import Bulldozer
from bench.provingground.fleet.bus import Bus
from bench.provingground.fleet.car import Car
from bench.provingground.fleet.excavator import Excavator, random_arm
from bench.provingground.fleet.loader import Loader
from bench.provingground.fleet.lorry import Lorry
from bench.provingground.fleet.model import CLASSES, Model
from bench.provingground.fleet.motorcycle import Motorcycle
from bench.provingground.fleet.person import Person
from bench.provingground.fleet.screen import ScreeningPlant
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.fleet.tractor import Tractor
from bench.provingground.fleet.vessel import Vessel
from bench.provingground.paint import TARPAULINS
from bench.provingground.pool import random_pool
from bench.provingground.script import Spec

MANIFESTS = Path(__file__).parents[2] / "config/models"


def extent(model: Model) -> tuple[float, float, float]:
    length, width, height = np.ptp(model.shape.points, axis=0).tolist()
    return length, width, height


@pytest.mark.parametrize(
    ("spec", "label", "length", "width", "height"),
    [
        (Tipper(axles=3), "truck", 8.8, 3.1, 3.4),
        (Lorry(body="box"), "truck", 7.5, 2.5, 3.4),
        (Excavator(), "excavator", 9.5, 2.9, 5.0),
        (Loader(), "loader", 8.5, 2.9, 3.4),
        (Bulldozer(), "loader", 5.5, 3.5, 3.2),
        (Bus(), "bus", 10.6, 2.9, 3.15),
        (Car(), "car", 4.6, 2.0, 1.45),
        (Motorcycle(), "motorcycle", 2.0, 0.75, 1.7),
        (Person(), "person", 0.45, 0.6, 1.8),
        (Vessel("barge"), "vessel", 32.0, 7.2, 7.0),
        (Tractor(), "other", 7.3, 2.2, 2.7),
        (ScreeningPlant(), "other", 23.0, 17.0, 5.2),
    ],
)
def test_it_has_its_size(spec: Spec, label: str, length: float, width: float, height: float) -> None:
    model = spec.build()
    assert model.label == label
    assert extent(model) == pytest.approx((length, width, height), rel=0.2, abs=0.25)


@pytest.mark.parametrize("seed", range(3))
def test_everything_in_a_pool_stands_on_the_ground(seed: int) -> None:
    models = [spec.build() for spec in random_pool(np.random.default_rng(seed))]
    for model in models:
        lowest = float(model.shape.points[:, 2].min())
        if model.kind not in ("excavator", "screening plant") and model.label != "vessel":
            assert lowest == pytest.approx(0, abs=0.06), model.kind
        assert np.isfinite(model.shape.points).all()
        assert max(max(face) for face in model.shape.faces) < len(model.shape.points)
    assert {model.label for model in models} >= set(CLASSES)
    assert {model.load for model in models if model.label == "truck"} >= {
        "empty",
        "loaded",
        "covered",
        "tipping",
    }


def test_a_pool_is_the_same_for_the_same_seed() -> None:
    assert random_pool(np.random.default_rng(5)) == random_pool(np.random.default_rng(5))
    assert random_pool(np.random.default_rng(5)) != random_pool(np.random.default_rng(6))


def test_the_load_can_be_told() -> None:
    assert Tipper(load=0.0).build().load == "empty"
    assert Tipper(load=0.9).build().load == "loaded"
    assert Tipper(load=0.9, cover=TARPAULINS[0]).build().load == "covered"
    raised = Tipper(load=0.0, tipped=0.7).build()
    assert raised.load == "tipping"
    assert extent(raised)[2] > 5


def test_a_random_arm_stays_where_an_arm_can_be() -> None:
    chance = np.random.default_rng(1)
    for _ in range(50):
        points = Excavator(random_arm(chance)).build().shape.points
        assert -2.0 < points[:, 2].min() < 0.1
        assert points[:, 2].max() < 8.5


def test_the_classes_are_those_of_the_detector() -> None:
    """In its order: labels made here teach the model that ships."""
    manifests = list(MANIFESTS.glob("sandwatch-*.yaml"))
    assert manifests
    for path in manifests:
        assert tuple(YAML(typ="safe").load(path)["classes"]) == CLASSES
