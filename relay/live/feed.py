"""Where the live view has its packets from."""

from typing import Protocol

from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo


class Viewer(Protocol):
    """Told what a camera sends. Must neither wait nor raise."""

    def opened(self, info: StreamInfo) -> None:
        """Before the first packet, and again whenever the stream is another one; a key frame follows."""

    def packet(self, packet: Packet) -> None:
        """In decoding order. What the box was too slow for is missing up to a key frame."""

    def sound(self, sound: Sound) -> None:
        """Of the stream that was opened last, from now on: none of what was before it, as of pictures."""


class Feed(Protocol):
    """Packets of cameras, while they are wished for."""

    @property
    def cameras(self) -> frozenset[str]: ...

    def begin(self, camera: str, viewer: Viewer) -> None:
        """From the newest key frame on, so that the first picture comes at once. A camera has one viewer: the last."""

    def end(self, camera: str, viewer: Viewer) -> None:
        """Nothing more; harmless where another viewer has taken its place."""
