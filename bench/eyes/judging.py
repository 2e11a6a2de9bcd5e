"""Which boxes found which objects in one picture, and what became of the rest. Pure.

A box finds an object at an intersection over union of 0.5; boxes choose in order of their scores, as in COCO's
evaluation (Lin et al. 2014, arXiv:1405.0312). What a label leaves open counts neither way.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.decoders import intersection, iou
from inference.detections import Boxes

Floats = NDArray[np.float32]
Box = tuple[float, float, float, float]

FOUND = 0.5  # IoU
WIDTH = 416  # px of the input that sizes are told in, whatever a model's own input is
SMALLEST = 12.0  # px: what is shorter can hardly be labelled, and counts neither way
_COVERED = 0.5  # share of a box in a place that counts neither way

# What is asked for, and the labels that are it. The last three are what rules ask for, and what some labels mean.
TARGETS: dict[str, frozenset[str]] = {
    **{
        name: frozenset({name})
        for name in ("truck", "excavator", "loader", "bus", "car", "person", "motorcycle", "vessel")
    },
    "truck or bus": frozenset({"truck", "bus"}),
    "excavator or loader": frozenset({"excavator", "loader"}),
    "truck, bus or car": frozenset({"truck", "bus", "car"}),
}
# COCO's words for ours. On a road there are no trains: what is called so is a lorry seen from behind.
_OURS = {"train": "truck", "boat": "vessel"}


@dataclass(frozen=True, slots=True)
class Known:
    """A labelled object. box: x1 y1 x2 y2 as fractions of the picture. names: what it may be; none: whatever is
    there is not labelled."""

    box: Box
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model found in one picture: boxes [N, 4] as fractions of it, scores [N], and its own words."""

    boxes: Floats
    scores: Floats
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """sides: the longer one of each object, px at WIDTH. hits: score of the box that found it, 0 if none did.
    called: where none did so at the asked-for score, the word of the box that lies there all the same.
    false: scores of boxes that found no such object; astray: whether they lie on one that is labelled all the
    same, of another kind or already found."""

    sides: list[float]
    hits: list[float]
    called: list[str | None]
    false: list[float]
    astray: list[bool]


@dataclass(frozen=True, slots=True)
class Split:
    """The labels of a picture as one target sees them; boxes in px at WIDTH."""

    wanted: Boxes
    open: Boxes
    others: Boxes


def scaled(boxes: Collection[Box] | Floats, aspect: float) -> Boxes:
    """Fractions to px of a picture that is WIDTH px along its longer side. aspect: width over height."""
    width, height = (WIDTH, WIDTH / aspect) if aspect >= 1 else (WIDTH * aspect, WIDTH)
    fractions = np.asarray(list(boxes) if not isinstance(boxes, np.ndarray) else boxes, np.float32)
    grown: Boxes = fractions.reshape(-1, 4) * np.array([width, height] * 2, np.float32)
    return grown


def split(known: Sequence[Known], target: frozenset[str], aspect: float) -> Split:
    boxes = scaled([each.box for each in known], aspect)
    large = longer_sides(boxes) >= SMALLEST
    sure = np.array([bool(each.names) and each.names <= target for each in known], np.bool_)
    maybe = np.array([not each.names or bool(each.names & target) for each in known], np.bool_)
    return Split(boxes[sure & large], boxes[maybe & ~(sure & large)], boxes[~maybe])


def is_called(words: Sequence[str], target: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([_OURS.get(word, word) in target for word in words], np.bool_)


def judge(known: Sequence[Known], seen: Seen, target: frozenset[str], aspect: float, at: float) -> Verdict:
    """at: the score from which a box under another name is told of."""
    truth, boxes, right = (
        split(known, target, aspect),
        scaled(seen.boxes, aspect),
        is_called(seen.words, target),
    )
    mine = np.flatnonzero(right)
    mine = mine[np.argsort(-seen.scores[mine], kind="stable")]
    hits, idle = _taken(iou(boxes[mine], truth.wanted), seen.scores[mine])
    false = mine[idle]
    false = false[_share(boxes[false], truth.open) < _COVERED]
    elsewhere = iou(boxes[false], np.concatenate([truth.others, truth.wanted]))
    return Verdict(
        sides=longer_sides(truth.wanted).tolist(),
        hits=hits.tolist(),
        called=_called(truth.wanted, hits, boxes, seen, right, at),
        false=seen.scores[false].tolist(),
        astray=(elsewhere.max(axis=1, initial=0) >= FOUND).tolist(),
    )


def longer_sides(boxes: Boxes) -> Floats:
    sides: Floats = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    return sides


def _taken(overlaps: Floats, scores: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Boxes, best first, take the object they fit best and that is still free: its finder's score per object, and
    which boxes got none."""
    hits, idle = np.zeros(overlaps.shape[1], np.float32), np.ones(len(scores), np.bool_)
    for row, score in enumerate(scores):
        free = np.where(hits > 0, 0, overlaps[row])
        if free.max(initial=0) >= FOUND:
            hits[free.argmax()], idle[row] = score, False
    return hits, idle


def _share(boxes: Boxes, places: Boxes) -> Floats:
    """The largest part of each box that one of the places covers."""
    areas = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(axis=1), 1e-6)
    covered: Floats = intersection(boxes, places).max(axis=1, initial=0) / areas
    return covered


def _called(
    wanted: Boxes, hits: Floats, boxes: Boxes, seen: Seen, right: NDArray[np.bool_], at: float
) -> list[str | None]:
    there = iou(wanted, boxes) >= FOUND
    near = np.where(there & ~right & (seen.scores >= at), seen.scores, 0)
    return [
        seen.words[int(row.argmax())] if hit < at and row.max(initial=0) > 0 else None
        for hit, row in zip(hits, near, strict=True)
    ]
