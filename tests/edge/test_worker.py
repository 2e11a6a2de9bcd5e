"""A vision worker's process on its own: what it says, and how it is told apart from a broken one."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
import uvloop

from edge import assets
from edge.plan import model_for
from edge.worker.job import CameraJob, Job
from edge.worker.messages import Beat, CameraStatus, Found, FromWorker, Look, Ready
from edge.worker.parent import VisionWorker, WorkerLost, WorkerRefused
from inference.detectors import onnx
from inference.manifest import Model
from inference.rules import zone
from streams.sources import file

CLIP = assets.folder() / "demo" / "clip.mp4"
PATIENCE_S = 60.0


def job(evidence: Path, model: Model | None = None) -> Job:
    camera = CameraJob(
        name="gate",
        source=file.Spec(path=CLIP, pace="real"),
        fps=5,
        zones={},
        rules=(zone.Spec(objects=("heavy_vehicle",), dwell=0.4),),
    )
    return Job(
        cameras=(camera,),
        detector=onnx.Spec(),
        model=model or model_for(onnx.Spec()),
        threads=1,
        evidence=evidence,
        time_zone="UTC",
        log_level="error",
        log_format="json",
    )


class Listener:
    """Keeps what a worker says, and lets a test wait for a kind of message."""

    def __init__(self) -> None:
        self.heard: list[FromWorker] = []
        self._news = asyncio.Condition()

    async def receive(self, message: FromWorker) -> None:
        async with self._news:
            self.heard.append(message)
            self._news.notify_all()

    async def hears(self, kind: type) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: any(isinstance(message, kind) for message in self.heard))


async def test_it_says_ready_then_beats_and_finds_and_ends_its_events_when_dismissed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.worker.parent._LEAVE", PATIENCE_S)
    listener = Listener()
    task = asyncio.create_task(VisionWorker(job(tmp_path), listener.receive).run())
    for kind in (Ready, CameraStatus, Beat, Found):
        await listener.hears(kind)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert isinstance(listener.heard[0], Ready)
    events = [message.occurrence for message in listener.heard if isinstance(message, Found)]
    assert events[0].proof[0].kind == "snapshot"
    assert (tmp_path.parent / tmp_path.name / events[0].proof[0].uri.removeprefix("evidence/")).is_file()
    began = {event.event_id for event in events if event.phase == "new"}
    ended = {event.event_id: event.reason for event in events if event.phase == "end"}
    assert began == set(ended)
    assert "stopped" in ended.values()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_process_that_dies_is_noticed(tmp_path: Path, number: signal.Signals) -> None:
    listener = Listener()
    worker = VisionWorker(job(tmp_path), listener.receive)
    task = asyncio.create_task(worker.run())
    await listener.hears(Ready)
    assert worker.pid is not None
    os.kill(worker.pid, number)
    with pytest.raises(WorkerLost):
        await asyncio.wait_for(task, PATIENCE_S)


def test_orders_to_a_process_that_has_just_died_are_counted_and_raise_nothing(tmp_path: Path) -> None:
    async def told() -> int:
        listener = Listener()
        worker = VisionWorker(job(tmp_path), listener.receive)
        task = asyncio.create_task(worker.run())
        await listener.hears(Ready)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        while not task.done():  # between its death and its end, a moment that nothing else tells of
            worker.order(Look(camera="gate"))
            worker.change(job(tmp_path), frozenset(), frozenset())
            await asyncio.sleep(0)
        assert isinstance(task.exception(), WorkerLost)
        worker.order(Look(camera="gate"))
        return worker.unsaid

    assert uvloop.run(told()) > 0  # asyncio's own loop would take what is written to nobody


async def test_a_process_that_hangs_is_noticed_by_its_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    worker = VisionWorker(job(tmp_path), listener.receive)
    task = asyncio.create_task(worker.run())
    await listener.hears(Beat)
    monkeypatch.setattr("edge.worker.parent._SILENCE", 3.0)  # from its next beat on: a start takes longer
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGSTOP)
    with pytest.raises(WorkerLost, match="no heartbeat"):
        await asyncio.wait_for(task, PATIENCE_S)
    assert not Path(f"/proc/{worker.pid}").exists()


async def test_a_model_that_will_not_load_is_refused_for_good(tmp_path: Path) -> None:
    junk = tmp_path / "junk.onnx"
    junk.write_bytes(b"no model")
    model = Model(manifest=model_for(onnx.Spec()).manifest, path=junk)
    with pytest.raises(WorkerRefused) as refused:
        await asyncio.wait_for(VisionWorker(job(tmp_path, model), Listener().receive).run(), PATIENCE_S)
    assert refused.value.problem.code == "model.failed"
