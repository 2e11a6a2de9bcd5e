"""The bench's figures as Markdown tables, side by side, for docs/model.md. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bench.report import Goal

BEGIN, END = "<!-- eyes: begin -->", "<!-- eyes: end -->"

_OVERALL = {
    "truck_recall": "trucks: recall",
    "truck_false_per_picture": "trucks: false boxes per picture",
    "truck_recall_at_half_the_reference's_false": "trucks: recall at half of YOLOX-nano's false boxes",
    "truck_or_bus_recall": "trucks and buses, called either: recall",
    "excavator_recall": "excavators: recall",
    "night_loss_truck_real": "trucks: recall lost by night, one camera",
    "night_loss_truck_made": "trucks: recall lost in pictures made dark",
    "night_loss_excavator_made": "excavators: recall lost in pictures made dark",
}

_ALARMING = ("truck", "bus", "excavator", "loader", "vessel")  # what a wrong name costs an alarm
_FEW = 5  # objects: sets with fewer have their figures in the JSON alone

Figures = Mapping[str, Any]
Cell = Callable[[Any], str]


def placed(document: str, tables: str) -> str:
    """The document with the tables between its markers. Raises ValueError where it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} ... {END} to put the tables between")
    return f"{before}{begin}\n\n{tables}\n\n{end}{after}"


def tables(found: Figures, goals: Mapping[str, Goal], model: str) -> str:
    """model: whose goals they are."""
    models = {
        name: value for name, value in found.items() if isinstance(value, Mapping) and "sources" in value
    }
    parts = {
        "All held-out sets of photos, each counting the same": _overall(models),
        "Trucks: AP50 / recall / false per picture": _by_source(models, lambda target: target == "truck"),
        "Everything else: the same": _by_source(models, lambda target: target != "truck"),
        "Found, but called something else": _called(models),
        "Trucks by their longer side, in px of a 416 px picture: recall": _sizes(models),
        "Other light and weather: recall": _conditions(models),
        "Clips through the daemon's pipeline: events": _clips(models),
        f"Goals, {model}": _goals(goals),
    }
    intro = (
        f"Whole pictures, one look each; a box counts from score {found['operating_score']}. In brackets: how many "
        f"objects; sets with fewer than {_FEW} are left out."
    )
    return "\n\n".join([intro, *(f"**{title}**\n\n{table}" for title, table in parts.items() if table)])


def _overall(models: Figures) -> str:
    rows = [
        [words, *(_number(each[key]) for each in models.values())]
        for key, words in _OVERALL.items()
        if any(each[key] is not None for each in models.values())
    ]
    return _table(["", *models], rows)


def _by_source(models: Figures, wanted: Callable[[str], bool]) -> str:
    rows = []
    for source, target in _pairs(models):
        first = next(iter(models.values()))["sources"][source][target]
        if wanted(target) and first["objects"] >= _FEW:
            what = source if target == "truck" else f"{source}: {target}"
            cells = [_three(value["sources"][source][target]) for value in models.values()]
            rows.append([f"{what} ({first['objects']} in {first['pictures']} pictures)", *cells])
    return _table(["", *models], rows)


def _pairs(models: Figures) -> list[tuple[str, str]]:
    first: Figures = next(iter(models.values()))["sources"] if models else {}
    return [(source, target) for source, targets in first.items() for target in targets]


def _three(row: Figures) -> str:
    return " / ".join(_number(row[key]) for key in ("ap50", "recall", "false_per_picture"))


def _called(models: Figures) -> str:
    rows = [
        [f"{source}: {target}", *cells]
        for source, target in _pairs(models)
        if target in _ALARMING
        and any(cells := [value["sources"][source][target]["called"] or "" for value in models.values()])
    ]
    return _table(["", *models], rows)


def _sizes(models: Figures) -> str:
    first = next(iter(models.values()))["truck_sizes"] if models else {}
    rows = [
        [
            f"{size} ({row['objects']})",
            *(_number(each["truck_sizes"][size]["recall"]) for each in models.values()),
        ]
        for size, row in first.items()
        if row["objects"]
    ]
    return _table(["", *models], rows)


def _conditions(models: Figures) -> str:
    first = next(iter(models.values()))["conditions"] if models else {}
    recalls = {name: [key for key in row if key.endswith("_recall")] for name, row in first.items()}
    rows = [
        [
            f"{name}: {' / '.join(key.removesuffix('_recall').replace('_', ' ') for key in keys)}",
            *(" / ".join(_number(each["conditions"][name][key]) for key in keys) for each in models.values()),
        ]
        for name, keys in recalls.items()
        if any(first[name][key] is not None for key in keys)
    ]
    return _table(["", *models], rows)


def _clips(models: Figures) -> str:
    rows = [
        *_clip_rows(models, "counts", lambda row: f"{row['events']} of {row['person']}"),
        *_clip_rows(models, "clips", lambda row: f"{row['found']} of {row['due']}, {row['events']} events"),
    ]
    rows += [
        [
            f"{words}, {first['camera_seconds']:.0f} s",
            *(str(each[kind]["events"]) for each in models.values()),
        ]
        for kind, words in (("no_vehicle", "no vehicle"), ("cars_only", "cars and vans only"))
        if (first := next(iter(models.values()))[kind])["camera_seconds"]
    ]
    return _table(["", *models], rows)


def _clip_rows(models: Figures, kind: str, cell: Cell) -> Iterable[list[str]]:
    names: Iterable[str] = next(iter(models.values()))[kind] if models else ()
    return [[name, *(cell(each[kind][name]) for each in models.values())] for name in names]


def _goals(goals: Mapping[str, Goal]) -> str:
    rows = [
        [key, f"{goal.value:.3g} {goal.unit}", goal.bound, "met" if goal.met else "missed"]
        for key, goal in goals.items()
    ]
    return _table(["", "measured", "wanted", ""], rows)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
