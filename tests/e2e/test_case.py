"""A case from the camera to the archive, with every part real: the centre is told, answers, orders, and proves it."""

import asyncio
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.daemon import Gateway, site, stream
from tests.support.mosquitto import PATIENCE_S, Mosquitto, Witness, caught_up, until, witness
from tests.support.rtsp import RtspServer
from tests.support.tus import TusFiles, serving

pytestmark = pytest.mark.e2e

ROOT = "sandwatch/v1/410000/410100/410122/test"
RESPOND = "respond: {unit: 黄庄派出所, officers: [张三], receive: 1min, dispatch: 10min, close: 1h}"


def settled(broker: Mosquitto, storage: Path, url: str, files: str) -> str:
    """A site whose centre may configure it, and to which files go."""
    text = site(broker=broker.port, storage=storage, streams=stream("gate", url, RESPOND))
    may = "[status, snapshot, upload, config.get, config.apply]"
    return text.replace('"}\nstorage', f'", may: {may}}}\nupload: {{url: "{files}", kinds: [clip]}}\nstorage')


@contextmanager
def consumer(broker: Mosquitto, out: Path) -> Iterator[None]:
    """`sandwatch centre`, which acknowledges what it has stored."""
    where = f"mqtt://127.0.0.1:{broker.port}"
    command = [sys.executable, "-m", "edge", "centre", "--broker", where, "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0


def ups(seen: Witness, kind: str) -> list[dict[str, Any]]:
    return [
        json.loads(one.payload)
        for one in seen.messages
        if str(one.topic).endswith("/up") and json.loads(one.payload)["type"] == f"case.{kind}"
    ]


async def say(client: aiomqtt.Client, case: str, kind: str, **fields: object) -> None:
    word = {
        "kind": kind,
        "id": f"{kind}-1",
        "by": "王伟",
        "time": datetime.now(UTC).isoformat(),
        **fields,
    }
    await client.publish(f"{ROOT}/case/{case}/down", json.dumps(word), qos=1)


async def order(client: aiomqtt.Client, name: str, **fields: object) -> dict[str, Any]:
    """The final answer."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ResponseTopic, properties.CorrelationData = "centre/answers", name.encode()
    properties.MessageExpiryInterval = round(PATIENCE_S)
    request = {"id": f"{name}-{time.monotonic_ns()}", **fields}
    await client.publish(f"{ROOT}/cmd/{name}", json.dumps(request), qos=1, properties=properties)
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            answer: dict[str, Any] = json.loads(message.payload)
            if answer["id"] == request["id"] and answer["state"] in ("done", "refused", "failed"):
                return answer
    raise AssertionError(f"no answer to {name}")


def desk(broker: Mosquitto) -> aiomqtt.Client:
    version = aiomqtt.ProtocolVersion.V5
    return aiomqtt.Client("127.0.0.1", broker.port, protocol=version, timeout=PATIENCE_S)


def told(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "edge", *words], capture_output=True, text=True, check=False)


async def test_a_case_is_told_answered_and_proved(
    broker: Mosquitto, storage: Path, tmp_path: Path, demo_clip: Path
) -> None:
    table = tmp_path / "events.csv"
    with RtspServer(files=[demo_clip]) as camera, consumer(broker, table):
        async with (
            serving(TusFiles()) as files,
            witness(broker.port) as seen,
            desk(broker) as centre,
        ):
            await centre.subscribe("centre/answers", qos=1)
            with Gateway(tmp_path, settled(broker, storage, camera.url, files.url)) as gateway:
                await until(lambda: ups(seen, "received"), "the centre's reception")
                case = ups(seen, "received")[0]["data"]["event_id"]
                first = next(each for each in seen.events() if each["data"]["event_id"] == case)
                respond = first["data"]["respond"]
                assert (respond["unit"], respond["officers"]) == ("黄庄派出所", ["张三"])

                await say(centre, case, "dispatched", unit="巡查一队", officers=["李四"])
                await until(lambda: ups(seen, "dispatched"), "the dispatch")
                uri = await picture_and_settings(centre, storage)
                await until(lambda: uri in arrived(seen), "word that the picture was uploaded")
                await say(centre, case, "closed", finding="属实，已制止", proof=["卷宗 2026-17"])
                await say(centre, case, "evaluated", grade=5)
                await until(lambda: ups(seen, "evaluated"), "the evaluation")
                # The configuration that was put in place is the one that runs now.
                await asyncio.to_thread(gateway.wait, "event.stored", after=len(gateway.lines))
            await caught_up(broker.port, seen)
            await until(lambda: all(each in table.read_text("utf-8") for each in seen.ids()), "every event")
    shown = told("cases", "show", case, "--storage", str(storage), "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["state"] == "evaluated"
    proved(case, tmp_path)


def arrived(seen: Witness) -> list[str]:
    """What the box says has reached the server whole."""
    return [each["data"]["uri"] for each in seen.events() if each["type"] == "site.uploaded"]


async def picture_and_settings(centre: aiomqtt.Client, storage: Path) -> str:
    """Its uri; the picture is asked for, sent to the server, and outlasts a new configuration."""
    done = await order(centre, "snapshot", camera="gate")
    assert done["state"] == "done", done
    uri: str = done["result"]["file"]["uri"]
    assert (storage / uri).stat().st_size == done["result"]["file"]["bytes"]
    assert (await order(centre, "upload", uri=uri))["state"] == "done"
    assert (await order(centre, "upload", uri="evidence/../site.yaml"))["state"] == "refused"
    refused = await order(centre, "ptz", camera="gate", pan=0.5)
    assert refused["code"] == "order.forbidden"
    was = await order(centre, "config.get")
    text = was["result"]["config"].replace("level: info", "level: debug")
    applied = await order(centre, "config.apply", config=text, based_on=was["result"]["sha256"])
    assert applied["state"] == "done", applied
    return uri


def proved(case: str, folder: Path) -> None:
    bundle = folder / "case.zip"
    exported = told("evidence", "export", case, "--config", str(folder / "site.yaml"), "--out", str(bundle))
    assert exported.returncode == 0, exported.stderr
    assert told("evidence", "verify", str(bundle)).returncode == 0
    changed = folder / "changed.zip"
    name = remade(bundle, changed, lambda each: each.endswith(".jpg"))
    found = told("evidence", "verify", str(changed))
    assert found.returncode == 1
    assert name.rpartition("/")[2] in found.stdout


def remade(bundle: Path, into: Path, choose: Callable[[str], bool]) -> str:
    """A copy with one bit of the first chosen file turned; its name."""
    turned = ""
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(into, "w") as new:
        for info in old.infolist():
            content = bytearray(old.read(info))
            if not turned and choose(info.filename):
                turned, content[len(content) // 2] = info.filename, content[len(content) // 2] ^ 1
            new.writestr(info, bytes(content))
    assert turned
    return turned
