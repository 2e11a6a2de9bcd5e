"""A camera that is found on this machine: ONVIF, WS-Discovery and its stream, beside a test that awaits nothing."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio.from_thread import BlockingPortal, start_blocking_portal

from streams.onvif.discovery import GROUP
from tests.support.answering import alone, answering
from tests.support.onvif_device import OnvifDevice
from tests.support.onvif_xml import Picture
from tests.support.rtsp import RtspServer


@dataclass(frozen=True, slots=True)
class Discoverable:
    portal: BlockingPortal
    device: OnvifDevice

    @contextmanager
    def found(self) -> Iterator[None]:
        """While it answers whoever searches from this machine."""
        answers = answering(self.device.place, here())
        with alone(), self.portal.wrap_async_context_manager(answers):
            yield


@contextmanager
def discoverable(clip: Path, user: str, password: str) -> Iterator[Discoverable]:
    """Fixed, with one stream, which plays the clip and asks for the login as ONVIF does."""
    with (
        RtspServer(files=[clip], login=f"{user}:{password}", address=here()) as played,
        start_blocking_portal() as portal,
    ):
        device = OnvifDevice(
            address=here(),
            auth="digest",
            username=user,
            password=password,
            services=("media", "events"),
            stream=f"rtsp://{played.place}",
            pictures=[Picture("main", (640, 360))],
        )
        with portal.wrap_async_context_manager(device):
            yield Discoverable(portal, device)


def here() -> str:
    """This machine's address on the cable where multicast goes: whence it asks, and whence the camera answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(GROUP)
        return str(sock.getsockname()[0])
