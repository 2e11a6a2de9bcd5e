"""A vision worker: when pictures are decoded, taken, looked at and judged, and when events leave."""

import os
import sys
from typing import Any

from bench.probe.notes import MARKS, notebook, picture
from edge.worker.child import main
from edge.worker.job import CameraJob
from edge.worker.link import Link
from edge.worker.messages import Found
from edge.worker.station import Station
from inference.asking import Asking
from inference.look import Glance, Look
from inference.pipeline import Pipeline, Step
from streams.eye import Eye
from streams.frame import Frame
from streams.packet import Packet
from streams.ring import Ring

_NOTES = notebook()
_PLACES, _, _LENGTH = os.environ.get(MARKS, "1/1").partition("/")
_WATCHED: dict[int, tuple[str, Eye, int]] = {}  # by ring; the last is the place of its marks
_open, _keep, _hand_on, _wake = Station.__init__, Ring.put, Eye.hand_on, Eye.wake
_at, _steps, _send = Look.at, Pipeline.steps, Link.send


def _handed_on(self: Eye, frame: Frame) -> None:
    _NOTES.note("decoded", picture(frame.time))
    _hand_on(self, frame)


def _woken(self: Eye, since: float) -> None:
    if self.resting:
        _NOTES.note("woke", _WATCHED[id(self._ring)][0])
    _wake(self, since)


def _put(self: Ring, packet: Packet) -> None:
    _keep(self, packet)
    camera, eye, marked = _WATCHED.get(
        id(self), ("", None, -1)
    )  # none: it is kept for proof, and not looked at
    part, place = divmod(self.last_number, int(_LENGTH))
    if place == marked and eye is not None:
        _NOTES.note("mark", f"{camera}/{part}/{'resting' if eye.resting else 'awake'}")


def _opened(self: Station, job: CameraJob, *more: Any) -> None:
    _open(self, job, *more)
    places = [int(place) for place in _PLACES.split(",")]
    number = int(job.name.rpartition("-")[2]) - 1
    _WATCHED[id(self.camera.ring)] = job.name, self.camera.eye, places[number % len(places)]


def _looked(self: Look, shown: Any, time: float, *more: Any) -> Asking[Glance]:
    glance = yield from _at(self, shown, time, *more)
    _NOTES.note("looked", picture(time))
    return glance


def _stepped(self: Pipeline, frame: Frame) -> Asking[Step]:
    _NOTES.note("taken", picture(frame.time))
    step = yield from _steps(self, frame)
    _NOTES.note("judged", picture(frame.time))
    return step


def _sent(self: Link, message: Any) -> None:
    if isinstance(message, Found):
        occurrence = message.occurrence
        _NOTES.note("proved", occurrence.id)
        _NOTES.note(f"picture:{occurrence.id}", picture(occurrence.time))
    _send(self, message)


_DOORS = (
    (Station, "__init__", _opened),
    (Ring, "put", _put),
    (Eye, "hand_on", _handed_on),
    (Eye, "wake", _woken),
    (Look, "at", _looked),
    (Pipeline, "steps", _stepped),
    (Link, "send", _sent),
)
for _owner, _name, _door in _DOORS:
    setattr(_owner, _name, _door)

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
