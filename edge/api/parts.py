"""What the API is made with: parts of a running box, each by what is asked of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from edge.accounts.desk import Accounts
from edge.api.hub import Hub
from edge.api.index import FILE
from edge.api.watch import Watch
from edge.orders.office import Orders
from edge.settings.evidence import EvidenceSettings
from edge.status import Status

_ANSWERING = 4  # threads that wait for the case book at once


@dataclass(frozen=True, slots=True)
class Parts:
    """storage: the box's. cameras: names of the streams, and their titles where they have one. report: what
    edge.orders.report tells."""

    storage: Path
    cameras: Mapping[str, str | None]
    accounts: Accounts
    status: Status
    orders: Orders
    hub: Hub
    watch: Watch
    report: Callable[[], Mapping[str, JsonValue]]
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    answering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_ANSWERING))
    """Held by whoever waits for the case book."""
    exporting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one bundle that is being made: it may take as much of the disk as its clips."""

    @property
    def events(self) -> Path:
        return self.storage / FILE
