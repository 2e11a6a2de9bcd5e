"""Asks the time-stamping authority when enough has come, and waits for it when it is away.

A stamp over the newest entry dates all entries before it, so what waits for the authority is no queue: the next
stamp covers it.
"""

import asyncio
import time
from collections.abc import Callable
from random import Random
from urllib.parse import urlsplit

import structlog

from edge.evidence.chain import Chain
from edge.evidence.drafts import Draft
from edge.evidence.entries import Kind, encoded
from edge.evidence.hashes import of_bytes
from edge.evidence.problems import unstamped
from edge.evidence.stamping import BadStamp, Certificates, asked, checked, read_certificates
from edge.settings.evidence import TsaSettings
from edge.wire import rfc3339
from streams.outgoing import networks_of, sockets
from streams.problem import Problem
from streams.retry import Ladder

log = structlog.get_logger()

_ANSWER = 30.0  # s: an authority signs in milliseconds; a 4G link that comes up takes some seconds
_LARGEST = 256 << 10  # bytes of an answer: a token with its certificates has 3 to 8 kB
_LOOK = 5.0  # s between two looks whether enough came
_FIRST, _SLOWEST = 10.0, 900.0  # s until it is tried again


class Stamper:
    """A service of the daemon. told: the trouble with the authority, or None."""

    def __init__(
        self,
        chain: Chain,
        settings: TsaSettings,
        told: Callable[[Problem | None], None],
        clock: Callable[[], float] = time.monotonic,
        look: float = _LOOK,
    ) -> None:
        self._chain, self._settings, self._told = chain, settings, told
        self._clock, self._look = clock, look
        self._host = urlsplit(settings.url).hostname or ""
        self._since: float | None = None

    async def run(self) -> None:
        """Until it is cancelled. Raises StoreError."""
        ladder = Ladder(Random(), first=_FIRST, cap=_SLOWEST)  # noqa: S311 (jitter)
        while True:
            wait = self._look
            if await self._is_due():
                try:
                    await self.stamp()
                except (BadStamp, OSError, ValueError) as error:
                    wait = ladder.wait(lived=0) + self._look
                    await self._failed(error, wait)
                else:
                    ladder = Ladder(Random(), first=_FIRST, cap=_SLOWEST)  # noqa: S311 (jitter)
            await asyncio.sleep(wait)

    async def stamp(self) -> None:
        """Have the newest entry dated, and enter it. Raises BadStamp, OSError, ValueError, StoreError."""
        roots = await asyncio.to_thread(read_certificates, self._settings.ca_file)
        n, header = await self._chain.call(self._newest)
        question = asked(header)
        answer = await self._post(question.as_bytes())
        stamped = await asyncio.to_thread(_proved, answer, header, roots, question.nonce)
        words = {
            "entry": n,
            "sha256": of_bytes(header).sha256,
            "tsa": self._host,
            "at": rfc3339(stamped),
            "token": encoded(answer),
        }
        await self._chain.call(self._chain.file.append, [Draft(Kind.STAMP, f"stamp:{n}", words)])
        self._since = None
        self._told(None)
        log.info("evidence.stamped", entry=n, tsa=self._host)

    async def _is_due(self) -> bool:
        """After so many entries, or so long after the first of them."""
        _, waiting = await self._chain.call(self._chain.file.last_stamped)
        if not waiting:
            return False
        if self._since is None:
            self._since = self._clock()
        return waiting >= self._settings.entries or self._clock() - self._since >= self._settings.every

    def _newest(self) -> tuple[int, bytes]:
        n = self._chain.file.head.n
        return n, self._chain.file.header(n)

    async def _post(self, question: bytes) -> bytes:
        """RFC 3161, 3.4. Raises OSError, BadStamp."""
        import aiohttp  # noqa: PLC0415 (a site without an authority never pays for it)

        kind = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        limit = aiohttp.ClientTimeout(total=_ANSWER)
        connector = aiohttp.TCPConnector(socket_factory=sockets(networks_of(self._host)))
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, connector=connector) as session,
                session.post(self._settings.url, data=question, headers=kind, allow_redirects=False) as reply,
            ):
                answer = await reply.content.read(_LARGEST + 1)
                while len(answer) <= _LARGEST and (more := await reply.content.read(_LARGEST)):
                    answer += more
        except (aiohttp.ClientError, TimeoutError) as error:
            raise BadStamp(str(error) or "no answer in time") from None
        if reply.status != 200 or len(answer) > _LARGEST:
            raise BadStamp(f"HTTP {reply.status}, {len(answer)} bytes")
        return answer

    async def _failed(self, error: Exception, wait: float) -> None:
        _, waiting = await self._chain.call(self._chain.file.last_stamped)
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        self._told(unstamped(self._host, why, waiting))
        log.info("evidence.stamp_failed", tsa=self._host, why=why, again_in_s=round(wait, 1))


def _proved(answer: bytes, header: bytes, roots: Certificates, nonce: int | None) -> float:
    return checked(answer, of_bytes(header).sha256, roots, nonce).at.timestamp()
