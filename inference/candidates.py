"""The ways in which this box can run a model, measured against each other."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from inference.agreement import agreement
from inference.detections import Detections, Detector, Picture
from inference.detector import DetectorFailed
from inference.manifest import Model, ModelRefused
from streams import kinds

SURE = (
    0.2  # score from which the answers of fp32 are taken for the truth; half of it and less is still ranked
)
MOST_LOST = 1.0  # points of AP that speed may cost
_FEWEST = 50  # answers of fp32 in the pictures: with fewer, AP hangs on one or two of them
_WORTHWHILE = 0.95  # of the time of fp32: less of a gain is the noise of the machine
_WARM = 2  # pictures before the clock runs


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way: a detector kind and those of its settings that matter."""

    kind: str
    device: str = "cpu"
    precision: str = "f32"

    def __str__(self) -> str:
        return f"{self.kind} {self.device} {self.precision}"

    def build(self, model: Model, threads: int, models: Path | None = None) -> Detector:
        """Raises DetectorFailed, ModelRefused."""
        module = kinds.load("inference.detectors", self.kind)
        settings: dict[str, Any] = {"device": self.device, "models": models}
        if "precision" in module.Spec.model_fields:
            settings["precision"] = self.precision
        detector: Detector = module.build(module.Spec(**settings), model, threads)
        return detector


REFERENCE = Candidate("onnx")
"""ONNX Runtime on the CPU in fp32: works on every box, and every other form has to agree with it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """ms: median of a picture. loss: points of AP50 (0-100) against the reference's answers; None: it did not run,
    `why` says the reason."""

    candidate: Candidate
    ms: float = 0.0
    loss: float | None = None
    why: str = ""

    def figures(self) -> dict[str, Any]:
        told = asdict(self)
        told |= {key: round(told[key], 2) for key in ("ms", "loss") if told[key] is not None}
        return {"way": str(self.candidate), **{key: told[key] for key in ("ms", "loss", "why") if told[key]}}


def candidates() -> Iterator[Candidate]:
    """What may run here, the reference first. TensorRT is left out: it builds for minutes, a worker has one."""
    from inference.detectors import onnx, openvino  # noqa: PLC0415 (kinds are imported only where they are used)

    yield REFERENCE
    for provider in onnx.offered():
        if provider not in ("cpu", "tensorrt"):
            yield Candidate("onnx", provider)
    try:
        precisions, devices = openvino.precisions(), openvino.devices()
    except DetectorFailed:  # not installed: an optional part
        return
    for precision in (*precisions, "int8"):
        yield Candidate("openvino", "cpu", precision)
    for device in devices:
        if device != "cpu":
            yield Candidate("openvino", device, "f16")


def measured(
    candidate: Candidate,
    model: Model,
    threads: int,
    pictures: Sequence[Picture],
    answers: Sequence[Detections],
    models: Path | None = None,
) -> Measured:
    """Build it and run it over the pictures. answers: the reference's, of the same pictures."""
    try:
        found, ms = timed(candidate.build(model, threads, models), pictures)
    except (DetectorFailed, ModelRefused) as refused:
        return Measured(candidate, why=refused.problem.what.en)
    return Measured(candidate, ms, 100 * (1 - agreement(found, answers, SURE)))


def timed(detector: Detector, pictures: Sequence[Picture]) -> tuple[list[Detections], float]:
    """What it finds, and the median time of a picture in ms. Raises DetectorFailed."""
    for picture in pictures[:_WARM]:
        detector.detect([picture])
    found, times = [], []
    for picture in pictures:
        start = time.perf_counter()
        found += detector.detect([picture])
        times.append(1000 * (time.perf_counter() - start))
    return found, median(times)


def best(results: Sequence[Measured]) -> tuple[Measured, str]:
    """The one to take, and why. results: the reference first."""
    reference = results[0]
    if len(results) == 1:
        return reference, "there is nothing else to run it with here, or nothing to judge it by"
    sound = [each for each in results[1:] if each.loss is not None and each.loss <= MOST_LOST]
    fastest = min(sound, key=lambda each: each.ms, default=reference)
    if fastest.ms > _WORTHWHILE * reference.ms:
        return reference, f"nothing is faster than fp32 at a cost of at most {MOST_LOST:g} points of AP"
    cost = f"costs {max(0.0, fastest.loss or 0.0):.2f} points of AP"
    return fastest, f"{reference.ms / fastest.ms:.2f} times as fast as fp32, {cost}"


def enough(answers: Sequence[Detections]) -> bool:
    """Whether there is enough in the pictures to judge by."""
    return sum(int((each.scores >= SURE).sum()) for each in answers) >= _FEWEST
