"""What went wrong, said to the person who can mend it."""

from dataclasses import dataclass
from typing import ClassVar, Literal

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


class PlacedError(Exception):
    """Something failed at a place: the base of error trees whose leaves have a code, what happened and what to do.

    where: host:port/path or a file's path; detail: more about it. Both are free of secrets.
    """

    code: ClassVar[str]
    what: ClassVar[Text]
    do: ClassVar[Text]

    def __init__(self, where: str, detail: Text | None = None) -> None:
        super().__init__(where, detail)
        self.where = where
        self.detail = detail

    def __str__(self) -> str:
        happened = self.what.en.format(where=self.where)
        return f"{happened} ({self.detail.en})" if self.detail else happened

    def problem(self, camera: str) -> Problem:
        """The same, for the person who can mend it."""
        zh = self.what.zh.format(where=self.where)
        zh = f"{zh}（{self.detail.zh}）" if self.detail else zh
        return Problem(self.code, Text(f"{camera}: {self}", f"{camera}：{zh}"), self.do)


class ProblemError(Exception):
    """Something failed, and `problem` says it to the person who can mend it. Its text is the English one."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.say("en"))


class Misconfigured(ProblemError):
    """What was configured cannot be used: nothing but a change by a person will help."""
