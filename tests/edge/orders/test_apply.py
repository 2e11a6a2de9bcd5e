"""A site file by order, through restarts: kept where the broker is reached with it, else put back by itself."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from edge.orders.ledger import Entry, digest
from edge.orders.probation import Probation
from edge.orders.rounds import rounds
from edge.orders.sitefile import SiteFile
from edge.orders.trial import Note, Trial
from edge.orders.words import Answer
from tests.edge.settings.documents import GOOD
from tests.support.ordering import Place, asked, last, working

NEW = GOOD.replace("fps: 5", "fps: 4")


class Site:
    """A daemon that is nothing but its orders; its broker answers to some site files only."""

    def __init__(
        self, folder: Path, reaches: Callable[[str], bool] = lambda _: True, patience: float = 0.2
    ) -> None:
        self.config = folder / "site.yaml"
        self.config.write_text(GOOD)
        self.storage = folder / "storage"
        self.reaches, self.patience = reaches, patience
        self.broken: Callable[[str], bool] = lambda _: False
        self.seen: list[str] = []
        self.told: list[Answer] = []
        self.orders: Any = None

    async def serve(self, restart: Callable[[], None], ending: asyncio.Event) -> None:
        text = self.config.read_text()
        self.seen.append(text)
        if self.broken(text):
            raise RuntimeError("it does not start")
        online = asyncio.Event()
        if self.reaches(text):
            online.set()
        file = SiteFile(self.config, restart)
        orders, _ = Place(self.storage, file).made(Probation(file.trial, online, restart, self.patience))
        orders.answers_late("mqtt:county", lambda _, answer: self.told.append(answer))
        async with working(orders):
            self.orders = orders
            await ending.wait()
        self.orders = None

    async def runs(self) -> None:
        """Until it takes orders."""
        async with asyncio.timeout(30):
            while self.orders is None:
                await asyncio.sleep(0.005)

    async def asks(self, **fields: JsonValue) -> dict[str, JsonValue]:
        """config.apply; the order, once the round that took it has ended or refused it."""
        await self.runs()
        order = asked(**fields)
        self.told += [await last(self.orders, "config.apply", order)]
        return order

    async def hears(self, *states: str) -> list[Any]:
        async with asyncio.timeout(30):
            while [answer.state for answer in self.told if answer.state != "accepted"] != list(states):
                await asyncio.sleep(0.005)
        return [answer for answer in self.told if answer.state != "accepted"]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.orders.kinds.config_apply._LAST_WORD", 0.0)


async def run(site: Site, scenario: Callable[[], Any]) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(rounds(site.config, site.serve, stop))
    try:
        await scenario()
    finally:
        stop.set()
        await asyncio.wait_for(running, 30)


async def test_a_good_one_stays_and_whoever_asked_is_told_after_the_restart(tmp_path: Path) -> None:
    site = Site(tmp_path)

    async def scenario() -> None:
        order = await site.asks(config=NEW)
        (done,) = await site.hears("done")
        assert done.id == order["id"]
        assert (site.storage / str(done.result["uri"])).read_text() == NEW
        await site.runs()  # the answer may be told before the round that tells it takes orders
        assert await last(site.orders, "config.apply", order) == done  # a repeat applies nothing

    await run(site, scenario)
    assert site.seen == [GOOD, NEW]
    assert site.config.read_text() == NEW
    assert Trial(site.config).note is None


async def test_one_that_loses_the_broker_is_put_back_by_itself(tmp_path: Path) -> None:
    site = Site(tmp_path, reaches=lambda text: text == GOOD)

    async def scenario() -> None:
        await site.asks(config=NEW)
        (failed,) = await site.hears("failed")
        assert failed.code == "config.rolled_back"

    await run(site, scenario)
    assert site.seen == [GOOD, NEW, GOOD]
    assert site.config.read_text() == GOOD
    assert Trial(site.config).note is None


async def test_one_that_the_gateway_does_not_run_with_is_put_back(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.broken = lambda text: text == NEW

    async def scenario() -> None:
        await site.asks(config=NEW)
        (failed,) = await site.hears("failed")
        assert failed.code == "config.rolled_back"
        assert "RuntimeError" in failed.en.what

    await run(site, scenario)
    assert site.seen == [GOOD, NEW, GOOD]


async def test_what_is_wrong_changes_nothing_and_restarts_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)

    async def scenario() -> None:
        await site.asks(config="site: {}")
        await site.asks(config=NEW, based_on="0" * 64)
        wrong, changed = await site.hears("refused", "refused")
        assert (wrong.code, changed.code) == ("config.invalid", "config.changed")
        assert wrong.findings

    await run(site, scenario)
    assert site.seen == [GOOD]
    assert site.config.read_text() == GOOD


async def test_while_one_is_on_trial_another_is_refused(tmp_path: Path) -> None:
    site = Site(tmp_path, reaches=lambda text: text == GOOD, patience=60)

    async def scenario() -> None:
        await site.asks(config=NEW)
        async with asyncio.timeout(30):
            while len(site.seen) < 2:
                await asyncio.sleep(0.005)
        await site.asks(config=GOOD)
        (refused,) = await site.hears("refused")
        assert refused.code == "config.on_trial"

    await run(site, scenario)


@pytest.mark.parametrize("in_place", [True, False])
async def test_a_process_that_ended_in_a_trial_leaves_the_old_file(tmp_path: Path, in_place: bool) -> None:
    """Killed at any point from the note on, and told by the next one."""
    site = Site(tmp_path)
    order = asked(config=NEW)
    file = SiteFile(site.config, lambda: None)
    orders, _ = Place(site.storage, file).made()
    async with working(orders):  # a process that is killed before it begins its next round
        hanging = asyncio.create_task(last(orders, "config.apply", order))
        async with asyncio.timeout(30):
            while file.trial.note is None or site.config.read_text() != NEW:
                await asyncio.sleep(0.005)
    await hanging
    if not in_place:
        site.config.write_text(GOOD)

    async def scenario() -> None:
        (failed,) = await site.hears("failed")
        assert (failed.id, failed.code) == (order["id"], "config.rolled_back")

    await run(site, scenario)
    assert site.seen == [GOOD]
    assert site.config.read_text() == GOOD


async def test_a_verdict_that_was_not_told_yet_is_told_by_the_next_process(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.config.write_text(NEW)
    order = asked(config=NEW)
    orders, _ = Place(site.storage, SiteFile(site.config, lambda: None)).made()
    place = Place(site.storage)
    await orders._scribe.open()
    mark = digest("config.apply", order)
    await orders._scribe.begin(
        Entry("mqtt:county", str(order["id"]), mark, "config.apply", time.time(), time.time() + 60)
    )
    await orders._scribe.close()
    note = Note(who="mqtt:county", id=str(order["id"]), previous=GOOD, result={"uri": "x"}, state="kept")
    Trial(site.config)._write(note)

    async def scenario() -> None:
        (done,) = await site.hears("done")
        assert done.result == {"uri": "x"}

    await run(site, scenario)
    assert site.config.read_text() == NEW
    assert place.spoken() == [("config.apply", "done", None)]


async def test_without_a_trial_an_error_is_not_swallowed(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.broken = lambda _: True
    with pytest.raises(RuntimeError):
        await rounds(site.config, site.serve, asyncio.Event())
    assert site.seen == [GOOD]
