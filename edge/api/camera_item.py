"""A camera as a page tells it, and as an item of the site file's `streams`."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SecretStr

from edge.settings.edit import SecretName, Value, edit, remove
from edge.settings.finding import DocumentPath
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text
from streams.urls import tells_login_in_path

Address = Annotated[SecretStr, Field(min_length=1, max_length=1024)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

Keep = Callable[[str, SecretStr], SecretName]
"""Takes the password of the camera of that name."""


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Login(_Asked):
    username: Annotated[str, Field(max_length=256)] | None = None
    password: Annotated[SecretStr, Field(max_length=1024)] | None = None


class Look(Login):
    """hosts: addresses that are asked themselves, beyond routers."""

    hosts: Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=64)] = ()


class Try(Login):
    """camera: whose login is used where none is given."""

    url: Address
    transport: Literal["tcp", "udp"] = "tcp"
    camera: Annotated[str, Field(max_length=64)] | None = None


class Onvif(_Asked):
    host: Annotated[str, Field(max_length=253)]
    port: Annotated[int, Field(ge=1, le=65535)] = 80
    path: Annotated[str, Field(max_length=200)] | None = None


class Change(Login):
    """What is left out stays; null: as it is when left out of the file. based_on: sha256 of the site file as it was
    seen."""

    title: Annotated[str, Field(max_length=200)] | None = None
    url: Address | None = None
    record: Address | None = None
    transport: Literal["tcp", "udp"] | None = None
    fps: Annotated[float, Field(gt=0, le=30)] | None = None
    enabled: bool | None = None
    based_on: Sha256 | None = None


class New(Change):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    url: Address
    onvif: Onvif | None = None


def told(stream: StreamSettings) -> JsonValue:
    spec = stream.source_spec()
    return {
        "name": stream.name,
        "title": stream.title,
        "kind": stream.kind,
        "enabled": stream.enabled,
        "fps": stream.fps,
        "url": _bare(getattr(spec, "url", None)),
        "record": _bare(getattr(spec, "record", None)),
        "username": getattr(spec, "username", None),
        "password": getattr(spec, "password", None) is not None,
        "transport": getattr(spec, "transport", None),
        "rules": [{"name": rule.name, "kind": rule.kind} for rule in stream.rules],
    }


def _bare(url: object) -> str | None:
    """Without a login; None where one stands in the path."""
    if not isinstance(url, SecretStr) or tells_login_in_path(url):
        return None
    parts = urlsplit(url.get_secret_value())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _apart(url: SecretStr) -> tuple[str, Login]:
    """An address, and the login that stood in it. What is no address is left to the check of the file. Raises
    HttpRefused."""
    try:
        bare, parts = _bare(url), urlsplit(url.get_secret_value())
    except ValueError:
        return "", Login()
    if bare is None:
        raise HttpRefused(409, _IN_PATH)
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return bare, Login(username=user, password=SecretStr(password) if password else None)


def item(asked: New, keep: Keep) -> Mapping[str, Value]:
    found = fields(asked.name, asked, keep)
    made: dict[str, Value] = {"name": asked.name}
    if "title" in found:
        made["title"] = found.pop("title")
    made["kind"] = "rtsp"
    made |= {key: value for key, value in found.items() if value is not None}
    if asked.onvif is not None:
        onvif: dict[str, Value] = asked.onvif.model_dump(exclude_none=True)
        who: dict[str, Value] = {key: made[key] for key in ("username", "password") if key in made}
        made["onvif"] = {**onvif, **who}
    return {key: value for key, value in made.items() if value is not None}


def fields(name: str, asked: Change, keep: Keep) -> dict[str, Value]:
    """What is to stand in the file; None: nothing. A login in an address goes where logins stand. keep: takes a
    password. Raises NotKept, HttpRefused."""
    found: dict[str, Value] = {
        key: getattr(asked, key)
        for key in ("title", "username", "transport", "fps", "enabled")
        if key in asked.model_fields_set
    }
    password = asked.password
    for key in ("url", "record"):
        if key in asked.model_fields_set:
            url: SecretStr | None = getattr(asked, key)
            found[key], login = _apart(url) if url else (None, Login())
            if login.username and not asked.username:
                found["username"], password = login.username, login.password or password
    if found.get("title") == "":
        found["title"] = None
    if found.get("username") == "":
        found |= {"username": None, "password": None}
    elif password is not None and password.get_secret_value():
        found["password"] = keep(name, password)
    return found


def put(loaded: Loaded, text: str, number: int, key: str, value: Value) -> str:
    path: DocumentPath = ("streams", number, key)
    if key == "url" and (*path[:-1], "analyse") in loaded.marks:
        path = (*path[:-1], "analyse")
    if value is not None:
        return edit(text, path, value)
    return remove(text, path) if path in loaded.marks else text


_IN_PATH = Problem(
    "camera.login_in_path",
    Text("this address has a login in its path", "该地址的路径中含有登录信息"),
    Text(
        "store the whole address as a secret on the box, and write url: !secret NAME in the settings",
        "请把整个地址作为密钥存放在网关上，并在设置中写 url: !secret 名称",
    ),
)
