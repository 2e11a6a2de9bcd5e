"""What is deleted, in which order, and what the chain says of it."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge.evidence.chain import Chain
from edge.evidence.chain_file import Held
from edge.evidence.choosing import Wanted
from edge.evidence.opening import Opened, open_chain
from edge.evidence.report import Pins
from edge.evidence.retention import Limits, Retention
from edge.evidence.room import Room
from edge.evidence.verify import verify
from streams.problem import Problem
from tests.support.chained import Box, two_cases

DAY = 86_400.0
A_JPG, A_MP4 = "gate/2026/05/01/a.jpg", "gate/2026/05/01/a.mp4"
B_JPG, C_JPG = "yard/2026/05/01/b.jpg", "gate/2026/05/01/c.jpg"
ROOMY = 1 << 60


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """Pictures of 480 bytes, a clip of 3,600."""
    return two_cases(tmp_path / "storage")


@pytest.fixture
async def chain(box: Box) -> AsyncIterator[Chain]:
    def make() -> Opened:
        return open_chain(box.storage, box.ring, "sandwatch-01", box.clock)

    async with Chain(make) as opened:
        yield opened


class Keeper:
    def __init__(
        self, box: Box, chain: Chain, *, keep: float = DAY, size: int = ROOMY, free: int = 0
    ) -> None:
        self.said: list[Problem | None] = []
        self.open: set[str] = set()
        self.dated = True
        self.work = Retention(
            chain,
            box.storage,
            Limits(keep, size, free),
            self.holds,
            self.said.append,
            lambda: self.dated,
            box.clock,
        )

    async def holds(self, item: Held) -> bool:
        return item.case in self.open


def lying(box: Box) -> set[str]:
    folder = box.storage / "evidence"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


async def test_nothing_goes_before_its_time(box: Box, chain: Chain) -> None:
    assert await Keeper(box, chain).work.round() == 0
    assert lying(box) == {A_JPG, A_MP4, B_JPG, C_JPG}


async def test_what_is_old_goes_with_its_words_and_the_chain_says_so(box: Box, chain: Chain) -> None:
    box.clock.now += 2 * DAY
    await chain.call(chain.file.append, [box.event("new", 0, {"new.jpg": b"new"})])
    assert await Keeper(box, chain).work.round() == 10
    assert lying(box) == {"new.jpg"}
    report = verify(box.storage, Pins())
    assert report.unchanged
    assert any("a.mp4: deleted, entry 9, age" in note.en for note in report.notes)


async def test_a_clock_that_cannot_be_believed_deletes_nothing(box: Box, chain: Chain) -> None:
    """Ten years ahead, after a battery died."""
    box.clock.now += 3650 * DAY
    keeper = Keeper(box, chain)
    keeper.dated = False
    assert await keeper.work.round() == 0
    keeper.dated = True
    assert await keeper.work.round() == 10


async def test_evidence_of_open_cases_is_never_deleted(box: Box, chain: Chain) -> None:
    keeper = Keeper(box, chain, size=0)
    box.clock.now += 2 * DAY
    keeper.open = {"a", "c"}
    while await keeper.work.round():
        pass
    assert lying(box) == {A_JPG, A_MP4, C_JPG}
    keeper.open = set()
    while await keeper.work.round():
        pass
    assert lying(box) == set()


async def test_too_much_the_oldest_clips_go_first_then_pictures(box: Box, chain: Chain) -> None:
    keeper = Keeper(box, chain, size=1500)
    assert await keeper.work.round() == 1
    assert lying(box) == {A_JPG, B_JPG, C_JPG}
    assert await keeper.work.round() == 0
    keeper = Keeper(box, chain, size=1000)
    assert await keeper.work.round() == 1
    assert lying(box) == {B_JPG, C_JPG}
    assert verify(box.storage, Pins()).unchanged


async def test_a_full_disk_is_said_when_nothing_more_may_go(box: Box, chain: Chain) -> None:
    keeper = Keeper(box, chain, free=1 << 60)
    keeper.open = {"a", "b", "c"}
    assert await keeper.work.round() == 0
    (problem,) = keeper.said
    assert problem is not None
    assert problem.code == "evidence.space"
    assert "open cases" in problem.what.en
    assert "events go on" in problem.do.en


async def test_space_is_made_until_enough_is_free(
    box: Box, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def usage(_: object) -> SimpleNamespace:
        return SimpleNamespace(
            free=10_000 - sum((box.storage / "evidence" / each).stat().st_size for each in lying(box))
        )

    monkeypatch.setattr(shutil, "disk_usage", usage)
    keeper = Keeper(box, chain, free=7000)
    while await keeper.work.round():
        pass
    assert lying(box) == {A_JPG, B_JPG, C_JPG}
    assert keeper.said[-1] is None


async def test_the_tombstone_comes_before_the_deletion(
    box: Box, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill in between: the tombstone is there, the file too; the next round deletes it."""
    box.clock.now += 2 * DAY
    keeper = Keeper(box, chain)

    async def killed() -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(keeper.work, "_finish", killed)
        with pytest.raises(RuntimeError):
            await keeper.work.round()
    assert lying(box) == {A_JPG, A_MP4, B_JPG, C_JPG}
    chosen = await chain.call(chain.file.kept, limit=10)
    await chain.call(keeper.work._bury, "age", chosen)
    assert lying(box) == {A_JPG, A_MP4, B_JPG, C_JPG}
    assert verify(box.storage, Pins()).unchanged
    await Keeper(box, chain).work.round()
    assert lying(box) == set()
    assert verify(box.storage, Pins()).unchanged


