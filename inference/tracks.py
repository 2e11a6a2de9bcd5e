"""Objects followed over time."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.detections import Boxes


@dataclass(frozen=True, slots=True)
class Tracks:
    """N confirmed tracks after one update, as parallel arrays.

    ids:    int64 [N], never used twice within one tracker.
    boxes:  float32 [N, 4], x1 y1 x2 y2 in px of the source picture; predicted where `seen` is false.
    scores: float32 [N], of the last matched detection.
    labels: int32 [N], the score-weighted vote over the track's life.
    seen:   bool [N], matched in this update (false: lost for the moment, box is a prediction).
    first:  float64 [N], seconds (frame clock) of the first detection.
    last:   float64 [N], seconds (frame clock) of the last matched detection.
    stir:   float32 [N], the share of each box in which something moved in this picture; None: not measured.
    attributes: of each track, by the names of inference.findings.Sighting; empty: nothing is known of any.
    """

    ids: NDArray[np.int64]
    boxes: Boxes
    scores: NDArray[np.float32]
    labels: NDArray[np.int32]
    seen: NDArray[np.bool_]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    stir: NDArray[np.float32] | None = None
    attributes: tuple[Mapping[str, str | float], ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def none() -> "Tracks":
        return Tracks(
            ids=np.zeros(0, np.int64),
            boxes=np.zeros((0, 4), np.float32),
            scores=np.zeros(0, np.float32),
            labels=np.zeros(0, np.int32),
            seen=np.zeros(0, np.bool_),
            first=np.zeros(0, np.float64),
            last=np.zeros(0, np.float64),
        )
