"""Peers on one camera for the bench of many: what a user would put together instead, each decoding everything at the
camera's own pace, in a process of its own."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from bench import floors
from edge.plan import model_for
from inference.detectors import onnx

EVERY = 5  # pictures: of 25 a second
YOLO_SIDE = 640
_CAPTURE = "rtsp_transport;tcp|threads;1"

Peer = Callable[[str], None]


def opencv(url: str) -> None:
    """cv2.VideoCapture: every picture decoded and turned into BGR; nothing is looked for."""
    cv2.setNumThreads(1)
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _CAPTURE
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    while capture.read()[0]:
        pass


def opencv_and_model(url: str) -> None:
    """The same, with every fifth picture whole through our model: the loop that people write first."""
    cv2.setNumThreads(1)
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = _CAPTURE
    spec = onnx.Spec()
    detector = onnx.build(spec, model_for(spec), threads=1)
    capture, number = cv2.VideoCapture(url, cv2.CAP_FFMPEG), 0
    while capture.grab():
        number += 1
        if number % EVERY == 0:
            picture = capture.retrieve()[1]
            scale = min(side / have for side, have in zip(detector.size, picture.shape[1::-1], strict=True))
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            detector.detect([np.asarray(small, np.uint8)])


def ultralytics_track(url: str) -> None:
    """`YOLO(...).track(source=url, stream=True)` with a YOLO11n of 640 px as ONNX, every fifth picture, ByteTrack.
    The file is $SANDWATCH_YOLO (an .onnx or an OpenVINO folder that `yolo export` made)."""
    os.environ.update(YOLO_OFFLINE="True", YOLO_AUTOINSTALL="false")
    from ultralytics import YOLO  # noqa: PLC0415

    found = YOLO(os.environ["SANDWATCH_YOLO"], task="detect").track(
        source=url, stream=True, vid_stride=EVERY, imgsz=YOLO_SIDE, tracker="bytetrack.yaml", verbose=False
    )
    for _ in found:
        pass


PEERS: dict[str, Peer] = {
    "opencv_decode": opencv,
    "opencv_and_model": opencv_and_model,
    "ffmpeg_pipe_and_motion": floors.everything,
    "pyav_demux": floors.demux,
}


def peers() -> dict[str, Peer]:
    """Those that can run here."""
    if find_spec("ultralytics") is None or not Path(os.environ.get("SANDWATCH_YOLO", "")).exists():
        return PEERS
    return {**PEERS, "ultralytics_track": ultralytics_track}
