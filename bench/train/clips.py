"""Frames of labelled clips (labels/clips) as pictures with YOLO labels, so that they are read like any other source."""

import json
from pathlib import Path

import cv2

from bench.train.sources import CLASSES

_CLIPS = Path(__file__).parent / "labels" / "clips"


def extract(videos: Path, into: Path) -> int:
    """Write NAME_FRAME.jpg and .txt for every labelled frame; how many. Raises ValueError for a clip that ends early."""
    into.mkdir(parents=True, exist_ok=True)
    count = 0
    for labels in sorted(_CLIPS.glob("*.json")):
        listed = json.loads(labels.read_text("utf-8"))
        frames = {int(number): boxes for number, boxes in listed["frames"].items()}
        clip = cv2.VideoCapture(str(videos / listed["clip"]))
        for number in range(max(frames) + 1):
            found, picture = clip.read()
            if not found:
                raise ValueError(f"{listed['clip']} has no frame {number}")
            if number in frames:
                stem = into / f"{labels.stem}_{number:05d}"
                cv2.imwrite(str(stem.with_suffix(".jpg")), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
                stem.with_suffix(".txt").write_text("".join(_line(*box) for box in frames[number]), "utf-8")
                count += 1
    return count


def _line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    return f"{CLASSES.index(name)} {(x1 + x2) / 2:.5f} {(y1 + y2) / 2:.5f} {x2 - x1:.5f} {y2 - y1:.5f}\n"
