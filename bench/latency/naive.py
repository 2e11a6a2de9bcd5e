"""What people write first: OpenCV decodes everything, every fifth picture goes whole through the same model, and a lorry
in it is published by paho, QoS 1, at most once in 8 s. No attention, no tracker, no proof, nothing on disk.

python -m bench.latency.naive URL PORT TOPIC
"""

import json
import sys
import time

import cv2
import numpy as np
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from bench.latency.pixels import stamped
from bench.wakes import ZONES
from edge.plan import model_for
from inference.detections import Detector, Picture
from inference.detectors import onnx
from inference.vocabulary import GROUPS

EVERY = 5  # pictures: of 25 a second
SCORE = 0.3  # where our tracker begins a track
_SILENT = 8.0  # s
_ZONES = tuple(np.array(zone, np.float32) for zone in ZONES.values())
_LORRIES = GROUPS["heavy_vehicle"]


def main(url: str, port: int, topic: str) -> None:
    spec = onnx.Spec()
    detector = onnx.build(spec, model_for(spec), threads=1)
    client = Client(CallbackAPIVersion.VERSION2, "naive")
    client.connect("127.0.0.1", port)
    client.loop_start()
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
    number, said = 0, 0.0
    while True:
        seen, picture = capture.read()
        if not seen:
            return
        number += 1
        if number % EVERY or time.monotonic() - said < _SILENT:
            continue
        if _shows(detector, np.asarray(picture, np.uint8)):
            said = time.monotonic()
            taken = stamped(
                cv2.cvtColor(picture[:8], cv2.COLOR_BGR2YUV)[:, :, 0].astype(np.uint8), time.time()
            )
            client.publish(topic, json.dumps({"taken": taken}), 1)


def _shows(detector: Detector, picture: Picture) -> bool:
    width, height = detector.size
    scale = min(width / picture.shape[1], height / picture.shape[0])
    small = cv2.resize(picture, (round(picture.shape[1] * scale), round(picture.shape[0] * scale)))
    found = detector.detect([np.asarray(small, np.uint8)])[0]
    chosen = [detector.classes[label] in _LORRIES for label in found.labels.tolist()]
    boxes = found.boxes[(found.scores >= SCORE) & np.array(chosen, bool)]
    feet = np.c_[(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]] / small.shape[1::-1]
    return any(
        cv2.pointPolygonTest(zone, (float(x), float(y)), False) >= 0 for x, y in feet for zone in _ZONES
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
