"""A body camera publishes by WHIP, an operator watches it by WHEP: through the real talk groups and over real HTTP."""

import asyncio
import time
from contextlib import AsyncExitStack

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame

from edge.talk.service import Talk
from relay.group import CallRules
from relay.groups import TalkGroups
from relay.talk import Member, Role, TalkGroup
from tests.support.callers import Tone
from tests.support.exchange import DUTY, Box, a_box, some_tokens

PATIENCE = 60.0
HEADERS = {"Content-Type": "application/sdp", "Authorization": f"Bearer {DUTY}"}
PLAN = TalkGroup("huangzhuang", (Member("duty", Role.OPERATOR), Member("body", Role.BODY_CAMERA)))


async def test_what_a_body_camera_publishes_is_heard_by_who_watches_it() -> None:
    tokens = some_tokens()
    talk = Talk(TalkGroups([PLAN], CallRules(), time.monotonic()), tokens)
    running = asyncio.ensure_future(talk.run())
    async with AsyncExitStack() as stack, a_box(exchange=talk, tokens=tokens) as box:
        body = await _connected(stack, box, "/whip/talk/huangzhuang/body", Tone())
        viewer = await _connected(stack, box, "/whep/talk/huangzhuang/body", None)
        track = viewer.getReceivers()[0].track
        async with asyncio.timeout(PATIENCE):
            while not _sounds(await track.recv()):
                pass
        assert (
            await box.client.post("/whep/talk/nowhere", content="v=0", headers=HEADERS)
        ).status_code == 404
        assert (await box.client.post("/whep/gate", content="v=0", headers=HEADERS)).status_code == 404
        assert len(box.sessions) == 2
        await body.close()
        async with asyncio.timeout(PATIENCE):
            while len(box.sessions) > 1:
                await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait([running])


def _sounds(frame: object) -> bool:
    assert isinstance(frame, AudioFrame)
    return bool(frame.to_ndarray().any())


async def _connected(stack: AsyncExitStack, box: Box, path: str, sound: Tone | None) -> RTCPeerConnection:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    stack.push_async_callback(connection.close)
    connection.addTransceiver(sound or "audio", "sendonly" if sound else "recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    answer = await box.client.post(path, content=connection.localDescription.sdp, headers=HEADERS)
    assert answer.status_code == 201, answer.text
    await connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return connection
