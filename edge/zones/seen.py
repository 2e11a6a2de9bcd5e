"""A picture to draw in: a file, or the camera's next key frame."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.plan import camera
from edge.probe.heard import listen
from edge.probe.pictures import pictures
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from streams import kinds, whole
from streams.errors import StreamError
from streams.problem import Problem, ProblemError, Text

Picture = NDArray[np.uint8]
_GLANCE = 0.5  # s from the first packet on: a key frame usually comes first
_QUALITY = 90


class NoPicture(ProblemError):
    """`problem` says why."""


def picture(loaded: Loaded, stream: StreamSettings, file: Path | None) -> Picture:
    """uint8 [h, w, 3] BGR. Raises NoPicture."""
    return _read(file) if file is not None else _live(loaded, stream)


def write(image: Picture, file: Path) -> None:
    """As a JPEG, whole or not at all. Raises NoPicture."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    try:
        whole.write(file, data.tobytes() if done else b"")
    except OSError as error:
        raise NoPicture(_trouble(file, error.strerror or "?")) from None


def _read(file: Path) -> Picture:
    try:
        data = np.fromfile(file, np.uint8)
        found = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (OSError, cv2.error):
        found = None
    if found is None:
        raise NoPicture(_trouble(file, "no picture that can be read"))
    return np.asarray(found, np.uint8)


def _live(loaded: Loaded, stream: StreamSettings) -> Picture:
    source = camera(stream, loaded.site.allow_networks).source
    if source.kind in ("push", "folder"):
        raise NoPicture(_GIVE_ONE)
    failed: Problem | None = _GIVE_ONE
    try:
        heard = listen(kinds.load("streams.sources", source.kind).build(source), _GLANCE)
    except StreamError as error:
        heard, failed = None, error.problem(stream.name)
    frame = pictures(heard).first if heard is not None else None
    if frame is None:
        raise NoPicture(failed or _GIVE_ONE)
    return np.ascontiguousarray(frame.to_ndarray(format="bgr24"), np.uint8)


def _trouble(file: Path, why: str) -> Problem:
    return Problem(
        "zones.picture",
        Text(f"{file}: {why}", f"{file}：无法使用"),
        Text("give another file", "请更换文件"),
    )


_GIVE_ONE = Problem(
    "zones.no_picture",
    Text("no picture could be had of this stream", "无法从该视频取得画面"),
    Text("give one with --picture FILE", "请用 --picture 文件 提供一张"),
)
