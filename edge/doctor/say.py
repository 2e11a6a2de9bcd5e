"""What `sandwatch doctor` prints."""

import json
from collections.abc import Iterable

from edge.doctor.examination import Line
from edge.doctor.question import Level
from streams.problem import Language, Text

_LEVELS = {
    Level.OK: Text("ok  ", "正常"),
    Level.WARN: Text("warn", "注意"),
    Level.FAIL: Text("fail", "故障"),
}


def line(one: Line, language: Language) -> str:
    """'fail  camera gate: 192.0.2.10:554 refuses the login; correct the user name ...'."""
    verdict = one.verdict
    about = f"{one.check} {one.subject}".rstrip()
    colon, mark = ("：", "；") if language == "zh" else (": ", "; ")
    words = mark.join(text.say(language) for text in (verdict.what, verdict.do) if text is not None)
    return f"{_LEVELS[verdict.level].say(language)}  {about}{colon}{words}"


def summary(lines: Iterable[Line], language: Language) -> str:
    levels = [one.verdict.level for one in lines]
    good, doubtful, bad = (levels.count(level) for level in Level)
    return Text(
        f"{good} ok, {doubtful} to look after, {bad} failed",
        f"正常 {good} 项，注意 {doubtful} 项，故障 {bad} 项",
    ).say(language)


def as_json(lines: Iterable[Line]) -> str:
    """A list, one object per line: check, subject, level, code, en, zh, do_en, do_zh."""
    return json.dumps([_as_dict(one) for one in lines], ensure_ascii=False, indent=2)


def _as_dict(one: Line) -> dict[str, str]:
    verdict = one.verdict
    do = verdict.do or Text("", "")
    return {
        "check": one.check,
        "subject": one.subject,
        "level": verdict.level.value,
        "code": verdict.code,
        "en": verdict.what.en,
        "zh": verdict.what.zh,
        "do_en": do.en,
        "do_zh": do.zh,
    }
