"""How the latency's bench reads pictures and reckons."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.latency import timecode
from bench.latency.pixels import stamped
from bench.latency.reckoning import Arrived, Run, reported
from bench.probe.notes import Note, picture

_NOW = 1_790_000_000.0


def picture_of(moment: float, width: int = 640) -> np.ndarray:
    luma = np.full((360, width), 90, np.uint8)
    luma[: timecode.ROWS] = np.frombuffer(timecode.band(moment, width), np.uint8).reshape(
        timecode.ROWS, width
    )
    return luma


@given(st.floats(_NOW - 1e6, _NOW + 1e6))
def test_a_picture_tells_when_it_was_taken(moment: float) -> None:
    told = stamped(picture_of(moment), _NOW)
    assert told == pytest.approx(moment, abs=0.0006)


def test_a_code_survives_strong_compression() -> None:
    _, coded = cv2.imencode(".jpg", picture_of(_NOW), [cv2.IMWRITE_JPEG_QUALITY, 30])
    luma = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    assert stamped(luma, _NOW + 2) == pytest.approx(_NOW, abs=0.001)


@pytest.mark.parametrize("level", [0, 16, 128, 235, 255])
def test_a_picture_without_a_code_tells_nothing(level: int) -> None:
    assert stamped(np.full((360, 640), level, np.uint8), _NOW) is None


def test_a_picture_that_is_too_small_tells_nothing() -> None:
    assert stamped(np.zeros((360, 200), np.uint8), _NOW) is None


def run(arrived: list[Arrived], notes: list[Note], naive: list[Arrived] | None = None) -> Run:
    return Run(30.0, [100.0, 130.0], {"auto": arrived}, naive or [], notes, [0.001])


def test_the_stages_add_up_to_the_whole_way() -> None:
    key = picture(100.5)
    notes = [
        Note("decoded", key, 100.6),
        Note("taken", key, 100.65),
        Note("looked", key, 100.75),
        Note("judged", key, 100.76),
        Note("picture:a/0", key, 100.8),
        Note("proved", "a/0", 100.8),
        Note("told", "a/0", 100.81),
        Note("committed", "a/0", 100.82),
    ]
    told = reported(run([Arrived("a/0", 100.9, 100.4)], notes)).figures["ours_auto"]
    assert isinstance(told, dict)
    medians = {stage: each["median"] for stage, each in told["stage_ms"].items() if each["samples"]}
    assert sum(medians.values()) == pytest.approx(told["total_ms"]["median"]) == pytest.approx(900)
    assert medians["noticed"] == pytest.approx(400)
    assert medians["look"] == pytest.approx(100)
    assert medians["publish"] == pytest.approx(80)


def test_what_came_in_no_visit_or_again_does_not_count() -> None:
    late, again = Arrived("c/0", 170.0, None), Arrived("b/0", 103.0, None)
    report = reported(run([Arrived("a/0", 101.0, None), again, late], []))
    assert report.figures["ours_auto"]["met"] == 1  # type: ignore[index]
    assert not report.goals["met_auto"].met
    assert report.figures["unreadable_codes"] == 3


def test_nothing_that_came_is_told_as_nothing() -> None:
    report = reported(run([], []))
    assert report.figures["naive"] == {"met": 0, "total_ms": {"samples": 0}, "percentiles_ms": {}}


def test_whoever_needs_less_than_half_a_lorry_is_early() -> None:
    told = reported(run([], [], [Arrived("0", 129.5, None), Arrived("1", 138.0, None)])).figures["naive"]
    assert told["met"] == 1  # type: ignore[index]
    assert told["total_ms"]["median"] == pytest.approx(-500)  # type: ignore[index]
