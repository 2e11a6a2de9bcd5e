"""The bytes of the inference protocol, and a small model in the place of a large one."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inference.detections import Picture
from inference.detector import DetectorFailed
from inference.detectors.fake import Fake
from inference.manifest import Manifest
from inference.serving.http import answered, request
from inference.serving.standin import StandIn
from inference.serving.wire import DTYPES, Tensor

tensors = st.dictionaries(
    st.text(min_size=1, max_size=5),
    st.sampled_from(sorted(DTYPES)).flatmap(
        lambda name: hnp.arrays(DTYPES[name], hnp.array_shapes(min_side=0, max_side=3))
    ),
    max_size=3,
)


@given(tensors, st.booleans())
def test_tensors_survive_the_way_in_both_forms(inputs: dict[str, Tensor], binary: bool) -> None:
    """An answer has the form of a request, its outputs where the inputs are."""
    head, following = request(inputs, ["output"], binary=binary)
    told = json.loads(head)
    assert told["outputs"][0]["name"] == "output"
    again = json.dumps({"outputs": told["inputs"]}).encode()
    back = answered(again + b"".join(following), len(again) if binary else None)
    assert list(back) == list(inputs)
    for name, values in inputs.items():
        assert back[name].dtype == values.dtype
        assert np.array_equal(back[name], values, equal_nan=values.dtype.kind == "f")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
outputs = st.fixed_dictionaries(
    {"name": anything, "datatype": st.sampled_from(["FP32", "INT8", "BYTES"]) | anything, "shape": anything},
    optional={
        "data": anything,
        "parameters": st.fixed_dictionaries({"binary_data_size": anything}) | anything,
    },
)


@given(
    st.fixed_dictionaries({"outputs": st.lists(outputs, max_size=2) | anything}) | anything,
    st.binary(max_size=20),
)
def test_an_answer_of_nonsense_is_a_value_error(told: object, rest: bytes) -> None:
    head = json.dumps(told).encode()
    try:
        answered(head + rest, len(head))
    except ValueError:
        return
    assert isinstance(told, dict)


def test_an_answer_nested_without_end_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="inference answer"):
        answered(b"[" * 100_000, None)


def manifest(classes: tuple[str, ...], side: int) -> Manifest:
    return Manifest.model_validate(
        {
            "name": "far",
            "file": "far.plan",
            "sha256": "0" * 64,
            "licence": "Apache-2.0",
            "classes": classes,
            "input": {"width": side, "height": side},
            "decoder": "yolox",
        }
    )


def painted() -> Picture:
    """White is the fake's first class, red its second."""
    picture = np.zeros((832, 600, 3), np.uint8)
    picture[100:200, 200:400] = 255
    picture[500:620, 40:120] = (0, 0, 255)
    return picture


def test_a_stand_in_answers_in_the_pixels_and_classes_of_the_other() -> None:
    small = Fake(("truck", "bus", "dog"), (416, 416))
    (found,) = StandIn(small, "small", manifest(("bus", "truck"), 832)).detect([painted()])
    boxes = {int(label): box for label, box in zip(found.labels, found.boxes, strict=True)}
    assert boxes.keys() == {0, 1}
    assert np.abs(boxes[1] - [200, 100, 400, 200]).max() < 4
    assert np.abs(boxes[0] - [40, 500, 120, 620]).max() < 4


def test_a_stand_in_does_not_answer_in_classes_that_the_other_has_not() -> None:
    small = Fake(("dog", "truck"), (416, 416))
    (found,) = StandIn(small, "small", manifest(("truck",), 832)).detect([painted()])
    assert found.labels.tolist() == [0]
    assert np.abs(found.boxes[0] - [40, 500, 120, 620]).max() < 4


def test_a_stand_in_that_would_be_blind_to_a_class_is_refused() -> None:
    with pytest.raises(DetectorFailed, match="barge"):
        StandIn(Fake(("truck",), (416, 416)), "small", manifest(("truck", "barge"), 832))
    with pytest.raises(DetectorFailed, match="stretch"):
        StandIn(Fake(("truck",), (416, 416), "stretch"), "small", manifest(("truck",), 832))
