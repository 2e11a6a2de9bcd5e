"""kind: auto: takes the fastest way that agrees with fp32, says why, and remembers it."""

import json
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge import assets
from inference import choice
from inference.candidates import REFERENCE, Candidate, Measured, best, candidates
from inference.choice import Choices, facts
from inference.detectors import auto
from inference.manifest import SYSTEM_MODELS, Model, find
from tests.support.networks import white_finder

FAST = Candidate("openvino", "cpu", "bf16")
KNOWN = {"model": "a" * 64, "cpu": "a box"}


def test_the_fastest_that_costs_at_most_a_point_is_taken() -> None:
    taken, why = best(
        [
            Measured(REFERENCE, 20, 0.0),
            Measured(Candidate("openvino", "cpu", "f32"), 15, 0.0),
            Measured(FAST, 10, 0.9),
            Measured(Candidate("openvino", "cpu", "int8"), 5, 1.1),
            Measured(Candidate("onnx", "cuda"), why="no driver"),
        ]
    )
    assert taken.candidate == FAST
    assert "2.00 times as fast" in why


@pytest.mark.parametrize("other", [Measured(FAST, 19.5, 0.0), Measured(FAST, 5, float("nan"))])
def test_fp32_stays_where_the_gain_is_noise_or_cannot_be_judged(other: Measured) -> None:
    taken, _ = best([Measured(REFERENCE, 20, 0.0), other])
    assert taken.candidate == REFERENCE


def test_the_reference_is_the_first_candidate_and_none_comes_twice() -> None:
    found = list(candidates())
    assert found[0] == REFERENCE
    assert Candidate("openvino", "cpu", "f32") in found
    assert len(set(found)) == len(found)


def test_a_choice_holds_until_a_fact_changes(tmp_path: Path) -> None:
    Choices(tmp_path).keep(KNOWN, FAST, [])
    assert Choices(tmp_path).recall(KNOWN) == FAST
    assert Choices(tmp_path).recall({**KNOWN, "cpu": "another"}) is None
    Choices(tmp_path).keep({**KNOWN, "cpu": "another"}, REFERENCE, [])
    Choices(tmp_path).keep(KNOWN, REFERENCE, [])
    assert Choices(tmp_path).recall(KNOWN) == REFERENCE
    assert len(json.loads((tmp_path / "detector-choice.json").read_text())) == 2


@pytest.mark.parametrize("text", ["", "{", "7", '[{"facts": {"model": "x"}}]', '["a"]'])
def test_a_damaged_memory_is_no_memory(tmp_path: Path, text: str) -> None:
    (tmp_path / "detector-choice.json").write_text(text)
    assert Choices(tmp_path).recall({"model": "x"}) is None
    Choices(tmp_path).keep(KNOWN, FAST, [])
    assert Choices(tmp_path).recall(KNOWN) == FAST


def test_where_nothing_can_be_written_it_works_and_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with capture_logs() as said:
        choices = Choices(blocked)
        with choices.alone():
            choices.keep(KNOWN, FAST, [])
    assert "detector.choice_not_kept" in {each["event"] for each in said}


def test_the_facts_change_with_the_model_and_the_int8_beside_it(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    known = facts(model, 1, ())
    assert known["int8"] == "none"
    assert known != facts(model, 2, ())
    assert choice._cpu()


def test_a_box_is_measured_once(tmp_path: Path, demo_clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the real model on the shipped clip; which way wins is the machine's business."""
    monkeypatch.setattr(auto, "_REFERENCE_SECONDS", 600.0)  # however busy the machine is
    monkeypatch.setattr(auto, "_PATIENCE", 600.0)
    model = find("sandwatch-nano", [assets.models()])
    spec = auto.Spec(calibration=demo_clip, state=tmp_path)
    with capture_logs() as first:
        detector = auto.build(spec, model, 1)
    (chosen,) = [each for each in first if each["event"] == "detector.chosen"]
    assert {each["way"] for each in chosen["measured"] if "ms" in each} >= {
        "onnx cpu f32",
        "openvino cpu f32",
    }
    assert detector.classes == model.manifest.classes
    with capture_logs() as second:
        auto.build(spec, model, 1)
    assert [each["event"] for each in second] == ["detector.remembered"]
    assert second[0]["choice"] == chosen["choice"]


def test_a_remembered_way_that_is_gone_is_replaced_by_fp32(tmp_path: Path) -> None:
    model = white_finder(tmp_path)
    Choices(tmp_path).keep(facts(model, 1, (SYSTEM_MODELS,)), Candidate("onnx", "tensorrt"), [])
    with capture_logs() as said:
        detector = auto.build(auto.Spec(state=tmp_path), model, 1)
    assert "detector.cpu_instead" in {each["event"] for each in said}
    assert len(detector.detect([np.zeros((64, 96, 3), np.uint8)])) == 1


@pytest.mark.parametrize("calibration", [None, Path("nosuch.mp4")])
def test_without_pictures_to_judge_by_it_is_fp32(tmp_path: Path, calibration: Path | None) -> None:
    model: Model = white_finder(tmp_path)
    with capture_logs() as said:
        auto.build(auto.Spec(calibration=calibration, state=tmp_path), model, 1)
    events = {each["event"]: each for each in said}
    assert "detector.no_calibration" in events
    assert events["detector.chosen"]["choice"] == "onnx cpu f32"
    assert not (tmp_path / "detector-choice.json").exists()
