"""What is taught of a labelled picture, what is left open, and what is held out."""

import json
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.train.samples import Knowledge, Sample, encode, read
from bench.train.sources import CLASSES, MACHINE, REAL, Part, Source, by_terrain, held_photograph
from tests.support.labelled import source, write

LEFT, RIGHT = (0.1, 0.1, 0.4, 0.4), (0.6, 0.5, 0.9, 0.9)


def known(
    relabelled: Mapping[str, Mapping[str, str]] | None = None,
    photographs: Mapping[str, Mapping[str, int]] | None = None,
    missing: Mapping[str, Sequence[tuple[float, float, float, float, str]]] | None = None,
    sightings: Mapping[str, Sequence[tuple[float, float, float, float, float, int]]] | None = None,
) -> Knowledge:
    return Knowledge(relabelled or {}, photographs or {}, missing or {}, sightings or {})


def one(folder: Path, given: Source, knowledge: Knowledge, part: Part = Part.TRAIN) -> Sample:
    (sample,) = read(folder.parent, [given], part, knowledge)
    return sample


def names(sample: Sample) -> list[str]:
    """Per box, what it is taught to be; "?" where that is left open."""
    sure = sample.classes * sample.weights
    return [CLASSES[int(row.argmax())] if row.any() else "?" for row in sure]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write(tmp_path / "photos", "00001", [(0, *LEFT), (8, *RIGHT)])
    return tmp_path / "photos"


@pytest.fixture
def site(photos: Path) -> Source:
    """Label 0 is a truck, label 8 a machine of some kind."""
    return source(photos, meaning={0: ("truck",), 8: MACHINE})


def test_a_machine_is_taught_as_what_a_person_said_it_is(photos: Path, site: Source) -> None:
    sample = one(photos, site, known({"photos/00001": {"1": "excavator"}}))
    assert names(sample) == ["truck", "excavator"]
    # An excavator is no truck: that is taught, too.
    assert sample.weights[1, CLASSES.index("truck")] == 1
    np.testing.assert_allclose(sample.boxes, [LEFT, RIGHT], atol=1e-6)


def test_a_machine_nobody_could_tell_is_only_taught_not_to_be_the_rest(photos: Path, site: Source) -> None:
    sample = one(photos, site, known({"photos/00001": {"1": "unsure"}}))
    assert names(sample) == ["truck", "?"]
    open_ones = {name for name, sure in zip(CLASSES, sample.weights[1], strict=True) if not sure}
    assert open_ones == set(MACHINE)


def test_what_is_none_of_our_classes_becomes_a_zone_to_ignore(photos: Path, site: Source) -> None:
    sample = one(photos, site, known({"photos/00001": {"1": "other"}}))
    assert names(sample) == ["truck"]
    np.testing.assert_allclose(sample.ignore, [RIGHT], atol=1e-6)


def test_a_sure_sighting_becomes_a_label_where_the_source_labels_no_such_thing(photos: Path) -> None:
    car, bus, person = CLASSES.index("car"), CLASSES.index("bus"), CLASSES.index("person")
    free = (0.5, 0.05, 0.6, 0.2)
    sightings = {
        "photos/00001": [
            (*free, 0.9, car),
            (0.7, 0.05, 0.8, 0.2, 0.9, bus),  # every bus is labelled, so this is none
            (0.85, 0.05, 0.9, 0.2, 0.3, person),  # unsure
            (*LEFT, 0.9, bus),  # labelled as a truck
        ]
    }
    labelled = source(photos, meaning={0: ("truck",)}, complete=frozenset({"truck", "bus"}))
    sample = one(photos, labelled, known(sightings=sightings))
    assert names(sample) == ["truck", "car"]
    np.testing.assert_allclose(sample.boxes[1], free, atol=1e-6)
    np.testing.assert_allclose(sample.ignore[:, 0], [0.7, 0.85], atol=1e-6)


def test_where_labels_are_missing_nothing_is_taught(photos: Path, site: Source) -> None:
    sample = one(photos, site, known(missing={"photos/00001": [(0.5, 0.0, 0.6, 0.1, "truck")]}))
    np.testing.assert_allclose(sample.ignore, [(0.5, 0.0, 0.6, 0.1)], atol=1e-6)


