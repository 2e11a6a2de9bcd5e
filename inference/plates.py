"""Number plates of the People's Republic of China, read on one picture of a vehicle.

Optional: the extra `plates` (rapidocr, Apache-2.0), whose package brings its models (PP-OCR, Apache-2.0) along.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Picture
from streams.problem import Misconfigured, Problem, Text

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_LETTER = "[A-HJ-NP-Z]"  # I and O are not used: they would be read as 1 and 0
_SIGN = "[A-HJ-NP-Z0-9]"
# GA 36-2018: five signs, the last of which may name a special use; new-energy vehicles six, of which the first
# (small) or the last (large) is a letter of their own.
_PLATE = re.compile(
    rf"[{_PROVINCES}]{_LETTER}"
    rf"(?:{_SIGN}{{5}}|{_SIGN}{{4}}[挂学警港澳领]|[A-HJK]{_SIGN}[0-9]{{4}}|[0-9]{{5}}[A-HJK])"
)
_HEAD, _TAIL = re.compile(rf"[{_PROVINCES}]{_LETTER}"), re.compile(rf"{_SIGN}{{4}}[A-HJ-NP-Z0-9挂学警港澳领]")
_NOISE = re.compile(r"[\s·•.,:;|'\-—_]+")

_MOST_LINES = 4  # texts looked at closer: lorries carry names, numbers and slogans besides their plates
_SLENDER = (
    1.2,
    9.0,
)  # width to height of a plate's line: 220 x 140 mm of two lines to 480 x 140 mm seen askew
# Shares of its height that a line is cut closer at top and bottom, and that its right end is lowered by, for each
# reading: what is found of a plate has a border and leans a little, and the province sign, of many thin strokes,
# is read only where it is upright and fills the height.
_WAYS = ((0.0, 0.0), (0.15, 0.0), (0.2, 0.0), (0.25, 0.0), (0.2, 0.1), (0.25, 0.1), (0.25, -0.1))
_TALL = 64  # px a line is straightened to: the reader takes 48
_SMALL = 40  # px: no plate on a smaller picture of a vehicle can be read


@dataclass(frozen=True, slots=True)
class Plate:
    """text: "豫A12345", without separators. score: 0 to 1, the reader's, lessened where its readings differ."""

    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one straightened line may say. box: float [4, 2], px, clockwise from top left."""

    box: NDArray[np.float64]
    texts: tuple[tuple[str, float], ...] = field(default=())


class PlateReader:
    """Loads the models: takes a second of CPU and 330 MB, and half a second for each vehicle. One thread at a time."""

    def __init__(self, threads: int = 1) -> None:
        """Raises Misconfigured where the extra is not installed."""
        try:
            from rapidocr import RapidOCR  # noqa: PLC0415 an extra, and heavy
        except ImportError:
            raise Misconfigured(_NOT_INSTALLED) from None
        options = {f"EngineConfig.onnxruntime.{part}_op_num_threads": threads for part in ("intra", "inter")}
        self._ocr: Any = RapidOCR(params={"Global.log_level": "critical", "Global.use_cls": False, **options})

    def read(self, vehicle: Picture) -> Plate | None:
        """vehicle: uint8 [h, w, 3] BGR, cut out. The likeliest plate on it, if there is one."""
        if min(vehicle.shape[:2]) < _SMALL:
            return None
        found = self._ocr(vehicle, use_det=True, use_cls=False, use_rec=False).boxes
        boxes = [] if found is None else [np.asarray(box, np.float64) for box in found]
        return best([Reading(box, self._read(vehicle, box)) for box in likely(boxes)])

    def _read(self, vehicle: Picture, box: NDArray[np.float64]) -> tuple[tuple[str, float], ...]:
        texts = list[tuple[str, float]]()
        for closer, lean in _WAYS:
            line = straightened(vehicle, box, closer, lean)
            read = self._ocr(line, use_det=False, use_cls=False, use_rec=True)
            if read.txts:
                texts.append((plain(read.txts[0]), float(read.scores[0])))
        return tuple(texts)


def likely(boxes: Iterable[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """The largest of the shape of a plate, from top to bottom."""
    fit = [box for box in boxes if _SLENDER[0] <= _width(box) / max(_height(box), 1e-6) <= _SLENDER[1]]
    largest = sorted(fit, key=lambda box: -_width(box) * _height(box))[:_MOST_LINES]
    return sorted(largest, key=lambda box: float(box[:, 1].mean()))


def straightened(picture: Picture, box: NDArray[np.float64], closer: float, lean: float) -> Picture:
    """The line as if seen from the front, uint8 [64, w, 3]. closer: share of its height cut off at the top and at
    the bottom; lean: share of it by which the right end is lower than the box says."""
    down = (box[3] - box[0] + box[2] - box[1]) / 2
    shares = np.array([closer - lean / 2, closer + lean / 2, lean / 2 - closer, -lean / 2 - closer])
    corners = (box + shares[:, None] * down).astype(np.float32)
    width = max(_TALL, round(_TALL * _width(box) / max(_height(box) * (1 - 2 * closer), 1.0)))
    target = np.array([[0, 0], [width, 0], [width, _TALL], [0, _TALL]], np.float32)
    way = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(cv2.warpPerspective(picture, way, (width, _TALL), flags=cv2.INTER_CUBIC), np.uint8)


def plain(text: str) -> str:
    """'豫a·12345' -> '豫A12345'; O and I, which no plate has, as the digits they look like."""
    return _NOISE.sub("", text).upper().replace("O", "0").replace("I", "1")


def best(readings: Sequence[Reading]) -> Plate | None:
    """The plate that most readings agree on, weighed by their scores; of one line, or of two above each other."""
    weights, scores = defaultdict[str, float](float), defaultdict[str, float](float)
    for texts in (*(reading.texts for reading in readings), *_double(readings)):
        for text, score in texts:
            if _PLATE.fullmatch(text):
                weights[text] += score
                scores[text] = max(scores[text], score)
    if not weights:
        return None
    text = max(weights, key=lambda each: weights[each])
    share = weights[text] / sum(weights.values())
    return Plate(text, round(scores[text] * share, 3))


def _double(readings: Sequence[Reading]) -> Iterable[tuple[tuple[str, float], ...]]:
    """The yellow plate at a lorry's back has two lines: province and letter above, the rest below."""
    for upper, lower in pairwise(readings):
        if not _above(upper.box, lower.box):
            continue
        yield tuple(
            (head + tail, min(sure, certain))
            for (head, sure), (tail, certain) in zip(upper.texts, lower.texts, strict=False)
            if _HEAD.fullmatch(head) and _TAIL.fullmatch(tail)
        )


def _above(upper: NDArray[np.float64], lower: NDArray[np.float64]) -> bool:
    middle, height = upper.mean(axis=0), max(_height(upper), _height(lower))
    within = lower[:, 0].min() <= middle[0] <= lower[:, 0].max()
    return bool(within and 0 < lower[:, 1].mean() - middle[1] < 2 * height)


def _width(box: NDArray[np.float64]) -> float:
    return float(np.hypot(*(box[1] - box[0] + box[2] - box[3])) / 2)


def _height(box: NDArray[np.float64]) -> float:
    return float(np.hypot(*(box[3] - box[0] + box[2] - box[1])) / 2)


_NOT_INSTALLED = Problem(
    "plates.missing",
    Text("number plates are to be read, and the reader is not installed", "需要识别车牌，但未安装识别组件"),
    Text(
        "install sandwatch[plates], or take plates out of the settings",
        "请安装 sandwatch[plates]，或关闭车牌识别",
    ),
)
