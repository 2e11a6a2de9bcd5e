"""The console's pages with all of their API, served on a thread of its own; no camera and no centre behind them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from playwright.sync_api import Browser, Page, expect

from edge.accounts.roles import Role
from edge.api.api import Api
from edge.console import pages
from edge.orders.sitefile import SiteFile
from edge.orders.trial import Trial
from relay.http.app import application
from tests.support.console import PATIENCE, Person
from tests.support.consoles import PASSWORD, ApiBox, api_box
from tests.support.exchange import served

T = TypeVar("T")

expect.set_options(timeout=PATIENCE * 1000)  # the machine may be loaded

SITE = """\
# written by hand
site: {{id: test, title: Yellow River, area: "410122", position: [34.8, 113.6]}}
broker: {{url: "mqtt://127.0.0.1:1883"}}
storage: {{path: "{storage}"}}
http: {{listen: "127.0.0.1:8080"}}
streams:
  - name: gate  # the first one
    title: North gate
    url: "rtsp://192.0.2.1/1"
  - name: pit
    url: "rtsp://192.0.2.2/1"
"""


@asynccontextmanager
async def with_site(folder: Path, text: str = SITE) -> AsyncIterator[tuple[ApiBox, Path]]:
    """A box with its API and a site file that it may change; nobody carries the change out."""
    storage, file = folder / "storage", folder / "site.yaml"
    storage.mkdir()
    file.write_text(text.format(storage=storage), "utf-8")
    async with api_box(storage) as box:
        kept = SiteFile(file, storage, Trial(file).forget)  # each change holds at once
        parts = replace(box.parts, site_file=kept)
        yield replace(box, parts=parts, app=application([*Api(parts).routes(), *pages()])), file


class Desk:
    """`with Desk(folder) as desk`: an administrator, a technician, an operator and a viewer have accounts named as their
    role."""

    def __init__(self, folder: Path, site: str = SITE) -> None:
        self.url, self._folder, self._site = "", folder, site
        self._ready: Future[None] = Future()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def do(self, work: Callable[[ApiBox], Awaitable[T]]) -> T:
        async def done() -> T:
            return await work(self.box)

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE)

    def person(
        self,
        browser: Browser,
        role: Role,
        path: str,
        *,
        seen: Callable[[Page], None] | None = None,
        **how: Any,
    ) -> Person:
        """Somebody of that role, who signs in at the page. seen: called with it before."""
        person = Person(browser, self.url, **how)
        page = person.page
        if seen is not None:
            seen(page)
        page.goto(self.url + path)
        page.locator("#name").fill(role.value)
        page.locator("#password").fill(PASSWORD)
        page.locator("#login .main").click()
        return person.sees("#page")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            async with with_site(self._folder, self._site) as (self.box, self.file):
                for role in Role:
                    await self.box.add(role.value, role)
                async with served(self.box.app) as (self.url, _):
                    self._ready.set_result(None)
                    await self._stop.wait()
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise


Arrive = Callable[..., Person]
"""Somebody with a role, signed in, in a browser of their own; further words are the browser's."""


@contextmanager
def arriving(
    browser: Browser, desk: Desk, path: str, usual: Role = Role.VIEWER, **always: Any
) -> Iterator[Arrive]:
    """At that page. usual: the role of whom nobody says. In the end nobody's page may have had a fault."""
    people: list[Person] = []

    def one(role: Role = usual, **how: Any) -> Person:
        people.append(desk.person(browser, role, path, **always, **how))
        return people[-1]

    yield one
    for each in people:
        assert not each.faults
        each.context.close()
