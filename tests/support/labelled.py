"""Labelled pictures for the tests of training: white objects on black ground."""

from pathlib import Path

import cv2
import numpy as np

from bench.train.sources import CLASSES, Meaning, Part, Source

Row = tuple[int, float, float, float, float]
"""A label: number, then x1 y1 x2 y2 as fractions of the picture."""

BY_NUMBER: dict[int, Meaning] = {number: (name,) for number, name in enumerate(CLASSES)}


def taught(stem: str) -> Part:
    del stem
    return Part.TRAIN


def source(
    folder: Path,
    *,
    name: str = "photos",
    meaning: dict[int, Meaning] | None = None,
    share: float = 1.0,
    complete: frozenset[str] = frozenset(),
    any_up: bool = False,
    mosaics: bool = False,
) -> Source:
    return Source(
        name, str(folder), meaning or BY_NUMBER, taught, share, complete, any_up=any_up, mosaics=mosaics
    )


def write(folder: Path, stem: str, rows: list[Row], width: int = 160, height: int = 120) -> None:
    """A picture and its labels; every object is a white ellipse that fills its box."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = np.zeros((height, width, 3), np.uint8)
    lines = []
    for number, x1, y1, x2, y2 in rows:
        middle = (round((x1 + x2) / 2 * width), round((y1 + y2) / 2 * height))
        axes = (round((x2 - x1) / 2 * width), round((y2 - y1) / 2 * height))
        cv2.ellipse(picture, middle, axes, 0, 0, 360, (255, 255, 255), -1)
        lines.append(f"{number} {(x1 + x2) / 2} {(y1 + y2) / 2} {x2 - x1} {y2 - y1}")
    cv2.imwrite(str(folder / f"{stem}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 98])
    (folder / f"{stem}.txt").write_text("\n".join(lines), "utf-8")
