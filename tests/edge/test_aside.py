"""Work beside the daemon: what it answers, refuses, takes too long for, or dies of."""

import asyncio
import sys
from pathlib import Path

import pytest

from edge.aside import Unanswered, asked

WORK = """\
import json, os, sys, time
from edge import aside
from streams.problem import Problem, ProblemError, Text

def work(question):
    said = json.loads(question)
    if said == "refuse":
        raise ProblemError(Problem("test.no", Text("no", "不"), Text("ask otherwise", "换个问法")))
    if said == "die":
        os._exit(3)
    if said == "sleep":
        open(os.environ["MARK"], "w").write(str(os.getpid()))
        time.sleep(600)
    return {"heard": said}

if __name__ == "__main__":
    aside.answers(work)
"""


@pytest.fixture(autouse=True)
def _worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aside_worker.py").write_text(WORK, "utf-8")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{':'.join(sys.path)}")
    monkeypatch.setenv("MARK", str(tmp_path / "pid"))


async def test_an_answer_comes_back() -> None:
    assert await asked("aside_worker", {"url": "河"}, 60) == {"heard": {"url": "河"}}


async def test_what_it_refuses_is_told_in_both_languages() -> None:
    with pytest.raises(Unanswered) as refused:
        await asked("aside_worker", "refuse", 60)
    assert refused.value.problem.code == "test.no"
    assert (refused.value.problem.what.zh, refused.value.problem.do.en) == ("不", "ask otherwise")


async def test_what_it_dies_of_harms_nobody() -> None:
    with pytest.raises(Unanswered) as failed:
        await asked("aside_worker", "die", 60)
    assert failed.value.problem.code == "aside.failed"


async def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Unanswered) as slow:
        await asked("aside_worker", "sleep", 0.5)
    assert slow.value.problem.code == "aside.slow"


async def test_who_does_not_wait_any_more_ends_it(tmp_path: Path) -> None:
    asking = asyncio.create_task(asked("aside_worker", "sleep", 60))
    mark = tmp_path / "pid"
    async with asyncio.timeout(60):
        while not (mark.exists() and mark.read_text()):
            await asyncio.sleep(0.02)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not Path(f"/proc/{mark.read_text()}").exists()
