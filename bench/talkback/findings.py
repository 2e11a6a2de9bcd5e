"""From what was heard to the figures and the goals of the talk-back."""

import statistics
from collections.abc import Mapping
from typing import Any

from bench.report import Figures, Goal, spread
from bench.talkback.plan import Crowd, Found
from bench.talkback.survey import Heard

_MIB = 1 << 20
_LASTING = (
    20.0  # ms: one packet; a jitter buffer that is longer than before by more has not forgotten the loss
)


def figures(found: Found) -> Figures:
    return {
        which: {f"{count}_listeners": _crowd(crowd, count) for count, crowd in crowds.items()}
        for which, crowds in found.items()
    }


def goals(found: Found) -> dict[str, Goal]:
    """Those of the talk-back, for our relay."""
    crowds = found["ours"]
    most, full = crowds[max(crowds)], next(crowd for crowd in crowds.values() if crowd.held)
    before, middle, after = full.held
    return {
        "access_p95": _at_most(_p95(full.pressed["granted"]), "ms", 150),
        "mouth_to_ear_p95_at_0pc": _at_most(_p95(_ms(full.clean)), "ms", 150),
        "mouth_to_ear_p95_at_5pc": _at_most(_p95(_ms(full.heard["5pc"])), "ms", 200),
        "lasting_delay_after_loss": _at_most(_lasting(full), "ms", _LASTING),
        "cpu_per_listener": _at_most(most.cpu / max(crowds), "core", 0.006),
        "joins_tasks_left": _at_most(after["tasks"] - before["tasks"], "", 0),
        "joins_threads_left": _at_most(after["threads"] - before["threads"], "", 0),
        "joins_files_and_sockets_left": _at_most(after["files"] - before["files"], "", 0),
        "joins_memory_growth_of_second_half": _at_most((after["rss"] - middle["rss"]) / _MIB, "MiB", 1),
    }


def _crowd(crowd: Crowd, listeners: int) -> Mapping[str, Any]:
    told: dict[str, Any] = {
        "relay_cores": crowd.cpu,
        "relay_cores_per_listener": crowd.cpu / listeners,
        "without_loss": _heard(crowd.clean),
        "one_packet_lost": {
            "silence_longest_ms": max(crowd.single.holes, default=0.0) * 1000,
            "concealed_ms_each": _concealed_each(crowd.single),
            "lost_packets": crowd.single.lost,
        },
        "loss": {name: _heard(heard) for name, heard in crowd.heard.items()},
        "after_the_losses": _heard(crowd.after),
        "lasting_delay_ms": _lasting(crowd),
    }
    if crowd.pressed:
        told["access_ms"] = spread(crowd.pressed["granted"])
        told["button_to_first_packet_ms"] = spread(crowd.pressed["heard"])
    return told


def _heard(heard: Heard) -> Mapping[str, Any]:
    return {
        "mouth_to_ear_ms": spread(_ms(heard)) if heard.delays else None,
        "unheard": heard.unheard,
        "lost_packets": heard.lost,
        "concealed": heard.concealed,
        "jitter_buffer_ms": heard.buffered * 1000,
    }


def _concealed_each(single: Heard) -> float | None:
    """ms of sound made up per lost packet."""
    return single.concealed * single.played * 1000 / single.lost if single.lost else None


def _lasting(crowd: Crowd) -> float:
    """ms that the voice is later at the end than it was before the losses."""
    before, after = _ms(crowd.clean), _ms(crowd.after)
    if not before or not after:
        return float("nan")
    return statistics.median(after[-len(after) // 3 :]) - statistics.median(before)


def _ms(heard: Heard) -> list[float]:
    return [delay * 1000 for delay in heard.delays]


def _p95(samples: list[float]) -> float:
    return float(spread(samples)["p95"] or 0) if samples else float("nan")


def _at_most(value: float, unit: str, bound: float) -> Goal:
    return Goal(float(value), unit, at_most=bound)
