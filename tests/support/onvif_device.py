"""An ONVIF camera for the tests: real HTTP, a login that is verified, a head that turns, and every bad habit."""

import asyncio
import base64
import hashlib
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Self

from aiohttp import web

from tests.support.onvif_xml import ENVELOPE, FAULT, NAMESPACES, Picture, profile1, profile2, vector

REALM, NONCE = "camera", "5ca1ab1e"
FRESH = 60.0  # s: older or younger WS-Security tokens are refused


@dataclass
class Head:
    """Pan, tilt and zoom. Moves at `speed` units per second, straight to its goal."""

    speed: float = 2.0
    start: tuple[float, float, float] = (0.0, 0.0, 0.0)
    goal: tuple[float, float, float] = (0.0, 0.0, 0.0)
    since: float = 0.0
    until: float = 0.0

    def send(self, goal: tuple[float, float, float]) -> None:
        now = time.monotonic()
        self.start, self.goal, self.since = self.position, goal, now
        way = max(abs(a - b) for a, b in zip(self.start, goal, strict=True))
        self.until = now + way / self.speed

    @property
    def moving(self) -> bool:
        return time.monotonic() < self.until

    @property
    def position(self) -> tuple[float, float, float]:
        now = time.monotonic()
        if now >= self.until:
            return self.goal
        part = (now - self.since) / (self.until - self.since)
        pan, tilt, zoom = (a + (b - a) * part for a, b in zip(self.start, self.goal, strict=True))
        return pan, tilt, zoom


