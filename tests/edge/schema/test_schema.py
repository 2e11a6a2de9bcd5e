"""What integrators are given: up to date, valid, and true of what boxes say."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from ruamel.yaml import YAML

from edge.envelope import Message, Proof, seal
from edge.letter import ClockSet, Dropped, SiteNote
from edge.orders.registry import commands
from edge.presence import Birth, Death
from edge.schema import generate
from edge.upload.letters import uploaded
from edge.upload.store import Item, State, Upload
from inference.findings import Phase
from tests.support.occurrences import SITE, message

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config"
EXAMPLE = (CONFIG / "site.example.yaml").read_text("utf-8")


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((CONFIG / generate.file_name(name)).read_text("utf-8")))


def plain(text: str) -> Any:
    """As an editor sees it: times as text."""
    data = YAML(typ="safe", pure=True).load(text.replace("!secret ", ""))
    return json.loads(json.dumps(data, default=lambda value: value.isoformat()))


def everything() -> str:
    """The example with every optional key."""
    return re.sub(r"(?m)^( *)#(?=[a-z-]|  [a-z-]| {4,}[a-z-])", r"\1", EXAMPLE)


@pytest.mark.parametrize("name", generate.names())
def test_what_lies_in_config_is_what_the_models_say(name: str) -> None:
    """Stale: run python -m edge.schema."""
    assert (CONFIG / generate.file_name(name)).read_text("utf-8") == generate.text(name)


def test_nothing_else_lies_there() -> None:
    told = {generate.file_name(name) for name in generate.names() if name != "asyncapi"}
    assert {path.name for path in CONFIG.glob("*.schema.json")} == told


@pytest.mark.parametrize("name", [name for name in generate.names() if name != "asyncapi"])
def test_each_is_a_json_schema_whose_references_lead_somewhere(name: str) -> None:
    schema = generate.schema(name)
    Draft202012Validator.check_schema(schema)
    for pointer in _references(schema):
        _follow(schema, pointer)


def test_the_asyncapi_document_is_one() -> None:
    """By the meta-schema of AsyncAPI 3.0.0 (asyncapi/spec-json-schemas, Apache-2.0; without its descriptions)."""
    meta = json.loads((ROOT / "tests/data/asyncapi-3.0.0.json").read_text("utf-8"))
    document = YAML(typ="safe", pure=True).load((CONFIG / "asyncapi.yaml").read_text("utf-8"))
    assert [error.message for error in Draft7Validator(meta).iter_errors(document)] == []
    document["channels"]["event"]["adress"] = "x"
    assert list(Draft7Validator(meta).iter_errors(document))


def test_its_references_lead_somewhere() -> None:
    document = YAML(typ="safe", pure=True).load((CONFIG / "asyncapi.yaml").read_text("utf-8"))
    pointers = list(_references(document))
    assert any(pointer.startswith("./command.schema.json#") for pointer in pointers)
    for pointer in pointers:
        file, _, place = pointer.partition("#")
        target = json.loads((CONFIG / file).read_text("utf-8")) if file else document
        _follow(target, f"#{place}")


def test_every_command_is_in_it() -> None:
    document = YAML(typ="safe", pure=True).load((CONFIG / "asyncapi.yaml").read_text("utf-8"))
    addresses = {channel["address"] for channel in document["channels"].values()}
    prefix = "sandwatch/v1/{province}/{city}/{county}/{site}/cmd/"
    assert {f"{prefix}{name}" for name in commands()} <= addresses


def _references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in _references(each)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for each in node.values() for found in _references(each)]


def _follow(node: Any, pointer: str) -> None:
    for part in pointer.removeprefix("#").split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    assert isinstance(node, dict)


PROOF = Proof(kind="clip", uri="evidence/a.mp4", size=1, sha256="0" * 64)
UPLOAD = Upload(Item("evidence/a.mp4", "0" * 64, 1), False, State.STORED, "https://h/1", "digest", 0)
SAID: dict[str, Callable[[], Message]] = {
    "event": lambda: seal(SITE, "boot", message("case").model_copy(update={"proof": (PROOF,)}), 1),
    "site-event": lambda: seal(SITE, "boot", uploaded(UPLOAD, 1.0), 2),
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_box_says_is_as_the_schema_tells(name: str) -> None:
    content = json.loads(SAID[name]().payload)
    validator(name).validate(content)
    del content["data"]["seq"]
    content["data"]["boot_id"] = 5
    assert not validator(name).is_valid(content)


@pytest.mark.parametrize("data", [ClockSet(jumped_s=-3600.0), Dropped(updates=2, ranges=((3, 4),))])
def test_site_events_too(data: ClockSet | Dropped) -> None:
    kind = "site.clock" if isinstance(data, ClockSet) else "site.dropped"
    validator("site-event").validate(json.loads(seal(SITE, "b", SiteNote.of(kind, 1.0, data), 1).payload))


def test_an_end_and_the_states() -> None:
    over = seal(SITE, "boot", message("case", 3, Phase.END), 4)
    validator("event").validate(json.loads(over.payload))
    for state in (Birth(boot_id="b", version="0", time="").at(1.0), Death(boot_id="b", reason="lost")):
        validator("state").validate(json.loads(state.model_dump_json()))
    assert not validator("state").is_valid({"state": "asleep", "boot_id": "b"})


@pytest.mark.parametrize(
    ("content", "good"),
    [
        ({"kind": "received", "events": ["a/0"]}, True),
        ({"kind": "received", "events": []}, False),
        (
            {"kind": "closed", "id": "1", "by": "李四", "time": "2026-05-01T08:00:00+08:00", "finding": "x"},
            True,
        ),
        ({"kind": "closed", "id": "1", "by": "李四"}, False),
        ({"kind": "forgotten"}, False),
    ],
)
def test_what_a_centre_says(content: dict[str, Any], good: bool) -> None:
    assert validator("case-down").is_valid(content) is good


@pytest.mark.parametrize("text", [EXAMPLE, everything()], ids=["as it is", "every key"])
def test_an_editor_finds_nothing_wrong_with_the_example(text: str) -> None:
    found = Draft202012Validator(generate.schema("site"), format_checker=FormatChecker())
    assert [
        f"{list(each.absolute_path)}: {each.message[:200]}" for each in found.iter_errors(plain(text))
    ] == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('area: "410122"', 'area: "4101"'),
        ("keepalive: 30s", "keepalive: soon"),
        ("  id: sandwatch-01", "  ident: sandwatch-01"),
        ("kind: rtsp", "kind: rtps"),
        ("name: gate ", 'name: "-/gate" '),
    ],
)
def test_an_editor_underlines_mistakes(right: str, wrong: str) -> None:
    assert right in EXAMPLE
    assert not validator("site").is_valid(plain(EXAMPLE.replace(right, wrong)))


def test_names_may_be_chinese_for_every_validator() -> None:
    """`\\w` of ECMA-262 is ASCII."""
    assert r"\w" not in (CONFIG / "site.schema.json").read_text("utf-8")
    assert validator("site").is_valid(plain(EXAMPLE.replace("name: gate ", "name: 北大门 ")))
