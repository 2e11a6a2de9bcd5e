"""Whether what goes over MQTT is what integrators are told: config/*.schema.json, by topic."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

CONFIG = Path(__file__).parents[2] / "config"
_LEVELS = 6  # sandwatch/v1/{province}/{city}/{county}/{site}
_KINDS = {"birth": "state", "tele": "telemetry", "call": "call"}


def faults(topic: str, payload: bytes) -> list[str]:
    """What is wrong with a message of a box; topics that are not a box's say nothing."""
    name = _name(topic.split("/")[_LEVELS:])
    if name is None or not topic.startswith("sandwatch/v1/"):
        return []
    found = _validator(name).iter_errors(json.loads(payload))
    return [f"{name}: {list(error.absolute_path)}: {error.message[:200]}" for error in found]


def _name(levels: list[str]) -> str | None:
    match levels:
        case ["ev", kind] if kind.startswith("site."):
            return "site-event"
        case ["ev", _, _]:
            return "event"
        case ["case", _, "up"]:
            return "case-up"
        case ["case", _, "down"]:
            return "case-down"
        case [first, *_] if first in _KINDS:
            return _KINDS[first]
    return None


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((CONFIG / f"{name}.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)
