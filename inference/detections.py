"""What a detector finds in one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from streams.problem import Problem

Boxes = NDArray[np.float32]
Picture = NDArray[np.uint8]
Fit = Literal["letterbox", "stretch"]


@dataclass(frozen=True, slots=True)
class Detections:
    """N objects of one picture, as parallel arrays, highest score first.

    boxes:  float32 [N, 4], x1 y1 x2 y2 in px of the picture the boxes refer to, origin top left.
    scores: float32 [N], 0 to 1.
    labels: int32 [N], index into the detector's `classes`.
    """

    boxes: Boxes
    scores: NDArray[np.float32]
    labels: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.scores)

    def keep(self, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> "Detections":
        return Detections(self.boxes[chosen], self.scores[chosen], self.labels[chosen])

    @staticmethod
    def none() -> "Detections":
        return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32))

    @staticmethod
    def joined(parts: Sequence["Detections"]) -> "Detections":
        """All of them, highest score first."""
        if not parts:
            return Detections.none()
        scores = np.concatenate([part.scores for part in parts])
        order = np.argsort(-scores, kind="stable")
        return Detections(
            np.concatenate([part.boxes for part in parts])[order],
            scores[order],
            np.concatenate([part.labels for part in parts])[order],
        )


class Detector(Protocol):
    """A model, ready to run. Not safe between threads: one detector, one thread."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    @property
    def size(self) -> tuple[int, int]:
        """Input width and height in px."""
        ...

    @property
    def fit(self) -> Fit:
        """Whether a picture keeps its aspect ratio ("letterbox") or fills `size` ("stretch")."""
        ...

    @property
    def flexible(self) -> bool:
        """Whether a picture smaller than `size` costs less: it is padded to multiples of 32 px only."""
        ...

    @property
    def problem(self) -> Problem | None:
        """What it goes on in spite of: a graphics card that was lost, a server that is away."""
        ...

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One Detections per picture. Pictures are uint8 [height, width, 3] BGR, at most `size` (smaller
        ones are padded); boxes come back in px of the picture given. Raises DetectorFailed."""
        ...
