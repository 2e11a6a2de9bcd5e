"""The documents in config/, made from the models."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from edge.schema.asyncapi import document
from edge.schema.catalogue import MESSAGES, Entry, Way, orders
from edge.settings.assembly import Used, site_model

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A letter, digit or _ of any script: Python's \w; that of JSON Schema (ECMA-262) is ASCII only.
_WORD = "0-9A-Za-z_\\u0080-\\uffff"
_COMMANDS = (
    "Requests on cmd/{name}, by name; {name}.result is the `result` of the answer whose state is `done`."
)


def names() -> list[str]:
    """Of all there are."""
    return [*MESSAGES, "command", "site", "asyncapi"]


def file_name(name: str) -> str:
    return "asyncapi.yaml" if name == "asyncapi" else f"{name}.schema.json"


def text(name: str) -> str:
    """A document as it stands in its file. Raises KeyError."""
    if name == "asyncapi":
        return _yaml(document())
    return json.dumps(schema(name), ensure_ascii=False, indent=2) + "\n"


def write(folder: Path) -> Iterator[Path]:
    """All of them. Raises OSError."""
    for name in names():
        path = folder / file_name(name)
        path.write_text(text(name), "utf-8")
        yield path


def schema(name: str) -> dict[str, Any]:
    """A JSON Schema (2020-12). Raises KeyError."""
    if name == "site":
        made = site_model(Used.all_kinds()).model_json_schema(by_alias=True)
        return _headed(name, "A site.yaml; !secret NAME stands for a secret.", _unlocked(made))
    if name == "command":
        return _headed(name, _COMMANDS, _commands())
    entry = MESSAGES[name]
    return _headed(name, entry.summary, _of(entry))


def _of(entry: Entry) -> dict[str, Any]:
    return entry.adapter.json_schema(mode="serialization" if entry.way is Way.UP else "validation")


def _commands() -> dict[str, Any]:
    known = orders()
    requests = {name: _nested(name, command.request) for name, command in known.items()}
    results = {f"{name}.result": _nested(f"{name}.result", each.response) for name, each in known.items()}
    return {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in requests], "$defs": {**requests, **results}}


def _nested(name: str, model: type[BaseModel]) -> dict[str, Any]:
    """With definitions of its own: two commands may each have a model of one name."""
    mode = "serialization" if name.endswith(".result") else "validation"
    return model.model_json_schema(ref_template=f"#/$defs/{name}/$defs/{{model}}", mode=mode)  # type: ignore[arg-type]


def _unlocked(node: Any) -> Any:
    """Without the lengths of secrets: an editor sees the name of one."""
    if isinstance(node, list):
        return [_unlocked(each) for each in node]
    if not isinstance(node, dict):
        return node
    secret = node.get("format") == "password"
    return {
        key: _unlocked(value)
        for key, value in node.items()
        if not (secret and key in ("minLength", "maxLength", "pattern"))
    }


def _headed(name: str, summary: str, made: Mapping[str, Any]) -> dict[str, Any]:
    head = {"$schema": _DIALECT, "$id": f"urn:sandwatch:v1:{name}", "title": name, "description": summary}
    found = {**head, **{key: value for key, value in made.items() if key not in ("title", "description")}}
    portable: dict[str, Any] = _portable(found)
    return portable


def _portable(node: Any) -> Any:
    """Patterns that mean the same to every validator."""
    if isinstance(node, list):
        return [_portable(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _pattern(value) if key == "pattern" and isinstance(value, str) else _portable(value)
        for key, value in node.items()
    }
    if isinstance(named := made.get("patternProperties"), dict):
        made["patternProperties"] = {_pattern(key): value for key, value in named.items()}
    return made


def _pattern(pattern: str) -> str:
    inside = re.sub(r"\[(\^?)\\w", lambda found: f"[{found[1]}{_WORD}", pattern)
    return inside.replace(r"\w", f"[{_WORD}]")


def _yaml(content: Mapping[str, Any]) -> str:
    writer = YAML()
    writer.default_flow_style = False
    writer.width = 110
    writer.representer.ignore_aliases = lambda _data: True
    out = io.StringIO()
    out.write("# Made from the models by `sandwatch schema -o config`; do not edit.\n")
    writer.dump(dict(content), out)
    return out.getvalue()
