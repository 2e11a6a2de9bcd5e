"""What changes, told to whoever listens: a bounded queue each, and who does not keep up is let go."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pydantic import JsonValue

from edge.accounts.roles import Asker

_LISTENERS = 64  # pages open at once: a command centre's wall and every phone of a site
_BEHIND = 256  # changes a listener may be behind: a page that slept reads everything anew


@dataclass(frozen=True, slots=True)
class Change:
    """kind: "event", "case", "camera" or "box". camera: "" for the box itself."""

    kind: str
    camera: str
    data: dict[str, JsonValue]


@dataclass(slots=True, eq=False)
class Listener:
    asker: Asker
    queue: asyncio.Queue[Change] = field(default_factory=lambda: asyncio.Queue(_BEHIND))
    lost: bool = False
    """It did not keep up: it hears nothing more."""


class Hub:
    """For one event loop. dropped: listeners let go because they did not keep up."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def full(self) -> bool:
        return len(self._listeners) >= _LISTENERS

    @contextmanager
    def listening(self, asker: Asker) -> Iterator[Listener]:
        listener = Listener(asker)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            if not listener.asker.sees(change.camera):
                continue
            try:
                listener.queue.put_nowait(change)
            except asyncio.QueueFull:
                listener.lost = True
                self._listeners.discard(listener)
                self.dropped += 1
