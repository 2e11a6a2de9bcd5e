"""What was said in the talk groups, kept as proof: one file per speech, as received, and a log of who had the floor
when (floor.jsonl: who, from when to when, losses, file, SHA-256)."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from relay.media.stream import Packet
from relay.opusfile import OpusFile
from relay.scribe import Scribe
from relay.shelf import Keeper, Kept, NotWritten, Shelf, Told, nobody

_QUEUE = 2000  # packets waiting for the disk: four groups in which somebody speaks, for 10 s


@dataclass(frozen=True, slots=True)
class Said:
    """One speech. since, until: s since 1970. ended: a word of relay.talk.Leaving or Revocation."""

    group: str
    member: str
    since: float
    until: float
    emergency: bool
    ended: str


@dataclass(frozen=True, slots=True)
class _Figures:
    """packets, lost: written, missing; late: came twice or too late; dropped: those the disk was too slow for.
    problem: why there is no file."""

    bytes: int = 0
    sha256: str = ""
    seconds: float = 0.0
    packets: int = 0
    lost: int = 0
    late: int = 0
    dropped: int = 0
    problem: str | None = None


class Tape:
    """One speech while it lasts: a Sink of relay.media.switch. Nothing here waits for the disk."""

    def __init__(self, scribe: Scribe, shelf: Shelf, path: Path) -> None:
        self.path = path
        self.dropped = 0
        self._scribe = scribe
        self._speech = _Speech(shelf, path)

    def put(self, packet: Packet) -> None:
        if not self._scribe.take(partial(self._speech.write, packet)):
            self.dropped += 1

    def end(self, said: Said) -> None:
        """Always heard: the log is to be without gaps."""
        self._scribe.surely(lambda: self._speech.end(said, self.dropped))


class Recorder:
    """The thread that writes all tapes of a box.

    limit: bytes of them all under `folder`; the oldest goes first. told: called from the thread when recording
    fails (a Problem) and when it works again (None); talk goes on either way. kept: told of every file.
    """

    def __init__(
        self,
        folder: Path,
        limit: int,
        told: Told,
        kept: Keeper = nobody,
    ) -> None:
        self._shelf = Shelf(folder, ".webm", limit, "floor.jsonl", told, kept)
        self._scribe = Scribe("talk-recorder", _QUEUE)
        self._scribe.surely(self._shelf.adopt)

    def begin(self, group: str, member: str, now: float) -> Tape:
        """A speech begins. group, member: names without a slash; now: s since 1970."""
        return Tape(self._scribe, self._shelf, self._shelf.path(group, member, now))

    def close(self, patience: float) -> None:
        """Write what waits, for at most `patience` s."""
        self._scribe.close(patience)


class _Speech:
    """Its file; of the recorder's thread alone."""

    def __init__(self, shelf: Shelf, path: Path) -> None:
        self._shelf, self._path = shelf, path
        self._file: OpusFile | None = None
        self._failure: str | None = None

    def write(self, packet: Packet) -> None:
        if self._failure is not None:
            return
        try:
            if self._file is None:
                self._file = OpusFile(self._shelf.begin(self._path))
            self._file.write(packet)
        except (NotWritten, OSError) as error:
            self._give_up(error)

    def end(self, said: Said, dropped: int) -> None:
        kept, file = self._completed(), self._file
        figures = _Figures(dropped=dropped, problem=self._failure)
        if kept is not None and file is not None:
            seconds = round(file.seconds, 3)
            figures = _Figures(0, "", seconds, file.packets, file.lost, file.late, dropped)
        try:
            self._shelf.note(self._path, {**asdict(said), **asdict(figures)}, kept)
        except OSError as error:
            self._give_up(error)

    def _completed(self) -> Kept | None:
        if self._failure is None and self._file is not None:
            try:
                self._file.close()
                return self._shelf.complete(self._path)
            except (NotWritten, OSError) as error:
                self._give_up(error)
        return None

    def _give_up(self, error: Exception) -> None:
        if self._file is not None:
            self._file.discard()
        self._failure = self._shelf.give_up(self._path, error)
