"""The client against the reference implementation of tus (@tus/server): `make test-tus`, which needs Node.js 20 and npm.

Not part of the suite: its packages come from npm.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from edge.settings.upload import UploadSettings
from edge.upload.pace import Bucket
from edge.upload.store import Item
from edge.upload.transfer import transfer
from edge.upload.tus import TusServer
from tests.support.mosquitto import until
from tests.support.uploading import an_outbox, clip, event, running, uploads_at

SERVER = Path(__file__).parents[2] / "support/tus_reference/server.mjs"


class Reference:
    """kill and start: the same folder, another port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        command = ["node", str(SERVER), str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/files"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Reference]:
    folder = tmp_path / "server"
    folder.mkdir()
    server = Reference(folder)
    server.start()
    yield server
    server.kill()


async def test_it_takes_a_file_that_is_interrupted_ten_times(reference: Reference, tmp_path: Path) -> None:
    content, random = os.urandom(5_000_000), Random(3)
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    item = Item("evidence/gate/clip.mp4", sha256(content).hexdigest(), len(content))
    kept: list[str | None] = [None]
    pieces = 0

    async def begun(url: str | None) -> None:
        kept[0] = url

    class Interrupted(Exception):
        pass

    async def gate() -> None:
        nonlocal pieces
        pieces += 1
        if random.random() < 0.5 and pieces < 20:
            raise Interrupted

    while True:
        try:
            async with TusServer(reference.url, Bucket(None)) as server:
                url, verified = await transfer(server, item, path, kept[0], begun, gate)
            break
        except Interrupted:
            continue
    stored = reference.folder / url.rpartition("/")[2]
    assert stored.read_bytes() == content
    assert verified == "size"
    assert pieces > 5


async def test_a_gateway_killed_anywhere_goes_on_from_there(reference: Reference, tmp_path: Path) -> None:
    """kill -9 in the midst of pieces, and no byte is sent twice that the server has."""
    content, random = os.urandom(3_000_000), Random(11)
    async with an_outbox(tmp_path) as outbox:
        await outbox.append(event("case", clip(tmp_path, "gate/a.mp4", content)))
    for moment in sorted(random.randrange(len(content)) for _ in range(6)):
        command = [sys.executable, "-m", "tests.support.uploading", str(tmp_path), reference.url, "24000"]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
        await until(lambda moment=moment: max(_sizes(reference), default=0) >= moment)  # type: ignore[misc]
        process.kill()
        process.wait()
    settings = UploadSettings(url=reference.url)
    async with (
        an_outbox(tmp_path) as outbox,
        uploads_at(outbox, tmp_path, settings) as uploads,
        running(uploads),
    ):
        async with asyncio.timeout(60):
            while await outbox.consumer("centre").waiting() < 2:
                await asyncio.sleep(0.02)
    whole = [path for path in reference.folder.iterdir() if path.stat().st_size == len(content)]
    assert [path.read_bytes() for path in whole] == [content]


def _sizes(reference: Reference) -> list[int]:
    return [path.stat().st_size for path in reference.folder.iterdir() if path.suffix != ".json"]
