"""Where a moving camera is: its telemetry beside its pictures."""

from collections.abc import Callable

from streams.problem import Problem
from streams.telemetry.book import Fix
from streams.telemetry.feed import Feed, PoseDecoder
from streams.telemetry.runner import FeedRunner
from streams.telemetry.spec import TelemetrySpec, build


class Poses:
    """Of one camera. report: told when its telemetry fails and (None) when it is back."""

    def __init__(self, camera: str, spec: TelemetrySpec, report: Callable[[Problem | None], None]) -> None:
        self._book = spec.book()
        made = build(spec, camera)
        self._decoder = made if isinstance(made, PoseDecoder) else None
        self._runner = (
            FeedRunner(
                camera,
                lambda: _feed(spec, camera),
                self._book,
                report=lambda problem, _: report(problem),
            )
            if self._decoder is None
            else None
        )

    def start(self) -> None:
        if self._runner is not None:
            self._runner.start()

    def stop(self) -> None:
        if self._runner is not None:
            self._runner.stop()

    def metadata(self, codec: str, data: bytes, time: float) -> None:
        """What lies beside the video, s since 1970; on the camera's thread."""
        if self._decoder is not None:
            for pose in self._decoder.feed(data, time):
                self._book.add(pose)

    def at(self, time: float) -> Fix:
        return self._book.at(time)


def _feed(spec: TelemetrySpec, camera: str) -> Feed:
    made = build(spec, camera)
    assert not isinstance(made, PoseDecoder)
    return made
