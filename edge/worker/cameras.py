"""The cameras of one worker: what connects each, and what looks at its pictures; added, removed and replaced by name."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.worker.cadastre import Cadastre
from edge.worker.farewell import Farewell
from edge.worker.job import CameraJob, Job
from edge.worker.recorder import Recorder
from edge.worker.station import Station
from edge.worker.watch import Watch
from inference.detections import Detector
from inference.plates import PlateReader
from streams.problem import Problem
from streams.reader import CameraReport
from streams.retry import Crowd


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of a camera: of its state; of a code, the camera and what is wrong with it (None: nothing any more)."""

    report: Callable[[CameraReport], None]
    trouble: Callable[[str, str, Problem | None], None]


@dataclass(frozen=True, slots=True)
class Exchange:
    """For the inference thread. leaving: by camera. removed: of them, those that do not come back. arriving: builds what
    looks at the cameras that are new or changed; called when those have left, since both keep the same files. done:
    told when it is over."""

    leaving: dict[str, Farewell]
    removed: frozenset[str]
    arriving: Callable[[], tuple[Watch, ...]]
    done: Callable[[], None]


class Cameras:
    """Belongs to the thread that takes orders; what `arriving` does is done on the inference thread."""

    def __init__(self, detector: Detector, recorder: Recorder, bell: threading.Event, told: Told) -> None:
        self._detector, self._recorder, self._bell, self._told = detector, recorder, bell, told
        self._crowd = Crowd()
        self._reader: PlateReader | None = None
        self.stations: dict[str, Station] = {}

    def first(self, job: Job) -> tuple[Watch, ...]:
        """Nothing is connected yet: see `start`."""
        for camera in job.cameras:
            self._connect(camera)
        return self._watches(job, job.cameras)

    def start(self) -> None:
        for station in self.stations.values():
            station.start()

    def change(
        self, job: Job, anew: frozenset[str], rules: frozenset[str], done: Callable[[], None]
    ) -> Exchange:
        """Let go at once of what is connected no more; the rest is done by whoever carries the exchange out."""
        wanted = {camera.name: camera for camera in job.cameras}
        removed, added = self.stations.keys() - wanted.keys(), wanted.keys() - self.stations.keys()
        for name in removed | (anew & self.stations.keys()):
            self.stations.pop(name).stop()
        fresh = [self._connect(wanted[name]) for name in wanted if name not in self.stations]
        touched = (anew | rules | added) & wanted.keys()
        leaving = {
            name: Farewell("changed", ground_goes_on=wanted[name].land is not None)
            for name in touched - added
        }
        leaving |= dict.fromkeys(removed, Farewell("removed", ground_goes_on=False))
        return Exchange(leaving, frozenset(removed), lambda: self._arrived(job, touched, fresh), done)

    def _arrived(
        self, job: Job, touched: frozenset[str] | set[str], fresh: list[Station]
    ) -> tuple[Watch, ...]:
        watches = self._watches(job, tuple(camera for camera in job.cameras if camera.name in touched))
        for station in fresh:
            station.start()
        for watch in watches:
            watch.look_round()
        return watches

    def _connect(self, camera: CameraJob) -> Station:
        """What a station that was let go of still says is not of this camera any more."""

        def current() -> bool:
            return self.stations.get(camera.name) is station

        def report(report: CameraReport) -> None:
            if current():
                self._told.report(report)

        def trouble(code: str, name: str, problem: Problem | None) -> None:
            if current():
                self._told.trouble(code, name, problem)

        station = Station(camera, self._bell, report, trouble, self._crowd)
        self.stations[camera.name] = station
        return station

    def _watches(self, job: Job, cameras: tuple[CameraJob, ...]) -> tuple[Watch, ...]:
        if self._reader is None and any(camera.plates for camera in cameras):
            self._reader = PlateReader(job.threads)
        on_the_earth = any(camera.land or camera.ground for camera in cameras)
        cadastre = Cadastre.of(job.position, job.parcels) if on_the_earth else None
        return tuple(
            Watch(
                camera,
                job,
                self._detector,
                self.stations[camera.name],
                self._recorder,
                self._reader,
                cadastre,
            )
            for camera in cameras
        )
