"""One file to one server, from wherever it stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from edge.upload import problems
from edge.upload.problems import Displaced, FileRefused, ResourceGone, UploadLost
from edge.upload.store import Item, Verified
from edge.upload.tus import CHUNK, Standing, TusServer

# Pieces in a row that the server did not take, for whatever reason: then it is left alone for a while.
_PATIENCE = 3

Begun = Callable[[str | None], Awaitable[None]]
"""Keeps the address of an upload that was begun; None: the old one is void."""

Gate = Callable[[], Awaitable[None]]
"""Asked before every piece; raises what ends the transfer (the hours are over)."""


async def transfer(
    server: TusServer, item: Item, path: Path, url: str | None, begun: Begun, gate: Gate
) -> tuple[str, Verified]:
    """The server has all of it when this returns: its address there, and how that is known.

    url: of an upload begun before. May be cancelled or killed anywhere, and called again. Raises UploadLost,
    UploadRefused, FileRefused, OSError, and what the gate raises.
    """
    try:
        if url is None:
            url = await server.create(item.uri, item.size, item.sha256)
            await begun(url)
        return url, await _rest(server, item, path, url, gate)
    except ResourceGone:  # uploads expire: the next try begins one anew
        await begun(None)
        raise UploadLost(problems.unavailable(server.place, 404)) from None
    except FileRefused:
        await begun(None)
        raise


async def _rest(server: TusServer, item: Item, path: Path, url: str, gate: Gate) -> Verified:
    standing = await server.standing(url)
    vain = 0
    while standing.offset < item.size and standing.length in (None, item.size):
        await gate()
        chunk = await asyncio.to_thread(_read, path, standing.offset)
        before = standing.offset
        try:
            standing = Standing(await server.append(url, before, chunk), standing.length, None)
        except Displaced:
            standing = await server.standing(url)
        vain = 0 if standing.offset > before else vain + 1
        if vain >= _PATIENCE:
            raise UploadLost(problems.unavailable(server.place, 409))
    return await _verified(server, item, url)


async def _verified(server: TusServer, item: Item, url: str) -> Verified:
    """Compares what the server says it has. Raises FileRefused; the upload is then given up there."""
    able = await server.abilities()
    found: Verified = "checksum" if able.algorithm else "size"
    try:
        standing = await server.standing(url)
    except ResourceGone:  # it had all of it, and put it where files belong
        return found
    digest = standing.sha256
    wrong = standing.offset != item.size or standing.length not in (None, item.size)
    if wrong or (digest is not None and digest != item.sha256):
        await server.forget(url)
        raise FileRefused(problems.mismatch(item.uri))
    return "digest" if digest else found


def _read(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(CHUNK)
