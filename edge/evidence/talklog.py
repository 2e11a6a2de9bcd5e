"""The logs of the talk groups, read on from where they were left: append-only lines, one per recording."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from edge.evidence.places import FOLDER, uri_of

_LONGEST = 64 << 10  # bytes of a line; ours have 400


def unread(storage: Path, marks: Mapping[str, int]) -> Iterator[tuple[str, int, bytes]]:
    """(log's uri, where the line starts in bytes, the line without its newline), in order. A line that is still being
    written comes later. Raises OSError."""
    for log in sorted((storage / FOLDER / "talk").glob("*/*/*/*/*.jsonl")):
        uri = uri_of(storage, log)
        start = marks.get(uri, 0)
        if log.stat().st_size > start:
            yield from ((uri, place, line) for place, line in _lines(log, start))


def _lines(log: Path, start: int) -> Iterator[tuple[int, bytes]]:
    with log.open("rb") as file:
        file.seek(start)
        while (line := file.readline(_LONGEST)).endswith(b"\n"):
            yield start, line[:-1]
            start += len(line)
