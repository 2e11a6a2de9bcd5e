"""What goes wrong on a site, and that the rest goes on: cameras, workers, disk, broker, configuration."""

import asyncio
import hashlib
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import assets
from tests.support.daemon import PATIENT, Gateway, command_line, patiently, site, stream
from tests.support.faults import Server, black_hole, closed_port, web_page
from tests.support.mosquitto import Gate, Mosquitto, Witness, until, witness
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspServer]:
    with RtspServer(files=[assets.folder() / "demo" / "clip.mp4"]) as running:
        yield running


async def test_every_bad_camera_is_named_and_the_good_one_goes_on(
    broker: Mosquitto, storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    with (
        RtspServer(login="admin:right") as guarded,
        RtspServer(audio="only") as deaf,
        Server(web_page) as web,
        Server(black_hole) as hole,
        closed_port() as nobody,
    ):
        quick = "connect_timeout: 2s"
        streams = "".join(
            [
                stream("guarded", f"rtsp://admin:hunter2@{guarded.place}", quick),
                stream("audio", deaf.url, quick),
                stream("web", web.url, quick),
                stream("hole", hole.url, quick),
                stream("dead", f"rtsp://127.0.0.1:{nobody}/cam", quick),
                stream("nowhere", "rtsp://no-such-camera.invalid/cam", quick),
                stream("path", camera.url.replace("/cam", "/nope"), quick),
                stream("good", camera.url),
            ]
        )
        with Gateway(tmp_path, site(broker=broker.port, storage=storage, streams=streams)) as gateway:
            said = {
                name: gateway.wait(f"camera.{state}", camera=name, code=code)["problem"]
                for name, state, code in [
                    ("guarded", "refused", "camera.unauthorized"),
                    ("audio", "refused", "camera.no_video"),
                    ("path", "refused", "camera.not_found"),
                    ("web", "retrying", "camera.not_rtsp"),
                    ("hole", "retrying", "camera.timeout"),
                    ("dead", "retrying", "camera.unreachable"),
                    ("nowhere", "retrying", "camera.unreachable"),
                ]
            }
            gateway.wait("event.stored", camera="good", phase="new")
    for words in said.values():
        what, _, do = words.partition("; ")
        assert what
        assert do, f"says what happened, but not what to do: {words}"
    assert "hunter2" not in "".join(gateway.raw)
    assert not any("Traceback" in line for line in gateway.raw)


async def test_a_killed_worker_comes_back_and_the_other_camera_never_notices(
    broker: Mosquitto, storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    streams = stream("one", camera.url, PATIENT) + stream("two", camera.url, PATIENT)
    async with witness(broker.port) as seen:
        with Gateway(
            tmp_path, site(broker=broker.port, storage=storage, streams=streams, workers=2)
        ) as gateway:
            for name in ("one", "two"):
                await asyncio.to_thread(gateway.wait, "event.stored", camera=name, phase="new")
            victim, mark = gateway.workers()[0], len(gateway.lines)
            os.kill(victim, signal.SIGKILL)
            died = gateway.wait("worker.died", after=mark)
            assert died["restart_in_s"] <= 2
            lost = ["one", "two"][died["worker"]]
            gateway.wait("outbox.closed_orphans", after=mark, camera=lost)
            gateway.wait("camera.live", after=mark, camera=lost)
            last = gateway.wait("event.stored", after=mark, camera=lost, phase="new")["seq"]
            assert victim not in gateway.workers()
            assert len(gateway.workers()) == 2
            other = {"one": "two", "two": "one"}[lost]
            assert not [line for line in gateway.lines[mark:] if _camera_change(line, other)]
            numbers = range(1, last + 1)
            await until(lambda: set(numbers) <= set(_numbers(seen)), "every committed event")
    reasons = [event["data"]["reason"] for event in seen.events() if event["subject"] == lost]
    assert "worker_lost" in reasons
    assert _numbers(seen) == list(range(1, len(_numbers(seen)) + 1))


def _camera_change(line: dict[str, object], name: str) -> bool:
    return str(line["event"]).startswith("camera.") and line.get("camera") == name


def _numbers(seen: Witness) -> list[int]:
    """In the order in which they came first: what was not answered in time comes again."""
    return [event["data"]["seq"] for event in seen.firsts()]


async def test_events_wait_for_the_broker_and_arrive_once_and_in_order(
    broker: Mosquitto, storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    gate = Gate(broker.port)
    with Gateway(
        tmp_path, site(broker=gate.port, storage=storage, streams=stream("gate", camera.url))
    ) as gateway:
        gateway.wait("mqtt.nobody_there")
        patiently(lambda: len(gateway.events()) >= 2)
        waited = len(gateway.events())
        async with witness(broker.port) as seen:
            await gate.open()
            await until(lambda: len(seen.first_ids()) >= waited, "the events that waited")
            gateway.wait("mqtt.online")
            await gate.slam()
    assert _numbers(seen) == list(range(1, len(_numbers(seen)) + 1))
    assert [event["data"]["replayed"] for event in seen.events()[:waited]] == [True] * waited


async def test_a_disk_that_takes_no_picture_costs_the_picture_only(
    broker: Mosquitto, storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    storage.mkdir()
    (storage / "evidence").write_text("a file stands where the folder should be")
    async with witness(broker.port) as seen:
        with Gateway(
            tmp_path, site(broker=broker.port, storage=storage, streams=stream("gate", camera.url))
        ) as gateway:
            said = gateway.wait("snapshot.trouble", camera="gate")
            await until(seen.events, "an event")
            (storage / "evidence").unlink()
            gateway.wait("snapshot.recovered", camera="gate")
    first = seen.events()[0]["data"]
    assert first["proof"] == []
    assert str(storage) in first["proof_error"]
    assert said["code"] == "snapshot.disk"
    assert len([line for line in gateway.lines if line["event"] == "snapshot.trouble"]) == 1


def test_a_gateway_killed_in_mid_event_ends_it_after_the_restart(
    broker: Mosquitto, storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    gateway = Gateway(tmp_path, site(broker=broker.port, storage=storage, streams=stream("gate", camera.url)))
    gateway.start()
    event = gateway.wait("event.stored", phase="new")["event_id"]
    workers = gateway.workers()
    gateway.stop(signal.SIGKILL)
    patiently(lambda: not any(map(_alive, workers)))
    again = Gateway(tmp_path, site(broker=broker.port, storage=storage, streams=stream("gate", camera.url)))
    with again:
        assert again.wait("outbox.closed_orphans")["events"] >= 1
        again.wait("mqtt.online")
    with sqlite3.connect(storage / "outbox.sqlite") as store:
        still_open = [row[0] for row in store.execute("SELECT event_id FROM open_events")]
    assert event not in still_open


def _alive(pid: int) -> bool:
    return "edge.worker" in command_line(pid)


def test_a_broker_that_refuses_the_login_is_said_once_and_events_wait(
    storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    with Mosquitto(folder, users={"box": "right"}) as broker:
        text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url))
        text = text.replace("mqtt://127", "mqtt://box:wrong-word@127")
        with Gateway(tmp_path, text) as gateway:
            gateway.wait("mqtt.login_refused")
            gateway.wait("event.stored", phase="new")
    assert len([line for line in gateway.lines if line["event"] == "mqtt.login_refused"]) == 1
    assert "wrong-word" not in "".join(gateway.raw)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("dwell: 0.4s", "dwel: 0.4s"), ["site.yaml:10:52", "dwel", "did you mean"]),
        (('area: "410122"', "area: county"), ["site.yaml:1:", "site.area", "410122"]),
        (
            ("objects: [heavy_vehicle]", "objects: [elephant]"),
            ["site.yaml:10:", "streams[0].rules[0].objects", "elephant"],
        ),
        (("workers: 1", "detector: {model: nosuch}"), ["site.yaml:4:", "detector.model", "nosuch"]),
    ],
)
def test_a_configuration_that_cannot_be_used_ends_with_its_own_code(
    storage: Path, tmp_path: Path, change: tuple[str, str], words: list[str]
) -> None:
    text = site(broker=1883, storage=storage, streams=stream("gate", "rtsp://127.0.0.1/x")).replace(*change)
    gateway = Gateway(tmp_path, text)
    gateway.start()
    assert gateway.ended() == 78
    said = "".join(gateway.raw)
    for word in words:
        assert word in said
    assert "Traceback" not in said


def test_a_model_that_was_tampered_with_refuses_to_start(storage: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for name in ("sandwatch-nano.yaml", "sandwatch-nano.onnx"):
        (models / name).write_bytes((assets.models() / name).read_bytes())
    with (models / "sandwatch-nano.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"\0\0\0\0")
    text = site(broker=1883, storage=storage, streams=stream("gate", "rtsp://127.0.0.1/x"))
    gateway = Gateway(tmp_path, text, SANDWATCH_MODELS=str(models))
    gateway.start()
    assert gateway.ended() == 78
    assert "sha256" in "".join(gateway.raw)


def test_a_model_that_is_no_model_refuses_to_start(storage: Path, tmp_path: Path) -> None:
    """The hash is right, the content is not: only the worker can find out."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "junk.onnx").write_bytes(b"not a model")
    manifest = (assets.models() / "sandwatch-nano.yaml").read_text(encoding="utf-8")
    digest = hashlib.sha256(b"not a model").hexdigest()
    manifest = re.sub(r"sha256: \w+", f"sha256: {digest}", manifest).replace("sandwatch-nano", "junk")
    (models / "junk.yaml").write_text(manifest, encoding="utf-8")
    text = site(broker=1883, storage=storage, streams=stream("gate", "rtsp://127.0.0.1/x"))
    gateway = Gateway(tmp_path, text + f"detector: {{model: junk, models: {models}}}\n")
    gateway.start()
    assert gateway.ended() == 78
    assert "model junk: ONNX Runtime says" in "".join(gateway.raw)
    assert "Traceback" not in "".join(gateway.raw)


def test_a_storage_folder_that_cannot_be_made_refuses_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    text = site(broker=1883, storage=tmp_path / "file" / "x", streams=stream("gate", "rtsp://127.0.0.1/x"))
    gateway = Gateway(tmp_path, text)
    gateway.start()
    assert gateway.ended() == 78
    assert "storage.path" in gateway.raw[-1]
    assert "Traceback" not in "".join(gateway.raw)


def test_a_second_gateway_on_the_same_store_is_told_so(
    broker: Mosquitto, storage: Path, tmp_path: Path, camera: RtspServer
) -> None:
    text = site(broker=broker.port, storage=storage, streams=stream("gate", camera.url))
    with Gateway(tmp_path, text) as first:
        first.wait("mqtt.online")
        second = Gateway(tmp_path, text)
        second.start()
        assert second.ended() == 1
        assert "another program holds the event store" in second.raw[-1]
