"""The life of a case in a process that is killed (SIGKILL) at its N-th write, for every N; then lived again.

Started by itself, so that it may fork before there is any thread. Prints, as JSON, for every N the types and ids of the case
events that the centre gets in the end, and the case's state; last, how it is without any kill.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from edge.cases import reading
from inference.findings import Phase
from tests.support.casebooks import book_on, event, outbox_at, told
from tests.support.casewords import payload

_WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


def killer(at: int) -> Callable[[str], None]:
    """Told of every statement before it is done."""
    count = 0

    def told_of(statement: str) -> None:
        nonlocal count
        if statement.lstrip().startswith(_WRITES):
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)

    return told_of


async def live(folder: Path, kill_at: int | None) -> None:
    """What a camera and a centre do, from the beginning; both say again what they do not know to have arrived."""
    async with outbox_at(folder) as outbox, book_on(outbox, folder) as book:
        if kill_at is not None:
            strike = killer(kill_at)
            await book._call(book._file._db.set_trace_callback, strike)
            await outbox._desk.call(outbox._desk.file._db.set_trace_callback, strike)
        await outbox.append(event("e1"))
        await outbox.append(event("e1", 1, Phase.END))
        await book.down("county", "e1", b'{"kind": "received", "events": ["e1/0"]}')
        await book.down("county", "e1", payload("dispatched", "d-1"))
        await book.down("county", "e1", payload("evaluated", "v-0"))
        await book.down("county", "e1", payload("closed", "c-1"))
        await told(outbox, 4)
        await outbox.settle()


def lived(folder: Path, kill_at: int | None) -> bool:
    """Whether it came to its end."""
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(live(folder, kill_at))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return not os.WIFSIGNALED(status)


def outcome(folder: Path) -> dict[str, object]:
    db = sqlite3.connect(folder / "outbox.sqlite")
    ids = [name for (name,) in db.execute("SELECT id FROM events ORDER BY seq")]
    db.close()
    found = reading.find(folder, "e1")
    kinds = [note.step.kind.value for note in found.notes]
    return {"ids": ids, "kinds": kinds, "state": found.case.state.value}


def main() -> None:
    killed: list[dict[str, object]] = []
    at = 0
    while True:
        at += 1
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            if lived(folder, at):
                json.dump({"killed": killed, "whole": outcome(folder)}, sys.stdout)
                return
            lived(folder, None)
            killed.append(outcome(folder))


if __name__ == "__main__":
    main()
