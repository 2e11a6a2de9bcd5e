"""Cases for people and for machines. What centres said is shown as it is: never as markup."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text as Styled

from edge.cases.archive import Archived
from edge.cases.case import Awaited, Case, Step
from edge.cases.problems import kind_name, state_name
from edge.wire import rfc3339
from inference.findings import Whistle
from streams.problem import Language, Text

SHORT = 12  # signs of an event's id: the random end of a UUID version 7, enough to name it by

_WHISTLES = {
    Whistle.QUICK: Text("quick", "快捷哨"),
    Whistle.JOINT: Text("joint", "攻坚哨"),
    Whistle.EMERGENCY: Text("emergency", "应急哨"),
}
_AWAITED = {
    Awaited.RECEIVE: Text("reception", "接收"),
    Awaited.DISPATCH: Text("dispatch", "派单"),
    Awaited.CLOSE: Text("closing", "办结"),
}
_HEADS = (
    Text("case", "案件"),
    Text("state", "状态"),
    Text("due", "时限"),
    Text("whistle", "哨级"),
    Text("camera", "摄像机"),
    Text("type", "类型"),
    Text("since", "开始"),
    Text("unit, officers", "单位、人员"),
)


def table(cases: Iterable[Case], now: float, language: Language) -> Table:
    shown = Table(*(head.say(language) for head in _HEADS), box=SIMPLE)
    for case in cases:
        shown.add_row(*(Styled(cell, style=_style(case, now)) for cell in _row(case, now, language)))
    return shown


def timeline(found: Archived, now: float, language: Language) -> Table:
    """One case, from its beginning: when, what, who, and what was said."""
    case = found.case
    title = f"{case.event_id}  {case.camera}  {case.type}  {state_name(case.state).say(language)}"
    shown = Table(title=Styled(title), box=SIMPLE, show_header=False)
    for note in found.notes:
        step = note.step
        cells = (_when(step.time), kind_name(step.kind).say(language), _who(step), told(step).say(language))
        shown.add_row(*(Styled(cell) for cell in cells))
    if case.overdue(now) or case.due is not None:
        shown.add_row("", "", "", Styled(_due(case, now).say(language), style=_style(case, now)))
    return shown


def as_data(case: Case, now: float) -> dict[str, Any]:
    """One object: times are RFC 3339."""
    data = case.model_dump(mode="json", exclude={"due"}, exclude_none=True)
    for name in ("since", "opened", "ended", "settled"):
        if name in data:
            data[name] = rfc3339(data[name])
    if case.due is not None:
        data["due"] = {"awaited": case.due.awaited.value, "at": rfc3339(case.due.at)}
    return {**data, "overdue": case.overdue(now)}


def as_json(cases: Iterable[Case], now: float) -> str:
    return json.dumps([as_data(case, now) for case in cases], ensure_ascii=False, indent=2)


def found_as_json(found: Archived, now: float) -> str:
    steps = [_step_data(note.step) for note in found.notes]
    return json.dumps({**as_data(found.case, now), "timeline": steps}, ensure_ascii=False, indent=2)


def told(step: Step) -> Text:
    """What a step says beside who and when."""
    if step.reason is not None:
        return Text(step.reason.en, step.reason.zh)
    en, zh = list[str](), list[str]()
    if step.overdue is not None:
        awaited = _AWAITED[step.overdue]
        en.append(f"{awaited.en} overdue")
        zh.append(f"{awaited.zh}超时")
    if step.whistle is not None:
        en.append(f"whistle {_WHISTLES[step.whistle].en}")
        zh.append(_WHISTLES[step.whistle].zh)
    if step.called is not None:
        en.append(f"next in line: {step.called}")
        zh.append(f"下一值班人：{step.called}")
    if step.deadline is not None:
        en.append(f"until {_when(step.deadline)}")
        zh.append(f"限 {_when(step.deadline)}")
    if step.grade is not None:
        en.append(f"grade {step.grade} of 5")
        zh.append(f"{step.grade} 分（满分 5 分）")
    plain = [
        each for each in (step.unit, *step.officers, step.finding, *step.references, step.remark) if each
    ]
    return Text("; ".join([*plain, *en]), "；".join([*plain, *zh]))


def _row(case: Case, now: float, language: Language) -> tuple[str, ...]:
    whistle = _WHISTLES[case.whistle].say(language) if case.whistle else ""
    people = "、" if language == "zh" else ", "
    named = people.join(each for each in (case.unit, *(case.officers or case.called)) if each)
    return (
        case.event_id[-SHORT:],
        state_name(case.state).say(language),
        _due(case, now).say(language),
        whistle,
        case.camera,
        case.type,
        _when(case.since),
        named,
    )


def _due(case: Case, now: float) -> Text:
    late = case.late or (case.due.awaited if case.due and case.passed(now) else None)
    if late is not None:
        return Text(f"{_AWAITED[late].en} overdue", f"{_AWAITED[late].zh}超时")
    if case.due is None:
        return Text("", "")
    awaited, left = _AWAITED[case.due.awaited], max(0, round((case.due.at - now) / 60))
    return Text(f"{awaited.en} within {left} min", f"{left} 分钟内{awaited.zh}")


def _style(case: Case, now: float) -> str:
    return "bold red" if case.overdue(now) else "" if case.under_way else "dim"


def _who(step: Step) -> str:
    return f"{step.by} ({step.centre})" if step.centre and step.centre != step.by else step.by


def _when(time: float) -> str:
    """As the clock on the box's wall shows it."""
    return f"{datetime.fromtimestamp(time).astimezone():%Y-%m-%d %H:%M:%S}"


def _step_data(step: Step) -> dict[str, Any]:
    data = step.model_dump(mode="json", exclude_defaults=True)
    for name in ("time", "said", "deadline"):
        if name in data:
            data[name] = rfc3339(data[name])
    return {"by": step.by, **data}
