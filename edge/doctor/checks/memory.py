"""Whether the box has memory left."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from edge.doctor.question import Box, Question, Verdict, fine, warn
from streams.problem import Problem, Text

_LEAST = 0.1  # of all memory: below, the kernel soon ends a process of its own choice
_PATIENCE = 5.0  # s: the kernel answers from memory


def questions(_box: Box) -> Iterable[Question]:
    return [Question("", _look, _PATIENCE)]


def _look() -> Iterator[Verdict]:
    """From proc(5), in kB."""
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    told = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    total, left = told["MemTotal"], told["MemAvailable"]
    words = f"{left >> 10} MB / {total >> 10} MB"
    yield warn(_scarce(words)) if left < _LEAST * total else fine(f"{words} available", f"可用 {words}")


def _scarce(words: str) -> Problem:
    return Problem(
        "memory.scarce",
        Text(f"only {words} of memory are left", f"内存仅剩 {words}"),
        Text(
            "end other programs, give the box more memory, or set `workers:` lower",
            "请关闭其他程序、增加内存，或减小 `workers:`",
        ),
    )
