"""How the cameras are, second by second: changes of state for the hub, and pictures per second."""

import asyncio
from collections import deque

from edge.api.hub import Change, Hub
from edge.status import Status
from streams.problem import Text

_SECOND = 1.0  # s: workers tell their counts as often
_SPAN = 10  # s over which pictures are counted


class Watch:
    """A service of the daemon: run it beside the API."""

    def __init__(self, status: Status, hub: Hub) -> None:
        self._status, self._hub = status, hub
        self._pictures: dict[str, deque[tuple[float, int]]] = {}
        self._shown: dict[str, Text] = {}

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self.look(loop.time())
            await asyncio.sleep(_SECOND)

    def look(self, now: float) -> None:
        """now: s of a clock that nobody sets. What was removed from the site is forgotten."""
        known = {*self._status.counts, *self._status.cameras}
        for kept in (self._pictures, self._shown):
            for camera in kept.keys() - known:
                del kept[camera]
        for camera, counts in self._status.counts.items():
            seen = self._pictures.setdefault(camera, deque(maxlen=_SPAN + 1))
            if seen and counts.pictures < seen[-1][1]:  # its worker was started anew
                seen.clear()
            seen.append((now, counts.pictures))
        for camera in known:
            shown = self._status.shown(camera)
            if self._shown.get(camera) != shown:
                self._shown[camera] = shown
                state = {"camera": camera, "en": shown.en, "zh": shown.zh}
                self._hub.tell(Change("camera", camera, {**state}))

    def fps(self, camera: str) -> float | None:
        """Pictures decoded per second of late; None: not known yet."""
        seen = self._pictures.get(camera)
        if not seen or seen[-1][0] <= seen[0][0]:
            return None
        return round((seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0]), 2)
