"""From the start of the process to the first connected camera, and to the first event at a real Mosquitto. The floor is
a script that opens the same camera with OpenCV and has loaded the same model; both start in turn, with files in the
page cache. The imports are those of `python -X importtime`, in processes of their own."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import aiomqtt

from bench import box
from bench.report import Figure, Goal, Report, spread
from bench.server import served
from edge import assets

QUESTION = "How long from the daemon's start to its first connected camera, and to its first event?"

_DEMO_FPS = 8
_PATIENCE = 60.0  # s for a start on a slow and busy box
_ZONES = """zones: {track: [[0.0, 0.50], [1.0, 0.30], [1.0, 0.80], [0.0, 0.85]]}
    rules: [{kind: zone, zones: [track], dwell: 0s}]"""
_SCRIPT = """
import sys, time
import cv2, onnxruntime
onnxruntime.InferenceSession(sys.argv[2], providers=["CPUExecutionProvider"])
assert cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG).read()[0]
print(time.time(), flush=True)
"""
_MAIN = "import edge.daemon, edge.plan, edge.settings.loader, uvloop"
_WORKER = "import edge.worker.child, inference.detectors.onnx, onnxruntime"
_SLOWEST = 12  # imports that are named


@dataclass(frozen=True, slots=True)
class _Start:
    """s since the process was started. event: the first at the broker."""

    worker: float
    connected: float
    event: float


def run(quick: bool) -> Report:
    """Raises FileNotFoundError without a Mosquitto, RuntimeError without GStreamer's server."""
    clip = assets.folder() / "demo" / "site.mp4"
    model = assets.folder() / "models" / "sandwatch-nano.onnx"
    ours, floor = [], []
    for number in range(3 if quick else 11):
        with served(clip, fps=_DEMO_FPS) as camera:
            start = asyncio.run(_ours(camera.url))
        with served(clip, fps=_DEMO_FPS) as camera:
            script = _script(camera.url, model)
        if number:  # the first warms the page cache up
            ours.append(start)
            floor.append(script)
    connected = [start.connected for start in ours]
    return Report(
        {
            "worker_ready_s": spread([start.worker for start in ours]),
            "first_camera_connected_s": spread(connected),
            "first_event_s": spread([start.event for start in ours]),
            "floor_script_first_picture_s": spread(floor),
            "imports_ms": {"main": _imports(_MAIN), "worker": _imports(_WORKER)},
        },
        {"first_camera_connected": Goal(median(connected), "s", at_most=3.0)},
    )


async def _ours(url: str) -> _Start:
    with box.desk() as desk:
        site = desk.site([url], settings=[_ZONES])
        async with aiomqtt.Client("127.0.0.1", desk.port) as client:
            await client.subscribe("sandwatch/+/+/+/+/+/ev/vehicle.zone/#", 1)
            begin = time.time()
            async with box.daemon(desk, site):
                async with asyncio.timeout(_PATIENCE):
                    await anext(aiter(client.messages))
                event = time.time() - begin
        return _Start(_said(desk.log, "worker.ready") - begin, _said(desk.log, "camera.live") - begin, event)


def _said(log: Path, event: str) -> float:
    """When the daemon first said so, s since 1970. Raises StopIteration where it never did."""
    lines = (json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line[:1] == "{")
    said = next(line for line in lines if line["event"] == event)
    return datetime.fromisoformat(said["timestamp"]).timestamp()


def _script(url: str, model: Path) -> float:
    begin = time.time()
    command = (sys.executable, "-c", _SCRIPT, url, str(model))
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)
    return float(done.stdout.split()[-1]) - begin


def _imports(code: str) -> dict[str, Figure]:
    """ms: of all, and of the packages that take longest by themselves."""
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    command = (sys.executable, "-X", "importtime", "-c", code)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return slowest(done.stderr.splitlines(), _SLOWEST)


def slowest(lines: Sequence[str], count: int) -> dict[str, Figure]:
    """Of what `-X importtime` says: ms of all imports, and of the packages that take most, without what they import."""
    own: dict[str, float] = {}
    for line in lines:
        if found := re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line):
            package = found[2].partition(".")[0]
            own[package] = own.get(package, 0.0) + int(found[1]) / 1000
    ranked: Mapping[str, float] = dict(sorted(own.items(), key=lambda each: -each[1])[:count])
    return {"all": sum(own.values()), **ranked}
