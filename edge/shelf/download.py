"""Files of one https server, over a line that breaks."""

import asyncio
import random
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import structlog

from edge.shelf import problems
from inference.manifest import ModelRefused

log = structlog.get_logger()

_SMALL = 64 * 1024  # bytes: a manifest is a page of text
_LARGE = 1 << 30  # bytes: far above any model that a box beside cameras can run
_BLOCK = 1 << 16  # bytes per read
_TRIES = 3  # a line that breaks three times in a row needs a person, or another source
_FIRST_WAIT = 2.0  # s before the second try; doubles, with up to half as much again by chance
_CONNECT = 15.0  # s: three lost SYNs on a bad mobile link
_SILENCE = 30.0  # s without a byte: the longest hand-over between 4G cells we allow for
_REDIRECTS = 3
_PARTIAL = 206  # RFC 9110, 15.3.7
_NOT_SATISFIABLE = 416  # RFC 9110, 15.5.17: nothing is left of it


class DownloadFailed(ModelRefused):
    """The server did not give the file; `problem` says why."""


class Download:
    """One server's folder. An asynchronous context manager."""

    def __init__(self, base: str, ca_file: Path | None = None) -> None:
        """base: https URL of a folder. Raises DownloadFailed where ca_file cannot be read."""
        self._base = base if base.endswith("/") else f"{base}/"
        try:
            trust = ssl.create_default_context(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise DownloadFailed(problems.no_authority(ca_file, error)) from error
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_SILENCE)
        self._client = aiohttp.ClientSession(
            timeout=limits, connector=aiohttp.TCPConnector(ssl=trust), trust_env=True, auto_decompress=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def small(self, name: str, into: Path) -> None:
        """Fetch a file anew. Raises DownloadFailed, OSError."""
        await asyncio.to_thread((into / name).unlink, missing_ok=True)
        await self._fetch(name, into / name, _SMALL)

    async def large(self, name: str, into: Path) -> None:
        """Fetch a file, or what is still missing of it. Raises DownloadFailed, OSError."""
        await self._fetch(name, into / name, _LARGE)

    async def _fetch(self, name: str, path: Path, limit: int) -> None:
        wait = _FIRST_WAIT
        for attempt in range(1, _TRIES + 1):
            try:
                return await self._once(name, path, limit)
            except (aiohttp.ClientError, TimeoutError) as error:
                problem = problems.no_answer(name, self._base, error)
                if attempt == _TRIES or _final(error):
                    raise DownloadFailed(problem) from None  # its text may hold the URL's password
                log.warning("model.retry", file=name, host=urlsplit(self._base).hostname, why=problem.what.en)
            await asyncio.sleep(wait * random.uniform(1, 1.5))  # noqa: S311 - spreads tries, guards nothing
            wait *= 2
        return None

    async def _once(self, name: str, path: Path, limit: int) -> None:
        have = _bytes(path)
        asked = {"Range": f"bytes={have}-"} if have else {}
        url = urljoin(self._base, name)
        async with self._client.get(url, headers=asked, max_redirects=_REDIRECTS) as answer:
            if any(hop.url.scheme != "https" for hop in (*answer.history, answer)):
                raise DownloadFailed(problems.not_https(str(answer.url)))
            if have and answer.status == _NOT_SATISFIABLE:
                return
            answer.raise_for_status()
            going_on = answer.status == _PARTIAL
            await _store(answer, path, have if going_on else 0, limit)


async def _store(answer: aiohttp.ClientResponse, path: Path, have: int, limit: int) -> None:
    with path.open("ab" if have else "wb") as file:
        async for block in answer.content.iter_chunked(_BLOCK):
            have += len(block)
            if have > limit:
                raise DownloadFailed(problems.too_large(path.name, limit))
            await asyncio.to_thread(file.write, block)


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _final(error: Exception) -> bool:
    """Whether asking again cannot help: a wrong name or login, a certificate nobody trusts."""
    if isinstance(error, aiohttp.ClientResponseError):
        return 400 <= error.status < 500  # RFC 9110, 15.5: the client's mistake
    return isinstance(error, aiohttp.ClientSSLError | aiohttp.InvalidURL)
