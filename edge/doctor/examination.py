"""Asks every question there is, some at a time, and waits for none longer than it may take."""

import threading
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

import structlog

from edge.doctor.question import Box, Level, Question, Verdict, fail
from streams import kinds
from streams.problem import Problem, ProblemError, Text

log = structlog.get_logger()

_FOLDER = "edge.doctor.checks"
# At once: opening one camera needs a key frame, and a box on 4G must not be asked for fifty together.
_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One verdict: of which check (its file's name), about what."""

    check: str
    subject: str
    verdict: Verdict


def examine(box: Box, only: Container[str] | None = None) -> Iterator[Line]:
    """In the order of the checks' names, as the answers come. only: these checks; None: all. Never raises."""
    asked = [
        (name, question)
        for name in kinds.known(_FOLDER)
        if only is None or name in only
        for question in kinds.load(_FOLDER, name).questions(box)
    ]
    for first in range(0, len(asked), _TOGETHER):
        answers = [(name, question, _Answer(question)) for name, question in asked[first : first + _TOGETHER]]
        for name, question, answer in answers:
            for verdict in answer.within(question.patience):
                yield Line(name, question.subject, verdict)


def code(lines: list[Line]) -> int:
    """The exit code: 1 where anything fails."""
    return int(any(line.verdict.level is Level.FAIL for line in lines))


@dataclass(slots=True)
class _Answer:
    question: Question
    _found: list[Verdict] = field(default_factory=list)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        # A daemon: one that hangs must not hold up the end of the program.
        self._thread = threading.Thread(target=self._ask, name="doctor", daemon=True)
        self._thread.start()

    def within(self, patience: float) -> list[Verdict]:
        self._thread.join(patience)
        return [fail(_no_answer(patience))] if self._thread.is_alive() else self._found

    def _ask(self) -> None:
        try:
            self._found = list(self.question.ask())
        except ProblemError as error:
            self._found = [fail(error.problem)]
        except Exception as error:  # a check with a defect must not hide what the others find
            log.exception("doctor.defect", subject=self.question.subject)
            self._found = [fail(_defect(type(error).__name__))]


def _no_answer(patience: float) -> Problem:
    return Problem(
        "doctor.no_answer",
        Text(f"no answer within {patience:.0f} s", f"{patience:.0f} 秒内无应答"),
        Text(
            "something hangs: the disk, the name server or the network; ask again",
            "磁盘、域名服务器或网络可能卡住；请重试",
        ),
    )


def _defect(name: str) -> Problem:
    return Problem(
        "doctor.defect",
        Text(f"the check itself broke: {name}", f"检查本身出错：{name}"),
        Text("report it with the lines above", "请连同以上日志反馈"),
    )
