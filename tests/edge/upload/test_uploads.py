"""The service: from an event's proof to the letter that says it has arrived."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from edge.outbox import Outbox
from edge.settings.upload import UploadSettings
from edge.upload.problems import UploadRefused
from edge.upload.service import Uploads
from edge.upload.store import State
from streams.problem import Problem
from tests.support.mosquitto import until
from tests.support.ports import free_port
from tests.support.tus import TusFiles, serving
from tests.support.uploading import an_outbox, clip, event, running, uploads_at

ROOT = Path(__file__).parents[3]


async def told(outbox: Outbox) -> list[dict[str, Any]]:
    """The letters of arrived files, in order."""
    rows = await outbox.consumer("centre").peek(0, 1000)
    letters = [json.loads(row.payload) for row in rows]
    return [each for each in letters if each["type"] == "site.uploaded"]


async def arrived(outbox: Outbox, number: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(60):
        while len(found := await told(outbox)) < number:
            await asyncio.sleep(0.02)
    return found


async def test_a_clip_of_an_event_arrives_and_the_centre_is_told(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    async with serving(TusFiles()) as files, an_outbox(tmp_path) as outbox:
        await outbox.append(event("case", clip(tmp_path, "gate/a.mp4", content)))
        async with uploads_at(outbox, tmp_path, UploadSettings(url=files.url)) as uploads, running(uploads):
            (letter,) = await arrived(outbox, 1)
    data = letter["data"]
    assert bytes(files.files["u0"].content) == content
    assert data["uri"] == "evidence/gate/a.mp4"
    assert data["url"] == f"{files.url}u0"
    assert (data["case"], data["camera"], data["verified"]) == ("case", "gate", "digest")


async def test_only_the_kinds_that_are_wanted_go(tmp_path: Path) -> None:
    picture = clip(tmp_path, "gate/a.jpg", b"picture").model_copy(update={"kind": "snapshot"})
    async with serving(TusFiles()) as files, an_outbox(tmp_path) as outbox:
        await outbox.append(event("case", picture, clip(tmp_path, "gate/a.mp4", b"clip")))
        async with uploads_at(outbox, tmp_path, UploadSettings(url=files.url)) as uploads, running(uploads):
            (letter,) = await arrived(outbox, 1)
    assert letter["data"]["uri"] == "evidence/gate/a.mp4"
    assert [file.metadata["uri"] for file in files.files.values()] == ["evidence/gate/a.mp4"]


async def test_open_cases_go_first_then_the_oldest(tmp_path: Path) -> None:
    async with serving(TusFiles()) as files, an_outbox(tmp_path) as outbox:
        for case in ("new", "old", "open"):
            proof = clip(tmp_path, f"gate/{case}.mp4", case.encode())
            await outbox.append(event(case, proof, time={"old": 1.0, "new": 2.0, "open": 3.0}[case]))
        settings = UploadSettings(url=files.url)
        async with uploads_at(outbox, tmp_path, settings, open_cases={"open"}) as uploads:
            await _gathered(uploads, 3)
            async with running(uploads):
                await arrived(outbox, 3)
    assert [bytes(file.content) for file in files.files.values()] == [b"open", b"old", b"new"]


async def _gathered(uploads: Uploads, number: int) -> None:
    """All are in the list before the first one goes."""
    gathering = asyncio.create_task(uploads._gather())
    async with asyncio.timeout(60):
        while len(await uploads._call(uploads.store.waiting)) < number:
            await asyncio.sleep(0.01)
    gathering.cancel()
    await asyncio.gather(gathering, return_exceptions=True)


async def test_outside_the_hours_only_what_somebody_asks_for_goes(tmp_path: Path) -> None:
    noon = datetime.fromisoformat("2026-05-01T12:00:00+08:00").timestamp()
    async with serving(TusFiles()) as files, an_outbox(tmp_path) as outbox:
        proofs = [clip(tmp_path, f"gate/{name}.mp4", name.encode()) for name in ("a", "b")]
        await outbox.append(event("case", *proofs))
        settings = UploadSettings.model_validate({"url": files.url, "windows": ["22:00-06:00"]})
        async with uploads_at(outbox, tmp_path, settings, clock=lambda: noon) as uploads, running(uploads):
            await until(lambda: uploads.held("evidence/gate/b.mp4"))
            asked = await uploads.ask("evidence/gate/b.mp4")
            assert asked.state is State.WAITING
            (letter,) = await arrived(outbox, 1)
            assert letter["data"]["uri"] == "evidence/gate/b.mp4"
            assert (await uploads.ask("evidence/gate/b.mp4")).url == letter["data"]["url"]
            assert uploads.held("evidence/gate/a.mp4")
    assert len(files.files) == 1


async def test_when_the_hours_end_in_the_midst_of_a_file_it_goes_on_the_next_night(tmp_path: Path) -> None:
    night = datetime.fromisoformat("2026-05-01T23:00:00+08:00").timestamp()
    day = night + 12 * 3600
    nights = 1
    async with serving(TusFiles()) as files, an_outbox(tmp_path) as outbox:

        def clock() -> float:
            return night if files.received < 1_000_000 or nights > 1 else day

        content = os.urandom(3_000_000)
        await outbox.append(event("case", clip(tmp_path, "gate/a.mp4", content)))
        settings = UploadSettings.model_validate({"url": files.url, "windows": ["22:00-06:00"]})
        async with uploads_at(outbox, tmp_path, settings, clock=clock) as uploads, running(uploads):
            await until(lambda: files.received >= 1 << 20)
            await until(lambda: files.requests.count("PATCH") == 1)
        assert files.received == 1 << 20
        nights = 2
        async with uploads_at(outbox, tmp_path, settings, clock=clock) as uploads, running(uploads):
            await arrived(outbox, 1)
    assert bytes(files.files["u0"].content) == content
    assert files.received == len(content)


@pytest.mark.parametrize(
    "uri",
    ["evidence/none.mp4", "outbox.sqlite", "evidence/../outbox.sqlite", "/etc/passwd", "evidence/out", ""],
)
async def test_nobody_gets_another_file_of_the_box(tmp_path: Path, uri: str) -> None:
    clip(tmp_path, "gate/a.mp4", b"clip")
    (tmp_path / "evidence/out").symlink_to("/etc/passwd")
    settings = UploadSettings(url="http://127.0.0.1:9/")
    async with an_outbox(tmp_path) as outbox, uploads_at(outbox, tmp_path, settings) as uploads:
        with pytest.raises(UploadRefused) as refused:
            await uploads.ask(uri)
    assert refused.value.problem.code == "upload.unknown"


async def test_a_file_that_was_changed_is_not_passed_off_as_proof(tmp_path: Path) -> None:
    async with serving(TusFiles()) as files, an_outbox(tmp_path) as outbox:
        await outbox.append(event("one", clip(tmp_path, "gate/a.mp4", b"clip")))
        (tmp_path / "evidence/gate/a.mp4").write_bytes(b"CLIP")
        await outbox.append(event("two", clip(tmp_path, "gate/b.mp4", b"another")))
        async with uploads_at(outbox, tmp_path, UploadSettings(url=files.url)) as uploads, running(uploads):
            (letter,) = await arrived(outbox, 1)
            assert not uploads.held("evidence/gate/a.mp4")
    assert letter["data"]["uri"] == "evidence/gate/b.mp4"
    assert [bytes(file.content) for file in files.files.values()] == [b"another"]


async def test_a_refused_file_holds_up_no_other(tmp_path: Path) -> None:
    problems: list[Problem | None] = []
    async with serving(TusFiles(largest=100)) as files, an_outbox(tmp_path) as outbox:
        proofs = [clip(tmp_path, "gate/large.mp4", bytes(101)), clip(tmp_path, "gate/small.mp4", b"small")]
        await outbox.append(event("case", *proofs))
        settings = UploadSettings(url=files.url)
        async with uploads_at(outbox, tmp_path, settings, problems=problems) as uploads, running(uploads):
            (letter,) = await arrived(outbox, 1)
            await until(lambda: None in problems)
            assert uploads.held("evidence/gate/large.mp4")
    assert letter["data"]["uri"] == "evidence/gate/small.mp4"
    assert [problem.code for problem in problems if problem] == ["upload.too_large"]


async def test_a_server_that_comes_late_gets_everything(tmp_path: Path) -> None:
    problems: list[Problem | None] = []
    files = TusFiles(port=free_port())
    async with an_outbox(tmp_path) as outbox:
        await outbox.append(event("case", clip(tmp_path, "gate/a.mp4", b"clip")))
        settings = UploadSettings(url=files.url)
        async with uploads_at(outbox, tmp_path, settings, problems=problems) as uploads, running(uploads):
            await until(lambda: problems)
            async with serving(files):
                await arrived(outbox, 1)
                await until(lambda: None in problems)
    assert [problem.code for problem in problems if problem] == ["upload.unreachable"]


@pytest.mark.parametrize("checksum", [True, False])
async def test_killed_anywhere_it_goes_on_from_there(tmp_path: Path, checksum: bool) -> None:
    """kill -9 at five moments of one file: it arrives once, whole, and is told once."""
    size, rate = 3_000_000, 24_000  # kbit/s: one second
    content, random = os.urandom(size), Random(7)
    files = TusFiles(checksum=checksum, digest=False)
    async with serving(files):
        async with an_outbox(tmp_path) as outbox:
            await outbox.append(event("case", clip(tmp_path, "gate/a.mp4", content)))
        moments = sorted(random.randrange(size) for _ in range(5))
        for moment in moments:
            with _process(tmp_path, files.url, rate) as process:
                await until(lambda moment=moment: files.received >= moment)  # type: ignore[misc]
                process.kill()
                process.wait()
        async with (
            an_outbox(tmp_path) as outbox,
            uploads_at(outbox, tmp_path, UploadSettings(url=files.url)) as uploads,
            running(uploads),
        ):
            letters = await arrived(outbox, 1)
    assert [bytes(file.content) for file in files.files.values() if file.content] == [content]
    assert len(letters) == 1
    # Twice goes at most what the server threw away, or what was on its way when the process died.
    assert files.received <= size + len(moments) * ((1 << 20) if checksum else 0)


def _process(storage: Path, url: str, rate: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.support.uploading", str(storage), url, str(rate)]
    return subprocess.Popen(command, cwd=ROOT)
