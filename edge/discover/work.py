"""`sandwatch discover`: WS-Discovery, then each camera's profiles where a login is given."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from edge.probe.login import Login
from edge.settings.edit import SecretName, Value, item
from streams.networks import Network, Networks
from streams.onvif.device import connect
from streams.onvif.discovery import GROUP, Found, discover
from streams.onvif.errors import OnvifError
from streams.onvif.profiles import Profile, choose, profiles
from streams.onvif.spec import DEVICE_PATH
from streams.problem import Problem, Text
from streams.urls import endpoint, tells_login_in_path

_AT_ONCE = 8  # cameras asked at once: a site's switch and a box's CPU bear that
PASSWORD = "camera-password"  # noqa: S105 (the secret's name)


@dataclass(frozen=True, slots=True)
class Request:
    """seconds: to listen. hosts: asked themselves, beyond routers; none: whoever is on the interfaces. login: for the
    profiles; without a user none are asked for. networks: where a camera may be that we log in to."""

    seconds: float
    interfaces: tuple[str, ...] = ()
    hosts: tuple[tuple[str, int], ...] = ()
    login: Login = field(default_factory=Login)
    networks: tuple[Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """found: its answer. port, path: of its device service. problem: why there are no profiles, if they were asked for."""

    found: Found
    port: int
    path: str
    profiles: tuple[Profile, ...] = ()
    problem: Problem | None = None


async def cameras(request: Request) -> tuple[Camera, ...]:
    """By address. Raises OSError where no socket is had."""
    heard = await discover(
        request.seconds,
        interfaces=request.interfaces or None,
        targets=request.hosts or (GROUP,),
    )
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(found: Found) -> Camera:
        async with turn:
            return await _asked(found, request)

    return tuple(await asyncio.gather(*map(one, sorted(heard, key=lambda each: _order(each.host)))))


async def _asked(found: Found, request: Request) -> Camera:
    port, path = _service(found)
    camera = Camera(found, port, path)
    if request.login.user is None:
        return camera
    # Whoever answers may be anybody: a login goes to no special address, and never to where an answer points.
    places = Networks(request.networks)
    if (why := places.refusal(ip_address(found.host))) is not None:
        return Camera(found, port, path, problem=_forbidden(found.host, why))
    who = request.login
    try:
        async with connect(found.host, port, who.user, who.password, path=path, networks=places) as device:
            return Camera(found, port, path, await profiles(device))
    except OnvifError as error:
        return Camera(found, port, path, problem=error.problem(found.host))


def _service(found: Found) -> tuple[int, str]:
    """Port and path of the device service: as reported for the host that answered, else as the standard has it."""
    for address in found.xaddrs:
        parts = urlsplit(address)
        try:
            port = parts.port or 80
        except ValueError:
            continue
        if parts.scheme == "http" and parts.hostname == found.host:
            return port, parts.path if re.fullmatch(r"/[!-~]*", parts.path) else DEVICE_PATH
    return 80, DEVICE_PATH


def items(found: Sequence[Camera], login: Login) -> tuple[dict[str, Value], ...]:
    """For `streams:` of a site file: the cameras whose streams are known, names without a double."""
    made = (_item(camera, login) for camera in found)
    return tuple(each for each in made if each is not None)


def _item(camera: Camera, login: Login) -> dict[str, Value] | None:
    chosen = choose(camera.profiles)
    if chosen is None or chosen.main.stream_url is None:
        return None
    host = camera.found.host
    # Names of cameras are often alike ("IPCamera"): the address never is.
    name = f"camera-{host.replace(':', '-').replace('%', '-')}"
    made: dict[str, Value] = {"name": name}
    if title := camera.found.name or camera.found.hardware:
        made["title"] = title[:200]
    made["kind"] = "rtsp"
    main = _url(chosen.main, f"{name}-url")
    sub = chosen.sub
    made |= {"url": main} if sub is None else {"url": _url(sub, f"{name}-sub-url"), "record": main}
    onvif: dict[str, Value] = {"host": host, "port": camera.port}
    if camera.path != DEVICE_PATH:
        onvif["path"] = camera.path
    if login.user is not None:
        who: dict[str, Value] = {"username": login.user, "password": SecretName(PASSWORD)}
        made |= who
        onvif |= who
    return made | {"onvif": onvif}


def _url(profile: Profile, secret: str) -> str:
    """By name where a login stands in the path."""
    assert profile.stream_url is not None
    hidden = tells_login_in_path(profile.stream_url)
    return SecretName(secret) if hidden else profile.stream_url.get_secret_value()


def written(found: Sequence[Camera], login: Login) -> str:
    """A `streams:` list in YAML; empty where no camera's streams are known."""
    lines = [item(each, 2) for each in items(found, login)]
    return "streams:\n" + "".join(lines) if lines else ""


def where(profile: Profile) -> str:
    """Free of secrets."""
    return str(endpoint(profile.stream_url)) if profile.stream_url else "-"


def _order(host: str) -> tuple[int, int]:
    address = ip_address(host)
    return address.version, int(address)


def _forbidden(host: str, why: Text) -> Problem:
    return Problem(
        "discover.forbidden",
        Text(f"{host} is {why.en}: no login goes there", f"{host} 是{why.zh}：不向其发送登录信息"),
        Text(
            "if it is meant, give its network with --allow-network",
            "若确需登录，请用 --allow-network 指定其网段",
        ),
    )
