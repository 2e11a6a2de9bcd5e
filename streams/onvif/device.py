"""A connection to a camera: its clock, a login that it takes, and where its services are.

ONVIF Core specification (device management, security). Single use: reconnecting means building a new one.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any

import structlog
from aiohttp import DigestAuthMiddleware
from pydantic import SecretStr

from streams.networks import Networks
from streams.onvif import soap
from streams.onvif.addresses import place, service_url
from streams.onvif.clock import ClockOffset, offset, told
from streams.onvif.errors import NoService, NotOnvif, Rubbish, WrongLogin
from streams.onvif.library import UsernameToken
from streams.onvif.reading import at, items
from streams.onvif.soap import Line, Service
from streams.onvif.spec import DEVICE_PATH
from streams.outgoing import networks_of

log = structlog.get_logger()

# GetCapabilities' names of the services, for cameras that do not know GetServices.
_BY_CATEGORY = {"Media": soap.MEDIA, "PTZ": soap.PTZ, "Events": soap.EVENTS}
_BINDING = {soap.DEVICE: "DeviceBinding", soap.MEDIA: "MediaBinding", soap.PTZ: "PTZBinding"}
_BINDING[soap.EVENTS] = "EventBinding"


class Login(StrEnum):
    """What a camera took. BOTH: it did not say, so each request carries whatever it may want."""

    NONE = "none"
    DIGEST = "digest"
    WSSE = "ws-security"
    BOTH = "both"


class Device:
    """`connect` makes these. clock: None where the camera does not tell its time."""

    def __init__(
        self,
        line: Line,
        host: str,
        port: int,
        path: str,
        timeout: float,
        username: str | None,
        password: SecretStr | None,
    ) -> None:
        self.host, self.port, self.timeout = host, port, timeout
        self.where = line.where
        self.clock: ClockOffset | None = None
        self.login = Login.NONE
        self.known = False  # whether anything it said so far was ONVIF
        self._line = line
        self._username, self._password = username, password
        self._wsse: UsernameToken | None = None
        self._addresses = {soap.DEVICE: f"http://{place(host, port)}{path}"}

    def has(self, namespace: str) -> bool:
        return namespace in self._addresses

    async def service(self, namespace: str) -> Service:
        """Raises NoService where the camera lacks it."""
        if namespace not in self._addresses:
            raise NoService(self.where)
        return await self.at(self._addresses[namespace], namespace, _BINDING.get(namespace))

    async def at(self, address: str, namespace: str, binding: str | None) -> Service:
        """A service at an address of its own, as a subscription is. binding: None for `plain` calls only."""
        service = Service(self._line, address, self.timeout, self._wsse)
        return service if binding is None else await service.load(namespace, binding)

    def rerouted(self, reported: str) -> str:
        """An address that the camera reports, at the host where we reach it. Raises Rubbish."""
        url = service_url(reported, self.host, self.port)
        if url is None:
            raise Rubbish(self.where)
        return url

    async def read_clock(self) -> ClockOffset | None:
        """Ask again how far its clock is off. None where it tells no date. Raises OnvifError."""
        service = await self.service(soap.DEVICE)
        asked, began = time.time(), time.monotonic()
        answer = await service.call("GetSystemDateAndTime")
        # By the monotonic clock: the box's own may be set while we wait.
        answered = asked + time.monotonic() - began
        self.known = True
        seconds = told(answer)
        self.clock = None if seconds is None else offset(seconds, asked, answered)
        self._set_token()
        return self.clock

    async def log_in(self) -> None:
        """Digest, then WS-Security: two wrong logins at the most. Raises WrongLogin and what `call` raises."""
        rungs = [Login.NONE] if self._username is None else [Login.DIGEST, Login.WSSE]
        refused = WrongLogin(self.where)
        for rung in rungs:
            self._use(rung)
            try:
                await (await self.service(soap.DEVICE)).call("GetDeviceInformation")
            except WrongLogin as error:
                refused = error
            except Rubbish:
                self._use(Login.NONE if self._username is None else Login.BOTH)
                return
            else:
                self.known = True
                return
        raise refused

    async def find_services(self) -> None:
        """Where they are. Raises what `call` raises, except Rubbish: then only the device service is known."""
        device = await self.service(soap.DEVICE)
        try:
            answer = await device.call("GetServices", IncludeCapability=False)
            found = {at(item, "Namespace"): at(item, "XAddr") for item in items(answer)}
        except Rubbish:
            found = {}
        self._note_services(found or await self._by_capabilities(device))

    async def _by_capabilities(self, device: Service) -> dict[Any, Any]:
        try:
            answer = await device.call("GetCapabilities", Category="All")
        except Rubbish:
            return {}
        return {namespace: at(answer, name, "XAddr") for name, namespace in _BY_CATEGORY.items()}

    def _note_services(self, found: dict[Any, Any]) -> None:
        for namespace, address in found.items():
            if namespace in (soap.MEDIA, soap.MEDIA2, soap.PTZ, soap.EVENTS) and isinstance(address, str):
                self.known = True
                url = service_url(address, self.host, self.port)
                if url is not None:
                    self._addresses[namespace] = url

    def _use(self, login: Login) -> None:
        self.login = login
        name = self._username
        wanted = login in (Login.DIGEST, Login.BOTH) and name is not None and ":" not in name  # RFC 7617, 2
        self._line.digest = DigestAuthMiddleware(name, self._word()) if wanted and name is not None else None
        tokened = login in (Login.WSSE, Login.BOTH)
        self._wsse = UsernameToken(name, self._word(), use_digest=True) if tokened else None
        self._set_token()

    def _set_token(self) -> None:
        """In the camera's own time: most refuse a token that is more than seconds or minutes old."""
        if self._wsse is not None:
            self._wsse.dt_diff = timedelta(seconds=self.clock.offset) if self.clock else None

    def _word(self) -> str:
        return self._password.get_secret_value() if self._password else ""


@asynccontextmanager
async def connect(
    host: str,
    port: int = 80,
    username: str | None = None,
    password: SecretStr | None = None,
    *,
    timeout: float = 5.0,  # noqa: ASYNC109 (of every request in the life of the connection, not of this call)
    path: str = DEVICE_PATH,
    networks: Networks | None = None,
) -> AsyncIterator[Device]:
    """A camera, logged in, its services known. timeout: s for one answer. networks: where it may be; None: at a usual
    address, or where the host is written so.

    Raises Unreachable, TimedOut, Busy, WrongLogin, NotOnvif. What it lacks or says wrongly beyond that shows
    when it is asked for.
    """
    line = Line(place(host, port), networks or networks_of(host))
    try:
        device = Device(line, host, port, path, timeout, username, password)
        await _introduce(device)
        yield device
    finally:
        await line.close()


async def _try_clock(device: Device) -> None:
    try:
        await device.read_clock()
    except (Rubbish, WrongLogin) as error:
        log.info("onvif.no_clock", where=device.where, why=str(error))


async def _introduce(device: Device) -> None:
    await _try_clock(device)  # open to everybody (ONVIF Core, access class PRE_AUTH); the login needs it
    await device.log_in()
    if device.clock is None and device.login is not Login.NONE:
        await _try_clock(device)  # some want a login even for that
    await device.find_services()
    if not device.known:
        raise NotOnvif(device.where)
    log.info("onvif.connected", where=device.where, login=device.login)
