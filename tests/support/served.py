"""Talk over real HTTP, as the daemon serves it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from edge.settings.web import HttpSettings
from edge.web import WebService
from relay.http.app import application
from relay.http.signalling import Signalling
from tests.support.ports import free_port
from tests.support.talking import Site, until


@asynccontextmanager
async def served(at: Site, port: int | None = None) -> AsyncIterator[str]:
    """The address of a site's HTTP."""
    http = HttpSettings(listen=f"127.0.0.1:{port or free_port()}")
    app = application(Signalling(at.sessions, at.tokens, at.talk).routes())
    running = asyncio.ensure_future(WebService(http, app).run())
    try:
        await until(lambda: running.done() or _listens(http))
        assert not running.done(), running.exception()
        yield http.url
    finally:
        running.cancel()
        await asyncio.wait([running])


def _listens(http: HttpSettings) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((http.host, http.port)) == 0
