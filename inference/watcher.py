"""One camera watched: its pictures through the pipeline, and how much of it is decoded."""

from collections.abc import Callable

from inference.asking import Asking, answered
from inference.attention import Attention, Level
from inference.findings import Finding
from inference.pipeline import Pipeline, Step
from streams.eye import Eye
from streams.frame import Frame


class Watcher:
    """Pictures in order of time; one thread. Without an eye (separate pictures) every picture is looked at.

    pipeline: None while nobody knows where the camera points; then nothing is looked for.
    calmed: told when a wake turned out to be nothing, so that what caused it becomes the usual.
    """

    def __init__(
        self,
        pipeline: Pipeline | None,
        eye: Eye | None = None,
        calmed: Callable[[], None] = lambda: None,
        every: float | None = None,
    ) -> None:
        """every: s between two whole looks at a resting camera, if somebody wants them oftener than we do."""
        self._pipeline = pipeline
        self._eye = eye
        self._calmed = calmed
        self._every = every
        self._attention = Attention(every=every)

    @property
    def level(self) -> Level:
        return self._attention.level

    def step(self, frame: Frame) -> Step | None:
        """None: nothing was looked for in this picture. Raises DetectorFailed."""
        return answered(self.steps(frame), self._pipeline.detector) if self._pipeline else None

    def steps(self, frame: Frame) -> Asking[Step | None]:
        """The same, for a driver that asks the detector for several cameras at once."""
        if self._pipeline is None or self._attention.stale(frame.time):
            return None
        look = self._glimpse if frame.glimpse else self._look
        return (yield from look(frame, self._pipeline))

    def turn(self, pipeline: Pipeline | None, now: float) -> tuple[Finding, ...]:
        """The camera points elsewhere: what is open there ends, and this pipeline's zones hold from now on."""
        ended = self.close(now, "turned")
        self._pipeline, self._attention = pipeline, Attention(every=self._every)
        if self._eye is not None:
            self._eye.wake(now)
        return ended

    def close(self, now: float, reason: str = "stopped") -> tuple[Finding, ...]:
        return self._pipeline.close(now, reason) if self._pipeline else ()

    def _look(self, frame: Frame, pipeline: Pipeline) -> Asking[Step | None]:
        step = yield from pipeline.steps(frame)
        rest = self._attention.looked(frame.time, moving=step.moving, busy=pipeline.busy)
        if rest and self._eye is not None:
            if not self._attention.stirred:
                self._calmed()
            self._eye.looked = frame.time
            self._eye.rest()
        return step

    def _glimpse(self, frame: Frame, pipeline: Pipeline) -> Asking[Step | None]:
        assert self._eye is not None
        if not self._eye.resting:  # it comes once more, with everything around it
            return None
        since = self._attention.glimpsed(frame.time, moved=pipeline.moved(frame))
        if since is not None:
            self._eye.wake(since)
            return None
        self._eye.looked = frame.time
        if self._attention.due(frame.time, holds=pipeline.holds):
            return (yield from pipeline.steps(frame))
        return None
