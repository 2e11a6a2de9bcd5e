"""The chain read beside a running daemon: nothing here writes."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from edge.evidence.chain_file import LAYOUT
from edge.evidence.entries import Entry
from edge.store import mapped, open_beside

_ENTRY = "header, signature, body"


class ChainReader:
    """One consistent view of the file while it is open. Raises edge.store.StoreError."""

    def __init__(self, path: Path) -> None:
        self._db = open_beside(path, LAYOUT)
        self._db.execute("BEGIN")  # what is entered meanwhile is not seen

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def head(self) -> tuple[int, Entry] | None:
        row = self._one(f"SELECT n, {_ENTRY} FROM entries ORDER BY n DESC LIMIT 1")  # noqa: S608 - constant
        return (row[0], _entry(*row[1:])) if row else None

    def entries(self, first: int = 1, last: int = 1 << 62) -> Iterator[tuple[int, Entry]]:
        """(n, entry) in order."""
        query = f"SELECT n, {_ENTRY} FROM entries WHERE n BETWEEN ? AND ? ORDER BY n"  # noqa: S608 - constant
        for n, *parts in self._all(query, (first, last)):
            yield n, _entry(*parts)

    def of_kinds(self, *kinds: str) -> Iterator[tuple[int, Entry]]:
        marks = ", ".join("?" * len(kinds))
        query = f"SELECT n, {_ENTRY} FROM entries WHERE kind IN ({marks}) ORDER BY n"  # noqa: S608 - only marks
        for n, *parts in self._all(query, kinds):
            yield n, _entry(*parts)

    def of_case(self, case: str) -> list[int]:
        return [n for (n,) in self._all("SELECT n FROM entries WHERE case_id = ? ORDER BY n", (case,))]

    def between(self, since: float, until: float) -> list[int]:
        """Numbers of what was entered then, s since 1970."""
        query = "SELECT n FROM entries WHERE created BETWEEN ? AND ? ORDER BY n"
        return [n for (n,) in self._all(query, (since, until))]

    def payload(self, n: int) -> bytes | None:
        row = self._one("SELECT payload FROM entries WHERE n = ?", (n,))
        return row[0] if row and isinstance(row[0], bytes) else None

    def _one(self, query: str, values: Sequence[object] = ()) -> Any:
        with mapped(LAYOUT):
            return self._db.execute(query, values).fetchone()

    def _all(self, query: str, values: Sequence[object] = ()) -> Iterator[Any]:
        with mapped(LAYOUT), closing(self._db.execute(query, values)) as rows:
            yield from rows


def _entry(*parts: object) -> Entry:
    """A damaged file gives nothing, numbers or texts, whatever its schema says: then it is no entry that fits."""
    return Entry(*(part if isinstance(part, bytes) else b"" for part in parts))
