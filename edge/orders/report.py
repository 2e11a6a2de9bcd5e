"""What `status` tells of a running daemon."""

from collections.abc import Mapping

from pydantic import JsonValue, TypeAdapter

from edge.status import Status

_JSON: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


def report(status: Status, boot_id: str, version: str) -> Mapping[str, JsonValue]:
    """Of the cameras, the link to the first centre, talk groups, and what is wrong, in both languages."""
    state, problem = status.link
    told = {
        "boot_id": boot_id,
        "version": version,
        "link": {"state": state.value, "code": problem.code if problem else None},
        "cameras": status.summary(),
        "groups": {
            name: {"present": list(one.present), "speaks": one.speaks} for name, one in status.groups.items()
        },
        "troubles": [
            {
                "what": what,
                "camera": camera,
                "code": trouble.code,
                "en": trouble.say("en"),
                "zh": trouble.say("zh"),
            }
            for what, camera, trouble in status.troubles()
        ],
    }
    return _JSON.validate_python(told)
