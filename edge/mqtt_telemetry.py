"""The cameras' health on `tele/{camera}`, with QoS 0: what the next one replaces is never stored."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from edge.mqtt import Connection
from edge.site_id import SiteId
from edge.wire import SCHEMA, WireModel, rfc3339

# s. Enough to see within a minute that a camera is ill; a camera's is 400 bytes, so that 8 of them take 10 MB of a
# metered link in a day.
EVERY = 30.0

Look = Callable[[], Mapping[str, Mapping[str, object]]]
"""The cameras' state and counts, by name (edge.status.Status.summary)."""


class Health(WireModel):
    """Of one camera. time: RFC 3339. counts: edge.worker.messages.CameraCounts, and the state in words. dropped: such
    messages that were not sent since the daemon started, to this centre."""

    schema_: Literal["sandwatch/v1"] = Field(SCHEMA, alias="schema")
    boot_id: str
    camera: str
    time: str
    counts: Mapping[str, object]
    dropped: int


class Telemetry:
    """For one centre. dropped: messages for which there was no connection, or a slow one."""

    def __init__(self, site: SiteId, boot_id: str, look: Look, every: float = EVERY) -> None:
        self._site, self._boot_id, self._look, self._every = site, boot_id, look, every
        self._connection: Connection | None = None
        self.dropped = 0

    def connected(self, connection: Connection | None) -> None:
        """None: there is none any more."""
        self._connection = connection

    async def run(self) -> None:
        """For as long as the daemon runs, connected or not."""
        while True:
            await asyncio.sleep(self._every)
            self._round()

    def _round(self) -> None:
        now = rfc3339(time.time())
        connection = self._connection
        # What an earlier round left in the queue says that the line is slow, or gone: the whole round is passed over.
        line = None if connection is None or connection.is_slow else connection
        for camera, counts in self._look().items():
            health = Health(
                boot_id=self._boot_id, camera=camera, time=now, counts=counts, dropped=self.dropped
            )
            topic = self._site.topic("tele", camera)
            if line is None or not line.glance(topic, health.model_dump_json().encode()):
                self.dropped += 1
