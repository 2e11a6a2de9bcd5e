"""From what was seen to the bench's figures and goals. Pure, but for the clips' truth files."""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import Any

from bench.eyes.clips import Clip, matched, truth_of
from bench.eyes.contestants import REFERENCE
from bench.eyes.footage import Footage
from bench.eyes.glance import PLAIN
from bench.eyes.judging import TARGETS, judge
from bench.eyes.precision import average_precision
from bench.eyes.survey import Shot, Survey
from bench.eyes.tally import SIZES, Tally, even, recall_where
from bench.eyes.weather import WEATHERS
from inference.tracker import TrackerSettings

AT = TrackerSettings(()).high  # the score from which a box begins a track: where every model is judged
# Real pictures in which every truck is labelled; each set counts the same, or one camera would decide it all.
BY_DAY = ("toll_day", "highway_photos", "open_images")
TRUCKS = (*BY_DAY, "toll_night")
EXCAVATORS = (
    "excavators",
)  # of construction, photographs that were taught occur in the held-out part as well
_RULE_OF_THREE = 3.0  # 0 in N hours: at most 3/N per hour, by 95 % (Hanley and Lippman-Hand, JAMA 1983)

Tallies = dict[tuple[str, str, str], Tally]  # of one model, by set, weather and target


def tallies(shots: Iterable[Shot], model: str) -> Tallies:
    found: Tallies = {}
    for shot in shots:
        for name, target in TARGETS.items():
            verdict = judge(shot.still.known, shot.seen[model], target, shot.aspect, AT)
            key = shot.still.source, shot.weather, name
            complete = target <= shot.still.complete
            found.setdefault(key, Tally(complete=complete)).add(verdict)
    return found


def figures(survey: Survey) -> dict[str, Any]:
    counted = {model: tallies(survey.shots, model) for model in survey.models}
    limit = _false(counted.get(REFERENCE, {}))
    return {
        "operating_score": AT,
        **{
            model: {
                **overall(counted[model], limit),
                "sources": _sources(survey, model, counted[model]),
                "truck_sizes": _sizes(counted[model]),
                "conditions": _conditions(counted[model]),
                **_clips(survey, model),
            }
            for model in survey.models
        },
    }


def overall(counted: Tallies, reference_false: float | None) -> dict[str, float | None]:
    """reference_false: false truck boxes per picture of the model that is the measure, if it was there."""
    trucks = [counted[name, PLAIN, "truck"] for name in TRUCKS if (name, PLAIN, "truck") in counted]
    half = None if reference_false is None else recall_where(trucks, reference_false / 2)
    return {
        "truck_recall": even([each.recall(AT) for each in trucks]),
        "truck_false_per_picture": _false(counted),
        "truck_recall_at_half_the_reference's_false": half,
        "truck_or_bus_recall": _recall(counted, TRUCKS, PLAIN, "truck or bus"),
        "excavator_recall": _recall(counted, EXCAVATORS, PLAIN, "excavator"),
        **_night_losses(counted),
    }


def _night_losses(counted: Tallies) -> dict[str, float | None]:
    """Real: one camera by day and by night. Made: the same pictures with a night camera's noise."""
    day = _recall(counted, ("toll_day",), PLAIN, "truck")
    real = _recall(counted, ("toll_night",), PLAIN, "truck")
    return {
        "night_loss_truck_real": _loss(day, real),
        "night_loss_truck_made": _loss(*(_recall(counted, BY_DAY, how, "truck") for how in (PLAIN, "night"))),
        "night_loss_excavator_made": _loss(
            *(_recall(counted, ("excavators",), how, "excavator") for how in (PLAIN, "night"))
        ),
    }


def _loss(day: float | None, night: float | None) -> float | None:
    return 1 - night / day if day and night is not None else None


def _recall(counted: Tallies, sources: Iterable[str], weather: str, target: str) -> float | None:
    there = [counted.get((source, weather, target)) for source in sources]
    return even([each.recall(AT) for each in there if each])


def _false(counted: Tallies, weather: str = PLAIN, sources: Iterable[str] = TRUCKS) -> float | None:
    there = [counted.get((source, weather, "truck")) for source in sources]
    return even([each.false_per_picture(AT) for each in there if each])


def _sources(survey: Survey, model: str, counted: Tallies) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for (source, weather, target), tally in counted.items():
        if weather == PLAIN and tally.objects and _telling(source, target, counted):
            shots = [shot for shot in survey.shots if shot.still.source == source and shot.weather == PLAIN]
            rows.setdefault(source, {})[target] = _row(shots, model, target, tally)
    return rows


