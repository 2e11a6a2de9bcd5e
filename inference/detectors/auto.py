"""kind: auto -- the fastest way this box has to run the model at no more than a point of AP, found by measuring.

What may run here (inference.candidates) is measured once on a few seconds of pictures, against the answers of ONNX
Runtime in fp32; the choice is remembered until the model, the CPU or a library changes.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import structlog
from pydantic import Field

from inference.calibration import calibration_pictures
from inference.candidates import REFERENCE, Candidate, Measured, best, candidates, enough, measured, timed
from inference.choice import Choices, facts
from inference.detections import Detector, Picture
from inference.detector import DetectorFailed, DetectorSpec
from inference.manifest import SYSTEM_MODELS, Model, ModelRefused
from inference.state import state_folder

_FRAMES = 30  # of the calibration clip, each looked at whole and in quarters
_REFERENCE_SECONDS = (
    6.0  # for fp32; with the rest it has to fit into the minute a worker has for its first word
)
_PATIENCE = 20.0  # s after which no further candidate is begun, for the same reason

log = structlog.get_logger()


class Spec(DetectorSpec):
    """detector: {kind: auto, ...} in the configuration.

    calibration: a clip or a folder of pictures to measure with; left out: the shipped clip. state: where the choice
    is remembered; left out: the service's state folder.
    """

    kind: Literal["auto"] = "auto"
    model: str = Field(default="sandwatch-nano", pattern=r"^[\w.-]+$")
    models: Path | None = None
    threads: int = Field(default=0, ge=0, le=64)
    calibration: Path | None = None
    state: Path | None = None


def build(spec: Spec, model: Model, threads: int) -> Detector:
    """The detector that was chosen, ready to run. threads: used where the spec says 0. Raises DetectorFailed."""
    threads = spec.threads or threads
    folders = (*([spec.models] if spec.models else []), SYSTEM_MODELS)
    known, choices = facts(model, threads, folders), Choices(spec.state or state_folder())
    with choices.alone():
        choice = choices.recall(known)
        if choice is None:
            results = _measure_all(spec, model, threads)
            chosen, why = best(results)
            choice = chosen.candidate
            figures = [each.figures() for each in results]
            log.info("detector.chosen", choice=str(choice), why=why, measured=figures)
            if len(results) > 1:
                choices.keep(known, choice, figures)
        else:
            log.info("detector.remembered", choice=str(choice))
    return _built(choice, model, threads, spec.models)


def _built(choice: Candidate, model: Model, threads: int, models: Path | None) -> Detector:
    try:
        return choice.build(model, threads, models)
    except (DetectorFailed, ModelRefused) as error:
        if choice == REFERENCE:
            raise
        log.warning("detector.cpu_instead", wanted=str(choice), reason=error.problem.what.en)
        return REFERENCE.build(model, threads)


def _measure_all(spec: Spec, model: Model, threads: int) -> list[Measured]:
    """The reference first; alone, where there is nothing else, or nothing to judge it by."""
    others = [candidate for candidate in candidates() if candidate != REFERENCE]
    if not others:
        return [Measured(REFERENCE)]
    reference = REFERENCE.build(model, threads)
    pictures = _affordable(_pictures(spec.calibration, reference), reference)
    if not pictures:
        return [Measured(REFERENCE)]
    answers, ms = timed(reference, pictures)
    results = [Measured(REFERENCE, ms, 0.0)]
    if not enough(answers):
        log.warning("detector.nothing_to_judge_by", pictures=len(pictures))
        return results
    until = time.monotonic() + _PATIENCE
    for candidate in others:
        if time.monotonic() < until:
            results.append(measured(candidate, model, threads, pictures, answers, spec.models))
        else:
            results.append(Measured(candidate, why="no time was left to measure it"))
    return results


def _pictures(source: Path | None, detector: Detector) -> list[Picture]:
    try:
        if source is not None:
            return calibration_pictures(source, detector, _FRAMES)
        log.warning("detector.no_calibration", reason="detector.calibration names no clip")
    except OSError as error:
        log.warning("detector.no_calibration", path=str(source), reason=error.strerror)
    return []


def _affordable(pictures: Sequence[Picture], detector: Detector) -> list[Picture]:
    """As many of them, evenly spread, as a slow box gets through in the time there is."""
    if not pictures:
        return []
    _, ms = timed(detector, pictures[:3])
    most = max(1, int(1000 * _REFERENCE_SECONDS / ms))
    return list(pictures[:: -(-len(pictures) // most)])
