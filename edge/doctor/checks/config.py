"""The site file, with everything that it names."""

from collections.abc import Iterable, Iterator

from edge.check import examine
from edge.doctor.question import Box, Question, Verdict, fail, fine, warn
from edge.settings.finding import Finding, Level
from streams.problem import Problem, Text

_PATIENCE = 60.0  # s: it reads the model, the parcels and the heights, of a slow SD card


def questions(box: Box) -> Iterable[Question]:
    return [Question("", lambda: _look(box), _PATIENCE)]


def _look(box: Box) -> Iterator[Verdict]:
    site, findings = examine(box.file, box.environ)
    for finding in findings:
        yield warn(_said(finding)) if finding.level is Level.WARNING else fail(_said(finding))
    if site is not None:
        count = len(site.streams)
        yield fine(f"{box.file}, streams: {count}", f"{box.file}，视频 {count} 路")


def _said(finding: Finding) -> Problem:
    return Problem(f"config.{finding.level.value}", Text(finding.say("en"), finding.say("zh")), _DO)


_DO = Text(
    "correct the file; without it nothing else of the site can be examined",
    "请更正该文件；否则无法检查站点的其他部分",
)
