"""Work for a page that does not belong into the daemon's process, in one of its own: a question, an answer, both JSON.

What it runs decodes pictures or asks strangers' cameras: it may take a core, load what is heavy, and crash.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Callable

import structlog
from pydantic import JsonValue

from streams.problem import Problem, ProblemError, Text

log = structlog.get_logger()

_NICE = 10  # people wait a second longer rather than cameras
_LARGEST = 16 << 20  # bytes of an answer: a picture of 4K is 3 MB

Answer = dict[str, JsonValue]


class Unanswered(ProblemError):
    """`problem` says why."""


async def asked(module: str, question: JsonValue, patience: float) -> Answer:
    """What `python -m module` (see `answers`) says to it. patience: s. Ends it where nobody waits any more. Raises
    Unanswered."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # FFmpeg's words quote addresses, and passwords in them
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    try:
        async with asyncio.timeout(patience):
            output, _ = await process.communicate(json.dumps(question).encode())
    except TimeoutError:
        raise Unanswered(_SLOW) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode or len(output) > _LARGEST:
        log.error("aside.failed", module=module, code=process.returncode)
        raise Unanswered(_FAILED)
    found: Answer = json.loads(output)
    if isinstance(problem := found.get("problem"), dict):
        raise Unanswered(_problem(problem))
    return found


def answers(work: Callable[[bytes], Answer]) -> None:
    """`main` of such a module. What it raises of ours is told; whatever else, its exit code says."""
    os.nice(_NICE)
    try:
        said = work(sys.stdin.buffer.read())
    except ProblemError as error:
        what, do = error.problem.what, error.problem.do
        said = {"problem": {"code": error.problem.code, "what": [what.en, what.zh], "do": [do.en, do.zh]}}
    sys.stdout.write(json.dumps(said, ensure_ascii=False, allow_nan=False))


def _problem(told: Answer) -> Problem:
    what, do = ([str(each) for each in _listed(told[key])] for key in ("what", "do"))
    return Problem(str(told["code"]), Text(*what), Text(*do))


def _listed(value: JsonValue) -> list[JsonValue]:
    assert isinstance(value, list)
    return value


_SLOW = Problem(
    "aside.slow",
    Text("it took too long", "耗时过长"),
    Text("try again when the box is less busy", "请在网关较空闲时重试"),
)
_FAILED = Problem(
    "aside.failed",
    Text("it could not be worked out", "未能算出结果"),
    Text("try again; the journal says more", "请重试；详见日志"),
)
