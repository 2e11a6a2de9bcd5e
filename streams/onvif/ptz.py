"""Moving a camera. ONVIF PTZ service specification (ver20)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from streams.onvif import soap
from streams.onvif.device import Device
from streams.onvif.errors import Garbled, Rubbish
from streams.onvif.pointing import Position, PtzStatus
from streams.onvif.reading import at, items, number, text
from streams.onvif.soap import Service

log = structlog.get_logger()

# s: the longest that a camera turns without being told again. A command every half second holds it; a
# connection that breaks stops it before it has turned right round (40 degrees/s).
LONGEST_MOVE = 8.0

MOST_PRESETS = 300  # what the largest cameras store


@dataclass(frozen=True, slots=True)
class Velocity:
    """pan, tilt, zoom: -1 to 1, of the camera's full speed."""

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0


@dataclass(frozen=True, slots=True)
class Preset:
    """position: None where the camera does not tell it."""

    token: str
    name: str
    position: Position | None


class Ptz:
    """Every method raises OnvifError."""

    def __init__(self, service: Service, where: str, profile: str) -> None:
        self._service, self._where, self._profile = service, where, profile

    @classmethod
    async def of(cls, device: Device, profile: str) -> "Ptz":
        """profile: token of a media profile that has PTZ. Raises NoService."""
        return cls(await device.service(soap.PTZ), device.where, profile)

    async def move(self, velocity: Velocity, seconds: float) -> None:
        """Turn for so long (at most LONGEST_MOVE); the camera stops by itself if `stop` gets lost."""
        await self._order(
            "ContinuousMove",
            Velocity=_vector(*(_bounded(each, -1) for each in (velocity.pan, velocity.tilt, velocity.zoom))),
            Timeout=timedelta(seconds=min(max(seconds, 0.1), LONGEST_MOVE)),
        )

    async def stop(self) -> None:
        await self._order("Stop", PanTilt=True, Zoom=True)

    async def absolute(self, position: Position) -> None:
        pan, tilt = _bounded(position.pan, -1), _bounded(position.tilt, -1)
        await self._order("AbsoluteMove", Position=_vector(pan, tilt, _bounded(position.zoom, 0)))

    async def presets(self) -> tuple[Preset, ...]:
        found = [_preset(each) for each in items(await self._call("GetPresets"))[:MOST_PRESETS]]
        return tuple(each for each in found if each is not None)

    async def go_to(self, token: str) -> None:
        await self._order("GotoPreset", PresetToken=token)

    async def store(self, name: str, token: str | None = None) -> str:
        """Keep the present view as a preset, anew or (token) in place of an old one. Returns its token."""
        known = {} if token is None else {"PresetToken": token}
        stored = await self._call("SetPreset", PresetName=name, **known)
        if not isinstance(stored, str) or not stored:
            raise Rubbish(self._where)
        return stored

    async def status(self) -> PtzStatus:
        answer = await self._call("GetStatus")
        told = [at(answer, "MoveStatus", part) for part in ("PanTilt", "Zoom")]
        return PtzStatus(_position(at(answer, "Position")), _moving(told))

    async def _order(self, operation: str, **parameters: Any) -> None:
        """Orders have no result: an answer that cannot be read is no reason to give PTZ up."""
        try:
            await self._call(operation, **parameters)
        except Garbled as error:
            log.debug("onvif.garbled", operation=operation, why=str(error))

    async def _call(self, operation: str, **parameters: Any) -> Any:
        return await self._service.call(operation, ProfileToken=self._profile, **parameters)


def _moving(told: list[Any]) -> bool | None:
    """One part that moves, moves all; a part that the camera lacks says nothing."""
    if "MOVING" in told:
        return True
    return False if "IDLE" in told and "UNKNOWN" not in told else None


def _preset(answer: Any) -> Preset | None:
    token = at(answer, "token")
    if not isinstance(token, str) or not token:
        return None
    return Preset(token, text(at(answer, "Name")) or token, _position(at(answer, "PTZPosition")))


def _position(answer: Any) -> Position | None:
    """None without pan and tilt: a camera that only zooms is not one that looks elsewhere."""
    pan, tilt = number(at(answer, "PanTilt", "x")), number(at(answer, "PanTilt", "y"))
    zoom = number(at(answer, "Zoom", "x"))
    return None if pan is None or tilt is None else Position(pan, tilt, zoom or 0.0)


def _vector(pan: float, tilt: float, zoom: float) -> dict[str, dict[str, float]]:
    return {"PanTilt": {"x": pan, "y": tilt}, "Zoom": {"x": zoom}}


def _bounded(value: float, least: float) -> float:
    """Raises ValueError for what is no number."""
    read = number(value)
    if read is None:
        raise ValueError("needs a finite number")
    return min(1.0, max(least, read))
