"""A box with its console's API, all real but the cameras; asked in the process, as over HTTPS."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import httpx
from pydantic import JsonValue
from starlette.applications import Starlette

from edge.accounts.desk import Accounts
from edge.accounts.file import FILE, AccountsFile, Token
from edge.accounts.roles import Act, Role
from edge.accounts.secrecy import hashed
from edge.api import index
from edge.api.api import Api
from edge.api.hub import Hub
from edge.api.index import CONSUMER, Indexer
from edge.api.parts import Parts
from edge.api.watch import Watch
from edge.cases.book import CONSUMER as CASES
from edge.envelope import seal
from edge.outbox import Outbox
from edge.status import Status
from relay.http.app import application
from tests.support.casebooks import DUTY, Clocks, book_on
from tests.support.occurrences import SITE
from tests.support.ordering import Place, working

PASSWORD = "three words suffice"
ORIGIN = "https://box.test"


@cache
def _kept() -> str:
    return hashed(PASSWORD)


@dataclass(frozen=True, slots=True)
class ApiBox:
    storage: Path
    parts: Parts
    app: Starlette
    outbox: Outbox

    def stranger(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 50_000), raise_app_exceptions=False),
            base_url=ORIGIN,
        )

    async def add(self, name: str, role: Role, *cameras: str) -> None:
        """Without the 0.1 s that a new hash takes."""
        work = partial(_added, self.storage, name, role, frozenset(cameras or ("*",)))
        await asyncio.to_thread(work)

    async def entered(self, name: str) -> httpx.AsyncClient:
        """Logged in, with what our page sends along."""
        client = self.stranger()
        answer = await client.post("/api/v1/login", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["X-Sandwatch-CSRF"] = answer.json()["csrf"]
        return client

    async def as_role(self, role: Role, *cameras: str) -> httpx.AsyncClient:
        await self.add(role.value, role, *cameras)
        return await self.entered(role.value)

    async def bearing(self, role: Role, *scopes: Act, cameras: frozenset[str] = frozenset({"*"})) -> str:
        """A token."""
        secret = f"{role.value}-{'-'.join(scopes)}-secret"
        token = Token(secret, role, frozenset(scopes), cameras, 0.0, None)
        await asyncio.to_thread(partial(_issued, self.storage, token, secret))
        return secret

    async def indexed(self, number: int) -> None:
        """Until the list has so many messages."""
        async with asyncio.timeout(60):
            wanted = index.Filter()
            while len(index.listing(self.parts.events, wanted, None, 1000)) < number:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def api_box(
    storage: Path, report: Mapping[str, JsonValue] | None = None, *consumers: str
) -> AsyncIterator[ApiBox]:
    """consumers: of the outbox, beside the usual ones."""
    async with AsyncExitStack() as stack:
        sealed = partial(seal, SITE, "boot", extra=DUTY.extra)
        opening = Outbox.open(
            storage / "outbox.sqlite",
            sealed,
            "boot",
            consumers=("centre", CASES, CONSUMER, *consumers),
            settle=0.01,
        )
        outbox = await stack.enter_async_context(await opening)
        await stack.enter_async_context(book_on(outbox, storage, Clocks(time.time())))
        accounts = await stack.enter_async_context(await Accounts.open(storage))
        orders, _ = Place(storage).made()
        await stack.enter_async_context(working(orders))
        hub, status = Hub(), Status("en")
        told = report or {
            "boot_id": "boot",
            "version": "1",
            "cameras": {"gate": {}, "pit": {}},
            "troubles": [],
        }
        parts = Parts(
            storage,
            {"gate": "Gate", "pit": None},
            accounts,
            status,
            orders,
            hub,
            Watch(status, hub),
            lambda: told,
        )
        indexing = asyncio.create_task(Indexer(parts.events, outbox.consumer(CONSUMER), hub).run())
        try:
            yield ApiBox(storage, parts, application(Api(parts).routes()), outbox)
        finally:
            indexing.cancel()
            results = await asyncio.gather(indexing, return_exceptions=True)
            assert isinstance(results[0], asyncio.CancelledError), results


def nested(depth: int) -> str:
    return json.dumps("x").join(("[" * depth, "]" * depth))


def _added(storage: Path, name: str, role: Role, cameras: frozenset[str]) -> None:
    file = AccountsFile.beside(storage / FILE)
    file.add(name, _kept(), role, cameras, 0.0)
    file.close()


def _issued(storage: Path, token: Token, secret: str) -> None:
    file = AccountsFile.beside(storage / FILE)
    file.issue(token, secret)
    file.close()
