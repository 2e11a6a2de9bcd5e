"""One camera's analysis against the bare cost of the same decoding and inference."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import av
import numpy as np
import onnxruntime

from bench import live
from bench.report import Goal, Report, spread
from edge import assets
from edge.plan import model_for
from edge.replay import Replay
from edge.worker.job import CameraJob
from inference.detections import Detector
from inference.detectors import onnx
from inference.manifest import Model
from inference.pipeline import Step
from inference.rules import zone
from inference.stages import Stages
from inference.views import Cutter, View
from streams import kinds
from streams.frame import Frame

QUESTION = "What does the pipeline cost over bare demux + decode + convert + infer, at 5 analysed pictures/s?"

_FPS = 5.0
_REPEATS = 7


@dataclass(slots=True)
class Run:
    """CPU seconds of one pass over the clip: of the whole process, and per step."""

    total: float = 0.0
    steps: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        start = time.thread_time()
        yield
        self.steps[step] += time.thread_time() - start


def run(quick: bool) -> Report:
    clip = assets.folder() / "demo" / "clip.mp4"
    spec = onnx.Spec()
    model = model_for(spec)
    detector = onnx.build(spec, model, threads=1)
    looks, seconds = _looks(clip, detector, model)
    ours, floors = [], []
    for _ in range(2 if quick else _REPEATS):  # in turn, so that a slow minute of the machine hits both
        ours.append(_pipeline(clip, detector, model))
        floors.append(_floor(clip, model, detector, looks))
    ratios = [mine.total / floor.total for mine, floor in zip(ours, floors, strict=True)]
    cost = live.measure(clip, seconds)
    floors.append(_floor(clip, model, detector, looks))  # beside it in time as well
    bare = floors[-1].total / seconds
    return Report(
        figures={
            "clip_s": seconds,
            "analysed_pictures": len(looks),
            "views_per_picture": sum(map(len, looks.values())) / len(looks),
            "ours_cpu_s_per_camera_s": _per_second(ours, seconds),
            "floor_cpu_s_per_camera_s": _per_second(floors, seconds),
            "overhead": spread(ratios),
            "daemon_over_rtsp": {**asdict(cost), "cpu": cost.cpu, "over_floor": cost.cpu / bare},
        },
        goals={"overhead_over_floor": Goal(median(ratios), "ratio", at_most=1.15)},
    )


def _per_second(runs: list[Run], seconds: float) -> dict[str, float]:
    names = dict.fromkeys(name for run in runs for name in run.steps)
    steps = {name: median(run.steps[name] for run in runs) / seconds for name in names}
    return {**steps, "total": median(run.total for run in runs) / seconds}


class _Noted(Replay):
    """A replay that remembers which views it took of which picture."""

    looks: dict[int, tuple[View, ...]]

    def analysed(self, frame: Frame, step: Step) -> None:
        self.looks[frame.index] = step.views


def _replay(kind: type[Replay], clip: Path, detector: Detector, model: Model, stages: Stages) -> Replay:
    source = kinds.load("streams.sources", "file").Spec(path=clip, start=0)
    job = CameraJob(name="bench", source=source, fps=_FPS, zones={}, rules=(zone.Spec(),))
    return kind(job, detector, model, "UTC", lambda _: None, stages)


def _looks(clip: Path, detector: Detector, model: Model) -> tuple[dict[int, tuple[View, ...]], float]:
    """Also the warm-up: caches, code paths and the model's first runs are behind us after it."""
    replay = _replay(_Noted, clip, detector, model, Stages())
    assert isinstance(replay, _Noted)
    replay.looks = {}
    return replay.looks, replay.run().seconds


def _pipeline(clip: Path, detector: Detector, model: Model) -> Run:
    """What the product does: source -> cadence -> look -> track -> rules -> occurrence."""
    stages, result = Stages(), Run()
    start = time.process_time()
    _replay(Replay, clip, detector, model, stages).run()
    result.total = time.process_time() - start
    result.steps.update(stages.seconds)
    result.steps["rest (demux, decode, clock)"] = result.total - sum(stages.seconds.values())
    return result


def _floor(clip: Path, model: Model, detector: Detector, looks: dict[int, tuple[View, ...]]) -> Run:
    """The same pictures and views with nothing around the libraries: no motion, no boxes, no tracks."""
    result = Run()
    cutter = Cutter(detector.size, detector.fit)
    session = _session(model)
    tensor = np.zeros((1, 3, detector.size[1], detector.size[0]), np.float32)
    name = session.get_inputs()[0].name
    start = time.process_time()
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        index = 0
        for packet in container.demux(stream):
            for picture in packet.decode():
                for view in looks.get(index, ()):
                    with result.timed("convert"):
                        cut = cutter.cut(picture, view)
                        tensor[0, :, : cut.shape[0], : cut.shape[1]] = cut.transpose(2, 0, 1)
                    with result.timed("infer"):
                        session.run(None, {name: tensor})
                index += 1
    result.total = time.process_time() - start
    result.steps["rest (demux, decode)"] = result.total - sum(result.steps.values())
    return result


def _session(model: Model) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model.path), options, providers=["CPUExecutionProvider"])
