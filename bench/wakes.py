"""How long after something can be seen everything is decoded: the real camera and analysis, at the camera's pace."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from bench.scenes import FPS, Coding, Scene, Visit, hidden
from edge.worker.analysis import pipeline
from edge.worker.job import CameraJob
from edge.worker.rules import scene
from edge.worker.station import Station
from inference.detections import Detector
from inference.rules import zone
from inference.watcher import Watcher
from streams import kinds

LOOK = 0.002  # s between two looks at what the cameras do: the resolution of every delay
_AFTER = 9.0  # s after a visit in which the camera should have come to rest
_NAP = 0.05  # s the analysis sleeps without a picture
_LOOPBACK = ("127.0.0.0/8",)

# Where the lorries of the clip drive; the bank between them has parked machines.
ZONES: dict[str, tuple[tuple[float, float], ...]] = {
    "near": ((0.0, 0.50), (0.62, 0.45), (0.62, 0.72), (0.0, 0.75)),
    "far": ((0.70, 0.25), (1.0, 0.25), (1.0, 0.42), (0.70, 0.42)),
}
RULE = zone.Spec(zones=("near", "far"), objects=("heavy_vehicle",), dwell=1.0)


@dataclass(slots=True)
class Wake:
    """One visit as it was met. delay: s from the arrival of the first picture that shows it until that picture is
    decoded; None: it never was. rested: s from the end of the visit until only key frames are decoded again; None:
    it never came to rest. wakes: during the visit and until then."""

    coding: Coding
    visit: Visit
    delay: float | None = None
    rested: float | None = None
    wakes: int = 0


@dataclass(slots=True)
class Watched:
    """false: wakes outside the visits; seconds: outside them."""

    wakes: list[Wake] = field(default_factory=list)
    false: int = 0
    seconds: float = 0.0


def job(name: str, url: str) -> CameraJob:
    source = kinds.load("streams.sources", "rtsp").Spec(url=url, allow_networks=_LOOPBACK)
    return CameraJob(name=name, source=source, fps=5.0, zones=ZONES, rules=(RULE,))


def watch(drawn: Scene, urls: dict[Coding, str], detector: Detector) -> Watched:
    """Every coding of the scene as a camera of its own, all at once, until each has been seen from the start."""
    stop, result = threading.Event(), Watched()
    bell = threading.Event()
    apart = drawn.seconds / 40  # s: their visits do not come all at once
    watched = [
        _Camera(drawn, coding, url, detector, bell, number * apart)
        for number, (coding, url) in enumerate(urls.items())
    ]
    thread = threading.Thread(target=_analyse, args=(watched, bell, stop), daemon=True)
    thread.start()
    follow([camera.look for camera in watched])
    stop.set()
    bell.set()
    thread.join()
    for camera in watched:
        camera.station.stop()
        result.wakes += camera.wakes
        result.false += camera.false
        result.seconds += camera.quiet
    return result


def follow(looks: Sequence[Callable[[], bool]]) -> None:
    """Until every one says that all has been seen. Each is asked in every round, whatever the others say."""
    while True:
        seen = [look() for look in looks]  # all() of a generator would stop at the first that is not done
        if all(seen):
            return
        time.sleep(LOOK)


def _analyse(cameras: "Sequence[_Camera]", bell: threading.Event, stop: threading.Event) -> None:
    """As edge.worker.engine does, in turns."""
    while not stop.is_set():
        bell.wait(_NAP)
        bell.clear()
        for camera in cameras:
            frame = camera.station.slot.take()
            if frame is not None:
                camera.watcher.step(frame)


class _Camera:
    """One camera, and what happened at its visits so far."""

    def __init__(
        self,
        drawn: Scene,
        coding: Coding,
        url: str,
        detector: Detector,
        bell: threading.Event,
        later: float,
    ) -> None:
        """later: s until it is connected."""
        described = job(f"{coding.rate}-{coding.gop:g}", url)
        self.station = Station(described, bell, lambda _: None, lambda *_: None)
        placed = scene(described, detector.classes, "UTC")
        self.watcher = Watcher(
            pipeline(described, detector, placed), self.station.camera.eye, self.station.camera.sink.calm
        )
        self.wakes: list[Wake] = []
        self.false = 0
        self.quiet = 0.0
        self._wakes = self._from = 0
        self._start = time.monotonic() + later
        self._steps = self._course(drawn, coding)

    def look(self) -> bool:
        """Whether all has been seen. Takes one small step through what is expected."""
        return next(self._steps, True)

    def _course(self, drawn: Scene, coding: Coding) -> Iterator[bool]:
        """Asked every few ms; counts packets to know the place in the clip."""
        eye = self.station.camera.eye
        yield from self._until(lambda: time.monotonic() >= self._start)
        self.station.start()
        yield from self._until(lambda: eye.resting)  # it looks round first
        if drawn.visits and self._reached(drawn.visits[0].start):
            raise RuntimeError(
                "the first visit came before the camera was at rest: nothing can be said of it"
            )
        self._mark()
        for visit in drawn.visits:
            yield from self._until(partial(self._reached, visit.start))
            self._note_quiet()
            self.wakes.append(Wake(coding, visit))
            yield from self._meet(self.wakes[-1])
            self._mark()
        yield from self._until(lambda: self._reached(drawn.seconds - 1))
        self._note_quiet()

    def _meet(self, wake: Wake) -> Iterator[bool]:
        visit, eye, ring = wake.visit, self.station.camera.eye, self.station.camera.ring
        shows = visit.start + hidden(visit)
        yield from self._until(lambda: self._reached(shows))
        arrived, first = time.monotonic(), ring.read(round(shows * FPS) - 1, 0.0)
        assert first is not None
        seen = first.packet.time - 1e-3  # pictures carry microseconds
        yield from self._until(lambda: self._decoded(seen) or self._reached(visit.end))
        wake.delay = time.monotonic() - arrived if self._decoded(seen) else None
        yield from self._until(lambda: self._reached(visit.end))
        ended = time.monotonic()
        yield from self._until(lambda: eye.resting or time.monotonic() - ended > _AFTER)
        wake.rested = time.monotonic() - ended if eye.resting else None
        wake.wakes = eye.statistics().wakes - self._wakes

    def _until(self, condition: Callable[[], bool]) -> Iterator[bool]:
        while not condition():
            yield False

    def _reached(self, moment: float) -> bool:
        """Whether that picture of the clip (s) has arrived."""
        return self.station.camera.ring.last_number >= round(moment * FPS)

    def _decoded(self, moment: float) -> bool:
        """Whether everything is decoded, and this far (s)."""
        eye = self.station.camera.eye
        return not eye.resting and (eye.statistics().last or 0.0) >= moment

    def _mark(self) -> None:
        """What follows is quiet."""
        self._wakes = self.station.camera.eye.statistics().wakes
        self._from = self.station.camera.ring.last_number

    def _note_quiet(self) -> None:
        self.false += self.station.camera.eye.statistics().wakes - self._wakes
        self.quiet += (self.station.camera.ring.last_number - self._from) / FPS
        self._mark()
