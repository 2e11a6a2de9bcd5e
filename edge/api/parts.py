"""What the API is made with: parts of a running box, each by what is asked of it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from edge.accounts.desk import Accounts
from edge.api.hub import Hub
from edge.api.index import FILE
from edge.api.samples import Samples
from edge.api.stills import Stills
from edge.api.watch import Watch
from edge.orders.errands import Errands
from edge.orders.office import Orders
from edge.orders.sitefile import SiteFile
from edge.passes import Passes, nobody_passes
from edge.settings.evidence import EvidenceSettings
from edge.status import Status

_ANSWERING = 4  # threads that wait for the case book at once


@dataclass(frozen=True, slots=True)
class Parts:
    """storage: the box's. cameras: names of the streams, and their titles where they have one. report: what
    edge.orders.report tells. site_file: None where it cannot be changed."""

    storage: Path
    cameras: Mapping[str, str | None]
    accounts: Accounts
    status: Status
    orders: Orders
    hub: Hub
    watch: Watch
    report: Callable[[], Mapping[str, JsonValue]]
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    site_file: SiteFile | None = None
    errands: Errands | None = None
    """None where there are no workers to fetch a picture from."""
    passes: Passes = nobody_passes
    stills: Stills = field(default_factory=Stills)
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one camera that is tried out, and the one rule: each takes a core."""
    answering: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_ANSWERING))
    """Held by whoever waits for the case book."""
    samples: Samples = field(default_factory=Samples)
    examining: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one examination of the doctor's."""
    measuring: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one question about the ground: its process may take a few hundred MB."""
    laid: dict[str, JsonValue] = field(default_factory=dict)
    """The map as it was last worked out, and of what."""
    exporting: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one bundle that is being made: it may take as much of the disk as its clips."""

    @property
    def events(self) -> Path:
        return self.storage / FILE