def test_a_held_out_photograph_in_a_mosaic_is_neither_taught_nor_shown(photos: Path) -> None:
    mosaic = source(photos, meaning={0: ("truck",), 8: ("excavator",)}, mosaics=True)
    held, taught = 9, 10
    assert held_photograph(held)
    assert not held_photograph(taught)
    knowledge = known(photographs={"photos/00001": {"0": taught, "1": held}})
    sample = one(photos, mosaic, knowledge)
    assert names(sample) == ["truck"]
    np.testing.assert_allclose(sample.blank, [RIGHT], atol=1e-6)
    test = one(photos, mosaic, knowledge, Part.TEST)
    assert names(test) == ["excavator"]
    np.testing.assert_allclose(test.ignore, [LEFT], atol=1e-6)
    assert len(test.blank) == 0


def test_a_person_before_a_held_out_machine_is_not_taught_on_a_blank(tmp_path: Path) -> None:
    write(tmp_path / "photos", "1", [(8, *RIGHT), (5, 0.7, 0.6, 0.75, 0.8), (5, *LEFT)])
    mosaic = source(tmp_path / "photos", meaning={5: ("person",), 8: ("excavator",)}, mosaics=True)
    sample = one(tmp_path / "photos", mosaic, known(photographs={"photos/1": {"0": 4}}))
    assert names(sample) == ["person"]
    np.testing.assert_allclose(sample.boxes, [LEFT], atol=1e-6)


def test_what_a_rendered_view_leaves_unlabelled_is_ignored(tmp_path: Path) -> None:
    write(tmp_path / "views", "s01100_000", [(0, *LEFT)], width=640, height=360)
    scene = {
        "K": [[600.0, 0, 320.0], [0, 600.0, 180.0], [0, 0, 1]],
        "camera": "nadir",
        "unlabelled": [{"cls": 5, "box": [320, 180, 384, 270], "why": "small"}],
    }
    (tmp_path / "views" / "s01100_000.json").write_text(json.dumps(scene), "utf-8")
    sample = one(tmp_path / "views", source(tmp_path / "views"), known())
    np.testing.assert_allclose(sample.ignore, [(0.5, 0.5, 0.6, 0.75)], atol=1e-6)
    assert sample.any_up


def test_one_class_is_taught_and_of_several_only_what_it_is_not() -> None:
    classes, weights = encode([("bus",), ("truck", "bus")])
    assert classes[0].tolist() == [name == "bus" for name in CLASSES]
    assert weights[0].all()
    assert not classes[1].any()
    assert weights[1].tolist() == [name not in ("truck", "bus") for name in CLASSES]


def test_neighbouring_pictures_never_fall_into_both_parts() -> None:
    by_number = [each for each in REAL if each.name in ("highway_photos", "open_images", "from_above")]
    assert len(by_number) == 3
    for each in by_number:
        parts = [each.part(f"{number:05d}") for number in range(1, 800)]
        first_test = parts.index(Part.TEST)
        assert set(parts[first_test:]) == {Part.TEST}
        assert parts[first_test - 10 : first_test] == [Part.NEITHER] * 10
        assert set(parts[: first_test - 10]) == {Part.TRAIN}


def test_samples_can_be_sent_to_another_process(photos: Path) -> None:
    with_split = replace(REAL[2], folder=str(photos))
    sample = one(photos, with_split, known())
    sent = pickle.loads(pickle.dumps(sample))
    assert sent.source.part("00700") is Part.TEST
    assert np.array_equal(sent.boxes, sample.boxes)


def test_the_toll_road_is_split_by_day_and_clip() -> None:
    day, night = (next(each for each in REAL if each.name == name) for name in ("toll_day", "toll_night"))
    stems = {"adit_0001": Part.TRAIN, "pagi_0001": Part.TEST, "malam_0001": Part.NEITHER}
    assert {stem: day.part(stem) for stem in stems} == stems
    assert [night.part(f"malam_{n:04d}") for n in (1, 495, 520)] == [Part.TRAIN, Part.NEITHER, Part.TEST]
    assert night.part("pagi_0001") is Part.NEITHER


def test_a_terrain_is_held_out_whole_and_excavators_are_never_taught() -> None:
    assert {by_terrain(f"s02201_{shot:03d}") for shot in range(28)} == {Part.TEST}
    assert by_terrain("s02200_001") is Part.TRAIN
    excavators = next(each for each in REAL if each.name == "excavators")
    assert excavators.part("1") is Part.TEST


def test_the_labels_that_come_with_the_package_name_classes_of_ours() -> None:
    labels = Knowledge.read(None)
    words = {word for lines in labels.relabelled.values() for word in lines.values()}
    assert words <= {*CLASSES, "other", "unsure"}
    assert {"excavator", "loader", "truck"} <= words
    left_out = [box for boxes in labels.missing.values() for box in boxes]
    assert all(x1 < x2 and y1 < y2 and name in CLASSES for x1, y1, x2, y2, name in left_out)
