"""The recordings that go with a camera's events."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.envelope import Proof
from edge.worker.job import ClipJob
from edge.worker.proofs import Kept
from edge.worker.recorder import Recorder, Recording
from inference.findings import Finding, Phase
from streams.problem import Problem, Text
from streams.ring import Ring

_NOT_FINISHED = Problem(
    "clip.unfinished",
    Text("the clip was not finished when the gateway stopped", "网关停止时录像尚未写完"),
    Text("nothing to do", "无需处理"),
)


@dataclass(slots=True)
class _Open:
    """A recording, and the last that was found of its case."""

    recording: Recording
    finding: Finding


class Clips:
    """A clip goes out with an UPDATE of its case; an END that comes before it is done waits for it."""

    def __init__(self, recorder: Recorder, ring: Ring, wanted: ClipJob | None) -> None:
        self._recorder, self._ring, self._wanted = recorder, ring, wanted
        self._open: dict[str, _Open] = {}

    def begin(self, finding: Finding, name: str) -> None:
        """name: of the file, under the evidence folder."""
        if self._wanted is None:
            return
        start, end = finding.since - self._wanted.before, finding.time + self._wanted.after
        recording = self._recorder.order(self._ring, name, start, end)
        if recording is not None:
            self._open[finding.key] = _Open(recording, finding)

    def keeps(self, finding: Finding) -> bool:
        """Whether this END is kept back until its clip is done."""
        clip = self._open.get(finding.key)
        if clip is not None:
            clip.finding = finding
        return clip is not None and finding.phase is Phase.END

    def ready(self) -> Iterator[tuple[Finding, Kept]]:
        """What is to be told of the clips that are done."""
        for clip in [clip for clip in self._open.values() if clip.recording.done.is_set()]:
            yield self._told(clip)

    def cut(self) -> None:
        """End them all with what there is."""
        for clip in self._open.values():
            clip.recording.cut()

    def rest(self, patience: float) -> Iterator[tuple[Finding, Kept]]:
        """All that are open, waiting up to `patience` s for them to be done."""
        deadline = time.monotonic() + patience
        for clip in list(self._open.values()):
            clip.recording.done.wait(max(0.0, deadline - time.monotonic()))
            yield self._told(clip)

    def _told(self, clip: _Open) -> tuple[Finding, Kept]:
        del self._open[clip.finding.key]
        finding = clip.finding
        if finding.phase is not Phase.END:
            finding = replace(finding, phase=Phase.UPDATE)
        return finding, _kept(clip.recording)


def _kept(recording: Recording) -> Kept:
    if not recording.done.is_set():
        return (), _NOT_FINISHED
    if recording.problem is not None:
        return (), recording.problem
    uri = f"evidence/{recording.name}"
    return (Proof(kind="clip", uri=uri, size=recording.bytes, sha256=recording.sha256),), None
