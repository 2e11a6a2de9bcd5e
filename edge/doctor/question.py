"""What a check asks, of what, and what it finds."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from edge.settings.finding import SettingsError
from edge.settings.loader import load
from edge.settings.model import Site
from streams.problem import Problem, Text


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and somebody should look after it
    FAIL = "fail"  # something the site asks for does not work


@dataclass(frozen=True, slots=True)
class Verdict:
    """code: a Problem's, for machines; "" where all is well. do: None where nothing has to be done."""

    level: Level
    what: Text
    do: Text | None = None
    code: str = ""


def fine(en: str, zh: str) -> Verdict:
    return Verdict(Level.OK, Text(en, zh))


def warn(problem: Problem) -> Verdict:
    return Verdict(Level.WARN, problem.what, problem.do, problem.code)


def fail(problem: Problem) -> Verdict:
    return Verdict(Level.FAIL, problem.what, problem.do, problem.code)


@dataclass(frozen=True, slots=True)
class Question:
    """ask: on a thread of its own, where it may block. patience: s after which no answer is one. subject: the camera,
    centre or file; "": the box."""

    subject: str
    ask: Callable[[], Iterable[Verdict]]
    patience: float


@dataclass(frozen=True, slots=True)
class Box:
    """What is examined. file: the site file; site: None where it cannot be used. environ: where secrets are looked for."""

    file: Path
    site: Site | None
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @classmethod
    def of(cls, file: Path, environ: Mapping[str, str] = os.environ) -> Self:
        try:
            return cls(file, load(file, environ).site, environ)
        except SettingsError:  # the check of the configuration says which
            return cls(file, None, environ)
