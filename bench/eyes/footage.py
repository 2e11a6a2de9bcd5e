"""Clips through the daemon's own pipeline, as `sandwatch replay` runs them: the events, and the tracks behind them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.eyes.judging import Box
from edge.replay import Replay
from edge.worker.job import CameraJob
from inference.decoders import iou
from inference.detections import Boxes, Detector
from inference.findings import Phase
from inference.manifest import Model
from inference.pipeline import Step
from inference.rule import RuleSpec
from streams import kinds
from streams.frame import Frame

Polygon = tuple[tuple[float, float], ...]

_FPS = 5.0  # analysed pictures/s, as a site has it that says nothing else
_STILL = 0.5  # of its own longer side: what moved less did not move
_LONG = 3.0  # s a track must be seen for that: a lorry far away takes a while to come nearer
_DOUBLE = 0.5  # IoU, and share of the time, from which two tracks are one vehicle


@dataclass(frozen=True, slots=True)
class Event:
    """A `new`. time: s from the first picture. box: fractions of the picture."""

    time: float
    track: int
    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Footage:
    """What the pipeline made of a clip. paths: track -> its box (fractions) in every picture that shows it, by s."""

    seconds: float
    events: tuple[Event, ...]
    paths: Mapping[int, Mapping[float, Box]] = field(default_factory=dict)

    def phantoms(self) -> int:
        """Events of tracks that cannot be vehicles under way: they stand still, or follow what another follows."""
        tracks = [event.track for event in self.events]
        doubles = [
            any(doubled(self.paths[earlier], self.paths[track]) for earlier in tracks[:number])
            for number, track in enumerate(tracks)
        ]
        still = [standing(self.paths[track]) for track in tracks]
        return sum(a or b for a, b in zip(doubles, still, strict=True))


def standing(path: Mapping[float, Box]) -> bool:
    """Whether a track was long followed without ever coming away from where it was first."""
    corners = np.array([path[time] for time in sorted(path)])
    middles, sizes = (corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]
    far = np.hypot(*(middles - middles[0]).T).max() >= _STILL * sizes.max()
    return bool(max(path) - min(path) >= _LONG and not far)


def doubled(first: Mapping[float, Box], second: Mapping[float, Box]) -> bool:
    """Whether two tracks lie on each other for most of the time in which the shorter one was seen."""
    both = sorted(first.keys() & second.keys())
    overlaps = iou(_boxes([first[time] for time in both]), _boxes([second[time] for time in both])).diagonal()
    return int((overlaps >= _DOUBLE).sum()) >= _DOUBLE * min(len(first), len(second))


def watch(
    clip: Path, detector: Detector, model: Model, rule: RuleSpec, zones: Mapping[str, Polygon]
) -> Footage:
    """Every picture is decoded: which ones a camera at rest would leave out is the attention bench's question. Raises
    StreamError, DetectorFailed."""
    source = kinds.load("streams.sources", "file").Spec(path=clip, start=0)
    camera = CameraJob(name="eyes", source=source, fps=_FPS, zones=dict(zones), rules=(rule,))
    replay = _Noted(camera, detector, model, "UTC", lambda _: None)
    replay.events, replay.paths = [], defaultdict(dict)
    summary = replay.run()
    return Footage(summary.seconds, tuple(replay.events), {**replay.paths})


class _Noted(Replay):
    events: list[Event]
    paths: dict[int, dict[float, Box]]

    def analysed(self, frame: Frame, step: Step) -> None:
        for track, box in _seen(step, frame.size):
            self.paths[track][frame.time] = box
        for finding in step.findings:
            if finding.phase is Phase.NEW:
                first = finding.objects[0]
                self.events.append(Event(frame.time, first.track, first.label, first.box))


def _seen(step: Step, size: tuple[int, int]) -> Iterator[tuple[int, Box]]:
    tracks = step.tracks
    shares = (tracks.boxes / np.array(size * 2)).tolist()
    for track, seen, (left, top, right, bottom) in zip(tracks.ids.tolist(), tracks.seen, shares, strict=True):
        if seen:
            yield track, (left, top, right, bottom)


def _boxes(boxes: Sequence[Box]) -> Boxes:
    return np.array(boxes, np.float32).reshape(-1, 4)
