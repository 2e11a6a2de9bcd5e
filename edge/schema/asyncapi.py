"""The AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0): what a box sends and takes."""

from typing import Any

from edge.schema.catalogue import MESSAGES, Entry, Way, orders

_PREFIX = "sandwatch/v1/{province}/{city}/{county}/{site}"
_FORMAT = "application/schema+json;version=draft-2020-12"
_EVENTS = "application/cloudevents+json"
_LEVELS = {
    "province": "GB/T 2260 code of the province, such as 410000.",
    "city": "GB/T 2260 code of the city, such as 410100.",
    "county": "GB/T 2260 code of the county, such as 410122.",
    "site": "The site's own name.",
    "type": "Of the event, such as vehicle.zone.",
    "camera": "The stream's name in the site file.",
    "event_id": "Of the case: UUID version 7.",
    "member": "Of the talk groups.",
}
_ABOUT = (
    "A box beside cameras publishes what it sees as CloudEvents 1.0 (structured mode), and keeps each until a centre says"
    " `received`. Within sandwatch/v1 fields are added, never changed or removed: ignore what you do not know."
)


def document() -> dict[str, Any]:
    """From the box's side: `send` is what a centre subscribes to."""
    known = _entries()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Sandwatch",
            "version": "1.0.0",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "centre": {
                "host": "mqtt.example.org:8883",
                "protocol": "secure-mqtt",
                "protocolVersion": "5.0",
                "description": "The command centre's broker; MQTT 3.1.1 does with less.",
            }
        },
        "channels": {name: _channel(name, entry) for name, entry in known.items()},
        "operations": {f"{entry.way.value}.{name}": _operation(name, entry) for name, entry in known.items()},
        "components": {"messages": {name: _message(name, entry) for name, entry in known.items()}},
    }


def _entries() -> dict[str, Entry]:
    """Those of the catalogue, and one for every command."""
    answer = MESSAGES["answer"].adapter  # of a command only its address and its words differ
    asked = {
        f"command.{name}": Entry(Way.DOWN, f"cmd/{name}", answer, command.summary, answers="answer")
        for name, command in orders().items()
    }
    return {**MESSAGES, **asked}


def _channel(name: str, entry: Entry) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"}}
    if entry.address is None:
        return {"address": None, "description": "The request's response topic.", "messages": messages}
    address = f"{_PREFIX}/{entry.address}"
    levels = {level: {"description": said} for level, said in _LEVELS.items() if f"{{{level}}}" in address}
    return {"address": address, "messages": messages, "parameters": levels}


def _operation(name: str, entry: Entry) -> dict[str, Any]:
    made: dict[str, Any] = {
        "action": entry.way.value,
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": entry.summary,
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "bindings": {"mqtt": {"qos": entry.qos, "retain": entry.retained, "bindingVersion": "0.2.0"}},
    }
    if entry.answers is not None:
        made["reply"] = {
            "address": {
                "location": "$message.header#/responseTopic",
                "description": "MQTT 5; over 3.1.1 the request's reply_to.",
            },
            "channel": {"$ref": f"#/channels/{entry.answers}"},
        }
    return made


def _message(name: str, entry: Entry) -> dict[str, Any]:
    kind, _, command = name.partition(".")
    where = f"./{kind}.schema.json" + (f"#/$defs/{command}" if command else "")
    media = _EVENTS if name in ("event", "site-event", "case-up") else "application/json"
    payload = {"schemaFormat": _FORMAT, "schema": {"$ref": where}}
    return {"name": name, "summary": entry.summary, "contentType": media, "payload": payload}
