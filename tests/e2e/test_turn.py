"""A body camera and a box that cannot reach one another, and a TURN server (coturn) that both reach."""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack
from pydantic import SecretStr

from relay.ice import IceServerSpec
from relay.media.stream import Kind
from tests.support.coturn import SECRET, Coturn
from tests.support.exchange import DUTY, Switchboard, a_box
from tests.support.namespaces import BOX, SERVER, Apart, carry

BEARER = {"Authorization": f"Bearer {DUTY}"}
PORT = 8480


def over_udp(secret: str = SECRET) -> IceServerSpec:
    return IceServerSpec(url=f"turn:{SERVER}:3478?transport=udp", secret=SecretStr(secret))


def over_tls() -> IceServerSpec:
    return IceServerSpec(url=f"turns:{SERVER}:443?transport=tcp", secret=SecretStr(SECRET))


@pytest.mark.parametrize(
    ("spec", "options", "ours_alone"),
    [
        pytest.param(over_udp(), (), False, id="udp"),
        pytest.param(over_udp(), (), True, id="ours-alone"),
        pytest.param(over_tls(), ("--no-udp", "--no-tcp"), False, id="tls-443"),
    ],
)
def test_sound_arrives_by_the_relay(
    spec: IceServerSpec,
    options: tuple[str, ...],
    ours_alone: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ours_alone: the far end uses no server itself."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "turn.crt"))
    with Apart() as apart, Coturn(tmp_path, apart, options) as turn:
        heard, answer = _call(apart, spec, ours_alone)
        assert "typ relay" in answer, "our own end uses the server too"
        assert heard > 20, "packets of sound"
        assert "ALLOCATE processed, success" in turn.log


def test_without_the_relay_there_is_no_way(tmp_path: Path) -> None:
    """What shows that the others went by it; and a server that refuses us does not keep us from answering."""
    with Apart() as apart, Coturn(tmp_path, apart):
        heard, answer = _call(apart, over_udp("another secret"), False, patience=3.0)
        assert "typ host" in answer
        assert "typ relay" not in answer
        assert heard == 0


def _call(apart: Apart, spec: IceServerSpec, ours_alone: bool, patience: float = 60.0) -> tuple[int, str]:
    """Packets of sound that the box received, and its answer."""
    over, ready, enough = threading.Event(), threading.Event(), threading.Event()
    running = apart.start("box", _box([spec], ready, enough, over))
    carrying = apart.start("server", carry(PORT, (BOX, PORT), over))
    try:
        assert ready.wait(60)
        answer = apart.run("far", _publish(f"http://{SERVER}:{PORT}", ours_alone, enough, patience))
    finally:
        over.set()
        carrying.result(60)
    return running.result(60), answer


async def _box(
    ice: Sequence[IceServerSpec], ready: threading.Event, enough: threading.Event, over: threading.Event
) -> int:
    """Packets of sound; enough: told of the 21st."""
    exchange, packets = Switchboard(), 0
    async with a_box(ice=ice, exchange=exchange, host=BOX, port=PORT):
        ready.set()
        while not over.is_set():
            packets = max([packets, *(peer.sources[Kind.AUDIO].packets for peer in exchange.peers.values())])
            if packets > 20:
                enough.set()
            await asyncio.sleep(0.02)
    return packets


async def _publish(url: str, ours_alone: bool, enough: threading.Event, patience: float) -> str:
    """As our page does it: ask for the servers, gather, offer, and speak until it was heard enough."""
    async with httpx.AsyncClient(base_url=url, headers=BEARER, timeout=60) as client:
        servers = [] if ours_alone else (await client.get("/api/v1/places")).json()["ice"]
        connection = RTCPeerConnection(RTCConfiguration([RTCIceServer(**server) for server in servers]))
        try:
            connection.addTransceiver(AudioStreamTrack(), "sendonly")
            await connection.setLocalDescription(await connection.createOffer())
            answer = await client.post(
                "/whip/talk/huangzhuang/body",
                content=connection.localDescription.sdp,
                headers={"Content-Type": "application/sdp"},
            )
            assert answer.status_code == 201, answer.text
            await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    while not enough.is_set():
                        await asyncio.sleep(0.05)
        finally:
            await connection.close()
    return answer.text
