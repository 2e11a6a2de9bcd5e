"""A site file by order: kept where the broker is reached with it, else put back by itself, whatever is killed meanwhile."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from edge.orders.history import FILE, ROLLED_BACK
from edge.orders.ledger import Entry, digest
from edge.orders.probation import Probation
from edge.orders.problems import OrderRefused
from edge.orders.rounds import rounds
from edge.orders.sitefile import SiteFile
from edge.orders.trial import Note, Trial
from edge.orders.words import Answer
from edge.reload.checked import checked
from edge.reload.difference import Difference
from edge.reload.service import Reload, Settings
from edge.status import Status
from tests.edge.settings.documents import GOOD
from tests.support.ordering import Place, asked, last, working

CASES, FPS = "cases: {keep: 30d}\n", ("fps: 5", "fps: 4")
PATIENCE_S = 60


class Site:
    """A daemon that is nothing but its orders (edge.reload.service.Running); its broker answers to some site files only."""

    def __init__(
        self, folder: Path, reaches: Callable[[str], bool] = lambda _: True, patience: float = 0.2
    ) -> None:
        self.config, self.storage = folder / "site.yaml", folder / "storage"
        self.good = f"storage: {{path: {self.storage}}}\n{GOOD}"
        self.new = self.good + CASES
        self.config.write_text(self.good)
        self.reaches, self.patience = reaches, patience
        self.broken: Callable[[str], bool] = lambda _: False
        self.status = Status("en")
        self.opened: list[str] = []
        """Texts that desks were opened with."""
        self.told: list[Answer] = []
        self.orders: Any = None
        self.now: Settings
        self._wanted = asyncio.Event()
        self._desks = contextlib.AsyncExitStack()

    @property
    def online(self) -> bool:
        return self.reaches(self.opened[-1])

    @property
    def shares(self) -> tuple[frozenset[str], ...]:
        return ()

    @property
    def file(self) -> SiteFile:
        return SiteFile(self.config, self.storage, self._wanted.set)

    async def change(self, to: Settings, what: Difference) -> None:
        if what.desks:
            self.orders = None
            await self._desks.aclose()
            await self._open()
        self.now = to

    async def serve(self, wanted: asyncio.Event, ending: asyncio.Event) -> None:
        self._wanted = wanted
        self.now = Settings(*_loaded(self.config, self.storage))
        reload = Reload(self.config, wanted, self, self.status, lambda: None)
        await reload.begun()
        await self._open()
        following = asyncio.create_task(_follow(reload))
        await asyncio.wait([following, asyncio.ensure_future(ending.wait())], return_when="FIRST_COMPLETED")
        following.cancel()
        self.orders = None
        await self._desks.aclose()
        await asyncio.gather(following, return_exceptions=True)

    async def _open(self) -> None:
        text = self.config.read_text()
        if self.broken(text):
            raise RuntimeError("it does not start")
        self.opened.append(text)
        online = asyncio.Event()
        if self.reaches(text):
            online.set()
        probation = Probation(self.file.trial, online, self._wanted.set, self.patience)
        orders, _ = Place(self.storage, self.file).made(probation)
        orders.answers_late("mqtt:county", lambda _, answer: self.told.append(answer))
        self.orders = await self._desks.enter_async_context(working(orders))

    async def runs(self) -> None:
        """Until it takes orders."""
        async with asyncio.timeout(PATIENCE_S):
            while self.orders is None:
                await asyncio.sleep(0.005)

    async def asks(self, **fields: JsonValue) -> dict[str, JsonValue]:
        """config.apply; the order, once it was answered or its desks were put away."""
        await self.runs()
        order = asked(**fields)
        self.told += [await last(self.orders, "config.apply", order)]
        return order

    async def hears(self, *states: str) -> list[Any]:
        async with asyncio.timeout(PATIENCE_S):
            while [answer.state for answer in self.told if answer.state != "accepted"] != list(states):
                await asyncio.sleep(0.005)
        await self.runs()  # desks that are being opened tell it before they take orders
        return [answer for answer in self.told if answer.state != "accepted"]

    async def trouble(self, code: str | None) -> None:
        """Until that is what is wrong with the site file."""
        async with asyncio.timeout(PATIENCE_S):
            while self._code() != code:
                await asyncio.sleep(0.005)

    def _code(self) -> str | None:
        problem = self.status.trouble_of("config")
        return problem.code if problem else None


def _loaded(config: Path, storage: Path) -> tuple[Any, Any]:
    loaded, planned = checked(config, lambda _: (), storage)
    return loaded.site, planned


async def _follow(reload: Reload) -> None:
    while True:
        await reload.next()
        await reload.take()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.orders.kinds.config_apply._LAST_WORD", 0.0)


@contextlib.asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    stop = asyncio.Event()
    task = asyncio.create_task(rounds(site.config, site.serve, stop))
    try:
        await site.runs()
        yield site
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE_S)


async def test_a_good_one_stays_and_whoever_asked_is_told_by_the_desks_opened_with_it(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        order = await site.asks(config=site.new)
        (done,) = await site.hears("done")
        assert done.id == order["id"]
        assert (site.storage / str(done.result["uri"])).read_text() == site.new
        assert await last(site.orders, "config.apply", order) == done  # a repeat applies nothing
        assert site.opened == [site.good, site.new]
    assert site.config.read_text() == site.new
    assert Trial(site.config).note is None


async def test_what_only_a_camera_is_changed_by_is_answered_by_the_same_desks(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        text = site.good.replace(*FPS)
        await site.asks(config=text)
        await site.hears("done")
        assert site.now.site.streams[0].fps == 4
        await site.asks(config=text + "# no trial is left to wait for\n")
        await site.hears("done", "done")
    assert site.opened == [site.good]
    assert not Trial(site.config).on


async def test_one_that_loses_the_broker_is_put_back_by_itself(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        site.reaches = lambda text: text == site.good
        await site.asks(config=site.new)
        (failed,) = await site.hears("failed")
        assert failed.code == "config.rolled_back"
        await site.trouble("config.rolled_back")
        assert site.opened == [site.good, site.new, site.good]
        assert [copy.who for copy in site.file.history()] == [ROLLED_BACK, "mqtt:county", FILE]
    assert site.config.read_text() == site.good
    assert Trial(site.config).note is None


async def test_where_no_broker_was_reached_before_none_is_waited_for(tmp_path: Path) -> None:
    """A box is set up before its line is."""
    async with running(Site(tmp_path, reaches=lambda _: False)) as site:
        await site.file.apply(site.new, "console:admin")
        async with asyncio.timeout(PATIENCE_S):
            while site.opened != [site.good, site.new] or Trial(site.config).on:
                await asyncio.sleep(0.005)
    assert site.config.read_text() == site.new


async def test_one_that_the_desks_are_not_opened_with_is_put_back(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        site.broken = lambda text: text == site.new
        await site.asks(config=site.new)
        (failed,) = await site.hears("failed")
        assert failed.code == "config.rolled_back"
        assert "RuntimeError" in failed.en.what
        await site.trouble("config.rolled_back")
    assert site.config.read_text() == site.good


async def test_what_is_wrong_changes_nothing(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        await site.asks(config="site: {}")
        await site.asks(config=site.new, based_on="0" * 64)
        wrong, changed = await site.hears("refused", "refused")
        assert (wrong.code, changed.code) == ("config.invalid", "config.changed")
        assert wrong.findings
        assert site.opened == [site.good]
    assert site.config.read_text() == site.good


async def test_while_one_is_on_trial_another_is_refused(tmp_path: Path) -> None:
    async with running(Site(tmp_path, patience=60)) as site:
        site.reaches = lambda text: text == site.good
        await site.asks(config=site.new)
        async with asyncio.timeout(PATIENCE_S):
            while len(site.opened) < 2:
                await asyncio.sleep(0.005)
        await site.asks(config=site.good)
        (refused,) = await site.hears("refused")
        assert refused.code == "config.on_trial"


async def test_a_persons_change_is_on_record_and_can_be_taken_back(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        applied = await site.file.apply(site.new, "console:li")
        async with asyncio.timeout(PATIENCE_S):
            while site.opened != [site.good, site.new]:
                await asyncio.sleep(0.005)
            while Trial(site.config).on:
                await asyncio.sleep(0.005)
        newest, first = site.file.history()
        assert (newest.id, newest.who, first.who) == (applied.id, "console:li", FILE)
        await site.file.back(first.id, "console:wang")
        async with asyncio.timeout(PATIENCE_S):
            while site.opened != [site.good, site.new, site.good]:
                await asyncio.sleep(0.005)
        assert [copy.who for copy in site.file.history()] == ["console:wang", "console:li", FILE]
        with pytest.raises(OrderRefused):
            site.file.copy("../site")


async def test_a_bad_file_on_disk_changes_nothing_and_is_left_as_it_was_written(tmp_path: Path) -> None:
    async with running(Site(tmp_path)) as site:
        site.config.write_text("site: {}\n")
        site.file.reload()
        await site.trouble("config.invalid")
        assert site.config.read_text() == "site: {}\n"
        site.config.write_text(site.new)
        site.file.reload()
        await site.trouble(None)
        assert site.opened == [site.good, site.new]
        assert [copy.who for copy in site.file.history()] == [FILE, FILE]


@pytest.mark.parametrize("in_place", [True, False])
async def test_a_process_that_ended_in_a_trial_leaves_the_old_file(tmp_path: Path, in_place: bool) -> None:
    """Killed at any point from the note on, and told by the next one."""
    site = Site(tmp_path)
    order = asked(config=site.new)
    file = SiteFile(site.config, site.storage, lambda: None)
    orders, _ = Place(site.storage, file).made()
    async with working(orders):  # a process that is killed before it begins its next round
        hanging = asyncio.create_task(last(orders, "config.apply", order))
        async with asyncio.timeout(60):
            while file.trial.note is None or site.config.read_text() != site.new:
                await asyncio.sleep(0.005)
    await hanging
    if not in_place:
        site.config.write_text(site.good)
    async with running(site):
        (failed,) = await site.hears("failed")
        assert (failed.id, failed.code) == (order["id"], "config.rolled_back")
    assert site.opened == [site.good]
    assert site.config.read_text() == site.good


async def test_a_verdict_that_was_not_told_yet_is_told_by_the_next_process(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.config.write_text(site.new)
    order = asked(config=site.new)
    orders, _ = Place(site.storage, SiteFile(site.config, site.storage, lambda: None)).made()
    place = Place(site.storage)
    await orders._scribe.open()
    mark = digest("config.apply", order)
    await orders._scribe.begin(
        Entry("mqtt:county", str(order["id"]), mark, "config.apply", time.time(), time.time() + 60)
    )
    await orders._scribe.close()
    note = Note(who="mqtt:county", id=str(order["id"]), previous=site.good, result={"uri": "x"}, state="kept")
    Trial(site.config)._write(note)

    async with running(site):
        (done,) = await site.hears("done")
        assert done.result == {"uri": "x"}
    assert site.config.read_text() == site.new
    assert place.spoken() == [("config.apply", "done", None)]


async def test_without_a_trial_an_error_is_not_swallowed(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.broken = lambda _: True
    with pytest.raises(RuntimeError):
        await rounds(site.config, site.serve, asyncio.Event())
    assert site.opened == []
