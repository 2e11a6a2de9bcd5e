"""Packets of the cameras that somebody watches, from the workers to the live view."""

from itertools import count

import structlog

from edge.fleet import Fleet
from edge.worker.messages import View
from relay.live.feed import Viewer
from streams.crossing import Content
from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo

log = structlog.get_logger()


class PacketFeed:
    """A relay.live.feed.Feed. Every wish has a channel of its own: what still comes of a former one is dropped."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._numbers = count(1)
        self._viewers: dict[int, Viewer] = {}
        self._channels: dict[str, int] = {}

    @property
    def cameras(self) -> frozenset[str]:
        return self._fleet.cameras

    def begin(self, camera: str, viewer: Viewer) -> None:
        self._viewers.pop(self._channels.get(camera, 0), None)
        channel = next(self._numbers)
        self._channels[camera], self._viewers[channel] = channel, viewer
        self._fleet.order(View(camera=camera, channel=channel))

    def end(self, camera: str, viewer: Viewer) -> None:
        channel = self._channels.get(camera, 0)
        if self._viewers.get(channel) is viewer:
            del self._viewers[channel], self._channels[camera]
            self._fleet.order(View(camera=camera, channel=None))

    def take(self, channel: int, content: Content) -> None:
        """What a worker sent."""
        viewer = self._viewers.get(channel)
        if viewer is None:
            return
        try:
            match content:
                case Packet():
                    viewer.packet(content)
                case Sound():
                    viewer.sound(content)
                case StreamInfo():
                    viewer.opened(content)
        except Exception:  # a defect in one camera's view must not end those of the others
            log.exception("live.defect", channel=channel)
