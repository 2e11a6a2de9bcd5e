"""The main process: when events come from a worker, are on disk, and leave for the broker."""

import asyncio
import json
from typing import Any

from bench.probe.notes import notebook
from edge import outbox
from edge.cli import main
from edge.mqtt import Connection

_NOTES = notebook()
_append, _deliver, _start = outbox.Outbox.append, Connection.deliver, asyncio.create_subprocess_exec


async def _appended(self: outbox.Outbox, letter: Any) -> Any:
    _NOTES.note("told", letter.id)
    receipt = await _append(self, letter)
    _NOTES.note("committed", letter.id)
    return receipt


def _delivered(self: Connection, topic: str, payload: bytes, **more: Any) -> Any:
    if "/ev/" in topic:
        _NOTES.note("published", json.loads(payload)["id"])
    return _deliver(self, topic, payload, **more)


async def _started(*command: str, **more: Any) -> Any:
    """Workers are probed as well."""
    return await _start(
        *("bench.probe.worker" if word == "edge.worker" else word for word in command), **more
    )


_DOORS = (
    (outbox.Outbox, "append", _appended),
    (Connection, "deliver", _delivered),
    (asyncio, "create_subprocess_exec", _started),
)
for _owner, _name, _door in _DOORS:
    setattr(_owner, _name, _door)
main()
