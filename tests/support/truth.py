"""What the demo clip really shows: rendered, so every object's visible box is known in every frame."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from inference.detections import Boxes


@dataclass(frozen=True, slots=True)
class Known:
    """One object in one frame; box: x1 y1 x2 y2 in px of the 640x360 picture."""

    name: str
    label: str
    box: tuple[float, float, float, float]


@cache
def frames() -> tuple[tuple[Known, ...], ...]:
    """Per frame (10 per second, from 0 s) everything visible."""
    truth = json.loads((Path(__file__).parents[1] / "data" / "demo_clip_truth.json").read_text())
    return tuple(
        tuple(Known(name, label, (x1, y1, x2, y2)) for name, label, x1, y1, x2, y2 in seen)
        for seen in truth["frames"]
    )


def boxes(known: tuple[Known, ...]) -> Boxes:
    return np.array([each.box for each in known], np.float32).reshape(-1, 4)
