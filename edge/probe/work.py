"""`sandwatch probe`: one camera opened, measured and judged."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

import structlog
from pydantic import SecretStr, ValidationError

from edge.probe.heard import Heard, listen
from edge.probe.login import Login
from edge.probe.measure import Measured, measured
from edge.probe.pictures import Pictures, pictures
from edge.probe.siblings import Sibling, candidates, siblings
from edge.probe.verdicts import Verdict, verdicts
from edge.settings.edit import SecretName, Value
from streams.errors import Forbidden, StreamError
from streams.networks import Network, Networks
from streams.onvif.device import connect
from streams.onvif.errors import OnvifError
from streams.onvif.profiles import Profile, profiles
from streams.problem import Misconfigured, Problem, ProblemError, Text
from streams.sources.rtsp import Spec, build
from streams.urls import checked, endpoint, tells_login_in_path

log = structlog.get_logger()

_ONVIF_PATIENCE = 3.0  # s for one answer: it is on this network, and its pictures just came


@dataclass(frozen=True, slots=True)
class Request:
    """onvif_port: where to ask by ONVIF; None: not at all. look_around: for sub-streams."""

    url: SecretStr
    login: Login = field(default_factory=Login)
    seconds: float = 10.0
    transport: str = "tcp"
    networks: tuple[Network, ...] = ()
    onvif_port: int | None = 80
    look_around: bool = True


@dataclass(frozen=True, slots=True)
class Onvif:
    profiles: tuple[Profile, ...]
    clock: float | None


@dataclass(frozen=True, slots=True)
class Probed:
    """where: host, port and path, free of secrets. clock: s the camera's is ahead of the box's."""

    where: str
    spec: Spec
    heard: Heard
    found: Measured
    seen: Pictures
    siblings: tuple[Sibling, ...]
    onvif: Onvif | None
    verdicts: tuple[Verdict, ...]

    @property
    def clock(self) -> float | None:
        return _clock(self.heard, self.onvif)

    @property
    def sub(self) -> Sibling | None:
        """The widest stream that is smaller than this one."""
        return _sub(self.heard, self.siblings)


class NothingCame(ProblemError):
    """The camera let us in, and sent no picture."""


Step = Callable[[Text, float, float], None]
"""What is being done, how far it is, and how far it goes."""


def probe(request: Request, step: Step = lambda *_: None) -> Probed:
    """Raises Misconfigured where the address cannot be used, ProblemError where the camera cannot."""
    spec = _spec(request)
    where = str(endpoint(spec.url))
    heard = _heard(spec, request.seconds, step)
    told = (
        asyncio.run(_onvif(spec, request.onvif_port)) if request.onvif_port and request.look_around else None
    )
    others = tuple(_siblings(spec, told, step)) if request.look_around else ()
    found, seen = measured(heard), pictures(heard)
    sub = _sub(heard, others)
    said = verdicts(heard, found, seen, sub.info if sub else None, _clock(heard, told), spec.transport)
    return Probed(where, spec, heard, found, seen, others, told, said)


def _spec(request: Request) -> Spec:
    try:
        url = checked(request.url)
        parts = urlsplit(url.get_secret_value())
        return Spec.model_validate(
            {
                "url": url.get_secret_value(),
                "username": request.login.user or (unquote(parts.username) if parts.username else None),
                "password": request.login.password or (unquote(parts.password) if parts.password else None),
                "transport": request.transport,
                "allow_networks": request.networks,
            }
        )
    except (ValueError, ValidationError):  # neither is chained to: it may quote half a password
        trouble = _BAD_URL
    raise Misconfigured(trouble)


def _heard(spec: Spec, seconds: float, step: Step) -> Heard:
    step(_LISTENING, 0, seconds)
    try:
        heard = listen(build(spec), seconds, lambda done: step(_LISTENING, done, seconds))
    except StreamError as error:
        failed: Problem | None = error.problem("probe")
        heard = None
        if isinstance(error, Forbidden):  # there is no site file here
            failed = replace(error.problem("probe"), do=_ALLOW)
    else:
        failed = None
    if heard is None:
        raise NothingCame(failed or _NOTHING)
    return heard


async def _onvif(spec: Spec, port: int) -> Onvif | None:
    """None where nothing there speaks it."""
    host = endpoint(spec.url).host
    try:
        places = Networks(spec.allow_networks)
        async with connect(
            host, port, spec.username, spec.password, timeout=_ONVIF_PATIENCE, networks=places
        ) as device:
            clock = device.clock.offset if device.clock else None
            try:
                return Onvif(await profiles(device), clock)
            except OnvifError:
                return Onvif((), clock)
    except OnvifError as error:
        log.info("probe.no_onvif", where=error.where, code=getattr(error, "code", None))
        return None


def _siblings(spec: Spec, told: Onvif | None, step: Step) -> list[Sibling]:
    by_onvif = [each.stream_url for each in told.profiles if each.stream_url] if told else []
    own = endpoint(spec.url)
    urls = dict.fromkeys(url.get_secret_value() for url in (*by_onvif, *candidates(spec.url)))
    fresh = tuple(SecretStr(url) for url in urls if endpoint(SecretStr(url)) != own)
    step(_LOOKING, 0, len(fresh))
    return list(siblings(spec, fresh, lambda done: step(_LOOKING, done, len(fresh))))


def _clock(heard: Heard, told: Onvif | None) -> float | None:
    """RTCP tells it to the millisecond, ONVIF to the second."""
    return heard.offset if heard.offset is not None or told is None else told.clock


def _sub(heard: Heard, others: tuple[Sibling, ...]) -> Sibling | None:
    smaller = [each for each in others if 0 < each.info.width < heard.info.width]
    return max(smaller, key=lambda each: each.info.width, default=None)


def stream_item(probed: Probed) -> dict[str, Value]:
    """For `streams:` of a site file. Secrets by name: NAME-password, and NAME-url where one stands in the path."""
    spec, sub = probed.spec, probed.sub
    name = "camera-" + endpoint(spec.url).host.replace(":", "-")
    main = _bare(spec.url, f"{name}-url")
    found: dict[str, Value] = {"name": name, "kind": "rtsp"}
    found |= {"url": _bare(sub.url, f"{name}-sub-url"), "record": main} if sub else {"url": main}
    if spec.username is not None:
        found["username"] = spec.username
    if spec.password is not None:
        found["password"] = SecretName(f"{name}-password")
    if spec.transport != "tcp":
        found["transport"] = spec.transport
    if spec.allow_networks:
        found["allow_networks"] = [str(network) for network in spec.allow_networks]
    return found


def _bare(url: SecretStr, secret: str) -> str:
    """Without a login; by name where one stands in the path."""
    if tells_login_in_path(url):
        return SecretName(secret)
    parts = urlsplit(url.get_secret_value())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


_LISTENING = Text("listening", "正在接收")
_LOOKING = Text("looking for other streams", "正在查找其他码流")
_ALLOW = Text(
    "correct the address; if it is meant, give its network with --allow-network",
    "请更正地址；若确需使用，请用 --allow-network 指定其网段",
)
_BAD_URL = Problem(
    "probe.url",
    Text("that is not the address of an RTSP stream", "这不是 RTSP 码流地址"),
    Text(
        "write rtsp://HOST:554/PATH, the user with --user, the password with --password-from",
        "请写成 rtsp://主机:554/路径；用户名用 --user，密码用 --password-from",
    ),
)
_NOTHING = Problem(
    "probe.nothing",
    Text("the camera lets us in and sends no picture", "摄像机已接受连接，但没有画面"),
    Text("restart the camera; try the other --transport", "请重启摄像机，或更换 --transport"),
)
