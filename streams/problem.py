"""What went wrong, said to the person who can mend it."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Text:
    """One message in the two languages of our people."""

    en: str
    zh: str

    def say(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Problem:
    """A named trouble: `code` for machines, `what` happened and what to `do` for people.

    `code` is dotted and stable ("camera.unauthorized"). Neither text ever holds a secret:
    whoever builds a Problem puts host and path in it, never a URL as it was written.
    """

    code: str
    what: Text
    do: Text

    def say(self, language: Language) -> str:
        mark = "；" if language == "zh" else "; "
        return f"{self.what.say(language)}{mark}{self.do.say(language)}"


class ProblemError(Exception):
    """Something failed, and `problem` says it to the person who can mend it. Its text is the English one."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.say("en"))


class Misconfigured(ProblemError):
    """What was configured cannot be used: nothing but a change by a person will help."""
