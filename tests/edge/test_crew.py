"""Services side by side, by name."""

import asyncio

import pytest

from edge.crew import Crew


class Worked:
    """What was begun and put away, in order."""

    def __init__(self) -> None:
        self.words: list[str] = []

    async def work(self, name: str) -> None:
        self.words.append(f"{name} begins")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.words.append(f"{name} ends")


async def test_one_is_ended_and_begun_again_while_the_others_run() -> None:
    crew, seen = Crew(), Worked()
    for name in ("a", "b", "c"):
        crew.begin(name, seen.work(name))
    await asyncio.sleep(0)
    await crew.end("b", "nobody")
    crew.begin("b", seen.work("b"))
    await asyncio.sleep(0)
    assert seen.words == ["a begins", "b begins", "c begins", "b ends", "b begins"]
    seen.words.clear()
    await crew.end_all()
    assert seen.words == ["b ends", "c ends", "a ends"]
    assert crew.tasks == ()


async def test_a_name_is_given_once() -> None:
    crew, seen = Crew(), Worked()
    crew.begin("a", seen.work("a"))
    with pytest.raises(ValueError, match="runs already"):
        crew.begin("a", seen.work("a"))
    await crew.end_all()


async def test_one_that_failed_can_be_put_away_like_the_others() -> None:
    async def fails() -> None:
        raise RuntimeError("broken")

    crew, seen = Crew(), Worked()
    crew.begin("broken", fails())
    crew.begin("a", seen.work("a"))
    done, _ = await asyncio.wait(crew.tasks, return_when=asyncio.FIRST_COMPLETED)
    assert [task.get_name() for task in done] == ["broken"]
    await crew.end("broken")
    crew.begin("broken", seen.work("broken"))
    await asyncio.sleep(0)
    await crew.end_all()
    assert seen.words[-2:] == ["broken ends", "a ends"]
