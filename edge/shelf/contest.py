"""Every way in which this box can run a model, side by side; and a form of it that may be faster."""

from collections.abc import Iterator
from pathlib import Path

from edge import assets
from edge.plan import model_for
from edge.shelf.where import detector, own
from inference.calibration import calibration_pictures
from inference.candidates import REFERENCE, Measured, candidates, measured, timed
from inference.manifest import Model
from inference.quantise import quantise

_FRAMES = 10  # of the clip, each whole and in quarters: 50 pictures, seconds per way
_CALIBRATED = 24  # frames, likewise: a hundred pictures are plenty


def contest(name: str | None, site: Path | None, clip: Path | None, threads: int) -> Iterator[Measured]:
    """The reference first. clip: to measure with, None for the shipped one. Raises SettingsError, ModelRefused,
    DetectorFailed, OSError."""
    spec = detector(site)
    model = _model(name, site)
    reference = REFERENCE.build(model, threads)
    pictures = calibration_pictures(clip or _shipped(), reference, _FRAMES)
    answers, ms = timed(reference, pictures)
    yield Measured(REFERENCE, ms, 0.0)
    for candidate in candidates():
        if candidate != REFERENCE:
            yield measured(candidate, model, threads, pictures, answers, own(spec))


def export(name: str | None, site: Path | None, clip: Path | None, into: Path | None) -> Model:
    """The INT8 form of a model, written to a folder. Raises as `contest`."""
    model = _model(name, site)
    pictures = calibration_pictures(clip or _shipped(), REFERENCE.build(model, 1), _CALIBRATED)
    folder = into or own(detector(site))
    folder.mkdir(parents=True, exist_ok=True)
    return quantise(model, pictures, folder)


def _model(name: str | None, site: Path | None) -> Model:
    spec = detector(site)
    return model_for(spec if name is None else spec.model_copy(update={"model": name}))


def _shipped() -> Path:
    return assets.folder() / "demo" / "clip.mp4"
