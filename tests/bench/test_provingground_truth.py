"""The proving ground's labels: visible boxes, how much is hidden, what is left out and why."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from bench.provingground.camera import Camera, look
from bench.provingground.fleet.model import CLASSES, OTHER, Model
from bench.provingground.fleet.tipper import Tipper
from bench.provingground.transforms import apply, move, turn_z
from bench.provingground.truth import (
    Sighting,
    Thing,
    box_of,
    contrasted,
    described,
    sightings,
    silhouette,
    why_unlabelled,
    yolo,
)

SIZE = (640, 360)
TIPPER = Tipper().build()


def camera() -> Camera:
    return look(np.array([0.0, -60.0, 15.0]), np.zeros(3), math.radians(30), SIZE)


def tipper(x: float = 0.0, model: Model = TIPPER) -> Thing:
    return Thing(3, model, move(x, 0, 0) @ turn_z(0.4))


def index_pass(thing: Thing) -> NDArray[np.float32]:
    """What the renderer gives: the thing's number where it is seen."""
    pixels, _ = camera().project(apply(thing.frame, thing.model.shape.points))
    ids = np.zeros((SIZE[1], SIZE[0]), np.float32)
    for face in thing.model.shape.faces:
        cv2.fillPoly(ids, [np.rint(pixels[list(face)] - 0.5).astype(np.int32)], (thing.number,))
    return ids


def test_a_box_holds_every_pixel_and_no_more() -> None:
    mask = np.zeros((20, 30), bool)
    mask[4:7, 10:21] = True
    assert box_of(mask) == (10, 4, 21, 7)


def test_a_lorry_in_the_open_is_wholly_visible() -> None:
    thing = tipper()
    [seen] = sightings([thing], index_pass(thing), camera())
    assert seen.visible == pytest.approx(1.0, abs=0.06)
    assert seen.long_side == pytest.approx(
        camera().focal * 9.1 / 61.8, rel=0.1
    )  # 8.8 m by 2.5 m, turned by 0.4
    assert why_unlabelled(seen, night=False) is None


def test_what_stands_before_it_shortens_the_box_and_the_share() -> None:
    thing = tipper()
    ids = index_pass(thing)
    whole = sightings([thing], ids, camera())[0]
    middle = (whole.box[0] + whole.box[2]) // 2
    ids[:, middle:] = 9
    [half] = sightings([thing], ids, camera())
    assert half.box[2] == middle
    assert half.visible == pytest.approx(0.5, abs=0.15)


def test_the_frame_s_edge_hides_as_well() -> None:
    thing = tipper(x=float(camera().world(np.full((360, 640), 60.0))[180, 639, 0]))
    [cut] = sightings([thing], index_pass(thing), camera())
    assert cut.box[2] == 640
    assert 0.3 < cut.visible < 0.7


def test_behind_the_camera_there_is_no_silhouette() -> None:
    assert silhouette(Thing(1, TIPPER, move(0, -60, 13)), camera()) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"visible": 0.2}, "hidden"),
        ({"box": (10, 10, 17, 15)}, "small"),
        ({"contrast": 2.0}, "dark"),
        ({"thing": tipper(model=replace(TIPPER, label=OTHER))}, "other"),
        ({}, None),
    ],
)
def test_what_no_one_could_see_is_not_taught(change: dict[str, object], why: str | None) -> None:
    plain = Sighting(tipper(), (10, 10, 60, 40), 900, 0.9, 30.0)
    assert why_unlabelled(replace(plain, **change), night=False) == why  # type: ignore[arg-type]


def test_at_night_more_contrast_is_asked_for() -> None:
    faint = Sighting(tipper(), (10, 10, 60, 40), 900, 0.9, 6.0)
    assert why_unlabelled(faint, night=True) == "dark"
    assert why_unlabelled(faint, night=False) is None


def test_contrast_is_measured_against_what_is_round_it() -> None:
    thing = tipper()
    ids = index_pass(thing)
    seen = sightings([thing], ids, camera())[0]
    picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    assert contrasted(seen, ids, picture).contrast == pytest.approx(0, abs=0.5)
    picture[ids == thing.number] = 140
    contrast = contrasted(seen, ids, picture).contrast
    assert contrast is not None
    assert contrast > 20


def test_the_label_is_the_box_as_shares_of_the_picture() -> None:
    seen = Sighting(tipper(), (64, 36, 128, 72), 900, 0.9)
    assert yolo([seen], SIZE) == "0 0.150000 0.150000 0.100000 0.100000\n"
    told = described(seen)
    assert (told["class"], told["load"], told["ground"]) == ("truck", "loaded", [0.0, 0.0])
    assert CLASSES[0] == "truck"
