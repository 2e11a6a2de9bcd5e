"""A detector made of a network: what all backends share, from pictures to Detections."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from inference.decoders import BadOutput, decode
from inference.detections import Detections, Picture
from inference.detector import Described, DetectorFailed
from inference.manifest import STEP, Model
from inference.refusals import not_ours, other_size, unfit
from inference.tensor import Batch, Loader, Tensor, batches
from streams.problem import Problem, Text

LOWEST_SCORE = 0.1  # what the tracker's second stage still uses (ByteTrack); lower is noise

log = structlog.get_logger()


class Engine(Protocol):
    """A runtime with a network loaded. All foreign exceptions come out as DetectorFailed."""

    @property
    def sides(self) -> tuple[int | None, int | None]:
        """Width and height of the input in px, None where it takes several."""
        ...

    @property
    def most(self) -> int:
        """How many pictures it takes at once."""
        ...

    @property
    def dtype(self) -> np.dtype[np.generic]: ...

    @property
    def channels_last(self) -> bool: ...

    @property
    def problem(self) -> Problem | None:
        """What it goes on in spite of: a graphics card that was lost."""
        ...

    def run(self, tensor: Tensor, size: tuple[int, int]) -> list[NDArray[np.generic]]:
        """All outputs, their first axis the picture's. size: width and height of the tensor in px."""
        ...


class Network(Described):
    """An engine and what its manifest says. See inference.detections.Detector."""

    def __init__(self, model: Model, engine: Engine) -> None:
        """Raises DetectorFailed for a model that does not fit its manifest."""
        super().__init__(model.manifest)
        self._engine = engine
        self._loader = self._made_loader()
        self._flexible = engine.sides == (None, None)
        self._most = engine.most
        self._check()

    @property
    def flexible(self) -> bool:
        return self._flexible

    @property
    def problem(self) -> Problem | None:
        return self._engine.problem

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        found = [Detections.none()] * len(pictures)
        for batch in batches(pictures, self.size, flexible=self._flexible, most=self._most):
            chosen = [pictures[index] for index in batch.pictures]
            for index, detections in zip(batch.pictures, self._run(batch, chosen), strict=True):
                found[index] = _inside(detections, pictures[index])
        return found

    def _run(self, batch: Batch, pictures: Sequence[Picture]) -> list[Detections]:
        outputs = self._engine.run(self._loader.load(pictures, batch.size), batch.size)
        if len(pictures) > 1 and any(output.shape[:1] != (len(pictures),) for output in outputs):
            return self._one_by_one(batch, pictures)
        rows = range(len(pictures))
        return [self._decoded([output[row : row + 1] for output in outputs], batch) for row in rows]

    def _one_by_one(self, batch: Batch, pictures: Sequence[Picture]) -> list[Detections]:
        """A network that takes several pictures and answers for all in one list (or for one) has no batches."""
        log.info("model.no_batches", model=self._manifest.name)
        self._most = 1
        return [self._run(replace(batch, pictures=(0,)), [picture])[0] for picture in pictures]

    def _decoded(self, outputs: list[NDArray[np.generic]], batch: Batch) -> Detections:
        name, classes = self._manifest.decoder, len(self._manifest.classes)
        try:
            return decode(name, outputs, batch.size, classes, LOWEST_SCORE)
        except BadOutput as error:
            raise DetectorFailed(unfit(self._manifest.name, error.text)) from error

    def _made_loader(self) -> Loader:
        engine = self._engine
        try:
            return Loader(self._manifest.input, engine.dtype, channels_last=engine.channels_last)
        except ValueError as error:
            why = Text(str(error), "其输入为 0-255 的整数，清单中不应有 mean 和 scale")
            raise DetectorFailed(unfit(self._manifest.name, why)) from error

    def _check(self) -> None:
        """Fail now, not at the first truck: the input's size, and the output of blank pictures."""
        if self._manifest.decoder == "own":
            raise DetectorFailed(not_ours(self._manifest.name))
        for side, wanted in zip(self._engine.sides, self.size, strict=True):
            if side not in (None, wanted):
                raise DetectorFailed(other_size(self._manifest.name, self._engine.sides, self.size))
        width, height = self.size
        blank = np.full((height, width, 3), self._manifest.input.pad, np.uint8)
        self.detect([blank, blank] if self._most > 1 else [blank])
        if self._flexible and max(self.size) > STEP:
            self._check_smaller(blank)

    def _check_smaller(self, blank: Picture) -> None:
        try:
            self.detect([blank[: self.size[1] // 2, : self.size[0] // 2]])
        except DetectorFailed as failed:
            # Exporters call an axis free that the network inside has fixed: the full size still works.
            log.info("model.one_size_only", model=self._manifest.name, reason=failed.problem.what.en)
            self._flexible = False


def _inside(found: Detections, picture: Picture) -> Detections:
    """What lies in the picture, without what hangs over into its padding."""
    height, width = picture.shape[:2]
    boxes = np.minimum(found.boxes, np.array([width, height] * 2, np.float32))
    kept = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return Detections(boxes, found.scores, found.labels).keep(kept)
