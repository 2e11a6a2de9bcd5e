"""What the console asks of cameras that are not in the site file yet: `edge.aside` runs this.

One camera opened and judged, with a picture; or who is there.
"""

import asyncio
import base64
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr, TypeAdapter

from edge import aside, logs
from edge.discover import work as discovering
from edge.probe.login import Login
from edge.probe.say import rows
from edge.probe.work import Probed, Request, probe, stream_item
from edge.settings.edit import SecretName, Value, plain_value
from inference.snapshot import SnapshotFailed, jpeg
from streams.frame import Frame
from streams.networks import Cidr
from streams.problem import Text

_LISTENS = 6.0  # s: two groups of pictures of a camera that is set as most are
_HEARS = 3.0  # s: WS-Discovery answers within half a second; one that is busy needs longer
_ONVIF = 3702


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    username: Annotated[str, Field(max_length=256)] | None = None
    password: Annotated[SecretStr, Field(max_length=1024)] | None = None
    networks: tuple[Cidr, ...] = ()

    @property
    def login(self) -> Login:
        return Login(self.username or None, self.password)


class Try(_Asked):
    """networks: where a camera may be, as the site's allow_networks."""

    kind: Literal["try"] = "try"
    url: SecretStr
    transport: Literal["tcp", "udp"] = "tcp"


class Look(_Asked):
    """hosts: asked themselves; none: whoever is on the networks of this box."""

    kind: Literal["look"] = "look"
    hosts: tuple[str, ...] = ()


_TASK: TypeAdapter[Try | Look] = TypeAdapter(Annotated[Try | Look, Field(discriminator="kind")])


def work(question: bytes) -> aside.Answer:
    """Raises ProblemError."""
    logs.configure("error")
    task = _TASK.validate_json(question)
    return _tried(task) if isinstance(task, Try) else _seen(task)


def _tried(task: Try) -> aside.Answer:
    request = Request(task.url, task.login, _LISTENS, task.transport, task.networks)
    probed = probe(request)
    item = stream_item(probed)
    return {
        "facts": [[_both(name), _both(value)] for name, value in rows(probed)],
        "verdicts": [{"weight": each.weight.value, **_both(each.text)} for each in probed.verdicts],
        "picture": _picture(probed),
        "camera": _camera(item),
    }


def _seen(task: Look) -> aside.Answer:
    hosts = tuple((host, _ONVIF) for host in task.hosts if _is_address(host))
    request = discovering.Request(_HEARS, hosts=hosts, login=task.login, networks=task.networks)
    found = asyncio.run(discovering.cameras(request))
    told: list[JsonValue] = []
    for each in found:
        item = next(iter(discovering.items([each], task.login)), None)
        problem: JsonValue = (
            {"en": each.problem.what.en, "zh": each.problem.what.zh} if each.problem else None
        )
        told.append(
            {
                "host": each.found.host,
                "title": each.found.name or each.found.hardware,
                "model": each.found.hardware,
                "problem": problem,
                "camera": _camera(item) if item else None,
            }
        )
    return {"cameras": told}


def _camera(item: dict[str, Value]) -> dict[str, JsonValue] | None:
    """What a form needs of a stream's item; None where an address is itself a secret."""
    if any(isinstance(item.get(key), SecretName) for key in ("url", "record")):
        return None
    kept = ("name", "title", "url", "record", "onvif")
    told: dict[str, JsonValue] = {key: plain_value(item[key]) for key in kept if key in item}
    if isinstance(onvif := told.get("onvif"), dict):
        told["onvif"] = {key: onvif[key] for key in ("host", "port", "path") if key in onvif}
    return told


def _picture(probed: Probed) -> str | None:
    """A JPEG in base64."""
    if probed.seen.first is None:
        return None
    try:
        return base64.b64encode(jpeg(Frame(probed.seen.first, 0.0, 0))).decode()
    except SnapshotFailed:
        return None  # the verdicts say what is wrong with the stream


def _both(text: Text | str) -> dict[str, JsonValue]:
    return {"en": text, "zh": text} if isinstance(text, str) else {"en": text.en, "zh": text.zh}


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    aside.answers(work)
