"""COCO's average precision, by faster-coco-eval (Apache-2.0), over pictures of which some places count neither way."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.eyes.judging import Known, Seen, is_called, scaled, split
from inference.detections import Boxes

_CATEGORY = 1


def average_precision(
    pictures: Sequence[tuple[Sequence[Known], Seen, float]], target: frozenset[str]
) -> tuple[float, float]:
    """AP at IoU 0.5, and the mean over 0.5 to 0.95: labels, boxes and aspect of each picture. What a label leaves open
    is a "crowd": a box in it is neither right nor wrong. A target that is nowhere to be found raises ValueError."""
    from faster_coco_eval import COCO, COCOeval_faster  # noqa: PLC0415  (dev extra)

    truth, found = list[dict[str, Any]](), list[dict[str, Any]]()
    for image, (known, seen, aspect) in enumerate(pictures):
        places = split(known, target, aspect)
        truth += [_annotation(image, box, crowd=0) for box in _sides(places.wanted)]
        truth += [_annotation(image, box, crowd=1) for box in _sides(places.open)]
        chosen = is_called(seen.words, target)
        boxes = _sides(scaled(seen.boxes, aspect)[chosen])
        scores = seen.scores[chosen].tolist()
        found += [_result(image, box, score) for box, score in zip(boxes, scores, strict=True)]
    if not any(not each["iscrowd"] for each in truth):
        raise ValueError("no such object in these pictures")
    if not found:
        return 0.0, 0.0
    labels = COCO(
        {
            "images": [{"id": image} for image in range(len(pictures))],
            "categories": [{"id": _CATEGORY, "name": "target"}],
            "annotations": [{**each, "id": number} for number, each in enumerate(truth, 1)],
        }
    )
    evaluation = COCOeval_faster(labels, labels.loadRes(found), "bbox", print_function=lambda *_: None)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return float(evaluation.stats[1]), float(evaluation.stats[0])


def _sides(boxes: Boxes) -> list[list[float]]:
    """COCO's x, y, width, height."""
    corners: list[list[float]] = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1).tolist()
    return corners


def _annotation(image: int, box: list[float], *, crowd: int) -> dict[str, Any]:
    return {
        "image_id": image,
        "category_id": _CATEGORY,
        "bbox": box,
        "area": box[2] * box[3],
        "iscrowd": crowd,
    }


def _result(image: int, box: list[float], score: float) -> dict[str, Any]:
    return {"image_id": image, "category_id": _CATEGORY, "bbox": box, "score": score}
