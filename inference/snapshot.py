"""The picture that goes with an event: a clean copy, and one with what was seen drawn in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.detections import Picture
from inference.findings import Finding, Sighting
from streams import whole
from streams.frame import Frame
from streams.problem import Problem, ProblemError, Text

_QUALITY = 90  # JPEG: number plates survive, a 1080p picture stays under 500 kB
_SEEN, _ZONE, _INK = (36, 28, 237), (0, 200, 255), (255, 255, 255)  # BGR: red, amber, white


Kind = Literal["snapshot", "clean", "before", "after"]


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that proves something: where it lies under the evidence folder, its size and SHA-256 (hex)."""

    kind: Kind
    path: str
    bytes: int
    sha256: str


class SnapshotFailed(ProblemError):
    """The picture could not be written; the event goes out without it. `problem` says why."""


def write(
    root: Path, stem: str, frame: Frame, finding: Finding, zones: Mapping[str, NDArray[np.float64]]
) -> tuple[Proof, ...]:
    """Write `stem`.jpg (drawn) and `stem`-clean.jpg under root. Raises SnapshotFailed.

    zones: name -> float64 [N, 2], relative 0-1. A file is there whole or not at all.
    """
    clean = np.ascontiguousarray(frame.picture.to_ndarray(format="bgr24"), np.uint8)
    drawn = annotated(clean, finding, zones)
    return (
        _store(root, f"{stem}.jpg", "snapshot", drawn),
        _store(root, f"{stem}-clean.jpg", "clean", clean),
    )


def write_kept(
    root: Path, stem: str, data: bytes, finding: Finding, zones: Mapping[str, NDArray[np.float64]]
) -> tuple[Proof, ...]:
    """The same of a picture that was kept as a JPEG; the clean copy is that very file. Raises SnapshotFailed."""
    drawn = annotated(opened(data), finding, zones)
    return (
        _store(root, f"{stem}.jpg", "snapshot", drawn),
        keep(root, f"{stem}-clean.jpg", "clean", data),
    )


def annotated(picture: Picture, finding: Finding, zones: Mapping[str, NDArray[np.float64]]) -> Picture:
    """A copy of the picture (uint8 [h, w, 3] BGR) with the finding's zone, objects and changed ground drawn in."""
    drawn = picture.copy()
    height, width = drawn.shape[:2]
    thick = max(1, round(width / 640))
    if finding.zone is not None and finding.zone in zones:
        corners = np.rint(zones[finding.zone] * [width, height]).astype(np.int32)
        cv2.polylines(drawn, [corners], True, _ZONE, thick, cv2.LINE_AA)
    if finding.change is not None and finding.change.outline:
        outline = np.rint(np.array(finding.change.outline) * [width, height]).astype(np.int32)
        cv2.polylines(drawn, [outline], True, _SEEN, thick + 1, cv2.LINE_AA)
    for seen in finding.objects:
        _draw(drawn, seen, thick)
    return drawn


def _draw(picture: Picture, seen: Sighting, thick: int) -> None:
    height, width = picture.shape[:2]
    left, top, right, bottom = (
        round(side * extent) for side, extent in zip(seen.box, (width, height) * 2, strict=True)
    )
    cv2.rectangle(picture, (left, top), (right, bottom), _SEEN, thick + 1)
    words, scale = f"{seen.label} #{seen.track} {seen.score:.2f}", 0.45 * thick
    (wide, high), base = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    # Above the box where there is room, else inside it; never out of the picture on the right.
    inner = min(max(top, 0), height - high - base)
    foot = inner if inner > high + base else inner + high + base
    start = max(0, min(left, width - wide))
    cv2.rectangle(picture, (start, foot - high - base), (start + wide, foot), _SEEN, cv2.FILLED)
    place = (start, foot - base // 2 - 1)
    cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, _INK, thick, cv2.LINE_AA)


def jpeg(frame: Frame, width: int | None = None) -> bytes:
    """The picture as it is kept; at most so wide, px, its shape kept. Raises SnapshotFailed."""
    whole = frame.picture
    wide = min(width or whole.width, whole.width)
    high = max(1, round(whole.height * wide / whole.width))
    scaled = whole.reformat(width=wide, height=high, format="bgr24", interpolation="AREA")
    return _encoded(np.ascontiguousarray(scaled.to_ndarray(), np.uint8))


def opened(data: bytes) -> Picture:
    """uint8 [h, w, 3] BGR of a JPEG made here."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, "not a JPEG"
    return np.asarray(picture, np.uint8)


def keep(root: Path, name: str, kind: Kind, data: bytes) -> Proof:
    """Write it under root, whole or not at all. Raises SnapshotFailed."""
    try:
        whole.write(root / name, data)
    except OSError as error:
        raise SnapshotFailed(_not_written(root, error)) from error
    return Proof(kind, name, len(data), hashlib.sha256(data).hexdigest())


def copied(root: Path, name: str, kind: Kind, source: Path) -> Proof:
    """A picture that was kept elsewhere, byte for byte: its hash stays what it is. Raises SnapshotFailed."""
    try:
        return keep(root, name, kind, source.read_bytes())
    except OSError as error:
        raise SnapshotFailed(_not_written(root, error)) from error


def _store(root: Path, name: str, kind: Kind, picture: Picture) -> Proof:
    return keep(root, name, kind, _encoded(picture))


def _encoded(picture: Picture) -> bytes:
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise SnapshotFailed(_not_encoded(picture))
    return encoded.tobytes()


def _not_encoded(picture: Picture) -> Problem:
    size = f"{picture.shape[1]}x{picture.shape[0]}"
    return Problem(
        "snapshot.encode",
        Text(f"a {size} picture could not be made a JPEG", f"{size} 的画面无法编码为 JPEG"),
        Text("check the camera's resolution", "请检查摄像机分辨率"),
    )


def _not_written(root: Path, error: OSError) -> Problem:
    return Problem(
        "snapshot.disk",
        Text(
            f"no snapshot could be written under {root}: {error.strerror}",
            f"无法在 {root} 写入快照：{error.strerror}",
        ),
        Text(
            "free some space or check the disk; events go on without pictures",
            "请清理空间或检查磁盘；事件照常上报，但没有图片",
        ),
    )
