"""What was promised of the eyes, and whether it is kept."""

from collections.abc import Mapping
from math import nan
from typing import Any

from bench.eyes.contestants import REFERENCE
from bench.report import Goal


def goals(found: Mapping[str, Any], model: str) -> dict[str, Goal]:
    """Of one model; without pictures, clips or the reference there is nothing to promise."""
    mine, reference = found[model], found.get(REFERENCE, {})
    made: dict[str, Goal] = {}
    if mine["truck_recall"] is not None:
        made["truck_recall"] = Goal(mine["truck_recall"], "ratio", at_least=0.95)
        made["excavator_recall"] = Goal(_number(mine["excavator_recall"]), "ratio", at_least=0.85)
        losses = [value for key, value in mine.items() if key.startswith("night_loss")]
        made["night_loss"] = Goal(max(map(_number, losses)), "ratio", at_most=0.25)
        if reference:
            half = reference["truck_false_per_picture"] / 2
            made["truck_false_per_image"] = Goal(mine["truck_false_per_picture"], "boxes", at_most=half)
    if counts := mine["counts"].values():
        worst = max(abs(each["events"] - each["person"]) for each in counts)
        made["clip_count_error"] = Goal(worst, "trucks", at_most=1)
        made["phantom_tracks"] = Goal(sum(each["phantoms"] for each in counts), "tracks", at_most=0)
    if mine["no_vehicle"]["events_per_hour"] is not None:
        made["empty_events_per_hour"] = Goal(mine["no_vehicle"]["events_per_hour"], "1/h", at_most=0)
    return made


def _number(value: float | None) -> float:
    return nan if value is None else value
