"""kind: fake -- no network at all: for tests, and to try a site out before its model is there.

It finds what is painted in plain colours (white is the model's first class, then red, green, blue, yellow, magenta,
cyan), or what a script says. The classes and the size of the input are those of the model that is named.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from inference.detections import Detections, Fit, Picture
from inference.detector import DetectorFailed, DetectorSpec
from inference.manifest import Model
from inference.refusals import unfit
from streams.problem import Text

_PALETTE = (  # BGR, in the order of the classes
    (255, 255, 255),
    (0, 0, 255),
    (0, 255, 0),
    (255, 0, 0),
    (0, 255, 255),
    (255, 0, 255),
    (255, 255, 0),
)
_NEAR = 65  # of 255, per channel: what a camera's compression leaves of a plain colour
_SPECK = 40  # px: smaller patches are noise of the compression
_SCORE = 0.9

Share = Annotated[float, Field(ge=0, le=1)]


class Shown(BaseModel):
    """One object of a script. box: x1 y1 x2 y2 as shares of each picture it is shown in; first and last: in which,
    counted from 0 as they are detected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    box: tuple[Share, Share, Share, Share]
    score: Share = _SCORE
    first: int = 0
    last: int | None = None


class Spec(DetectorSpec):
    """detector: {kind: fake, ...} in the configuration. script: left out, painted rectangles are found."""

    kind: Literal["fake"] = "fake"
    model: str = Field(default="sandwatch-nano", pattern=r"^[\w.-]+$")
    models: Path | None = None
    script: tuple[Shown, ...] | None = None


def build(spec: Spec, model: Model, threads: int) -> "Fake":
    """A detector under the model's classes, without the model. Raises DetectorFailed for a label it has not."""
    recipe = model.manifest.input
    for label in {each.label for each in spec.script or ()} - set(model.manifest.classes):
        why = Text(f"the script's {label!r} is none of its classes", f"脚本中的 {label} 不在其类别中")
        raise DetectorFailed(unfit(model.manifest.name, why))
    return Fake(model.manifest.classes, (recipe.width, recipe.height), recipe.fit, spec.script)


class Fake:
    """See inference.detections.Detector. shown: how many pictures it was given."""

    def __init__(
        self,
        classes: tuple[str, ...] = ("truck",),
        size: tuple[int, int] = (416, 416),
        fit: Fit = "letterbox",
        script: Sequence[Shown] | None = None,
        *,
        flexible: bool = False,
    ) -> None:
        self.classes = classes
        self.size = size
        self.fit: Fit = fit
        self.flexible = flexible
        self.problem = None
        self.shown = 0
        self._script = script
        self._labels = [classes.index(each.label) for each in script or ()]

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        number, self.shown = self.shown, self.shown + 1
        if self._script is None:
            return Detections.joined(list(_painted(picture, len(self.classes))))
        return Detections.joined(list(self._scripted(number, picture, self._script)))

    def _scripted(self, number: int, picture: Picture, script: Sequence[Shown]) -> Iterator[Detections]:
        height, width = picture.shape[:2]
        for each, label in zip(script, self._labels, strict=True):
            if each.first <= number and (each.last is None or number <= each.last):
                box = np.array([each.box], np.float32) * np.array([width, height] * 2, np.float32)
                yield _found(box, each.score, label)


def _painted(picture: Picture, classes: int) -> Iterator[Detections]:
    import cv2  # noqa: PLC0415 (the daemon's main process reads the Spec)

    for label, colour in enumerate(_PALETTE[:classes]):
        away = np.abs(picture.astype(np.int16) - np.array(colour, np.int16)).max(axis=2)
        _, _, patches, _ = cv2.connectedComponentsWithStats((away <= _NEAR).astype(np.uint8))
        for left, top, width, height, area in patches[1:]:  # the first is all the rest
            if area >= _SPECK:
                box = np.array([[left, top, left + width, top + height]], np.float32)
                yield _found(box, _SCORE, label)


def _found(box: np.ndarray[tuple[int, int], np.dtype[np.float32]], score: float, label: int) -> Detections:
    return Detections(box, np.array([score], np.float32), np.array([label], np.int32))
