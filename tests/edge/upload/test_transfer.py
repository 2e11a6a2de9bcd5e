"""One file to a tus server, with what goes wrong on the way."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from edge.upload.pace import Bucket
from edge.upload.problems import FileRefused, UploadLost, UploadRefused
from edge.upload.store import Item
from edge.upload.transfer import transfer
from edge.upload.tus import CHUNK, TusServer
from tests.support.faults import closed_port
from tests.support.tus import TusFiles, serving

SIZE = 2 * CHUNK + 12_345


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(os.urandom(SIZE))
    return path


class Client:
    """Sends one file, and keeps the address as the gateway does."""

    def __init__(self, path: Path) -> None:
        self.path, self.url = path, None
        content = path.read_bytes()
        self.item = Item("evidence/gate/clip.mp4", sha256(content).hexdigest(), len(content))

    url: str | None

    async def send(self, files: TusFiles, token: str | None = None) -> str:
        async def begun(url: str | None) -> None:
            self.url = url

        async def gate() -> None:
            pass

        async with TusServer(files.url, Bucket(None), token=token) as server:
            url, verified = await transfer(server, self.item, self.path, self.url, begun, gate)
        assert url == self.url
        return verified


@asynccontextmanager
async def a_server(**kinds: bool) -> AsyncIterator[TusFiles]:
    async with serving(TusFiles(**kinds)) as files:  # type: ignore[arg-type]
        yield files


def held(files: TusFiles) -> list[bytes]:
    return [bytes(file.content) for file in files.files.values()]


@pytest.mark.parametrize(
    ("kinds", "verified"),
    [
        ({}, "digest"),
        ({"digest": False}, "checksum"),
        ({"digest": False, "checksum": False}, "size"),
    ],
)
async def test_the_file_arrives_whole_and_it_is_told_how_that_is_known(
    path: Path, kinds: dict[str, bool], verified: str
) -> None:
    async with a_server(**kinds) as files:
        client = Client(path)
        assert await client.send(files) == verified
        assert held(files) == [path.read_bytes()]
        assert files.files["u0"].metadata["sha256"] == client.item.sha256
        assert files.files["u0"].metadata["filename"] == "clip.mp4"


@pytest.mark.parametrize("checksum", [True, False])
async def test_after_a_broken_connection_only_what_is_missing_is_sent(path: Path, checksum: bool) -> None:
    async with a_server(checksum=checksum) as files:
        files.cut = [4096 * 3, 4096]
        client = Client(path)
        for _ in range(2):
            with pytest.raises(UploadLost):
                await client.send(files)
        await client.send(files)
        assert held(files) == [path.read_bytes()]
        # without checksums not one byte twice; with them, what an unfinished piece had
        assert files.received <= SIZE + (4096 * 4 if checksum else 0)


async def test_an_upload_that_the_server_forgot_begins_anew(path: Path) -> None:
    async with a_server() as files:
        files.cut = [4096]
        client = Client(path)
        with pytest.raises(UploadLost):
            await client.send(files)
        files.files.clear()
        with pytest.raises(UploadLost):
            await client.send(files)
        await client.send(files)
        assert held(files) == [path.read_bytes()]


async def test_a_server_that_spoils_the_file_is_found_out_and_gives_it_up(path: Path) -> None:
    async with a_server() as files:
        files.spoil = True
        client = Client(path)
        with pytest.raises(FileRefused) as refused:
            await client.send(files)
        assert refused.value.problem.code == "upload.mismatch"
        assert not files.files
        assert client.url is None
        files.spoil = False
        assert await client.send(files) == "digest"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("before", [0, 1, 2, 3], ids=["OPTIONS", "POST", "HEAD", "PATCH"])
async def test_it_goes_nowhere_else_whatever_the_server_says(path: Path, status: int, before: int) -> None:
    async with a_server() as files:
        files.answers = {before: status}
        client = Client(path)
        with pytest.raises(UploadRefused) as refused:
            await client.send(files)
        assert refused.value.problem.code == "upload.redirect"
        assert "192.0.2.1" not in refused.value.problem.say("en")


@pytest.mark.parametrize(
    "location",
    ["http://192.0.2.1/files/u0", "https://127.0.0.1/files/u0", "//192.0.2.1/u0", "file:///etc/passwd"],
)
async def test_an_upload_has_to_be_on_the_server_of_the_site_file(path: Path, location: str) -> None:
    async with a_server() as files:
        files.location = location
        client = Client(path)
        with pytest.raises(UploadRefused) as refused:
            await client.send(files)
        assert refused.value.problem.code == "upload.redirect"
        assert client.url is None


async def test_a_kept_address_of_another_server_is_not_asked(path: Path) -> None:
    async with a_server() as files:
        client = Client(path)
        client.url = "http://192.0.2.1/files/u0"
        with pytest.raises(UploadRefused):
            await client.send(files)
        assert files.requests == []


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, UploadRefused, "upload.login"),
        (403, UploadRefused, "upload.login"),
        (404, UploadRefused, "upload.not_tus"),
        (200, UploadRefused, "upload.not_tus"),
        (429, UploadLost, "upload.unavailable"),
        (503, UploadLost, "upload.unavailable"),
    ],
)
async def test_what_a_server_says_is_told_apart(
    path: Path, status: int, kind: type[UploadLost], code: str
) -> None:
    async with a_server() as files:
        files.answers = {0: status}
        with pytest.raises(kind) as failed:
            await Client(path).send(files)
        assert failed.value.problem.code == code


async def test_the_token_goes_along_and_is_in_no_problem(path: Path) -> None:
    async with a_server() as files:
        files.token = "of-the-box"
        await Client(path).send(files, token="of-the-box")
        with pytest.raises(UploadRefused) as refused:
            await Client(path).send(files, token="a-wrong-one")
        assert "a-wrong-one" not in refused.value.problem.say("en")


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(path: Path) -> None:
    async with a_server() as files:
        files.largest = SIZE - 1
        with pytest.raises(FileRefused):
            await Client(path).send(files)
        assert files.requests == ["OPTIONS"]


@pytest.fixture
def nobody() -> Iterator[int]:
    with closed_port() as port:
        yield port


async def test_nobody_there(path: Path, nobody: int) -> None:
    with pytest.raises(UploadLost) as lost:
        await Client(path).send(TusFiles(port=nobody))
    assert lost.value.problem.code == "upload.unreachable"
