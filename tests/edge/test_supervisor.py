"""The supervisor: a fresh instance for every start, growing waits, and an end where there is no hope."""

import asyncio
from random import Random

import pytest

from edge.supervisor import Hopeless, supervise
from streams.retry import Ladder


class Scripted:
    """A service that fails as often as it is told, then finishes; a new one for every start."""

    starts = 0

    def __init__(self, failures: int, error: type[Exception] = RuntimeError) -> None:
        self._failures = failures
        self._error = error

    async def run(self) -> None:
        Scripted.starts += 1
        if Scripted.starts <= self._failures:
            raise self._error("as told")


@pytest.fixture(autouse=True)
def afresh() -> None:
    Scripted.starts = 0


def quick() -> Ladder:
    return Ladder(Random(1), first=0.001, cap=0.002)


async def test_a_failed_service_is_built_anew_until_it_finishes() -> None:
    built: list[Scripted] = []
    told: list[str] = []

    def make() -> Scripted:
        built.append(Scripted(3))
        return built[-1]

    await supervise("it", make, quick(), lambda error, _: told.append(str(error)))
    assert len(built) == len(set(map(id, built))) == 4
    assert told == ["as told"] * 3


async def test_the_hopeless_is_not_started_again() -> None:
    with pytest.raises(Hopeless):
        await supervise("it", lambda: Scripted(9, Hopeless), quick(), lambda *_: None)
    assert Scripted.starts == 1


async def test_a_cancelled_supervisor_cancels_its_service() -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    class Patient:
        async def run(self) -> None:
            entered.set()
            try:
                await asyncio.Event().wait()
            finally:
                left.set()

    task = asyncio.create_task(supervise("it", Patient, quick(), lambda *_: None))
    await entered.wait()
    task.cancel()
    await asyncio.wait([task])
    assert left.is_set()
    assert task.cancelled()
