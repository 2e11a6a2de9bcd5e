"""The clips of the bench: what is asked of each, and what is known of it."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from bench.eyes.footage import Event, Polygon
from bench.eyes.judging import SMALLEST, Box
from edge import assets
from inference.decoders import iou
from inference.rules import zone

_NEAR: Polygon = ((0.54, 0.42), (0.66, 0.42), (1.0, 0.75), (1.0, 1.0), (0.62, 1.0))
# Lorries on the near carriageway, counted by a person.
_MOTORWAY = {"motorway1": 5, "motorway2": 2, "motorway3": 4, "motorway4": 4, "motorway5": 2}
# Looked through: no vehicle at all, but a person in the dark; cars and vans, but no lorry and no machine.
_EMPTY = ("night_person.mp4",)
_LIGHT = ("cars_topdown.mp4", "highway_bend.mp4")
_SAME = 0.3  # IoU of an event's box with the object it is about: a track's box lags behind a turning lorry
_NEAREST = 0.3  # s between an event and the picture whose truth it is held against
_MARGIN = 1.0  # s in the picture beyond the rule's dwell, for the tracker to begin
_OURS = {"dump_truck": "truck", "wheel_loader": "loader", "bulldozer": "loader"}
_ALARMING = frozenset({"truck", "bus", "excavator", "loader"})  # what the usual rule asks for


@dataclass(frozen=True, slots=True)
class Clip:
    """count: vehicles that a person counted in the zone. truth: file of what is where, picture by picture. Neither:
    nothing in it is to raise an event. light: because its vehicles are cars and vans."""

    name: str
    path: Path
    rule: zone.Spec = field(default_factory=zone.Spec)
    zones: tuple[tuple[str, Polygon], ...] = ()
    count: int | None = None
    truth: Path | None = None
    light: bool = False


@dataclass(frozen=True, slots=True)
class Truth:
    """objects: name -> s -> its visible box as fractions of the picture; those the usual rule asks for alone.
    times: of the pictures, s. size: px."""

    objects: Mapping[str, Mapping[float, Box]]
    times: tuple[float, ...]
    size: tuple[int, int]

    def due(self, dwell: float) -> set[str]:
        """Objects that stay in the picture, large enough, for long enough to raise an event."""
        period = self.times[1] - self.times[0]
        return {
            name
            for name, boxes in self.objects.items()
            if period * sum(_side(box, self.size) >= SMALLEST for box in boxes.values()) >= dwell + _MARGIN
        }

    def at(self, event: Event) -> str | None:
        """The object that an event is about."""
        time = min(self.times, key=lambda each: abs(each - event.time))
        there = {name: boxes[time] for name, boxes in self.objects.items() if time in boxes}
        if abs(time - event.time) > _NEAREST or not there:
            return None
        overlaps = iou(np.array([event.box], np.float32), np.array([*there.values()], np.float32))[0]
        return [*there][int(overlaps.argmax())] if overlaps.max() >= _SAME else None


def clips(data: Path | None) -> list[Clip]:
    """Those that ship with their truth, and those below `data`."""
    found = _with_truth(assets.folder() / "demo")
    if data is None:
        return found
    video = data / "video"
    near = zone.Spec(zones=("near",), dwell=0.5)
    found += _with_truth(data / "rendered")
    found += [
        Clip(name, video / f"{name}.mp4", near, (("near", _NEAR),), count)
        for name, count in _MOTORWAY.items()
    ]
    found += [Clip(Path(name).stem, video / name, light=name in _LIGHT) for name in (*_EMPTY, *_LIGHT)]
    return [clip for clip in found if clip.path.is_file()]


def _with_truth(folder: Path) -> list[Clip]:
    pairs = [(path, path.with_suffix(".json")) for path in sorted(folder.glob("*.mp4"))]
    return [Clip(path.stem, path, truth=truth) for path, truth in pairs if truth.is_file()]


@cache
def truth_of(told: Path) -> Truth:
    """Raises ValueError, KeyError where the file does not say what bench.provingground says it does."""
    document: Mapping[str, Any] = json.loads(told.read_text(encoding="utf-8"))
    width, height = document.get("camera", document.get("cam"))["size"]
    objects: dict[str, dict[float, Box]] = defaultdict(dict)
    for frame in document["frames"]:
        for each in frame["objects"]:
            name = each.get("class") or each["cls"]
            if each["box"] and _OURS.get(name, name) in _ALARMING:
                left, top, right, bottom = each["box"]
                objects[str(each["id"])][frame["t"]] = (
                    left / width,
                    top / height,
                    right / width,
                    bottom / height,
                )
    return Truth(objects, tuple(frame["t"] for frame in document["frames"]), (width, height))


@dataclass(frozen=True, slots=True)
class Matched:
    """due: objects that should have raised an event. found: those that did. events: all; right: of them, the first
    of an object that is there; again: more of one that had its event."""

    due: int
    found: int
    events: int
    right: int
    again: int


def matched(truth: Truth, events: Sequence[Event], dwell: float) -> Matched:
    due, seen, again = truth.due(dwell), set[str](), 0
    for event in events:
        name = truth.at(event)
        again += name in seen
        if name is not None:
            seen.add(name)
    return Matched(len(due), len(seen & due), len(events), len(seen), again)


def _side(box: Box, size: tuple[int, int]) -> float:
    return max((box[2] - box[0]) * size[0], (box[3] - box[1]) * size[1])
