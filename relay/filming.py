"""What body cameras published, kept as proof: H.264 as received in pieces of some minutes, never decoded, and a log of
them (pictures.jsonl: who, from when to when, losses, file, SHA-256)."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import structlog

from relay.media.assembly import RATE, Assembly, Picture
from relay.media.sps import Unreadable, size
from relay.media.stream import Packet
from relay.scribe import Scribe
from relay.shelf import Keeper, NotWritten, Shelf, Told, nobody
from streams.clip import ClipFailed, ClipWriter
from streams.packet import Packet as Coded
from streams.packet import parameter_sets
from streams.source import StreamInfo

_QUEUE = 20_000  # packets waiting for the disk: twenty body cameras, for 7 s
_PIECE = 512 << 20  # bytes of one piece: 10 minutes of 7 Mbit/s
_FRAGMENT = 1.0  # s: what was seen before a power cut plays
_OVERTIME = 5.0  # s past its minutes that a piece waits for a key frame to end before
_START = b"\x00\x00\x00\x01"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Seen:
    """One piece. since, until: s since 1970. pictures: in it; broken: left out, because packets of them were lost;
    dropped: packets the disk was too slow for, of this publication so far."""

    group: str
    member: str
    since: float
    until: float
    seconds: float
    pictures: int
    lost: int
    broken: int
    dropped: int


class Film:
    """One publication while it lasts: a Sink of relay.media.switch. Nothing here waits for the disk."""

    def __init__(self, scribe: Scribe, reel: "_Reel", wall: Callable[[], float]) -> None:
        self._scribe, self._reel, self._wall = scribe, reel, wall

    def put(self, packet: Packet) -> None:
        if not self._scribe.take(partial(self._reel.write, packet, self._wall())):
            self._reel.dropped += 1

    def end(self) -> None:
        self._scribe.surely(self._reel.end)


class Filmer:
    """The thread that writes all films of a box. limit: bytes of them all; longest: s of one piece. told, kept: as of
    relay.recording.Recorder."""

    def __init__(
        self,
        folder: Path,
        limit: int,
        longest: float,
        told: Told,
        kept: Keeper = nobody,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._shelf = Shelf(folder, ".mp4", limit, "pictures.jsonl", told, kept)
        self._longest, self._wall = longest, wall
        self._scribe = Scribe("talk-filmer", _QUEUE)
        self._scribe.surely(self._shelf.adopt)

    def begin(self, group: str, member: str, want_key: Callable[[], None]) -> Film:
        """A publication begins. want_key: asks for a key frame; called from the thread."""
        reel = _Reel(self._shelf, group, member, self._longest, want_key)
        return Film(self._scribe, reel, self._wall)

    def close(self, patience: float) -> None:
        """Write what waits, for at most `patience` s."""
        self._scribe.close(patience)


class _Reel:
    """The pieces of one publication; of the filmer's thread alone, but for `dropped`."""

    def __init__(
        self, shelf: Shelf, group: str, member: str, longest: float, want_key: Callable[[], None]
    ) -> None:
        self.dropped = 0
        self._shelf, self._group, self._member = shelf, group, member
        self._longest, self._want_key = longest, want_key
        self._assembly = Assembly()
        self._begun: float | None = None  # when the publication's ticks began, s since 1970
        self._piece: _Piece | None = None

    def write(self, packet: Packet, arrived: float) -> None:
        broken = self._assembly.broken
        for picture in self._assembly.put(packet):
            if self._begun is None:
                self._begun = arrived - picture.ticks / RATE
            self._take(picture, self._begun + picture.ticks / RATE)
        if self._assembly.broken > broken:
            self._want_key()

    def end(self) -> None:
        for picture in self._assembly.rest():
            self._take(picture, (self._begun or 0.0) + picture.ticks / RATE)
        self._finish()

    def _take(self, picture: Picture, at: float) -> None:
        piece = self._piece
        if piece is not None and self._over(piece, picture, at):
            self._finish()
        if self._piece is None and not picture.key:
            self._want_key()
            return
        path = self._piece.path if self._piece else self._shelf.path(self._group, self._member, at)
        try:
            if self._piece is None:
                self._piece = _Piece(path, self._shelf.begin(path), picture, at, self._assembly)
            self._piece.write(picture, at)
        except Unreadable:
            log.warning("talk.not_filmed", group=self._group, member=self._member, why="odd parameter sets")
        except (ClipFailed, NotWritten, OSError) as error:
            self._give_up(path, error)

    def _over(self, piece: "_Piece", picture: Picture, at: float) -> bool:
        """A piece has one size of pictures, and an end: with a key frame, or without where none comes."""
        age = at - piece.since
        if piece.bytes > _PIECE or not 0 <= age < self._longest + _OVERTIME:
            return True
        if age >= self._longest and not picture.key:
            self._want_key()
        return picture.key and (age >= self._longest or piece.differs(picture))

    def _finish(self) -> None:
        piece, self._piece = self._piece, None
        if piece is None:
            return
        try:
            piece.close()
            kept = self._shelf.complete(piece.path)
            self._shelf.note(piece.path, asdict(self._told(piece)), kept)
        except (ClipFailed, OSError) as error:
            self._piece = piece
            self._give_up(piece.path, error)

    def _told(self, piece: "_Piece") -> _Seen:
        since, until = round(piece.since, 3), round(piece.until, 3)
        lost, broken = self._assembly.lost - piece.lost, self._assembly.broken - piece.broken
        seconds = round(until - since, 3)
        return _Seen(
            self._group, self._member, since, until, seconds, piece.pictures, lost, broken, self.dropped
        )

    def _give_up(self, path: Path, error: Exception) -> None:
        """The next key frame begins anew."""
        piece, self._piece = self._piece, None
        if piece is not None:
            piece.discard()
        self._shelf.give_up(path, error)


class _Piece:
    """One file. since, until: times of its pictures, s since 1970."""

    def __init__(self, path: Path, part: Path, first: Picture, at: float, assembly: Assembly) -> None:
        """Raises Unreadable, ClipFailed."""
        self.path, self.since, self.until = path, at, at
        self.pictures = self.bytes = 0
        self.lost, self.broken = assembly.lost, assembly.broken
        self._sets = parameter_sets("h264", first.data)
        width, height = size(self._sets.partition(_START)[2].partition(_START)[0])
        info = StreamInfo("h264", width, height, None, self._sets)
        self._file = ClipWriter(part, info, fragment=_FRAGMENT, trusted=True)

    def differs(self, key: Picture) -> bool:
        sets = parameter_sets("h264", key.data)
        return bool(sets) and sets != self._sets

    def write(self, picture: Picture, at: float) -> None:
        self._file.write(Coded(picture.data, at, at, picture.key))
        self.until = max(self.until, at)
        self.pictures += 1
        self.bytes += len(picture.data)

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        self._file.discard()
