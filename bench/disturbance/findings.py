"""From what was told to the bench's figures and goals. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, nan
from statistics import median
from typing import Any

from bench.disturbance.judging import Moment, Record, allowed
from bench.disturbance.scenario import Dig
from bench.disturbance.survey import OURS, Course
from bench.report import Goal, spread

DISTANCES = ((0, 60), (60, 120), (120, 200), (200, 300))  # m
RAMPS = {300.0: "5 min", 1800.0: "30 min", 259_200.0: "3 days"}
_REACH = 300.0  # m, that something was promised for
_DAY = 86_400.0
_RULE_OF_THREE = 3.0  # 0 in N days: at most 3/N a day, by 95 % (Hanley and Lippman-Hand, JAMA 1983)

Found = tuple[Dig, Record]


def figures(courses: Sequence[Course]) -> dict[str, Any]:
    names = list(courses[0].records) if courses else []
    return {
        name: {origin: _origin(courses, name, origin) for origin in ("rendered", "filmed")} for name in names
    }


def goals(courses: Sequence[Course]) -> dict[str, Goal]:
    """Of ours. Where no scenario can tell, there is no goal."""
    made: dict[str, Goal] = {}
    for origin in ("rendered", "filmed"):
        digs = [(dig, record) for dig, record in _digs(courses, OURS, origin) if dig.distance <= _REACH]
        if digs:
            found = [(record.delay(dig) or 0.0) <= allowed(dig) for dig, record in digs if record.moments]
            made[f"{origin}_digs_found_in_time"] = Goal(sum(found) / len(digs), "ratio", at_least=1.0)
            made[f"{origin}_iou_median"] = Goal(_median(_last(digs, "iou")), "ratio", at_least=0.6)
        days = _days(courses, origin)
        if days:
            false = sum(len(each.records[OURS].false()) for each in courses if each.told.origin == origin)
            made[f"{origin}_false_alarms"] = Goal(false, f"in {days:.1f} camera-days", at_most=0)
    errors = [abs(error) for _, error in _areas(_digs(courses, OURS, "rendered"))]
    if errors:
        made["area_error_median"] = Goal(median(errors), "ratio", at_most=0.10)
    return made


def _origin(courses: Sequence[Course], name: str, origin: str) -> dict[str, Any] | None:
    mine = [each for each in courses if each.told.origin == origin]
    if not mine:
        return None
    digs = _digs(mine, name, origin)
    records = [each.records[name] for each in mine]
    return {
        "digs": len(digs),
        "found": sum(bool(record.moments) for _, record in digs),
        "found_in_time": sum(_in_time(*each) for each in digs),
        "ramps": {words: _ramp(digs, ramp) for ramp, words in RAMPS.items() if _ramp(digs, ramp)},
        "iou": _spread(_last(digs, "iou")),
        "distances": {
            f"{low}-{high} m": {
                **_distance(some := [each for each in digs if low <= each[0].distance < high]),
                **(_measured(some) if origin == "rendered" else {}),  # elsewhere nobody knows the ground
            }
            for low, high in DISTANCES
            if any(low <= dig.distance < high for dig, _ in digs)
        },
        **_false(mine, name),
        "looks": sum(record.looks for record in records),
        "not_judged": _silences(records),
        "ms_per_look": spread([ms for record in records for ms in record.ms]),
        "scenarios": {each.told.name: _scenario(each, name) for each in mine},
    }


def _ramp(digs: Sequence[Found], ramp: float) -> dict[str, Any]:
    some = [each for each in digs if each[0].ramp == ramp]
    delays = [(record.delay(dig), allowed(dig)) for dig, record in some]
    if not some:
        return {}
    return {
        "digs": len(some),
        "found": sum(delay is not None for delay, _ in delays),
        "found_in_time": sum(delay is not None and delay <= most for delay, most in delays),
        "minutes_median": _minutes(_median([inf if delay is None else delay for delay, _ in delays])),
        "minutes_longest": _minutes(max(inf if delay is None else delay for delay, _ in delays)),
        "minutes_allowed": _minutes(max(most for _, most in delays)),
    }


def _distance(digs: Sequence[Found]) -> dict[str, Any]:
    return {
        "digs": len(digs),
        "found": sum(bool(record.moments) for _, record in digs),
        "iou_median": _none(_median(_last(digs, "iou"))),
    }


def _measured(digs: Sequence[Found]) -> dict[str, Any]:
    """How wrong the areas are that are told at the end."""
    errors = _areas(digs)
    return {
        "areas": len(errors),
        "area_withheld": sum(bool(record.moments) and record.moments[-1].withheld for _, record in digs),
        "area_error_median": _none(_median([error for _, error in errors])),
        "area_error_abs_median": _none(_median([abs(error) for _, error in errors])),
        "area_within_2_sigma": _share(_within(moment) for moment, _ in errors if moment.sigma_m2 is not None),
    }


def _false(courses: Sequence[Course], name: str) -> dict[str, Any]:
    """Alarms that never touched a dig, before digs and beside them, on all days."""
    alarms = sum(len(each.records[name].false()) for each in courses)
    quiet = [each for each in courses if each.told.dig is None]
    days = sum(_length(each) for each in courses)
    return {
        "camera_days": days,
        "false_alarms": alarms,
        "false_per_camera_day": alarms / days if days else None,
        "false_per_camera_day_at_most": max(alarms, _RULE_OF_THREE) / days if days and not alarms else None,
        "quiet_camera_days": sum(_length(each) for each in quiet),
        "quiet_false_alarms": sum(len(each.records[name].false()) for each in quiet),
    }


def _scenario(course: Course, name: str) -> dict[str, Any]:
    record, dig = course.records[name], course.told.dig
    told = {"false_alarms": len(record.false()), "not_judged": _silences([record])}
    if dig is None:
        return told
    last = record.moments[-1] if record.moments else None
    return {
        **told,
        "minutes": _minutes(delay) if (delay := record.delay(dig)) is not None else None,
        "iou": last.iou if last else None,
        "area_m2": last.area_m2 if last else None,
        "true_m2": dig.area_m2,
        "distance_m": dig.distance,
    }


def _digs(courses: Iterable[Course], name: str, origin: str) -> list[Found]:
    return [
        (each.told.dig, each.records[name])
        for each in courses
        if each.told.dig is not None and each.told.origin == origin
    ]


def _in_time(dig: Dig, record: Record) -> bool:
    delay = record.delay(dig)
    return delay is not None and delay <= allowed(dig)


def _last(digs: Sequence[Found], field: str) -> list[float]:
    """As told at the last look that told of it; of a dig that nobody told, 0."""
    return [float(getattr(record.moments[-1], field)) if record.moments else 0.0 for _, record in digs]


def _areas(digs: Iterable[Found]) -> list[tuple[Moment, float]]:
    """The last moment of each dig whose area is told, and by what share it is wrong."""
    last = [record.moments[-1] for _, record in digs if record.moments]
    return [
        (each, each.area_m2 / each.true_m2 - 1) for each in last if each.area_m2 is not None and each.true_m2
    ]


def _within(moment: Moment) -> bool:
    assert moment.area_m2 is not None
    assert moment.sigma_m2 is not None
    return abs(moment.area_m2 - moment.true_m2) <= 2 * moment.sigma_m2


def _length(course: Course) -> float:
    return (course.told.ends - course.told.begins) / _DAY


def _days(courses: Iterable[Course], origin: str) -> float:
    return sum(_length(each) for each in courses if each.told.origin == origin)


def _silences(records: Iterable[Record]) -> str | None:
    counted: dict[str, int] = {}
    for record in records:
        for name, looks in record.silences.items():
            counted[name] = counted.get(name, 0) + looks
    return ", ".join(f"{name} {looks}" for name, looks in sorted(counted.items())) or None


def _minutes(seconds: float) -> float:
    return seconds / 60


def _share(right: Iterable[bool]) -> float | None:
    counted = list(right)
    return sum(counted) / len(counted) if counted else None


def _median(values: Sequence[float]) -> float:
    return median(values) if values else nan


def _none(value: float) -> float | None:
    return None if value != value else value  # noqa: PLR0124  (NaN)


def _spread(values: Sequence[float]) -> Mapping[str, Any] | None:
    return spread(values) if values else None
