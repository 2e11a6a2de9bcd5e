"""The model that the site names, and that it is the one that was released."""

from collections.abc import Iterable, Iterator
from functools import partial

from edge.doctor.question import Box, Question, Verdict, fine
from edge.plan import model_for
from inference.detector import DetectorSpec

_PATIENCE = 60.0  # s: hashing some hundred MB from a slow SD card


def questions(box: Box) -> Iterable[Question]:
    if box.site is None:
        return []
    detector = box.site.detector
    return [Question(str(getattr(detector, "model", "")), partial(_look, detector), _PATIENCE)]


def _look(detector: DetectorSpec) -> Iterator[Verdict]:
    """Raises ModelRefused, which says all."""
    model = model_for(detector)
    short = model.manifest.sha256[:12]
    yield fine(f"{model.path}, sha256 {short}… as released", f"{model.path}，sha256 {short}… 与发布一致")
