"""The list of disturbances, for people and for machines."""

import json
from collections.abc import Iterable

from edge.geo import Ground, ground
from edge.land.history import Entry
from edge.land.records import Record
from edge.wire import rfc3339
from inference.change import Place
from inference.land.silence import Silence
from streams.problem import Language, Text

_SILENCES = {each.value: each.words for each in Silence}


def listing(records: Iterable[Record], now: float, language: Language) -> str:
    """A line per view, and one per open disturbance below it."""
    lines = []
    for record in records:
        lines.append(_view(record, now).say(language))
        lines += [f"  {_case(case, now).say(language)}" for case in record.open]
    return "\n".join(lines) or _NOTHING.say(language)


def as_json(records: Iterable[Record]) -> str:
    """A list, one object per view."""
    return json.dumps([_view_data(record) for record in records], ensure_ascii=False, indent=2)


def _view(record: Record, now: float) -> Text:
    stands, preset = record.standing, record.view.preset
    name = record.view.camera if preset is None else f"{record.view.camera} ({preset})"
    if stands.looked is None:
        return Text(f"{name}: not looked at yet", f"{name}：尚未监测")
    state = Text("judging", "判断中") if stands.condition is None else _silent(stands.condition)
    since = Text(
        f" for {_span(now - (stands.since or now)).en}", f"，已 {_span(now - (stands.since or now)).zh}"
    )
    dated = (
        Text("references not dated yet", "基准未定格")
        if stands.frozen is None
        else Text(f"references of {rfc3339(stands.frozen)}", f"基准定格于 {rfc3339(stands.frozen)}")
    )
    return Text(
        f"{name}: {state.en}{since.en}; {dated.en}; last look {_span(now - stands.looked).en} ago",
        f"{name}：{state.zh}{since.zh}；{dated.zh}；{_span(now - stands.looked).zh}前最近一次比对",
    )


def _silent(condition: str) -> Text:
    words = _SILENCES.get(condition, Text(condition, condition))
    return Text(f"no judgement: {words.en}", f"不作判断：{words.zh}")


def _case(case: Entry, now: float) -> Text:
    place = case.change.place if case.change else None
    area, touches, age = _area(place), _parcels(place), _span(now - case.since)
    severity = case.severity.value
    return Text(
        f"{case.event_id}  {severity}  since {rfc3339(case.since)} ({age.en})  {area.en}{touches.en}",
        f"{case.event_id}  {severity}  始于 {rfc3339(case.since)}（{age.zh}）  {area.zh}{touches.zh}",
    )


def _area(place: Place | None) -> Text:
    if place is None:
        return Text("area unknown", "面积未知")
    if place.area_m2 is None:
        why = place.withheld or Text("?", "？")
        return Text(f"area withheld: {why.en}", f"不给出面积：{why.zh}")
    sigma = "" if place.area_sigma_m2 is None else f" ± {place.area_sigma_m2:.0f}"
    return Text(f"{place.area_m2:.0f}{sigma} m2", f"{place.area_m2:.0f}{sigma} 平方米")


def _parcels(place: Place | None) -> Text:
    overlaps = place.overlaps if place is not None else None
    if not overlaps:
        return Text("", "")
    named = ", ".join(f"{each.layer} {each.name or each.key}" for each in overlaps)
    return Text(f"  on {named}", f"  涉及 {named}")


def _span(seconds: float) -> Text:
    """In the largest unit that it has two of."""
    for length, en, zh in ((86400.0, "d", "天"), (3600.0, "h", "小时"), (60.0, "min", "分钟")):
        if seconds >= 2 * length:
            return Text(f"{seconds / length:.0f} {en}", f"{seconds / length:.0f} {zh}")
    return Text(f"{max(seconds, 0):.0f} s", f"{max(seconds, 0):.0f} 秒")


def _view_data(record: Record) -> dict[str, object]:
    return {
        "camera": record.view.camera,
        "preset": record.view.preset,
        **record.standing.model_dump(),
        "open": [_case_data(case) for case in record.open],
    }


def _case_data(case: Entry) -> dict[str, object]:
    told = Ground.model_validate(ground(case.change)).model_dump()
    return {
        "event_id": case.event_id,
        "severity": case.severity.value,
        "since": rfc3339(case.since),
        "time": rfc3339(case.time),
        **told,
    }


_NOTHING = Text("no ground is watched on this box", "本网关没有监测地面")
