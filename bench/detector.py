"""What a picture costs in every way this box can run the shipped model, what of its answers is lost, and what
Ultralytics' own prediction takes for a network of one size."""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np

from bench import eyes, ultralytics_peer
from bench.report import Goal, Report, spread
from edge import assets
from edge.plan import model_for
from inference.agreement import agreement, average_precision
from inference.calibration import calibration_pictures
from inference.candidates import REFERENCE, SURE, Candidate, Measured, best, candidates
from inference.detections import Detections, Detector, Fit, Picture
from inference.detector import DetectorFailed
from inference.detectors import onnx
from inference.manifest import Model, ModelRefused
from inference.quantise import quantise
from inference.runtime import onnx_runtime
from inference.views import Cutter, View, fitted

QUESTION = (
    "What does a picture cost in every backend and precision, what is lost, and what does Ultralytics take?"
)

_THREADS = (1, 2)
_BATCHES = (1, 4)
_ROUNDS = 15
_FRAMES = 30  # of the shipped clip, each whole and in quarters, to compare the answers on
_SOURCE = "images/highway_photos"  # its last fifth by number is held out of every training: 143 real pictures
_HELD_OUT = 573
_MEANING = {0: "bus", 4: "truck"}  # of its label numbers, those whose every object is labelled


@dataclass(slots=True)
class Way:
    """A detector under the clock: ms of a picture, round by round."""

    detector: Detector
    batch: int
    times: list[float] = field(default_factory=list)

    def turn(self, pictures: Sequence[Picture]) -> None:
        chosen = pictures[: self.batch]
        start = time.perf_counter()
        self.detector.detect(chosen)
        self.times.append(1000 * (time.perf_counter() - start) / len(chosen))

    @property
    def ms(self) -> float:
        return median(self.times)

    def figures(self) -> dict[str, Any]:
        return {"ms_per_picture": spread(self.times), "images_per_s": 1000 / self.ms}


def run(quick: bool) -> Report:
    model = model_for(onnx.Spec())
    rounds = 3 if quick else _ROUNDS
    # NNCF and Ultralytics talk on standard output, which belongs to the report.
    with tempfile.TemporaryDirectory() as desk, contextlib.redirect_stdout(sys.stderr):
        folder = Path(desk)
        clip = assets.folder() / "demo" / "clip.mp4"
        reference = REFERENCE.build(model, _THREADS[-1])
        pictures = calibration_pictures(clip, reference, 4 if quick else _FRAMES)
        int8 = _int8(model, pictures, folder, quick=quick)
        costs = _costs(model, pictures, folder, rounds)
        losses = _losses(model, reference, pictures, folder, quick=quick)
        chosen, why = best([_measured(way, costs, losses) for way in _reference_first(losses)])
        peer = _peer(folder, model.manifest.input.width, chosen.candidate, pictures, rounds)
    figures: dict[str, Any] = {
        "model": model.manifest.name,
        "calibration_pictures": len(pictures),
        "int8": int8,
        **{f"threads_{threads}": _table(costs[threads]) for threads in _THREADS},
        "lost_points_of_ap50": {str(way): told for way, told in losses.items()},
        "chosen": str(chosen.candidate),
        "why": why,
        "ultralytics": peer,
    }
    return Report(figures, _goals(losses[chosen.candidate], peer))


def _goals(loss: Mapping[str, Any], peer: Mapping[str, Any] | str) -> dict[str, Goal]:
    """Against a truth where there is one; without Ultralytics there is nothing to be faster than."""
    lost = loss.get("against_truth", loss.get("against_fp32"))
    goals = {"chosen_precision_ap_loss": Goal(float(lost or 0), "points", at_most=1.0)}
    if not isinstance(peer, str):
        goals["speedup_over_ultralytics"] = Goal(float(peer["speedup"]), "ratio", at_least=3.0)
    return goals


def _int8(model: Model, pictures: Sequence[Picture], folder: Path, *, quick: bool) -> str:
    if find_spec("nncf") is None or find_spec("openvino") is None:
        return "not installed"
    start = time.perf_counter()
    quantise(model, pictures[:: 1 if quick else 2], folder)
    return f"quantised in {time.perf_counter() - start:.0f} s"


Costs = dict[int, dict[str, Way]]


def _costs(model: Model, pictures: Sequence[Picture], folder: Path, rounds: int) -> Costs:
    """By threads: every way and the floor, in turn, so that a slow minute of the machine hits all of them."""
    whole = [picture for picture in pictures if picture.shape == pictures[0].shape]
    return {threads: _raced(_ways(model, threads, folder), whole, rounds) for threads in _THREADS}


def _raced(ways: dict[str, Way], pictures: Sequence[Picture], rounds: int) -> dict[str, Way]:
    for number in range(rounds + 1):
        for way in ways.values():
            way.turn(pictures[number % 8 :])
    for way in ways.values():
        way.times.pop(0)  # the first turn sets up buffers
    return ways


def _ways(model: Model, threads: int, folder: Path) -> dict[str, Way]:
    ways = {"floor (bare session.run)": Way(_Floor(model, threads), 1)}
    for candidate in candidates():
        try:
            detector = candidate.build(model, threads, folder)
        except (DetectorFailed, ModelRefused):  # told with the losses
            continue
        ways |= {f"{candidate} batch {batch}": Way(detector, batch) for batch in _BATCHES}
    return ways


