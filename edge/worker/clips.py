"""The recordings that go with a camera's events."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.casebook import Entry
from edge.envelope import Proof
from edge.worker.job import ClipJob
from edge.worker.proofs import Kept
from edge.worker.recorder import Recorder, Recording
from inference.findings import Finding, Phase
from streams.problem import Problem, Text
from streams.ring import Ring

_TOO_MANY = Problem(
    "clip.too_many",
    Text(
        "too many clips are being written at once; this event gets none", "同时写入的录像过多，本事件没有录像"
    ),
    Text(
        "shorten clip: before and after, or spread the cameras over more workers",
        "请缩短 clip 的 before 和 after，或增加工作进程分担摄像机",
    ),
)
_NOT_FINISHED = Problem(
    "clip.unfinished",
    Text("the clip was not finished when the gateway stopped", "网关停止时录像尚未写完"),
    Text("nothing to do", "无需处理"),
)


@dataclass(slots=True)
class _Open:
    """A recording, and the last that was found of its case. entry: of the END that waits for it; kept: what else
    goes with that END."""

    recording: Recording
    finding: Finding
    entry: Entry | None = None
    kept: Kept = ((), None)


@dataclass(frozen=True, slots=True)
class Clipped:
    """What is to be told of a clip: with its END, whose entry was made when it was found, or with an UPDATE."""

    finding: Finding
    entry: Entry | None
    kept: Kept


class Clips:
    """A clip goes out with an UPDATE of its case; an END that comes before it is done waits for it."""

    def __init__(self, recorder: Recorder, ring: Ring, wanted: ClipJob | None) -> None:
        self._recorder, self._ring, self._wanted = recorder, ring, wanted
        self._open: dict[str, _Open] = {}
        self._ending: list[_Open] = []

    def begin(self, finding: Finding, name: str) -> Problem | None:
        """name: of the file, under the evidence folder. Why there will be none, if one is wanted."""
        if self._wanted is None:
            return None
        start, end = finding.since - self._wanted.before, finding.time + self._wanted.after
        recording = self._recorder.order(self._ring, name, start, end)
        if recording is None:
            return _TOO_MANY
        self._open[finding.key] = _Open(recording, finding)
        return None

    def follow(self, finding: Finding) -> bool:
        """Note what became of a case. True: this END is kept back until its clip is done; see `keep`."""
        clip = self._open.get(finding.key)
        if clip is not None:
            clip.finding = finding
        return clip is not None and finding.phase is Phase.END

    def keep(self, finding: Finding, entry: Entry, kept: Kept) -> None:
        """The END that waits, with what else goes with it. Its key is free for another case from now on."""
        clip = self._open.pop(finding.key)
        clip.finding, clip.entry, clip.kept = finding, entry, kept
        self._ending.append(clip)

    def ready(self) -> Iterator[Clipped]:
        """What is to be told of the clips that are done."""
        for clip in [clip for clip in self._all() if clip.recording.done.is_set()]:
            yield self._told(clip)

    def cut(self) -> None:
        """End them all with what there is."""
        for clip in self._all():
            clip.recording.cut()

    def rest(self, deadline: float) -> Iterator[Clipped]:
        """All that are open, waiting for them to be done until `deadline` (s of time.monotonic())."""
        for clip in self._all():
            clip.recording.done.wait(max(0.0, deadline - time.monotonic()))
            yield self._told(clip)

    def _all(self) -> list[_Open]:
        return [*self._open.values(), *self._ending]

    def _told(self, clip: _Open) -> Clipped:
        if clip.entry is not None:
            self._ending.remove(clip)
            proof, problem = _kept(clip.recording)
            return Clipped(clip.finding, clip.entry, (clip.kept[0] + proof, problem or clip.kept[1]))
        del self._open[clip.finding.key]
        return Clipped(replace(clip.finding, phase=Phase.UPDATE), None, _kept(clip.recording))


def _kept(recording: Recording) -> Kept:
    if not recording.done.is_set():
        return (), _NOT_FINISHED
    if recording.problem is not None:
        return (), recording.problem
    uri = f"evidence/{recording.name}"
    return (Proof(kind="clip", uri=uri, size=recording.bytes, sha256=recording.sha256),), None