async def test_a_round_deletes_no_more_than_its_share(box: Box, chain: Chain) -> None:
    many = [box.event(f"m{number}", 0, {f"m{number}.jpg": b"x"}) for number in range(210)]
    await chain.call(chain.file.append, many)
    box.clock.now += 2 * DAY
    keeper = Keeper(box, chain)
    assert await keeper.work.round() == 200
    while await keeper.work.round():
        pass
    assert lying(box) == set()


async def test_a_file_that_two_messages_name_goes_for_both(box: Box, chain: Chain) -> None:
    both = [box.event("d", 0, {"d.jpg": b"same"}), box.event("d", 1, {"d.jpg": b"same"})]
    await chain.call(chain.file.append, both)
    await Keeper(box, chain, size=0).work.round()
    assert verify(box.storage, Pins()).unchanged


async def test_an_export_tells_what_was_deleted(box: Box, chain: Chain, tmp_path: Path) -> None:
    await Keeper(box, chain, size=1500).work.round()
    box.export(tmp_path / "a.zip", Wanted(("a",)))
    report = verify(tmp_path / "a.zip", Pins())
    assert report.unchanged
    assert any("a.mp4: deleted" in note.en for note in report.notes)


async def test_files_without_a_message_are_entered_and_leftovers_go(box: Box, chain: Chain) -> None:
    box.item("orders/snapshot.jpg", b"taken by order")
    box.item("gate/.x.mp4.part", b"begun")
    keeper = Keeper(box, chain)
    assert await keeper.work.strays() == 0  # they may still be under way
    box.clock.now = max(path.stat().st_mtime for path in (box.storage / "evidence").rglob("*")) + 7200
    assert await keeper.work.strays() == 1
    assert await keeper.work.strays() == 0
    assert lying(box) == {A_JPG, A_MP4, B_JPG, C_JPG, "orders/snapshot.jpg"}
    (box.storage / "evidence/orders/snapshot.jpg").write_bytes(b"another")
    (finding,) = verify(box.storage, Pins()).findings
    assert finding.what == "items/orders/snapshot.jpg"


def test_a_disk_that_fills_stops_clips_then_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room.of(2.0)
    given: list[tuple[int, bool, bool]] = [
        (2 << 30, True, True),
        (900 << 20, False, True),
        (400 << 20, False, False),
    ]
    for free, clip, picture in given:
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert (room.for_clip(tmp_path / "not/yet/made") is None) == clip
        assert (room.for_picture(tmp_path) is None) == picture
