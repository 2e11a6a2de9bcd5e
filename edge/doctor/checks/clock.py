"""Whether the box's time is right: it is burnt into proof."""

import math
from collections.abc import Iterable, Iterator

from edge.clocks import read_clock, trouble
from edge.doctor.question import Box, Question, Verdict, fine, warn
from streams.problem import Problem, Text

_PATIENCE = 15.0  # s: chrony and systemd-timesyncd are asked, 5 s each at most


def questions(_box: Box) -> Iterable[Question]:
    return [Question("", _look, _PATIENCE)]


def _look() -> Iterator[Verdict]:
    clock = read_clock()
    problem = trouble(clock, math.inf if clock.synchronised is False else 0.0)
    if problem is not None:
        yield warn(problem)
    elif clock.synchronised is None:
        yield warn(_UNKNOWN)
    else:
        off = "" if clock.offset_ms is None else f", {clock.offset_ms:+.1f} ms"
        yield fine(f"kept by {clock.source}{off}", f"由 {clock.source} 校时{off}")


_UNKNOWN = Problem(
    "clock.unknown",
    Text("nothing on this box tells whether its clock is right", "无法得知本机时钟是否准确"),
    Text("install chrony, or switch systemd-timesyncd on", "请安装 chrony，或启用 systemd-timesyncd"),
)
