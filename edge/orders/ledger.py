"""Which orders there were, and what was answered: so that a repeat is answered alike and done once, over restarts too.

A row is on disk before its order is begun, and its answer before that is said.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from edge.orders.problems import OrderRefused, busy
from edge.orders.words import ANSWER, Answer, Done, Final
from edge.store import Layout, mapped, open_store, transaction
from streams.problem import Problem, Text

REMEMBERED = (
    86_400.0  # s an answer is kept; no order may expire later, so what is forgotten is never done again
)
_MOST = 5_000  # rows: one every 17 s for a day

_LAYOUT = Layout(
    "orders",
    Text("the record of orders", "指令记录"),
    (
        "CREATE TABLE orders (who TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, command TEXT NOT NULL,"
        " began REAL NOT NULL, until REAL NOT NULL, back TEXT NOT NULL, correlation TEXT NOT NULL, answer TEXT,"
        " PRIMARY KEY (who, id)) WITHOUT ROWID;",
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An order. digest: of what is asked. began, until: s since 1970. back: where its answers go, in the words of the
    way it came. correlation: for the audit."""

    who: str
    id: str
    digest: str
    command: str
    began: float
    until: float
    back: str = ""
    correlation: str = ""


def digest(command: str, fields: Mapping[str, JsonValue]) -> str:
    """Of what an order asks; when and where to its answer goes does not count."""
    asked = {key: value for key, value in fields.items() if key not in ("expires", "reply_to")}
    text = json.dumps([command, asked], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """For one thread. Every method raises StoreError."""

    def __init__(self, path: Path) -> None:
        self.mended: Problem | None
        self._db, self.mended = open_store(path, _LAYOUT)

    def close(self) -> None:
        self._db.close()

    def find(self, who: str, ident: str) -> tuple[Entry, Answer | None] | None:
        """The order of that id; the answer is None while it is being done."""
        with mapped(_LAYOUT):
            row = self._db.execute(f"{_SELECT} WHERE who = ? AND id = ?", (who, ident)).fetchone()
        return None if row is None else _read(row)

    def begin(self, entry: Entry, now: float) -> None:
        """Raises OrderRefused where there were too many whose repeats may still come."""
        with transaction(self._db, _LAYOUT):
            self._forget(now)
            if self._count() >= _MOST:
                raise OrderRefused(busy())
            self._db.execute(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    entry.who,
                    entry.id,
                    entry.digest,
                    entry.command,
                    entry.began,
                    entry.until,
                    entry.back,
                    entry.correlation,
                ),
            )

    def finish(self, entry: Entry, answer: Final) -> None:
        kept = answer.kept() if isinstance(answer, Done) else answer
        with transaction(self._db, _LAYOUT):
            self._db.execute(
                "UPDATE orders SET answer = ? WHERE who = ? AND id = ?",
                (kept.model_dump_json(), entry.who, entry.id),
            )

    def unfinished(self) -> list[Entry]:
        """Those that the process before this one did not finish."""
        with mapped(_LAYOUT):
            return [
                _read(row)[0] for row in self._db.execute(f"{_SELECT} WHERE answer IS NULL ORDER BY began")
            ]

    def _forget(self, now: float) -> None:
        """The old, and where there is no room, those that are refused as expired anyway. A clock that was set back
        leaves none for ever."""
        self._db.execute(
            "DELETE FROM orders WHERE abs(? - began) > ? AND answer IS NOT NULL", (now, REMEMBERED)
        )
        if self._count() >= _MOST:
            self._db.execute("DELETE FROM orders WHERE until < ? AND answer IS NOT NULL", (now,))

    def _count(self) -> int:
        (count,) = self._db.execute("SELECT count(*) FROM orders").fetchone()
        return int(count)


_SELECT = "SELECT who, id, digest, command, began, until, back, correlation, answer FROM orders"


def _read(row: sqlite3.Row | tuple[object, ...]) -> tuple[Entry, Answer | None]:
    *fields, answer = row
    return Entry(*fields), None if answer is None else ANSWER.validate_json(str(answer))
