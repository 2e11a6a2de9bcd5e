"""Who can turn the cameras now: the ONVIF connection of the moment, of each camera that has PTZ."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from edge.orders.problems import OrderFailed, OrderRefused, no_preset, no_ptz
from streams.onvif.errors import OnvifError

if TYPE_CHECKING:
    from streams.onvif.service import OnvifCamera  # with zeep, which a site without ONVIF never pays for
    from streams.onvif.steering import Steering


class Helm:
    """One service after another stands for a camera (edge.control.service); the newest one steers."""

    def __init__(self) -> None:
        self._cameras: dict[str, OnvifCamera] = {}

    def stands(self, camera: str, service: "OnvifCamera") -> None:
        self._cameras[camera] = service

    def leaves(self, camera: str) -> None:
        """Nobody steers it any more."""
        self._cameras.pop(camera, None)

    async def move(self, camera: str, pan: float, tilt: float, zoom: float, seconds: float) -> None:
        """-1 to 1, of full speed; the camera stops by itself after `seconds`. Raises OrderRefused, OrderFailed."""
        from streams.onvif.ptz import Velocity  # noqa: PLC0415 (loaded with the service)

        async with self._steering(camera) as steering:
            await steering.move(Velocity(pan, tilt, zoom), seconds)

    async def stop(self, camera: str) -> None:
        async with self._steering(camera) as steering:
            await steering.stop()

    async def go_to(self, camera: str, preset: str) -> None:
        """Raises OrderRefused for a preset nobody knows, OrderFailed."""
        async with self._steering(camera) as steering:
            if preset not in steering.presets:
                raise OrderRefused(no_preset(camera, steering.presets))
            await steering.go_to(preset)

    @asynccontextmanager
    async def _steering(self, camera: str) -> AsyncIterator["Steering"]:
        service = self._cameras.get(camera)
        if service is None or not service.has_ptz:
            raise OrderRefused(no_ptz(camera))
        try:
            yield service.steering
        except OnvifError as error:
            raise OrderFailed(error.problem(camera)) from error
