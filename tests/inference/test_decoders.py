"""Decoders: what real models answered, every layout there and back, and outputs gone wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from inference.decoders import LAYOUTS, BadOutput, decode, iou, suppress
from inference.detections import Detections
from inference.manifest import Manifest

DATA = Path(__file__).parent / "data"
SIZE = (96, 64)  # 12*8 + 6*4 + 3*2 = 126 cells
CELLS = 126
CLASSES = 3
Array = NDArray[np.float32]
Outputs = list[NDArray[Any]]

# One picture of a road, looked at by five models; where a person sees its nearest lorry and its nearest car.
LORRY = [0.148, 0.25, 0.41, 0.77]
CAR = [0.547, 0.49, 0.763, 0.737]


def sparse(stored: Any, *, turned: bool = False) -> Outputs:
    """An output of which the cells that matter were stored, the rest being zero."""
    output = np.zeros(stored["shape"], np.float32)
    (output[0].T if turned else output[0])[stored["cells"]] = stored["values"]
    return [output]


def three(stored: Any) -> Outputs:
    return [
        stored["labels"].astype(np.int64),
        *(stored[key].astype(np.float32) for key in ("boxes", "scores")),
    ]


@pytest.mark.parametrize(
    ("name", "layout", "side", "classes", "outputs", "lorry", "car"),
    [
        ("yolox_nano_416", "yolox", 416, 80, sparse, 7, 2),
        ("sandwatch_proof_416", "yolox", 416, 8, sparse, 0, 4),
        ("deimv2_atto_320", "deim", 320, 80, three, 7, 2),
        ("deimv2_femto_416", "deim", 416, 80, three, 5, 2),  # it takes the lorry for a bus
        ("yolo11n_640", "yolov8", 640, 80, lambda stored: sparse(stored, turned=True), 7, 2),
    ],
)
def test_what_a_real_model_saw(
    name: str,
    layout: str,
    side: int,
    classes: int,
    outputs: Callable[[Any], Outputs],
    lorry: int,
    car: int,
) -> None:
    stored = np.load(DATA / f"{name}.npz")
    found = decode(layout, outputs(stored), (side, side), classes, 0.3)
    assert np.allclose(found.boxes, stored["expected_boxes"], atol=0.3)
    assert np.allclose(found.scores, stored["expected_scores"], atol=0.01)
    assert found.labels.tolist() == stored["expected_labels"].tolist()
    for place, label in ((LORRY, lorry), (CAR, car)):
        near = iou(np.array([place], np.float32) * side, found.boxes)[0]
        assert near.max() > 0.7
        assert found.labels[near.argmax()] == label


def as_yolox(found: Detections) -> Outputs:
    """Written into the finest cells that hold the boxes' middles."""
    output = np.zeros((1, CELLS, 5 + CLASSES), np.float32)
    for box, score, label in zip(found.boxes, found.scores, found.labels, strict=True):
        middle, side = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        column, row = (middle // 8).astype(int)
        cell = output[0, row * (SIZE[0] // 8) + column]
        cell[:2], cell[2:4], cell[4] = middle / 8 - [column, row], np.log(side / 8), 1
        cell[5 + label] = score
    return [output]


def as_yolov8(found: Detections) -> Outputs:
    output = np.zeros((1, 4 + CLASSES, CELLS), np.float32)
    for cell, (box, score, label) in enumerate(zip(found.boxes, found.scores, found.labels, strict=True)):
        output[0, :2, cell], output[0, 2:4, cell] = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        output[0, 4 + label, cell] = score
    return [output]


def as_deim(found: Detections) -> Outputs:
    return [found.labels[None].astype(np.int64), found.boxes[None], found.scores[None]]


def as_yolov10(found: Detections) -> Outputs:
    return [np.column_stack([found.boxes, found.scores, found.labels])[None].astype(np.float32)]


def relative(found: Detections) -> Array:
    return (found.boxes / np.array([*SIZE, *SIZE], np.float32)).astype(np.float32)


def as_ssd(found: Detections) -> Outputs:
    """With a row behind those that count, as TensorFlow fills its lists up."""
    boxes = np.concatenate([relative(found)[:, [1, 0, 3, 2]], [[0, 0, 1, 1]]]).astype(np.float32)
    labels, scores = np.append(found.labels, 0), np.append(found.scores, 1)
    return [boxes[None], labels[None].astype(np.float32), scores[None], np.array([len(found)], np.float32)]


def as_detection_output(found: Detections) -> Outputs:
    """With the row that ends the list, and rubbish behind it."""
    rows = np.column_stack([np.zeros(len(found)), found.labels, found.scores, relative(found)])
    return [
        np.concatenate([rows, [[-1, 0, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1, 1]]])[None, None].astype(np.float32)
    ]


WRITERS: dict[str, Callable[[Detections], Outputs]] = {
    "yolox": as_yolox,
    "deim": as_deim,
    "yolov8": as_yolov8,
    "yolov10": as_yolov10,
    "ssd": as_ssd,
    "detection_output": as_detection_output,
}


@st.composite
def scenes(draw: st.DrawFn) -> Detections:
    """Objects apart from each other, one to each 32-px square, inside the picture."""
    squares = draw(st.lists(st.sampled_from([(x, y) for x in (0, 32, 64) for y in (0, 32)]), unique=True))
    sides = [(draw(st.integers(4, 30)), draw(st.integers(4, 30))) for _ in squares]
    boxes = [(x + 1, y + 1, x + 1 + w, y + 1 + h) for (x, y), (w, h) in zip(squares, sides, strict=True)]
    count = len(squares)
    ranks = draw(st.lists(st.integers(25, 100), min_size=count, max_size=count, unique=True))
    scores = sorted((rank / 100 for rank in ranks), reverse=True)
    labels = [draw(st.integers(0, CLASSES - 1)) for _ in squares]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32), np.array(labels, np.int32)
    )


@pytest.mark.parametrize("name", LAYOUTS)
@given(scene=scenes())
def test_what_is_written_is_read(name: str, scene: Detections) -> None:
    found = decode(name, WRITERS[name](scene), SIZE, CLASSES, 0.1)
    assert np.allclose(found.boxes, scene.boxes, atol=0.01)
    assert np.allclose(found.scores, scene.scores)
    assert found.labels.tolist() == scene.labels.tolist()


@pytest.mark.parametrize("name", LAYOUTS)
@given(data=st.data())
def test_a_network_gone_wild_gives_sound_boxes_or_is_refused(name: str, data: st.DataObject) -> None:
    scene = Detections(
        np.array([[8, 8, 24, 20]], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int32)
    )
    written = WRITERS[name](scene)
    wild = [data.draw(arrays(np.float32, each.shape, elements=st.floats(width=32))) for each in written]
    try:
        with np.errstate(all="ignore"):
            found = decode(name, wild, SIZE, CLASSES, 0.1)
    except BadOutput:
        return
    assert ((found.boxes >= 0) & (found.boxes <= [*SIZE, *SIZE])).all()
    assert ((found.scores >= 0) & (found.scores <= 1.011)).all()
    assert ((found.labels >= 0) & (found.labels < CLASSES)).all()


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("rubbish", [np.nan, np.inf])
def test_nan_and_infinity_are_named(name: str, rubbish: float) -> None:
    scene = Detections(
        np.array([[8, 8, 24, 20]], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int32)
    )
    outputs = [each.astype(np.float32) for each in WRITERS[name](scene)]
    for output in outputs:
        output[output != 0] = rubbish
    with pytest.raises(BadOutput, match="NaN or infinity"):
        decode(name, outputs, SIZE, CLASSES, 0.1)


@pytest.mark.parametrize("name", LAYOUTS)
def test_another_layout_is_refused_and_what_it_looks_like_is_said(name: str) -> None:
    other = "yolov8" if name != "yolov8" else "yolox"
    with pytest.raises(BadOutput, match=f"{name} wants .* looks like {other} with {CLASSES} classes"):
        decode(name, WRITERS[other](Detections.none()), SIZE, CLASSES, 0.1)


def test_the_output_of_a_larger_input_says_of_which() -> None:
    with pytest.raises(BadOutput, match="looks like yolov8 640x640 with 80 classes"):
        decode("yolox", [np.zeros((1, 84, 8400), np.float32)], (416, 416), 80, 0.1)


def test_what_no_layout_fits_is_shown_as_it_is() -> None:
    with pytest.raises(BadOutput, match=r"the model gives \[1, 7, 3, 2\]$"):
        decode("yolox", [np.zeros((1, 7, 3, 2), np.float32)], SIZE, CLASSES, 0.1)


@pytest.mark.parametrize("name", ["yolox", "yolov8"])
def test_a_wrong_number_of_classes_is_refused_before_anything_is_found(name: str) -> None:
    with pytest.raises(BadOutput, match="the model has 3 classes, its manifest lists 80"):
        decode(name, WRITERS[name](Detections.none()), SIZE, 80, 0.1)


@pytest.mark.parametrize("name", ["deim", "yolov10", "ssd", "detection_output"])
def test_a_class_beyond_the_list_is_refused_when_it_is_found(name: str) -> None:
    scene = Detections(
        np.array([[8, 8, 24, 20]], np.float32), np.array([0.9], np.float32), np.full(1, 7, np.int32)
    )
    with pytest.raises(BadOutput, match="class number 7, its manifest lists 3"):
        decode(name, WRITERS[name](scene), SIZE, CLASSES, 0.1)


def test_scores_without_a_sigmoid_are_refused() -> None:
    output = np.zeros((1, 4 + CLASSES, CELLS), np.float32)
    output[0, 4:] = -6.5
    output[0, 5, 3] = 4.2
    with pytest.raises(BadOutput, match=r"from -6\.5 to 4\.2 instead of 0 to 1"):
        decode("yolov8", [output], SIZE, CLASSES, 0.1)


def test_labels_and_scores_in_each_others_place_are_refused() -> None:
    scene = Detections(
        np.array([[8, 8, 24, 20]], np.float32), np.array([0.9], np.float32), np.full(1, 2, np.int32)
    )
    boxes, labels, scores, number = as_ssd(scene)
    with pytest.raises(BadOutput):
        decode("ssd", [boxes, scores, labels, number], SIZE, CLASSES, 0.1)


def test_every_layout_can_be_named_in_a_manifest() -> None:
    named = get_args(Manifest.model_fields["decoder"].annotation)
    assert {*LAYOUTS, "own"} == set(named)


corner = st.floats(0, 50)
box = st.tuples(corner, corner, st.floats(1, 40), st.floats(1, 40)).map(
    lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]]
)


@given(st.lists(box, min_size=1, max_size=20))
def test_suppression_keeps_the_best_and_no_two_that_overlap(rows: list[list[float]]) -> None:
    boxes = np.array(rows, np.float32)
    scores = np.linspace(0.9, 0.2, len(rows), dtype=np.float32)
    kept = suppress(Detections(boxes, scores, np.zeros(len(rows), np.int32)))
    overlaps = iou(kept.boxes, kept.boxes) - np.eye(len(kept))
    assert overlaps.max() <= 0.5
    assert kept.scores[0] == scores[0]
    # Whatever was dropped overlaps something better that stayed.
    assert (iou(boxes, kept.boxes).max(axis=1) > 0.5).all()
