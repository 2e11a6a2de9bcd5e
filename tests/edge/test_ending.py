"""What is told to end ends, whatever it was about to get at that moment."""

import asyncio

from edge.ending import put_away


async def test_a_cancellation_that_gets_lost_is_told_again() -> None:
    told = 0

    async def deaf() -> None:
        nonlocal told
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told += 1
                if told == 3:
                    raise

    task = asyncio.create_task(deaf())
    await asyncio.sleep(0)
    await asyncio.wait_for(put_away(task, again=0.01), 30)
    assert (told, task.cancelled()) == (3, True)


async def test_errors_on_the_way_stay_with_the_task() -> None:
    async def failing() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise RuntimeError("while it put things away")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await put_away(task, asyncio.create_task(asyncio.sleep(0)))
    assert str(task.exception()) == "while it put things away"


async def test_nobody_is_waited_for_where_nobody_is() -> None:
    await put_away()
