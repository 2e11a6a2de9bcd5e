"""One camera's analysis against the bare cost of the same decoding and inference."""

import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import av

from bench import live
from bench.bare import Bare, Looks
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
from inference.sheets import Sheet
from inference.stages import Stages
from streams import kinds
from streams.frame import Frame

QUESTION = "What does the pipeline cost over bare demux + decode + convert + infer, at 5 analysed pictures/s?"

_FPS = 5.0
_REPEATS = 7
_ENDLESS = sys.maxsize  # pictures: a file is played once


@dataclass(slots=True)
class Run:
    """CPU seconds of one pass over the clip: of the whole process, and per step."""

    total: float = 0.0
    steps: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def run(quick: bool) -> Report:
    clip = assets.folder() / "demo" / "clip.mp4"
    spec = onnx.Spec()
    model = model_for(spec)
    detector = onnx.build(spec, model, threads=1)
    looks, pictures, seconds = _looks(clip, detector, model)
    ours, floors = [], []
    for _ in range(2 if quick else _REPEATS):  # in turn, so that a slow minute of the machine hits both
        ours.append(_pipeline(clip, detector, model))
        floors.append(_floor(clip, model, looks))
    ratios = [mine.total / floor.total for mine, floor in zip(ours, floors, strict=True)]
    cost = live.measure(clip, model, looks, pictures, seconds if quick else 2 * seconds)
    return Report(
        figures={
            "clip_s": seconds,
            "analysed_pictures": len(looks),
            "inputs_per_picture": sum(map(len, looks.values())) / len(looks),
            "ours_cpu_s_per_camera_s": _per_second(ours, seconds),
            "floor_cpu_s_per_camera_s": _per_second(floors, seconds),
            "overhead": spread(ratios),
            "daemon_over_rtsp": {**asdict(cost), "cpu": cost.cpu, "over_floor": cost.over_floor},
        },
        # The worse of the two: as fast as it goes, and as a site runs it.
        goals={
            "overhead_over_floor": Goal(max(median(ratios), cost.over_floor), "ratio", at_most=1.15),
        },
    )


def _per_second(runs: list[Run], seconds: float) -> dict[str, float]:
    names = dict.fromkeys(name for run in runs for name in run.steps)
    steps = {name: median(run.steps[name] for run in runs) / seconds for name in names}
    return {**steps, "total": median(run.total for run in runs) / seconds}


class _Noted(Replay):
    """A replay that remembers which sheets it took of which picture."""

    looks: dict[int, tuple[Sheet, ...]]

    def analysed(self, frame: Frame, step: Step) -> None:
        self.looks[frame.index] = step.sheets


def _replay(kind: type[Replay], clip: Path, detector: Detector, model: Model, stages: Stages) -> Replay:
    source = kinds.load("streams.sources", "file").Spec(path=clip, start=0)
    job = CameraJob(name="bench", source=source, fps=_FPS, zones={}, rules=(zone.Spec(),))
    return kind(job, detector, model, "UTC", lambda _: None, stages)


def _looks(clip: Path, detector: Detector, model: Model) -> tuple[Looks, int, float]:
    """Sheets, pictures and seconds of the clip. Also the warm-up of caches, code paths and the model."""
    replay = _replay(_Noted, clip, detector, model, Stages())
    assert isinstance(replay, _Noted)
    replay.looks = {}
    summary = replay.run()
    return replay.looks, summary.pictures, summary.seconds


def _pipeline(clip: Path, detector: Detector, model: Model) -> Run:
    """What the product does: source -> cadence -> look -> track -> rules -> occurrence."""
    stages, result = Stages(), Run()
    start = time.process_time()
    _replay(Replay, clip, detector, model, stages).run()
    result.total = time.process_time() - start
    result.steps.update(stages.seconds)
    result.steps["rest (demux, decode, clock)"] = result.total - sum(stages.seconds.values())
    return result


def _floor(clip: Path, model: Model, looks: Looks) -> Run:
    bare, result = Bare(model), Run()
    start = time.process_time()
    with av.open(str(clip)) as container:
        container.streams.video[0].thread_type = "AUTO"
        bare.play(container, looks, _ENDLESS)
    result.total = time.process_time() - start
    result.steps.update(bare.steps)
    result.steps["rest (demux, decode)"] = result.total - sum(bare.steps.values())
    return result
