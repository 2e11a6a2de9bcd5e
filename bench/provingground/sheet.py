"""A contact sheet of labelled views."""

from pathlib import Path

import cv2
import numpy as np

from bench.provingground.check import labels
from bench.provingground.fleet.model import CLASSES
from bench.provingground.sensor import Picture

_COLOURS = (
    (0, 0, 255), (0, 165, 255), (0, 255, 255), (255, 0, 255), (255, 128, 0), (0, 255, 0), (128, 255, 128), (255, 255, 0),
)  # fmt: skip
_CELL = (640, 384)
_COLUMNS = 4
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def sheet(folder: Path, count: int, seed: int) -> Picture:
    """`count` views drawn at random, with their labels. Raises FileNotFoundError in a folder without views."""
    paths = sorted(folder.glob("*.jpg"))
    if not paths:
        raise FileNotFoundError(f"no views in {folder}")
    order = np.random.default_rng(seed).permutation(len(paths))[:count]
    cells = [_cell(paths[index]) for index in order]
    cells += [np.zeros_like(cells[0])] * (-len(cells) % _COLUMNS)
    rows = [np.hstack(cells[start : start + _COLUMNS]) for start in range(0, len(cells), _COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def _cell(path: Path) -> Picture:
    picture = np.asarray(cv2.imread(str(path)), np.uint8)
    height, width = picture.shape[:2]
    for number, x, y, wide, high in labels(path.with_suffix(".txt")):
        left, top = round((x - wide / 2) * width), round((y - high / 2) * height)
        right, bottom = round((x + wide / 2) * width), round((y + high / 2) * height)
        cv2.rectangle(picture, (left - 1, top - 1), (right, bottom), _COLOURS[number], 1)
        cv2.putText(picture, CLASSES[number], (left, top - 3), _FONT, 0.4, _COLOURS[number], 1, cv2.LINE_AA)
    cv2.putText(picture, path.stem, (4, 12), _FONT, 0.4, (255, 255, 255), 1)
    black = np.zeros((_CELL[1], _CELL[0], 3), np.uint8)
    black[: min(height, _CELL[1]), : min(width, _CELL[0])] = picture[: _CELL[1], : _CELL[0]]
    return black