class _Floor:
    """A bare session.run on a tensor that lies there already."""

    flexible = False
    problem = None
    fit: Fit = "letterbox"
    classes: tuple[str, ...] = ()

    def __init__(self, model: Model, threads: int) -> None:
        runtime = onnx_runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        providers = ["CPUExecutionProvider"]
        self._session = runtime.InferenceSession(str(model.path), options, providers=providers)
        self._name = self._session.get_inputs()[0].name
        self.size = (model.manifest.input.width, model.manifest.input.height)

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """The tensor of a picture as large as a flexible input makes it, or else of the whole input."""
        shape = self._session.get_inputs()[0].shape
        height, width = pictures[0].shape[:2]
        free = not isinstance(shape[2], int)
        sides = (-(-height // 32) * 32, -(-width // 32) * 32) if free else (self.size[1], self.size[0])
        self._session.run(None, {self._name: np.zeros((1, 3, *sides), np.float32)})
        return []


def _table(ways: Mapping[str, Way]) -> dict[str, Any]:
    return {name: way.figures() for name, way in ways.items()}


Losses = dict[Candidate, dict[str, Any]]


def _losses(
    model: Model, reference: Detector, pictures: Sequence[Picture], folder: Path, *, quick: bool
) -> Losses:
    """Points of AP50 by candidate: against the reference's own answers, and against a truth where there is data."""
    answers = reference.detect(pictures)
    stills = _stills(eyes.folder("SANDWATCH_DATA", "data"), reference, quick=quick)
    views, truth = [view for view, _ in stills], [known for _, known in stills]
    ours = average_precision(reference.detect(views), truth) if stills else None
    losses: Losses = {}
    for candidate in candidates():
        try:
            detector = candidate.build(model, _THREADS[-1], folder)
        except (DetectorFailed, ModelRefused) as refused:
            losses[candidate] = {"refused": refused.problem.what.en}
            continue
        told = {"against_fp32": 100 * (1 - agreement(detector.detect(pictures), answers, SURE))}
        if ours is not None:
            mine = average_precision(detector.detect(views), truth)
            told |= {"against_truth": 100 * (ours - mine), "ap50": 100 * mine, "pictures": len(views)}
        losses[candidate] = told
    return losses


def _reference_first(losses: Losses) -> list[Candidate]:
    return sorted(losses, key=lambda candidate: candidate != REFERENCE)


def _measured(candidate: Candidate, costs: Costs, losses: Losses) -> Measured:
    """As `kind: auto` measures it, from the figures of this run."""
    way = costs[_THREADS[-1]].get(f"{candidate} batch 1")
    if way is None:
        return Measured(candidate, why=losses[candidate]["refused"])
    return Measured(candidate, way.ms, losses[candidate]["against_fp32"])


def _stills(data: Path | None, detector: Detector, *, quick: bool) -> list[tuple[Picture, Detections]]:
    """Held-out pictures at the detector's size, and what is known to be in them."""
    if data is None or not (data / _SOURCE).is_dir():
        return []
    files = [file for file in sorted((data / _SOURCE).glob("*.jpg")) if int(file.stem) >= _HELD_OUT]
    cutter = Cutter(detector.size, detector.fit)
    return [_still(file, cutter, detector) for file in files[:: 10 if quick else 1]]


def _still(file: Path, cutter: Cutter, detector: Detector) -> tuple[Picture, Detections]:
    with av.open(str(file)) as container:
        frame = next(iter(container.decode(video=0)))
    view = View.whole((frame.width // 2 * 2, frame.height // 2 * 2))
    width, height = fitted(view, detector.size, detector.fit)
    rows = [line.split() for line in file.with_suffix(".txt").read_text().splitlines()]
    known = [
        (detector.classes.index(word), *map(float, row[1:5]))
        for row in rows
        if (word := _MEANING.get(int(row[0])))
    ]
    table = np.array(known, np.float32).reshape(-1, 5)
    half = table[:, 3:] / 2
    boxes = np.concatenate([table[:, 1:3] - half, table[:, 1:3] + half], axis=1)
    boxes *= np.array([width, height, width, height], np.float32)
    truth = Detections(boxes, np.ones(len(table), np.float32), table[:, 0].astype(np.int32))
    return cutter.cut(frame, view), truth


def _peer(
    desk: Path, side: int, chosen: Candidate, pictures: Sequence[Picture], rounds: int
) -> dict[str, Any] | str:
    """The same YOLO11n under their `predict` and under the way that was chosen for ours, one input side, all cores."""
    if not ultralytics_peer.installed():
        return "not installed"
    threads = min(_THREADS[-1], os.cpu_count() or 1)
    model = ultralytics_peer.exported(desk, side)
    # An INT8 form of theirs would have to be quantised first: ours is compared in what it falls back to.
    way = REFERENCE if chosen.precision == "int8" else chosen
    raced = _raced(
        {
            "predict": Way(ultralytics_peer.predicting(model, threads), 1),
            str(way): Way(way.build(model, threads), 1),
        },
        pictures,
        rounds,
    )
    return {
        "network": f"{model.manifest.name} at {side} px, {threads} threads",
        **_table(raced),
        "speedup": raced["predict"].ms / raced[str(way)].ms,
    }
