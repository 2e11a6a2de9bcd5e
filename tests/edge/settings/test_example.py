"""config/site.example.yaml is what a technician copies: it loads, and it is complete."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from ruamel.yaml import YAML

from edge.settings.assembly import Used, site_model
from edge.settings.loader import Loaded, load_text
from edge.settings.model import Site, StreamSettings
from edge.settings.shape import known_keys

EXAMPLE = Path(__file__).parents[3] / "config" / "site.example.yaml"
SECRETS = {
    "SANDWATCH_SECRET_BROKER_PASSWORD": "one",
    "SANDWATCH_SECRET_BROKER_KEY_PASSWORD": "eleven",
    "SANDWATCH_SECRET_CITY_PASSWORD": "twelve",
    "SANDWATCH_SECRET_CITY_KEY_PASSWORD": "thirteen",
    "SANDWATCH_SECRET_DEVICE_KEY": "fourteen",
    "SANDWATCH_SECRET_GATE_PASSWORD": "two",
    "SANDWATCH_SECRET_DRONE_KEY": "three-three",
    "SANDWATCH_SECRET_DRONE_PASSPHRASE": "four-four-four",
    "SANDWATCH_SECRET_ACCESS_KEY": "five-five-five-five-five-five-five",
    "SANDWATCH_SECRET_DUTY_TOKEN": "six-six-six-six-six",
    "SANDWATCH_SECRET_DOCK_TOKEN": "seven-seven-seven-seven",
    "SANDWATCH_SECRET_TURN_SECRET": "eight-eight",
    "SANDWATCH_SECRET_TURN_PASSWORD": "nine-nine",
    "SANDWATCH_SECRET_SFU_TOKEN": "ten-ten",
    "SANDWATCH_SECRET_UPLOAD_TOKEN": "eleven-eleven",
}


# Whatever stands in these has a name of the technician's choosing.
_NAMED = {"zones", "lines", "ignore", "presets", "watch"}
# Second names of keys that are shown; the example tells of them in its words.
_SECOND = {"analyse"}


def everything() -> str:
    """The example with its optional keys switched on: '#key: value', with no blank after the #."""
    return re.sub(r"(?m)^( *)#(?=[a-z-]|  [a-z-]| {4,}[a-z-])", r"\1", EXAMPLE.read_text())


def loaded(text: str) -> Loaded:
    return load_text(text, "site.example.yaml", SECRETS)


def model() -> type[Site]:
    return site_model(Used.all_kinds())


def mappings(
    value: Any, path: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        inner = [found for key, item in value.items() for found in mappings(item, (*path, key))]
        return [(path, value), *inner]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in mappings(item, (*path, index))]
    return []


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text.replace("!secret ", ""))


def test_it_loads_as_it_is_and_says_nothing() -> None:
    assert loaded(EXAMPLE.read_text()).warnings == ()


def test_it_loads_with_every_optional_key() -> None:
    site = loaded(everything()).site
    assert [stream.kind for stream in site.streams] == ["rtsp", "rtsp", "push", "file", "folder"]
    assert site.broker.login == ("sandwatch-01", SecretStr("one"))


def test_every_key_there_is_stands_in_it() -> None:
    data = plain(everything())
    shown: dict[frozenset[str], set[str]] = {}
    for path, mapping in mappings(data):
        if path and path[-1] in _NAMED:
            continue
        keys = frozenset(known_keys(model(), path, data))
        shown.setdefault(keys, set()).update(mapping)
    common = set(StreamSettings.model_fields)  # shown with the first cameras
    rules = set[str]().union(
        *(used for known, used in shown.items() if "objects" in known)
    )  # shown once in one
    for known, used in shown.items():
        elsewhere = common if {"fps", "ring"} <= known else rules if "objects" in known else set()
        assert known - used - elsewhere <= _SECOND
    assert all(f'"{name}"' in EXAMPLE.read_text() for name in _SECOND)
    assert common <= set.union(*shown.values())
    rule_kinds = 5
    parts, sources, of_a_stream = (
        5,
        4,
        8,
    )  # of the site; ring, clip, health, ground, land, respond, onvif with its stops
    web = 6 + 1  # http with its tls, access with sessions and tokens, ice; live
    talk = 7  # with groups, their members and loudspeakers, recording with pictures, handover
    cases = 5  # cases, rosters with shifts, rotation, dates
    delivery = 2  # storage.waiting, centres
    evidence = 2 + 1  # with tsa; upload
    assert (
        len(shown)
        == parts
        + web
        + talk
        + cases
        + delivery
        + evidence
        + 1
        + 1
        + sources
        + of_a_stream
        + 1
        + rule_kinds
        + 1
        + 1
    ), "site, detector, tls, rules, schedule, telemetry"


def test_the_values_it_shows_are_the_defaults() -> None:
    """What is not commented out and has a default shows that default; names, zones and schedules are examples."""
    site = loaded(EXAMPLE.read_text()).site
    camera = site.streams[0]
    parts: list[BaseModel] = [
        site.site,
        site.broker,
        site.storage,
        site.detector,
        site.log,
        camera,
        camera.rules[0],
    ]
    for part in parts:
        for name, field in type(part).model_fields.items():
            if name not in {"zones", "lines", "rules"} and not field.is_required():
                assert getattr(part, name) == field.get_default(call_default_factory=False), (part, name)
    assert site.workers == Site.model_fields["workers"].default
