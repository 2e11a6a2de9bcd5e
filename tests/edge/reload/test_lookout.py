"""When a site file is looked at: when somebody asks, and when it is another one and nobody writes it any more."""

import asyncio
from pathlib import Path

from edge.reload.lookout import Lookout

PATIENCE_S = 60


async def test_whoever_asks_is_heard_at_once(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("a: 1\n")
    wanted = asyncio.Event()
    waiting = asyncio.create_task(Lookout(file, wanted, poll=3600).next())
    await asyncio.sleep(0)
    wanted.set()
    await asyncio.wait_for(waiting, PATIENCE_S)
    assert not wanted.is_set()


async def test_a_file_that_is_exchanged_is_seen_once(tmp_path: Path) -> None:
    file, part = tmp_path / "site.yaml", tmp_path / "site.yaml~"
    file.write_text("a: 1\n")
    lookout = Lookout(file, asyncio.Event(), poll=0.01, still=0.01)
    part.write_text("a: 2\n")
    part.replace(file)
    await asyncio.wait_for(lookout.next(), PATIENCE_S)
    again = asyncio.create_task(lookout.next())
    done, _ = await asyncio.wait([again], timeout=0.2)
    assert not done
    file.unlink()  # while an editor exchanges it
    done, _ = await asyncio.wait([again], timeout=0.2)
    assert not done
    file.write_text("a: 3\n")
    await asyncio.wait_for(again, PATIENCE_S)


async def test_one_that_is_still_being_written_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("a: 1\n")
    waiting = asyncio.create_task(Lookout(file, asyncio.Event(), poll=0.01, still=0.5).next())
    with file.open("a") as editor:
        for number in range(20):
            editor.write(f"# {number}\n")
            editor.flush()
            await asyncio.sleep(0.05)
            assert not waiting.done()
    await asyncio.wait_for(waiting, PATIENCE_S)
