"""Forty detections per condition, drawn by lot and laid out to be looked at; only pictures that may be shown."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.eyes.findings import AT
from bench.eyes.glance import PLAIN, Eyes, weathered
from bench.eyes.judging import FOUND, Known, Seen, is_called, scaled
from bench.eyes.labelled import Still
from bench.eyes.survey import WEATHERED
from bench.eyes.weather import WEATHERS
from inference.decoders import iou
from inference.detections import Boxes, Detector, Picture

_MANY, _COLUMNS = 40, 8
_LOOKED_AT = 80  # pictures per condition: two of three hold something
_TILE, _LINE = 128, 16  # px: of a crop, and of the words below it
_MARGIN = 0.3  # of the box, on every side
_LARGEST = 200_000  # bytes
_RIGHT, _OTHER, _FALSE, _OPEN = (80, 200, 60), (0, 200, 255), (60, 60, 255), (200, 200, 200)  # BGR


@dataclass(frozen=True, slots=True)
class _Found:
    crop: Picture
    words: str
    colour: tuple[int, int, int]


def draw(detector: Detector, stills: Sequence[Still], folder: Path, seed: int = 0) -> list[Path]:
    """One JPEG per condition below `folder`. Green: what its label says; yellow: another thing; red: not labelled,
    though such things are; grey: nobody labelled such things there."""
    folder.mkdir(parents=True, exist_ok=True)
    eyes, chance = Eyes(detector), random.Random(seed)
    written = []
    for condition, some in _conditions([still for still in stills if still.shown]).items():
        chosen = chance.sample(some, min(_LOOKED_AT, len(some)))
        found = [each for still in chosen for each in _in(still, condition, eyes)]
        if found:
            path = folder / f"{condition.replace(' ', '-')}.jpg"
            path.write_bytes(_jpeg(_sheet(chance.sample(found, min(_MANY, len(found))))))
            written.append(path)
    return written


def _conditions(stills: Iterable[Still]) -> dict[str, list[Still]]:
    """As they were photographed; and pictures of the day once more in every weather."""
    found: dict[str, list[Still]] = {}
    for still in stills:
        rendered = still.source.startswith("rendered")
        found.setdefault(f"rendered {still.condition}" if rendered else still.condition, []).append(still)
        for weather in WEATHERS if still.source in WEATHERED else ():
            found.setdefault(f"made {weather}", []).append(still)
    return found


def _in(still: Still, condition: str, eyes: Eyes) -> Iterator[_Found]:
    made = condition.removeprefix("made ") if condition.startswith("made ") else PLAIN
    shots = weathered(still, () if made == PLAIN else (made,))
    shot = next(picture for name, picture in shots if name == made)
    seen, aspect = eyes.on(shot), shot.shape[1] / shot.shape[0]
    for number in np.flatnonzero(seen.scores >= AT).tolist():
        one = Seen(seen.boxes[[number]], seen.scores[[number]], (seen.words[number],))
        words = f"{one.words[0]} {one.scores[0]:.2f}"
        yield _Found(_crop(shot, one.boxes[0]), words, _colour(still, one, aspect))


def _colour(still: Still, one: Seen, aspect: float) -> tuple[int, int, int]:
    box = scaled(one.boxes, aspect)
    near = [each for each in still.known if iou(box, scaled([each.box], aspect))[0, 0] >= FOUND]
    if not near:
        complete = is_called(one.words, still.complete)[0] and not _is_open(still.known, box, aspect)
        return _FALSE if complete else _OPEN
    right = any(not each.names or is_called(one.words, each.names)[0] for each in near)
    return _RIGHT if right else _OTHER


def _is_open(known: Sequence[Known], box: Boxes, aspect: float) -> bool:
    return any(not each.names and iou(box, scaled([each.box], aspect))[0, 0] > 0 for each in known)


def _crop(shot: Picture, box: NDArray[np.float32]) -> Picture:
    """The box with a margin in a square tile, and a thin frame where it is."""
    left, top, right, bottom = (box * np.array([shot.shape[1], shot.shape[0]] * 2)).tolist()
    scale = _TILE / ((1 + 2 * _MARGIN) * max(right - left, bottom - top))
    shift = [_TILE / 2 - scale * (low + high) / 2 for low, high in ((left, right), (top, bottom))]
    move = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]], np.float32)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    crop = cv2.warpAffine(shot, move, (_TILE, _TILE), flags=way, borderValue=(40, 40, 40))
    corners = [
        (round(x * scale + shift[0]), round(y * scale + shift[1])) for x, y in ((left, top), (right, bottom))
    ]
    return np.asarray(cv2.rectangle(crop, corners[0], corners[1], (255, 255, 255), 1), np.uint8)


def _sheet(found: Sequence[_Found]) -> Picture:
    rows = -(-len(found) // _COLUMNS)
    sheet = np.full((rows * (_TILE + _LINE), _COLUMNS * _TILE, 3), 20, np.uint8)
    for number, each in enumerate(found):
        top, left = number // _COLUMNS * (_TILE + _LINE), number % _COLUMNS * _TILE
        sheet[top : top + _TILE, left : left + _TILE] = each.crop
        place = (left + 3, top + _TILE + _LINE - 4)
        cv2.putText(sheet, each.words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, each.colour, 1, cv2.LINE_AA)
    return sheet


def _jpeg(sheet: Picture) -> bytes:
    """As good as fits."""
    for quality in range(85, 20, -5):
        packed = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(packed) <= _LARGEST:
            return packed
    raise ValueError(f"{sheet.shape} does not fit {_LARGEST} bytes")
