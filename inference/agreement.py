"""How well detections agree with a truth: average precision as COCO counts it. Pure NumPy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.decoders import iou
from inference.detections import Detections

_RECALLS = np.linspace(0, 1, 101)  # COCO's points of interpolation
_HIT = 0.5  # IoU
_ROUNDING = 1e-9  # a recall of 7/10 has to reach the point 0.7


def average_precision(found: Sequence[Detections], truth: Sequence[Detections], limit: float = _HIT) -> float:
    """0 to 1, mean over the classes that occur in the truth; picture by picture, found[i] against truth[i].

    limit: the least IoU of a hit. Interpolated at 101 recalls (Lin et al. 2014, arXiv:1405.0312; COCO's AP50 at 0.5).
    NaN where the truth is empty.
    """
    labels = sorted({int(label) for each in truth for label in each.labels})
    return float(np.mean([_precision(found, truth, [label], limit) for label in labels] or [np.nan]))


def agreement(found: Sequence[Detections], answers: Sequence[Detections], score: float) -> float:
    """AP50 against another form's answers of at least this score, all classes in one ranking: with a few dozen boxes
    a mean over classes would hang on the rarest. A box of another class is no hit; one where the other form answers
    below that score is neither hit nor miss, or all would hang on what lies at the border. NaN without answers."""
    truth = [each.keep(each.scores >= score) for each in answers]
    unsure = [each.keep(each.scores < score) for each in answers]
    judged = [_without(*each) for each in zip(found, unsure, truth, strict=True)]
    labels = sorted({int(label) for each in [*truth, *judged] for label in each.labels})
    return _precision(judged, truth, labels, _HIT) if any(map(len, truth)) else float("nan")


def _without(found: Detections, unsure: Detections, truth: Detections) -> Detections:
    return found.keep(~_covered(found, unsure) | _covered(found, truth))


def _covered(found: Detections, known: Detections) -> NDArray[np.bool_]:
    alike = found.labels[:, None] == known.labels[None, :]
    covered: NDArray[np.bool_] = ((iou(found.boxes, known.boxes) >= _HIT) & alike).any(axis=1)
    return covered


def _precision(
    found: Sequence[Detections], truth: Sequence[Detections], labels: Sequence[int], limit: float
) -> float:
    """Area under the curve of these classes, ranked together."""
    scores, hits, real = [np.empty(0, np.float32)], [np.empty(0, bool)], 0
    for label in labels:
        for mine, true in zip(found, truth, strict=True):
            candidates, boxes = mine.keep(mine.labels == label), true.keep(true.labels == label)
            scores.append(candidates.scores)
            hits.append(_hits(candidates, boxes, limit))
            real += len(boxes)
    ranked = np.concatenate(hits)[np.argsort(-np.concatenate(scores), kind="stable")]
    recall = np.cumsum(ranked) / real
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    best_from_here = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(best_from_here[np.searchsorted(recall, _RECALLS - _ROUNDING)].mean())


def _hits(found: Detections, truth: Detections, limit: float) -> NDArray[np.bool_]:
    """Which of these (highest score first) hit a true box that nothing better has hit."""
    overlaps = iou(found.boxes, truth.boxes)
    hits = np.zeros(len(found), bool)
    for index in range(len(found)):
        best = int(overlaps[index].argmax()) if len(truth) else -1
        if best >= 0 and overlaps[index, best] >= limit:
            hits[index] = True
            overlaps[:, best] = 0
    return hits