def _telling(source: str, target: str, counted: Tallies) -> bool:
    """A group of classes is told of only where its labels do not tell its classes apart."""
    alone = [name for name in TARGETS[target] if counted[source, PLAIN, name].objects]
    return len(TARGETS[target]) == 1 or not alone


def _row(shots: list[Shot], model: str, target: str, tally: Tally) -> dict[str, Any]:
    pictures = [(shot.still.known, shot.seen[model], shot.aspect) for shot in shots]
    ap50, ap = average_precision(pictures, TARGETS[target]) if tally.complete else (None, None)
    return {
        "pictures": tally.pictures,
        "objects": tally.objects,
        "ap50": ap50,
        "ap50_95": ap,
        "recall": tally.recall(AT),
        "precision": tally.precision(AT),
        "false_per_picture": tally.false_per_picture(AT),
        "of_them_on_other_objects": _astray(tally),
        "called": ", ".join(f"{word} {count}" for word, count in tally.called().most_common(4)) or None,
    }


def _astray(tally: Tally) -> int | None:
    pairs = zip(tally.false, tally.astray, strict=True)
    return sum(other for score, other in pairs if score >= AT) if tally.complete else None


def _sizes(counted: Tallies) -> dict[str, Any]:
    """All trucks of the real sets together: a set alone has too few of a size."""
    trucks = [counted[key] for name in TRUCKS if (key := (name, PLAIN, "truck")) in counted]
    every = Tally(
        sides=[*chain.from_iterable(each.sides for each in trucks)],
        hits=[*chain.from_iterable(each.hits for each in trucks)],
    )
    return {
        f"{low}-{high} px" if high < SIZES[-1][1] else f"over {low} px": {
            "objects": every.count((low, high)),
            "recall": every.recall(AT, (low, high)),
        }
        for low, high in SIZES
        if every.count((low, high))
    }


def _conditions(counted: Tallies) -> dict[str, Any]:
    rows: dict[str, Any] = {
        ("day" if weather == PLAIN else weather): {
            "truck_recall": _recall(counted, BY_DAY, weather, "truck"),
            "truck_false_per_picture": _false(counted, weather, BY_DAY),
            "excavator_recall": _recall(counted, ("excavators",), weather, "excavator"),
        }
        for weather in (PLAIN, *WEATHERS)
    }
    rows["real night"] = {"truck_recall": _recall(counted, ("toll_night",), PLAIN, "truck")}
    rows["from above"] = {
        "any_vehicle_recall": _recall(counted, ("from_above",), PLAIN, "truck, bus or car"),
        "rendered_truck_recall": _recall(counted, ("rendered from above",), PLAIN, "truck"),
    }
    return rows


def _clips(survey: Survey, model: str) -> dict[str, Any]:
    seen = [(clip, survey.footage[clip.name][model]) for clip in survey.clips]
    nothing = [(clip, footage) for clip, footage in seen if _is_empty(clip)]
    return {
        "counts": {
            clip.name: _count(clip.count, footage) for clip, footage in seen if clip.count is not None
        },
        "clips": {
            clip.name: _told(clip, footage) for clip, footage in seen if clip.truth and not _is_empty(clip)
        },
        "no_vehicle": _false_alarms(footage for clip, footage in nothing if not clip.light),
        "cars_only": _false_alarms(footage for clip, footage in nothing if clip.light),
    }


def _false_alarms(footage: Iterable[Footage]) -> dict[str, float | None]:
    """Of clips in which nothing is to raise an event."""
    clips = [*footage]
    hours, false = sum(clip.seconds for clip in clips) / 3600, sum(len(clip.events) for clip in clips)
    return {
        "camera_seconds": hours * 3600,
        "events": false,
        "events_per_hour": false / hours if hours else None,
        "at_most_per_hour_95": _RULE_OF_THREE / hours if hours and not false else None,
    }


def _count(count: int, footage: Footage) -> dict[str, int]:
    return {"person": count, "events": len(footage.events), "phantoms": footage.phantoms()}


def _told(clip: Clip, footage: Footage) -> dict[str, Any]:
    assert clip.truth is not None
    found = matched(truth_of(clip.truth), footage.events, clip.rule.dwell)
    return {
        **asdict(found),
        "recall": found.found / found.due if found.due else None,
        "precision": found.right / found.events if found.events else None,
    }


def _is_empty(clip: Clip) -> bool:
    return clip.count is None and (clip.truth is None or not truth_of(clip.truth).objects)
