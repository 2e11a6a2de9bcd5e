"""However a picture is placed, turned and relit: its boxes stay on its objects."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bench.train.augment import SIZE, light, view
from bench.train.augment.place import Truth, place, tilted
from bench.train.clips import extract
from bench.train.samples import Knowledge, Sample, read
from bench.train.sources import Part
from tests.support.labelled import source, write

AREA = (0, 0, SIZE, SIZE)
SEEDS = st.integers(0, 2**32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def lorry(folder: Path) -> Sample:
    """One white object of 40 % by 20 % on black, in a picture without an "up"."""
    write(folder / "one", "1", [(0, 0.3, 0.5, 0.7, 0.7)], 320, 240)
    return sample(folder / "one")


def sample(folder: Path, knowledge: Knowledge | None = None, *, mosaics: bool = False) -> Sample:
    given_source = source(folder, any_up=not mosaics, mosaics=mosaics)
    (found,) = read(folder, [given_source], Part.TRAIN, knowledge or Knowledge({}, {}, {}, {}))
    return found


def white(picture: NDArray[np.uint8]) -> NDArray[np.int64]:
    """x1 y1 x2 y2 around what is white."""
    rows, columns = np.nonzero(picture.min(axis=2) > 160)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_a_box_moves_with_its_object(lorry: Sample, seed: int) -> None:
    canvas = np.full((SIZE, SIZE, 3), 114, np.uint8)
    truth = place(canvas, AREA, lorry, np.random.default_rng(seed), (0.5, 1.0))
    assert np.abs(truth.boxes[0] - white(canvas)).max() <= 4
    assert truth.classes[0, 0] == 1


@given(SEEDS, st.floats(-20, 20))
@settings(max_examples=25, deadline=None)
def test_a_tilted_box_fits_its_tilted_object(lorry: Sample, seed: int, degrees: float) -> None:
    canvas = np.full((SIZE, SIZE, 3), 114, np.uint8)
    truth = place(canvas, AREA, lorry, np.random.default_rng(seed), (0.5, 0.6))
    picture, turned = tilted(canvas, truth, degrees, 114)
    if len(turned.boxes):  # else it was turned out of the picture
        inside = np.clip(white(picture), 0, SIZE)
        assert np.abs(turned.boxes[0] - inside).max() <= 6


@given(SEEDS)
@settings(max_examples=30, deadline=None)
def test_what_is_cut_or_thin_is_ignored_and_not_taught(lorry: Sample, seed: int) -> None:
    canvas = np.zeros((SIZE, SIZE, 3), np.uint8)
    truth = place(canvas, (0, 0, 60, 40), lorry, np.random.default_rng(seed), (0.2, 4.0))
    for box in truth.boxes:
        assert (box[2:] - box[:2]).min() >= 5
    for box in (*truth.boxes, *truth.ignore):
        assert (box >= 0).all()
        assert (box <= (60, 40, 60, 40)).all()


def test_a_view_is_a_square_picture_with_its_boxes_inside(lorry: Sample) -> None:
    many = 0
    for seed in range(30):
        seen = view([lorry] * 4, np.random.default_rng(seed))
        assert seen.picture.shape == (SIZE, SIZE, 3)
        assert seen.picture.dtype == np.uint8
        assert (seen.truth.boxes >= 0).all()
        assert (seen.truth.boxes <= SIZE).all()
        many += len(seen.truth.boxes) > 1
    assert many > 3  # mosaics show several


def test_a_held_out_photograph_is_painted_over(folder: Path) -> None:
    write(folder / "mosaic", "1", [(1, 0.0, 0.0, 1.0, 1.0)])
    knowledge = Knowledge({}, {"mosaic/1": {"0": 4}}, {}, {})
    canvas = np.full((SIZE, SIZE, 3), 114, np.uint8)
    blank = sample(folder / "mosaic", knowledge, mosaics=True)
    truth = place(canvas, AREA, blank, np.random.default_rng(1), (0.9, 1.0))
    assert len(truth.boxes) == 0
    assert (canvas == 114).all()


def scene() -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    return np.clip(rng.normal((90, 130, 170), 25, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_light_and_weather_do_what_they_are_called(seed: int) -> None:
    picture, rng = scene(), np.random.default_rng(seed)
    dark = light.night(picture, np.zeros((0, 4), np.float32), rng)
    assert dark.mean() < 0.75 * picture.mean()
    grey = light.infrared(picture, rng)
    assert np.ptp(grey.astype(int), axis=2).max() == 0
    assert light.dust(picture, rng).std() < picture.std()
    assert light.rain(picture, rng).max() >= picture.max() * 0.9
    assert light.blurred(picture, rng).std() < picture.std()
    for made in (dark, grey, light.relit(picture, np.zeros((0, 4), np.float32), rng)):
        assert made.shape == picture.shape
        assert made.dtype == np.uint8


def test_at_night_some_lorries_have_their_lamps_on() -> None:
    lorries = np.array([[100, 100, 300, 300]], np.float32)
    brightest = []
    for seed in range(12):
        made = light.night(scene(), lorries, np.random.default_rng(seed))
        brightest.append(made[200:300, 100:300].mean(axis=2).max())
    assert max(brightest) > 230
    assert min(brightest) < 200


def test_an_empty_picture_is_augmented_like_any_other(folder: Path) -> None:
    write(folder / "empty", "1", [])
    seen = view([sample(folder / "empty")] * 4, np.random.default_rng(2))
    truth: Truth = seen.truth
    assert truth.boxes.shape == (0, 4)


def test_frames_of_a_clip_that_is_too_short_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no frame"):
        extract(tmp_path, tmp_path / "out")
