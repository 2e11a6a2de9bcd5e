"""Whether a model works here: loaded as the daemon would, and asked about a picture."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.plan import model_for
from edge.shelf.where import detector
from inference.detections import Detector
from inference.detector import DetectorSpec
from streams import kinds

_PICTURES = 10  # enough for a median; a second at most on a slow box


@dataclass(frozen=True, slots=True)
class Trial:
    """name and kind: what was loaded, by which backend. size: px. ms: median of one picture, one thread."""

    name: str
    kind: str
    size: tuple[int, int]
    classes: tuple[str, ...]
    ms: float


def trial(name: str | None, site: Path | None) -> Trial:
    """Verify, load and run a model: `name`, or the site's own. Raises SettingsError, ModelRefused, DetectorFailed."""
    spec = detector(site)
    chosen = spec if name is None else spec.model_copy(update={"model": name})
    model = model_for(chosen)
    return _tried(
        chosen, kinds.load("inference.detectors", chosen.kind).build(chosen, model, 1), model.manifest.name
    )


def _tried(spec: DetectorSpec, built: Detector, name: str) -> Trial:
    width, height = built.size
    picture = np.full((height, width, 3), 114, np.uint8)
    spent = [_one(built, picture) for _ in range(_PICTURES)]
    return Trial(name, spec.kind, built.size, built.classes, statistics.median(spent) * 1000)


def _one(built: Detector, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    start = time.perf_counter()
    built.detect([picture])
    return time.perf_counter() - start
