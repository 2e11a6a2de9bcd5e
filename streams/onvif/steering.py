"""Where a connected camera points, its patrol, and commands from outside: one loop over pure parts."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from streams.onvif import notes
from streams.onvif.errors import NotReady, Rubbish
from streams.onvif.patrol import Stop, Tour
from streams.onvif.pointing import Bearings, Observed, Pointing, Position, PtzStatus, Reckoned
from streams.onvif.ptz import LONGEST_MOVE, Ptz, Velocity
from streams.onvif.spec import OnvifSpec
from streams.problem import Problem

log = structlog.get_logger()

POLL = 1.0  # s: what somebody else's joystick does is known before a vehicle has dwelt in a wrong zone
REREAD = 300.0  # s: somebody stores a preset anew now and then; a visit by a technician lasts longer


class Steering:
    """Single use. `told` hears of every change of Pointing, `note` of what a technician should know.

    presets: our name -> the camera's token, from the settings or (`begin`) from the camera.
    """

    def __init__(
        self,
        camera: str,
        spec: OnvifSpec,
        ptz: Ptz,
        told: Callable[[Pointing], None],
        note: Callable[[Problem], None],
    ) -> None:
        self._camera, self._spec, self._ptz = camera, spec, ptz
        self._told, self._note = told, note
        self._tokens: Mapping[str, str] = dict(spec.presets)
        self._bearings: Bearings = Reckoned(time.monotonic(), spec.settle)
        self._said: Pointing | None = None
        self._tour = _tour(spec)
        self._stop_due: float | None = None
        self._reread = 0.0
        # One command at a time: what was sent last is what the camera heard last, and what the pointing says.
        self._order = asyncio.Lock()

    @property
    def presets(self) -> tuple[str, ...]:
        """Names that `go_to` knows."""
        return tuple(self._tokens)

    async def run(self) -> None:
        """Endless. Raises OnvifError; Rubbish only where not even commands work."""
        await self._begin()
        while True:
            now = time.monotonic()
            if now >= self._reread and isinstance(self._bearings, Observed):
                self._bearings.relearn(await self._positions())
            await self._look()
            await self._walk()
            await self._stop_in_time()
            await asyncio.sleep(self._pause())

    async def go_to(self, preset: str) -> None:
        """By hand: the patrol stands back. Raises NotReady for a preset nobody knows, OnvifError."""
        self._hold()
        async with self._order:
            await self._send(preset)

    async def move(self, velocity: Velocity, seconds: float = LONGEST_MOVE) -> None:
        """By hand. The stop is sent as well, for cameras that do not heed the time. Raises OnvifError."""
        self._hold()
        async with self._order:
            self._ordered(None)
            self._stop_due = time.monotonic() + min(seconds, LONGEST_MOVE)
            await self._ptz.move(velocity, seconds)

    async def stop(self) -> None:
        """By hand. Raises OnvifError."""
        self._hold()
        async with self._order:
            self._stop_due = None
            self._ordered(None)
            await self._ptz.stop()

    def pause(self) -> None:
        self._tour = self._tour and self._tour.paused()

    def resume(self) -> None:
        self._tour = self._tour and self._tour.resumed()

    async def _begin(self) -> None:
        positions = await self._positions()
        missing = {*self._spec.presets, *(stop.preset for stop in self._spec.patrol)} - set(positions)
        if missing:
            self._note(notes.missing_presets(self._camera, missing))
        if self._tour is not None:
            left = tuple(stop for stop in self._tour.stops if stop.preset in positions)
            self._tour = replace(self._tour, stops=left) if left else None
        status = await self._status()
        if status is None or status.position is None:
            self._note(notes.assumed_pointing(self._camera))
        else:
            self._bearings = Observed(positions, time.monotonic(), self._spec.settle)
        self._publish()

    async def _positions(self) -> dict[str, Position | None]:
        """Of the presets that both sides know. Where the camera does not list any, the settings are believed."""
        self._reread = time.monotonic() + REREAD
        try:
            listed = {each.token: each for each in await self._ptz.presets()}
        except Rubbish as error:
            log.info("onvif.no_presets", camera=self._camera, why=str(error))
            return dict.fromkeys(self._tokens)
        if not self._spec.presets:
            self._tokens = {each.name: each.token for each in listed.values()}
        return {name: listed[token].position for name, token in self._tokens.items() if token in listed}

    async def _status(self) -> PtzStatus | None:
        try:
            return await self._ptz.status()
        except Rubbish:
            return None

    async def _look(self) -> None:
        status = await self._status() if isinstance(self._bearings, Observed) else None
        self._bearings.seen(status, time.monotonic())
        self._publish()

    async def _walk(self) -> None:
        async with self._order:
            if self._tour is None:
                return
            self._tour, preset = self._tour.step(time.monotonic(), self._bearings.pointing)
            if preset is not None:
                await self._send(preset)

    async def _send(self, preset: str) -> None:
        token = self._tokens.get(preset)
        if token is None:
            raise NotReady(self._camera)
        self._stop_due = None
        self._ordered(preset)
        await self._ptz.go_to(token)

    async def _stop_in_time(self) -> None:
        async with self._order:
            if self._stop_due is not None and time.monotonic() >= self._stop_due:
                self._stop_due = None
                await self._ptz.stop()

    def _pause(self) -> float:
        if self._stop_due is None:
            return POLL
        return min(POLL, max(0.0, self._stop_due - time.monotonic()))

    def _hold(self) -> None:
        self._tour = self._tour and self._tour.manual(time.monotonic())

    def _ordered(self, preset: str | None) -> None:
        """Said before the command goes out: no picture of the way is judged by the old preset's zones."""
        self._bearings.commanded(preset, time.monotonic())
        self._publish()

    def _publish(self) -> None:
        pointing = self._bearings.pointing
        if self._said is None or not pointing.same(self._said):
            self._said = pointing
            ago = time.monotonic() - pointing.since
            self._told(replace(pointing, since=time.time() - ago))


def _tour(spec: OnvifSpec) -> Tour | None:
    stops = tuple(Stop(each.preset, each.dwell) for each in spec.patrol)
    return Tour(stops, spec.hold) if stops else None
