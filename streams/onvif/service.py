"""One camera's ONVIF as a service: `run` raises when it failed and is cancelled to stop.

What is missing or broken in the camera is switched off one by one, with a note each; its pictures do not
depend on any of this.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import aclosing, suppress
from random import Random
from typing import Protocol

import structlog

from streams.onvif import notes
from streams.onvif.clock import ClockOffset
from streams.onvif.device import Device, connect
from streams.onvif.errors import NoService, NotOnvif, NotReady, OnvifError, Rubbish, WrongLogin
from streams.onvif.events import PULL, CameraEvent, events
from streams.onvif.pointing import Pointing
from streams.onvif.profiles import Profile, profiles
from streams.onvif.ptz import Ptz
from streams.onvif.spec import OnvifSpec
from streams.onvif.steering import Steering
from streams.problem import Problem, Text
from streams.retry import Ladder

log = structlog.get_logger()

# s. Cameras lock an account for up to 30 min after some five wrong logins, and we need two for one try.
LOGIN_WAIT = 900.0
REPROBE = 1800.0  # s until a camera without usable ONVIF is asked again: somebody may have updated it
AGAIN = 1.0  # s between two connections to one whose clock jumps at every look
CLOCK_EVERY = 600.0  # s: a camera's clock drifts by less than 0.1 s in that time
SUBSCRIPTIONS = 3  # in a row that did not live through one pull: its events are given up


class Listener(Protocol):
    """Who hears what a camera says. Called on the event loop; must not block."""

    def pointing(self, pointing: Pointing) -> None: ...

    def event(self, event: CameraEvent) -> None: ...

    def clock(self, clock: ClockOffset) -> None: ...

    def profiles(self, profiles: tuple[Profile, ...]) -> None: ...

    def note(self, problem: Problem) -> None: ...


class _AskAgain(Exception):
    """Connect anew."""


class OnvifCamera:
    """Single use. login_wait, reprobe: s, see above."""

    def __init__(
        self,
        name: str,
        spec: OnvifSpec,
        listener: Listener,
        *,
        login_wait: float = LOGIN_WAIT,
        reprobe: float = REPROBE,
    ) -> None:
        self._name, self._spec, self._listener = name, spec, listener
        self._login_wait, self._reprobe = login_wait, reprobe
        self._steering: Steering | None = None
        self._usable = 0  # parts of it that work

    @property
    def has_ptz(self) -> bool:
        """Whether it may be moved at all, by the settings."""
        return self._spec.ptz

    @property
    def steering(self) -> Steering:
        """To move the camera by hand. Raises NotReady while it cannot be."""
        if self._steering is None:
            raise NotReady(self._name)
        return self._steering

    async def run(self) -> None:
        """Raises Unreachable, TimedOut, Busy at once, and WrongLogin after a long wait. Never for rubbish."""
        while True:
            try:
                await self._connected()
            except _AskAgain:
                await asyncio.sleep(AGAIN)
                continue
            except WrongLogin as error:
                self._listener.note(error.problem(self._name))
                await asyncio.sleep(self._login_wait)
                raise
            except (NotOnvif, Rubbish) as error:
                self._listener.note(error.problem(self._name))
                self._listener.note(notes.plain_rtsp(self._name))
            await asyncio.sleep(self._reprobe)

    async def _connected(self) -> None:
        """One connection. Ends by raising: OnvifError, or _AskAgain when it is time to look what works now."""
        spec = self._spec
        async with connect(
            spec.host, spec.port, spec.username, spec.password, timeout=spec.timeout, path=spec.path
        ) as device:
            found = await self._profiles(device)
            self._usable = 1 + spec.ptz + spec.events + bool(found)
            parts = [self._part(device, notes.CLOCK, self._watch_clock(device))]
            if spec.ptz:
                parts.append(self._part(device, notes.PTZ, self._steer(device, found)))
            if spec.events:
                parts.append(self._part(device, notes.EVENTS, self._listen(device)))
            await _together(parts)

    async def _part(self, device: Device, service: Text, work: Coroutine[None, None, None]) -> None:
        """Work that is given up, with a note, where the camera does not do its part."""
        try:
            await work
        except Rubbish as error:
            refused: OnvifError = error
        except WrongLogin as error:
            await self._try_login(device)  # raises, or else this user may not do this
            refused = error
        self._listener.note(notes.service_off(self._name, service, refused))
        self._usable -= 1
        if not self._usable:
            self._listener.note(notes.plain_rtsp(self._name))
        await asyncio.sleep(self._reprobe)
        raise _AskAgain

    async def _try_login(self, device: Device) -> None:
        """Raises WrongLogin where the password was changed, _AskAgain where a clock was: logins carry the time."""
        before = device.clock
        with suppress(Rubbish):
            now = await device.read_clock()
            if before is not None and now is not None and now.differs(before):
                raise _AskAgain
        await device.log_in()

    async def _profiles(self, device: Device) -> tuple[Profile, ...]:
        try:
            found = await profiles(device)
        except (Rubbish, WrongLogin) as error:
            self._listener.note(notes.service_off(self._name, notes.PROFILES, error))
            return ()
        self._listener.profiles(found)
        return found

    async def _watch_clock(self, device: Device) -> None:
        if device.clock is None:
            raise Rubbish(device.where)
        self._listener.clock(device.clock)
        while True:
            await asyncio.sleep(CLOCK_EVERY)
            clock = await device.read_clock()
            if clock is None:
                raise Rubbish(device.where)
            self._listener.clock(clock)

    async def _steer(self, device: Device, found: tuple[Profile, ...]) -> None:
        token = next((each.token for each in found if each.ptz), found[0].token if found else None)
        if token is None:
            raise Rubbish(device.where)
        ptz = await Ptz.of(device, token)
        steering = Steering(self._name, self._spec, ptz, self._listener.pointing, self._listener.note)
        self._steering = steering
        try:
            await steering.run()
        finally:
            # Whoever is told nothing more must not go on believing the last word.
            self._steering = None
            self._listener.pointing(Pointing(None, moving=False, since=time.time()))

    async def _listen(self, device: Device) -> None:
        """Subscriptions end when the camera feels like it: subscribe again, unless none ever worked."""
        ladder = Ladder(Random(), first=2.0)  # noqa: S311 (jitter)
        lost = 0
        while True:
            began = time.monotonic()
            try:
                await self._pass_on(device)
            except NoService:
                raise
            except Rubbish as error:
                lived = time.monotonic() - began
                lost = 1 if lived > PULL else lost + 1
                if lost >= SUBSCRIPTIONS:
                    raise
                log.info("onvif.events_again", camera=self._name, why=str(error))
            await asyncio.sleep(ladder.wait(lived=lived))

    async def _pass_on(self, device: Device) -> None:
        async with aclosing(events(device)) as stream:
            async for event in stream:
                self._listener.event(event)


async def _together(parts: Sequence[Coroutine[None, None, None]]) -> None:
    """Until one fails; that one's error, as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except* (OnvifError, _AskAgain) as errors:
        failed = errors.exceptions[0]
    else:
        return
    raise failed
