"""The daemon's side of a transcoder's process."""

import asyncio
import contextlib
import sys

import structlog

from relay.live.feed import Viewer
from streams.crossing import HEAD, Garbled, content, head, packed
from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo

_BACKLOG = (
    8 << 20
)  # bytes on their way to the process: the whole ring of a slow camera, or two key frames of 8K

log = structlog.get_logger()


class Transcoder:
    """A relay.live.feed.Viewer: what is put in comes out as VP8, some pictures left out where the box is too slow.
    Single-use."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        self._process, self._input = process, process.stdin
        self._blocked = False
        self.skipped = 0
        """Packets that were not put in, because the process was too slow."""

    @classmethod
    async def start(cls) -> "Transcoder":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "relay.live.transcode",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return cls(process)

    def opened(self, info: StreamInfo) -> None:
        self._write(packed(0, info))

    def packet(self, packet: Packet) -> None:
        full = self._input.transport.get_write_buffer_size() > _BACKLOG
        self._blocked = full or (self._blocked and not packet.key)
        if self._blocked:
            self.skipped += 1
        else:
            self._write(packed(0, packet))

    def sound(self, sound: Sound) -> None:
        """Pictures only."""

    async def deliver(self, viewer: Viewer) -> None:
        """Hand on what comes out, until the process ends."""
        output = self._process.stdout
        assert output is not None
        try:
            while True:
                found = head(await output.readexactly(HEAD.size))
                picture = content(found, await output.readexactly(found.length))
                if isinstance(picture, Packet):
                    viewer.packet(picture)
        except (asyncio.IncompleteReadError, Garbled) as ended:
            log.warning("transcoder.ended", pid=self._process.pid, why=str(ended))

    async def close(self) -> None:
        self._input.close()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def _write(self, data: bytes) -> None:
        if not self._input.is_closing():
            self._input.write(data)
