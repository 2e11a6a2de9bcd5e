"""What the console asks of cameras: one tried out, and who is there; no password in any answer."""

import asyncio
import base64
import json
from typing import Any

import cv2
import numpy as np
import pytest

from edge.probe.desk import work
from streams.problem import ProblemError
from tests.support.answering import alone, answering
from tests.support.onvif_device import OnvifDevice
from tests.support.rtsp import RtspServer

WORD = "se/cr@t%41"
HERE = {"username": "admin", "password": WORD, "networks": ["127.0.0.0/8"]}


def asked(**question: Any) -> dict[str, Any]:
    answer = work(json.dumps({**HERE, **question}).encode())
    text = json.dumps(answer)
    assert WORD not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_camera_is_tried_out_with_verdicts_and_a_picture() -> None:
    with RtspServer(login=f"admin:{WORD}") as camera:
        found = asked(kind="try", url=f"rtsp://{camera.place}")
    picture = cv2.imdecode(np.frombuffer(base64.b64decode(found["picture"]), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (240, 320, 3)
    assert {"weight", "en", "zh"} <= found["verdicts"][0].keys()
    assert {"en": "codec", "zh": "编码"} in [name for name, _ in found["facts"]]
    assert found["camera"]["url"] == f"rtsp://{camera.place}"
    assert found["camera"]["name"] == "camera-127.0.0.1"


def test_why_it_cannot_be_had_is_said() -> None:
    with RtspServer(login="admin:other") as camera, pytest.raises(ProblemError) as refused:
        asked(kind="try", url=f"rtsp://{camera.place}")
    assert refused.value.problem.code == "camera.unauthorized"
    with pytest.raises(ProblemError) as refused:
        asked(kind="try", url="http://192.0.2.1/")
    assert refused.value.problem.code == "probe.url"


async def test_cameras_that_answer_are_listed_with_their_streams() -> None:
    with alone():
        async with OnvifDevice(auth="digest", password=WORD) as camera, answering(f"127.0.0.1:{camera.port}"):
            found = await asyncio.to_thread(asked, kind="look", hosts=["127.0.0.1"])
            [one] = found["cameras"]
            assert (one["host"], one["title"], one["problem"]) == ("127.0.0.1", "Gate Cam", None)
            assert one["camera"]["url"].startswith("rtsp://")
            assert one["camera"]["onvif"]["port"] == camera.port
            shy = await asyncio.to_thread(
                asked, kind="look", hosts=["127.0.0.1"], username=None, password=None
            )
            assert shy["cameras"][0]["camera"] is None
            wrong = await asyncio.to_thread(asked, kind="look", hosts=["127.0.0.1"], password="wrong")
            assert wrong["cameras"][0]["problem"]["zh"]
