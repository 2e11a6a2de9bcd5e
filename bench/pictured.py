"""Which plots a result is shown with."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.eyes.contestants import REFERENCE
from bench.plots import Point, bars, lines

SHIPPED = "sandwatch-nano"

Result = Mapping[str, Any]
Plot = tuple[str, str]
"""The name of the file, without its ending; the SVG."""


def plots(name: str, result: Result) -> list[Plot]:
    """None where a result has nothing of the kind, or was measured in part only."""
    draw = _DRAWN.get(name)
    return list(draw(result["figures"])) if draw else []


def _cameras(figures: Result) -> Iterator[Plot]:
    runs = {"quiet": figures["quiet"], "a lorry every 2 min": figures["a_lorry_every_2_min"]}
    used = {name: _course(run, ("cpu_cores",)) for name, run in runs.items()}
    most = max(point.x for course in used.values() for point in course)
    peers = {
        name.replace("_", " "): [Point(0, 0), Point(most, most * _median(told))]
        for name, told in figures["peers_cores_per_camera"].items()
    }
    # Beyond what the machine has, a straight line through one camera flatters who would have dropped pictures.
    room = max((point.high or point.y for course in used.values() for point in course), default=1.0) * 2
    peers = {name: _cut(line, room) for name, line in peers.items()}
    yield (
        "cameras-cpu",
        lines(
            "CPU of all processes by the number of 1080p25 cameras",
            "cameras",
            "cores",
            used | peers,
            dashed=tuple(peers),
        ),
    )
    memory = {name: _course(run, ("rss_mib", "all")) for name, run in runs.items()}
    yield "cameras-memory", lines("Resident memory, rings included", "cameras", "MiB", memory)
    late = _course(figures["a_lorry_every_2_min"], ("wake_delay_s",))
    if late:
        yield (
            "cameras-wake",
            lines("From the lorry's packet to the wake", "cameras", "s", {"median, p05 to p95": late}),
        )


def _cut(line: list[Point], top: float) -> list[Point]:
    """A line from 0, as far as it stays under `top`."""
    end = line[-1]
    share = min(1.0, top / end.y) if end.y else 1.0
    return [line[0], Point(end.x * share, end.y * share)]


def _latency(figures: Result) -> Iterator[Plot]:
    ways = {name: figures[f"ours_{name}"] for name in ("auto", "always")}
    told = {f"attention {name}": way for name, way in ways.items()} | {"naive": figures["naive"]}
    shown = {
        name: [Point(float(percent), max(0.0, ms)) for percent, ms in way["percentiles_ms"].items()]
        for name, way in told.items()
    }
    if any(shown.values()):
        yield (
            "latency-percentiles",
            lines("From the first picture that shows the lorry to the centre", "percentile", "ms", shown),
        )
    stages = {
        f"{name}, median": {
            stage: max(0.0, _median(told)) for stage, told in way["stage_ms"].items() if told["samples"]
        }
        for name, way in ways.items()
    }
    if any(stages.values()):
        yield "latency-stages", bars("Where the time goes", "ms", stages)


def _talkback(figures: Result) -> Iterator[Plot]:
    shown = {}
    for which in ("ours", "mediarelay"):
        crowds = figures.get(which, {})
        heard = next((crowd for crowd in crowds.values() if crowd["loss"]), None)
        if heard is None:
            continue
        losses = {"0pc": heard["without_loss"], **heard["loss"]}
        shown[which] = sorted(
            (
                Point(float(name.removesuffix("pc")), ms["median"], ms["p05"], ms["p95"])
                for name, told in losses.items()
                if name.removesuffix("pc").replace(".", "").isdigit() and (ms := told["mouth_to_ear_ms"])
            ),
            key=lambda point: point.x,
        )
    if any(shown.values()):
        yield (
            "talkback-loss",
            lines("Mouth to ear by packet loss (median, p05 to p95)", "% lost", "ms", shown),
        )


def _eyes(figures: Result) -> Iterator[Plot]:
    """The model that ships beside the one it is measured by; all of them in one plot nobody could read."""
    conditions = {
        model: told["conditions"]
        for model, told in figures.items()
        if model in (SHIPPED, REFERENCE) and isinstance(told, Mapping)
    }
    seen = {
        f"{weather}, {model}": {model: recall}
        for weather in next(iter(conditions.values()), {})
        for model, weathers in conditions.items()
        if (recall := _recall(weathers.get(weather))) is not None
    }
    if seen:
        yield "eyes-conditions", bars("Trucks found by condition", "share", seen)


def _recall(told: Any) -> float | None:
    value = told.get("truck_recall") if isinstance(told, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _memory(figures: Result) -> Iterator[Plot]:
    seconds = figures["seconds"]
    courses = {}
    for name, words in figures["course_mib"].items():
        values = [float(word) for word in words.split()]
        courses[name.replace("_", " ")] = [
            Point(seconds / 60 * number / max(1, len(values) - 1), value)
            for number, value in enumerate(values)
        ]
    yield "memory-course", lines("Resident memory after the warm-up", "min", "MiB", courses)


def _course(run: Result, keys: tuple[str, ...]) -> list[Point]:
    """By the number of cameras; what is no spread has no band."""
    points = []
    for number, figures in sorted(run.items(), key=lambda each: int(each[0])):
        told = figures
        for key in keys:
            told = told[key] if told else None
        if isinstance(told, Mapping):
            points.append(Point(float(number), _median(told), told["p05"], told["p95"]))
        elif told is not None:
            points.append(Point(float(number), float(told)))
    return points


def _median(told: Any) -> float:
    return float(told["median"])


_DRAWN: dict[str, Callable[[Result], Iterator[Plot]]] = {
    "cameras": _cameras,
    "latency": _latency,
    "talkback": _talkback,
    "eyes": _eyes,
    "memory": _memory,
}
