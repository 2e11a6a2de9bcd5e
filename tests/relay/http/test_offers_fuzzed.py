"""Whatever is sent as an offer gets an answer or a refusal, and leaves nothing behind."""

import asyncio
import gc

from aiortc import RTCConfiguration, RTCPeerConnection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.exchange import DUTY, a_box

HEADERS = {"Content-Type": "application/sdp", "Authorization": f"Bearer {DUTY}"}


async def _offer() -> list[str]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        connection.addTransceiver("audio", "sendonly")
        connection.addTransceiver("video", "sendonly")
        connection.createDataChannel("floor")
        await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp).splitlines()
    finally:
        await connection.close()


LINES = asyncio.run(_offer())
places = st.integers(0, len(LINES) - 1)
junk = st.text(max_size=40)


@st.composite
def offers(draw: st.DrawFn) -> bytes:
    """A real offer, with some of its lines dropped, doubled, exchanged, cut off or replaced."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        here, there = draw(places) % len(lines), draw(places) % len(lines)
        match draw(st.sampled_from(["drop", "double", "exchange", "cut", "replace", "value", "number"])):
            case "drop" if len(lines) > 1:
                del lines[here]
            case "double":
                lines.insert(there, lines[here])
            case "exchange":
                lines[here], lines[there] = lines[there], lines[here]
            case "cut":
                lines[here] = lines[here][: draw(st.integers(0, 20))]
            case "replace":
                lines[here] = draw(junk)
            case "value":
                lines[here] = lines[here].partition(":")[0] + ":" + draw(junk)
            case "number":
                lines[here] = lines[here].replace("1", str(draw(st.integers(-1, 1 << 70))), 1)
    return "\r\n".join(lines).encode("utf-8", "surrogatepass")


@settings(max_examples=12)
@given(st.lists(offers() | st.binary(max_size=200), min_size=1, max_size=12))
def test_every_offer_is_answered_or_refused(bodies: list[bytes]) -> None:
    asyncio.run(_posted(bodies))


async def _posted(bodies: list[bytes]) -> None:
    async with a_box() as box:
        await box.client.get("/healthz")
        before = len(asyncio.all_tasks())
        for body in bodies:
            answer = await box.client.post("/whip/talk/huangzhuang/body", content=body, headers=HEADERS)
            assert answer.status_code in (201, 400, 406), (answer.status_code, body)
            if answer.status_code == 201:
                gone = await box.client.delete(answer.headers["location"], headers=HEADERS)
                assert gone.status_code == 200
        assert len(box.sessions) == 0
        async with asyncio.timeout(30):
            while len(asyncio.all_tasks()) > before:
                await asyncio.sleep(0.01)
    gc.collect()