@dataclass
class OnvifDevice:
    """`async with OnvifDevice() as camera: ... camera.port`.

    address: where it listens. auth: what it wants for everything but its clock. skew: s its clock is ahead of ours. reported: the
    host:port it believes to have; None: the real one. answers: operation -> bytes to answer instead.
    silent: operations it never answers. slow: operations that it does only once this happened. mangle: what the
    line makes of every answer. redirect: where everything is sent to. asked, done: operations in turn.
    """

    address: str = "127.0.0.1"
    auth: Literal["none", "digest", "wsse"] = "none"
    username: str = "admin"
    password: str = "p&ss/wörd"
    skew: float = 0.0
    services: tuple[str, ...] = ("media", "media2", "ptz", "events")
    reported: str | None = None
    stream: str = "rtsp://{host}:554/{token}"
    pictures: list[Picture] = field(
        default_factory=lambda: [
            Picture("main", (2560, 1440), "H265"),
            Picture("sub", (640, 360)),
            Picture("mini", (160, 90)),
        ]
    )
    presets: dict[str, tuple[str, tuple[float, float, float] | None]] = field(
        default_factory=lambda: {
            "1": ("gate", (0.0, 0.0, 0.0)),
            "2": ("pit", (0.5, -0.2, 0.1)),
            "3": ("road", None),
        }
    )
    hidden: dict[str, tuple[float, float, float]] = field(default_factory=lambda: {"3": (-0.5, 0.1, 0.0)})
    move_status: bool = True
    position_told: bool = True
    reference: str = ""  # a subscription is known by this, beside its address
    renewable: bool = True
    answers: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    mangle: Callable[[bytes], bytes] | None = None
    redirect: str | None = None
    get_services: bool = True

    def __post_init__(self) -> None:
        self.head = Head()
        self.asked: list[str] = []
        self.done: list[str] = []
        self.bodies: list[bytes] = []
        self.refused = 0
        self.stops = 0
        self.subscriptions = 0
        self.events: asyncio.Queue[str] = asyncio.Queue()
        self.port = 0
        self._nonces: set[str] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.address, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def place(self) -> str:
        return self.reported or f"{self.address}:{self.port}"

    def now(self) -> float:
        return time.time() + self.skew

    def happen(self, topic: str = "tns1:RuleEngine/CellMotionDetector/Motion", value: str = "true") -> None:
        moment = datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.events.put_nowait(
            '<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
            f"{topic}</wsnt:Topic><wsnt:Message>"
            f'<tt:Message UtcTime="{moment}" PropertyOperation="Changed"><tt:Source>'
            '<tt:SimpleItem Name="VideoSourceConfigurationToken" Value="vs1"/></tt:Source>'
            f'<tt:Data><tt:SimpleItem Name="IsMotion" Value="{value}"/></tt:Data></tt:Message>'
            "</wsnt:Message></wsnt:NotificationMessage>"
        )

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        operation = _operation(body)
        self.asked.append(operation)
        self.bodies.append(body)
        if self.redirect is not None:
            raise web.HTTPTemporaryRedirect(self.redirect)
        if operation in self.silent:
            await asyncio.sleep(3600)
        if operation in self.slow:
            await self.slow[operation].wait()
        self.done.append(operation)
        if operation != "GetSystemDateAndTime" and (refusal := self._refusal(request, body)):
            return refusal
        return await self._answered(operation, body)

    async def _answered(self, operation: str, body: bytes) -> web.Response:
        status = self.statuses.get(operation, 200)
        if operation in self.answers:
            return web.Response(
                body=self.answers[operation], status=status, content_type="application/soap+xml"
            )
        make = getattr(self, f"_do_{operation}", None)
        said = FAULT.format("ActionNotSupported") if make is None else make(body)
        content = await said if asyncio.iscoroutine(said) else said
        if "<s:Fault>" in content:
            status = 400
        sent = ENVELOPE.format(content).encode()
        return web.Response(
            body=self.mangle(sent) if self.mangle else sent,
            status=status,
            content_type="application/soap+xml",
        )

    # Login

    def _refusal(self, request: web.Request, body: bytes) -> web.Response | None:
        if self.auth == "digest" and not self._digest_fits(request):
            self.refused += "Authorization" in request.headers
            challenge = f'Digest realm="{REALM}", qop="auth", nonce="{NONCE}", algorithm=MD5'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        if self.auth == "wsse" and not self._token_fits(body):
            self.refused += b"UsernameToken" in body
            fault = ENVELOPE.format(FAULT.format("NotAuthorized")).encode()
            return web.Response(body=fault, status=400, content_type="application/soap+xml")
        return None

    def _digest_fits(self, request: web.Request) -> bool:
        """RFC 7616 with MD5 and qop=auth."""
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', request.headers.get("Authorization", "")))
        if said.get("nonce") != NONCE or said.get("username") != self.username:
            return False
        one = _md5(f"{self.username}:{REALM}:{self.password}")
        two = _md5(f"{request.method}:{said['uri']}")
        wanted = _md5(f"{one}:{NONCE}:{said['nc']}:{said['cnonce']}:{said['qop']}:{two}")
        return bool(said["uri"] == request.raw_path and said["response"] == wanted)

    def _token_fits(self, body: bytes) -> bool:
        """WS-Security UsernameToken 1.1, digest; fresh by this camera's clock, and never twice."""
        told = {name: _between(body, name) for name in ("Username", "Password", "Nonce", "Created")}
        if not all(told.values()) or told["Nonce"] in self._nonces:
            return False
        self._nonces.add(told["Nonce"])
        made = datetime.fromisoformat(told["Created"]).timestamp()
        digest = hashlib.sha1(
            base64.b64decode(told["Nonce"]) + told["Created"].encode() + self.password.encode()
        ).digest()
        fits = told["Password"] == base64.b64encode(digest).decode()
        return bool(fits and told["Username"] == self.username and abs(made - self.now()) <= FRESH)

    # Device

    def _do_GetSystemDateAndTime(self, _: bytes) -> str:  # noqa: N802
        now = datetime.fromtimestamp(self.now(), UTC)
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime><tt:Time>"
            f"<tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second>"
            f"</tt:Time><tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month>"
            f"<tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime>"
            "</tds:GetSystemDateAndTimeResponse>"
        )

    def _do_GetDeviceInformation(self, _: bytes) -> str:  # noqa: N802
        names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
        told = "".join(f"<tds:{name}>x</tds:{name}>" for name in names)
        return f"<tds:GetDeviceInformationResponse>{told}</tds:GetDeviceInformationResponse>"

    def _do_GetServices(self, _: bytes) -> str:  # noqa: N802
        if not self.get_services:
            return FAULT.format("ActionNotSupported")
        told = "".join(
            f"<tds:Service><tds:Namespace>{NAMESPACES[name]}</tds:Namespace>"
            f"<tds:XAddr>http://{self.place}/onvif/{name}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>"
            for name in ("device", *self.services)
        )
        return f"<tds:GetServicesResponse>{told}</tds:GetServicesResponse>"

    def _do_GetCapabilities(self, _: bytes) -> str:  # noqa: N802
        told = "".join(
            f"<tt:{tag}><tt:XAddr>http://{self.place}/onvif/{name}</tt:XAddr></tt:{tag}>"
            for tag, name in (("Events", "events"), ("Media", "media"), ("PTZ", "ptz"))
            if name in self.services
        )
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities>"
            f"{told}</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    # Media

    def _do_GetProfiles(self, body: bytes) -> str:  # noqa: N802
        if b"ver20/media" in body:
            told = "".join(profile2(each) for each in self.pictures)
            return f"<tr2:GetProfilesResponse>{told}</tr2:GetProfilesResponse>"
        told = "".join(profile1(each) for each in self.pictures if each.encoding != "H265")
        return f"<trt:GetProfilesResponse>{told}</trt:GetProfilesResponse>"

    def _do_GetStreamUri(self, body: bytes) -> str:  # noqa: N802
        token = _between(body, "ProfileToken")
        uri = self.stream.format(host=self.place.partition(":")[0], token=token)
        if b"ver20/media" in body:
            return f"<tr2:GetStreamUriResponse><tr2:Uri>{uri}</tr2:Uri></tr2:GetStreamUriResponse>"
        return (
            f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{uri}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
            "<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:GetStreamUriResponse>"
        )

    # PTZ

    def _do_GetPresets(self, _: bytes) -> str:  # noqa: N802
        told = "".join(
            f'<tptz:Preset token="{token}"><tt:Name>{name}</tt:Name>'
            + (f"<tt:PTZPosition>{vector(where)}</tt:PTZPosition>" if where is not None else "")
            + "</tptz:Preset>"
            for token, (name, where) in self.presets.items()
        )
        return f"<tptz:GetPresetsResponse>{told}</tptz:GetPresetsResponse>"

    def _do_GotoPreset(self, body: bytes) -> str:  # noqa: N802
        token = _between(body, "PresetToken")
        if token not in self.presets:
            return FAULT.format("NoToken")
        self.head.send(self.presets[token][1] or self.hidden[token])
        return "<tptz:GotoPresetResponse/>"

    def _do_SetPreset(self, body: bytes) -> str:  # noqa: N802
        token = _between(body, "PresetToken") or str(len(self.presets) + 1)
        self.presets[token] = (_between(body, "PresetName"), self.head.position)
        return (
            f"<tptz:SetPresetResponse><tptz:PresetToken>{token}</tptz:PresetToken></tptz:SetPresetResponse>"
        )

    def _do_GetStatus(self, _: bytes) -> str:  # noqa: N802
        state = "MOVING" if self.head.moving else "IDLE"
        where = f"<tt:Position>{vector(self.head.position)}</tt:Position>" if self.position_told else ""
        move = f"<tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>IDLE</tt:Zoom></tt:MoveStatus>"
        return (
            f"<tptz:GetStatusResponse><tptz:PTZStatus>{where}{move if self.move_status else ''}"
            "<tt:UtcTime>2026-01-01T00:61:00Z</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def _do_ContinuousMove(self, body: bytes) -> str:  # noqa: N802
        lasting = re.search(rb"Timeout>PT([0-9.]+)S<", body)
        pan, tilt, zoom = self.head.position
        found = re.search(rb'PanTilt[^>]*x="([^"]+)"[^>]*y="([^"]+)"', body)
        assert found is not None
        assert lasting is not None
        x, y, way = float(found[1]), float(found[2]), self.head.speed * float(lasting[1])
        self.head.send((pan + x * way, tilt + y * way, zoom))
        return "<tptz:ContinuousMoveResponse/>"

    def _do_AbsoluteMove(self, body: bytes) -> str:  # noqa: N802
        pan = re.search(rb'PanTilt[^>]*x="([^"]+)"[^>]*y="([^"]+)"', body)
        zoom = re.search(rb'Zoom[^>]*x="([^"]+)"', body)
        assert pan is not None
        assert zoom is not None
        self.head.send((float(pan[1]), float(pan[2]), float(zoom[1])))
        return "<tptz:AbsoluteMoveResponse/>"

    def _do_Stop(self, _: bytes) -> str:  # noqa: N802
        self.stops += 1
        self.head.send(self.head.position)
        return "<tptz:StopResponse/>"

    # Events

    def _do_CreatePullPointSubscription(self, _: bytes) -> str:  # noqa: N802
        self.subscriptions += 1
        known = f'<x:Id xmlns:x="urn:maker">{self.reference}</x:Id>' if self.reference else ""
        parameters = f"<wsa:ReferenceParameters>{known}</wsa:ReferenceParameters>" if known else ""
        return (
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
            f"<wsa:Address>http://{self.place}/onvif/pull?number={self.subscriptions}</wsa:Address>{parameters}"
            f"</tev:SubscriptionReference>{self._times('wsnt')}</tev:CreatePullPointSubscriptionResponse>"
        )

    async def _do_PullMessages(self, body: bytes) -> str:  # noqa: N802
        if self.reference and self.reference.encode() not in body:
            return FAULT.format("ResourceUnknownFault")
        told = [await self.events.get()]
        with suppress(asyncio.QueueEmpty):
            while True:
                told.append(self.events.get_nowait())
        return f"<tev:PullMessagesResponse>{self._times('tev')}{''.join(told)}</tev:PullMessagesResponse>"

    def _do_Renew(self, _: bytes) -> str:  # noqa: N802
        if not self.renewable:
            return FAULT.format("ActionNotSupported")
        return f"<wsnt:RenewResponse>{self._times('wsnt')}</wsnt:RenewResponse>"

    def _do_Unsubscribe(self, _: bytes) -> str:  # noqa: N802
        self.subscriptions -= 1
        return "<wsnt:UnsubscribeResponse/>"

    def _times(self, prefix: str) -> str:
        now = datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"<{prefix}:CurrentTime>{now}</{prefix}:CurrentTime>"
            f"<{prefix}:TerminationTime>{now}</{prefix}:TerminationTime>"
        )


def _operation(body: bytes) -> str:
    found = re.search(rb"Body[^>]*>\s*<(?:[\w.-]+:)?([A-Za-z0-9]+)", body)
    return found[1].decode() if found else ""


def _between(body: bytes, tag: str) -> str:
    found = re.search(rf"<(?:[\w.-]+:)?{tag}\b[^>]*>([^<]*)<".encode(), body)
    return found[1].decode() if found else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
