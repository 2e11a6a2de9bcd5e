"""What the gateway said of a fault, and when it was over: from its log lines. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.soak.faults import Done
from bench.soak.schedule import OF_A_CAMERA, Kind

Line = Mapping[str, Any]
"""A log line; `heard`: s of time.monotonic when it was read."""

Says = Callable[[Line], bool]


@dataclass(frozen=True, slots=True)
class Course:
    """told: the code or the event that was said first; seen: s from the fault's beginning to it. back: s from its end until
    all is as before. None: nothing was said, as of a stall that was shorter than a time-out."""

    kind: Kind
    told: str | None
    seen: float | None
    back: float | None


def courses(done: Sequence[Done], lines: Sequence[Line]) -> list[Course]:
    return [_course(each, lines) for each in done]


def _course(done: Done, lines: Sequence[Line]) -> Course:
    bad, good = _WORDS[done.kind]
    mine = [line for line in lines if line["heard"] >= done.began and _about(line, done)]
    first = next((line for line in mine if line["heard"] <= done.ended + _LATE and bad(line)), None)
    if first is None:
        return Course(done.kind, None, None, None)
    over = next(
        (line for line in mine if line["heard"] >= max(done.ended, first["heard"]) and good(line)), None
    )
    told = str(first.get("code") or first["event"])
    return Course(
        done.kind,
        told,
        first["heard"] - done.began,
        max(0.0, over["heard"] - done.ended) if over else None,
    )


_LATE = 30.0  # s after a fault in which something said may still be about it


def _about(line: Line, done: Done) -> bool:
    return done.kind not in (*OF_A_CAMERA, Kind.POWER) or line.get("camera") in done.cameras


def _event(*names: str) -> Says:
    return lambda line: line["event"] in names


_lost = _event("camera.retrying", "camera.refused")


def _spoilt(line: Line) -> bool:
    return _lost(line) or (str(line["event"]).endswith(".trouble") and "camera" in line)


def _sound(line: Line) -> bool:
    event = str(line["event"])
    return event == "camera.live" or (event.endswith(".recovered") and "camera" in line)


def _offline(line: Line) -> bool:
    return str(line["event"]).startswith("mqtt.") and line["event"] != "mqtt.online"


def _full(line: Line) -> bool:
    return str(line["event"]).endswith(".trouble") and (
        "camera" not in line or "full" in str(line.get("code"))
    )


_LINE: tuple[Says, Says] = (_lost, _event("camera.live"))
_PICTURES: tuple[Says, Says] = (_spoilt, _sound)
_BROKER: tuple[Says, Says] = (_offline, _event("mqtt.online"))
_WORDS: dict[Kind, tuple[Says, Says]] = {
    **dict.fromkeys((Kind.RESET, Kind.STALL, Kind.POWER), _LINE),
    **dict.fromkeys((Kind.GARBLED, Kind.BLANK), _PICTURES),
    **dict.fromkeys((Kind.BROKER_CUT, Kind.BROKER_STALL, Kind.BROKER_KILLED), _BROKER),
    Kind.WORKER: (_event("worker.died"), _event("worker.ready")),
    Kind.DISK: (_full, lambda line: str(line["event"]).endswith(".recovered") and "camera" not in line),
    Kind.CLOCK: (_event("clock.jumped"), _event("clock.jumped")),  # there, and back
    Kind.RELOAD: (_event("config.reload"), _event("config.in_force")),
}


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera without pictures, s of time.monotonic. until: inf where it never came back."""

    camera: str
    since: float
    until: float


def outages(lines: Sequence[Line], cameras: Sequence[str]) -> Iterator[Outage]:
    for camera in cameras:
        since: float | None = None
        for line in lines:
            if line.get("camera") != camera or line["event"] not in _STATES:
                continue
            if line["event"] == "camera.live":
                if since is not None:
                    yield Outage(camera, since, line["heard"])
                since = None
            elif since is None:
                since = line["heard"]
        if since is not None:
            yield Outage(camera, since, float("inf"))


_STATES = ("camera.live", "camera.connecting", "camera.retrying", "camera.refused", "camera.failed")


def waited(outage: Outage, done: Sequence[Done]) -> float:
    """s until it was back, from the end of the last fault that touched it."""
    ends = [
        each.ended
        for each in done
        if each.began < outage.until and (not each.cameras or outage.camera in each.cameras)
    ]
    return outage.until - max([outage.since, *(end for end in ends if end < outage.until)])
