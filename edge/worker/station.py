"""A camera's streams in a worker: the one that is analysed, and the one that proof is kept from."""

import threading
import time
from collections.abc import Callable

from edge.worker.feeder import Outlook
from edge.worker.job import CameraJob
from edge.worker.poses import Poses
from streams import kinds
from streams.camera import Camera, Plumbing, RingSink
from streams.errors import NO_PICTURE, Broken
from streams.eye import Gaze
from streams.frame import Frame
from streams.latest import Latest
from streams.problem import Problem
from streams.reader import CameraReport, CameraState, Reader
from streams.retry import Crowd
from streams.ring import Ring
from streams.source import PICTURE_TIMEOUT, Source, SourceSpec, StreamInfo


class Station:
    """Connects, keeps and decodes; nothing here knows what is looked for."""

    def __init__(
        self,
        job: CameraJob,
        bell: threading.Event,
        report: Callable[[CameraReport], None],
        trouble: Callable[[str, str, Problem | None], None],
        crowd: Crowd | None = None,
    ) -> None:
        """trouble: told a code, the camera and what is wrong, or None when it is over. crowd: of the cameras
        beside it."""
        self.name = job.name
        self.slot: Latest[Frame] = Latest(bell)
        connect = _connect(job.source)
        gaze = Gaze(fps=job.fps, acceleration=job.acceleration, patient=_patient(job.source))
        plumbing = Plumbing(gaze, job.ring, job.ring_limit)
        self.poses = (
            Poses(job.name, job.telemetry, lambda problem: trouble("telemetry", job.name, problem))
            if job.telemetry is not None
            else None
        )
        self.camera = Camera(
            job.name,
            connect,
            self.slot,
            report=report,
            plumbing=plumbing,
            crowd=crowd,
            metadata=self.poses.metadata if self.poses else None,
        )
        self._recorder = _Recorder(job, report, crowd) if job.record is not None else None

    @property
    def ring(self) -> Ring:
        """Where proof is taken from."""
        return self._recorder.ring if self._recorder else self.camera.ring

    @property
    def outlook(self) -> Outlook:
        """What is watched live: the smaller stream, where the camera has two; a phone on 4G takes no more."""
        return Outlook(self.camera.ring, self._live, self.camera.sink.sounds)

    @property
    def flows(self) -> bool:
        """Whether what proof is taken from comes in now, or was a recording: the newest of it is no picture of long ago."""
        state = self._recorder.reader.state if self._recorder else self.camera.state
        return state is not None and state.state in {CameraState.LIVE, CameraState.FINISHED}

    def _live(self) -> bool:
        state = self.camera.state
        return state is not None and state.state is CameraState.LIVE

    def start(self) -> None:
        self.camera.start()
        if self.poses:
            self.poses.start()
        if self._recorder:
            self._recorder.reader.start()

    def stop(self) -> None:
        self.camera.stop()
        if self.poses:
            self.poses.stop()
        if self._recorder:
            self._recorder.reader.stop()

    def join(self, timeout: float) -> bool:
        """Only the analysed stream is waited for: the other has nothing to put away."""
        return self.camera.join(timeout)


class _Recorder:
    """The main stream, kept and not looked at. Its troubles are reported under the camera's name and "/record"."""

    def __init__(self, job: CameraJob, report: Callable[[CameraReport], None], crowd: Crowd | None) -> None:
        assert job.record is not None
        self.ring = Ring(job.ring, job.ring_limit)
        self._sink = RingSink(self.ring)
        self.reader = Reader(
            f"{job.name}/record",
            _connect(job.record),
            self._sink,
            check=self._kept,
            report=report,
            crowd=crowd,
        )

    def _kept(self, where: str) -> StreamInfo | None:
        if self.ring.flows:
            return self.ring.info
        if time.monotonic() - self._sink.opened_at > PICTURE_TIMEOUT:
            raise Broken(where, NO_PICTURE)
        return None


def _connect(spec: SourceSpec) -> Callable[[], Source]:
    build = kinds.load("streams.sources", spec.kind).build

    def connect() -> Source:
        source: Source = build(spec)
        return source

    return connect


def _patient(spec: SourceSpec) -> bool:
    """Whether every picture counts, however long it takes: a recording played as fast as it goes, separate pictures."""
    return spec.kind == "folder" or getattr(spec, "pace", None) == "fast"
