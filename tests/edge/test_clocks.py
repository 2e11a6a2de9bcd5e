"""The box's own clock: what is said of it, and what a jump does, which is nothing but being told."""

import asyncio
from pathlib import Path

import pytest

from edge.clocks import Clocks, Jumps, boot_time, chrony, kernel, read_clock, trouble
from edge.envelope import Clock
from edge.letter import ClockSet, Letter, SiteNote
from edge.outbox_file import OutboxFile
from edge.outbox_problems import FULL, OutboxFull
from streams.problem import Problem
from tests.support.mosquitto import until
from tests.support.occurrences import SEAL, message

TRACKING = "C0248F97,192.36.143.151,2,1763812345.1,{},0.000001,0.00002,-8.9,0.001,0.04,0.02,0.001,64.2,{}"


def test_chrony_says_how_far_off_the_clock_is() -> None:
    slow = chrony(TRACKING.format("0.012345", "Normal"))
    assert slow == Clock(source="chrony", offset_ms=-12.345, synchronised=True)
    lost = chrony(TRACKING.format("0.0", "Not synchronised"))
    assert lost == Clock(source="chrony", offset_ms=None, synchronised=False)


@pytest.mark.parametrize("said", [None, "", "506 Cannot talk to daemon", "a,b,c,d,e,f"])
def test_where_chrony_says_nothing_useful_another_is_asked(said: str | None) -> None:
    assert chrony(said) is None


def test_the_kernel_knows_whether_somebody_keeps_it_right() -> None:
    assert kernel((0, 0x2001, -250_000), timesyncd=True) == Clock(
        source="timesyncd", offset_ms=0.25, synchronised=True
    )
    assert kernel((0, 0x0001, 1500), timesyncd=False) == Clock(
        source="kernel", offset_ms=-1.5, synchronised=True
    )
    assert kernel((5, 0x0040, 0), timesyncd=False) == Clock(source="kernel", synchronised=False)
    assert kernel(None, timesyncd=False) == Clock()


def test_this_boxs_clock_can_be_read() -> None:
    clock = read_clock()
    assert clock.source != "system"
    assert clock.synchronised in (True, False)


def test_a_clock_that_runs_and_is_turned_slowly_did_not_jump() -> None:
    jumps = Jumps(1000.0, 0.0)
    assert [jumps.look(1000.0 + 1.08 * ticks, float(ticks)) for ticks in range(5, 600, 5)] == [None] * 119
    assert jumps.look(1000.0 + 1.08 * 595 - 3600.0, 595.0) == pytest.approx(-3600.0)
    assert jumps.look(1000.0 + 1.08 * 595 - 3595.0, 600.0) is None


def test_a_person_is_asked_only_after_a_while_or_where_it_is_far_off() -> None:
    bad = Clock(source="kernel", synchronised=False)
    assert trouble(bad, 599.0) is None
    assert problem_code(trouble(bad, 601.0)) == "clock.unsynchronised"
    assert problem_code(trouble(Clock(source="chrony", offset_ms=-1500.0), 0.0)) == "clock.off"


def problem_code(problem: Problem | None) -> str | None:
    return problem.code if problem else None


async def test_a_jump_is_told_in_an_event_and_the_state_is_asked_for_anew() -> None:
    wall, letters, told = [1000.0], list[Letter](), list[str | None]()

    async def append(letter: Letter) -> None:
        letters.append(letter)
        raise OutboxFull(FULL)  # it goes on all the same

    def state() -> Clock:
        return Clock(source="chrony", offset_ms=wall[0], synchronised=True)

    clocks = Clocks(
        append,
        lambda _, problem: told.append(problem_code(problem)),
        read=state,
        wall=lambda: wall[0],
        ticks=lambda: 7.0,
        look=0.01,
    )
    running = asyncio.create_task(clocks.run())
    await until(lambda: clocks.now.offset_ms == 1000.0)
    wall[0] = 400.0
    await until(lambda: clocks.now.offset_ms == 400.0)
    running.cancel()
    assert [type(letter) for letter in letters] == [SiteNote]
    note = letters[0]
    assert isinstance(note, SiteNote)
    assert (note.type, note.data, note.time) == ("site.clock", ClockSet(jumped_s=-600.0), 400.0)
    assert told == [None, None]


def test_a_clock_set_back_by_years_changes_no_order_and_loses_nothing(tmp_path: Path) -> None:
    wall, ticks = [2e9], [0.0]
    with OutboxFile(tmp_path / "o", SEAL, "boot", clock=lambda: wall[0], ticks=lambda: ticks[0]) as file:
        for number, now in enumerate((2e9, 1.0, 1e9, 3e9)):
            wall[0], ticks[0] = now, ticks[0] + 10.0
            file.append([message(str(number))])
        assert [row.id for row in file.peek("centre", 0, 9)] == ["0/0", "1/0", "2/0", "3/0"]
        assert file.statistics().oldest_age_s == 30.0
        assert file.statistics().dropped == 0


def test_the_time_since_the_start_goes_on() -> None:
    before = boot_time()
    assert boot_time() >= before > 0
