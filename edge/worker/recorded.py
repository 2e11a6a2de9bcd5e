"""Which recordings of events show something of a time."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import av
from av import error as av_error

from edge.envelope import Proof
from edge.worker.messages import Piece
from streams.clip import ClipFailed

_MOST = 16  # recordings in one answer: 16 of 20 MB are hashed within seconds
_DAY = 86400.0
_BLOCK = 1 << 20  # bytes hashed at a time


def recorded(root: Path, camera: str, start: float, end: float) -> tuple[Piece, ...]:
    """Those that overlap this time (s since 1970), whole and in order of time. Their times are good to a second: MP4
    has no more of when it was made. Raises ClipFailed where there are more than _MOST, OSError."""
    found = list[Piece]()
    for path in _written_after(root, camera, start, end):
        with suppress(FileNotFoundError):  # its time to be deleted has just come
            shown = _span(path)
            if shown is None or shown[1] < start or shown[0] > end:
                continue
            if len(found) == _MOST:
                raise ClipFailed(f"more than {_MOST} recordings in that time")
            found.append(_piece(root, path, shown))
    return tuple(sorted(found, key=lambda piece: piece.start))


def _written_after(root: Path, camera: str, start: float, end: float) -> Iterator[Path]:
    """A file is done after what it shows; its folder has the day of its event, which may be the one before or after."""
    day = start - _DAY
    while day < end + _DAY:
        folder = root / camera / time.strftime("%Y/%m/%d", time.gmtime(day))
        for path in sorted(folder.glob("[!.]*.mp4")):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime >= start and not path.stem.endswith("-order"):
                    yield path
        day += _DAY


def _span(path: Path) -> tuple[float, float] | None:
    """None for a file that is no recording of ours."""
    try:
        with av.open(str(path)) as clip:
            made = datetime.fromisoformat(clip.metadata["creation_time"]).timestamp()
            shown = [
                float(packet.pts * packet.time_base)
                for packet in clip.demux(video=0)
                if packet.pts is not None and packet.time_base is not None
            ]
    except (av_error.FFmpegError, KeyError, ValueError):
        return None
    return (made, made + max(shown) - min(shown)) if shown else None


def _piece(root: Path, path: Path, shown: tuple[float, float]) -> Piece:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    uri = f"evidence/{path.relative_to(root).as_posix()}"
    proof = Proof(kind="clip", uri=uri, size=path.stat().st_size, sha256=digest.hexdigest())
    return Piece(proof=proof, start=shown[0], end=shown[1])
