import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web

from edge import assets
from edge.shelf import download
from edge.shelf.pull import PullFailed, Wanted, pull
from inference.manifest import read
from tests.support.certificates import self_signed

NAME = "yard"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder as somebody would carry it here: our own model under another name."""
    shipped = next(assets.models().glob("*.yaml"))
    folder = tmp_path / "stick"
    folder.mkdir()
    manifest = read(shipped)
    (folder / f"{NAME}.yaml").write_text(shipped.read_text("utf-8").replace(manifest.name, NAME), "utf-8")
    (folder / f"{NAME}.onnx").write_bytes((shipped.parent / manifest.file).read_bytes())
    return folder


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    return self_signed(tmp_path, "localhost")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_FIRST_WAIT", 0.01)


@dataclass
class Shop:
    """An https server of one folder. breaks: how many answers end after half of the model."""

    folder: Path
    breaks: int = 0
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def give(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append((name, request.headers.get("Range")))
        path = self.folder / name
        if not path.is_file():
            raise web.HTTPNotFound
        if self.breaks and name.endswith(".onnx"):
            self.breaks -= 1
            return await self._half(request, path)
        return web.FileResponse(path)

    async def _half(self, request: web.Request, path: Path) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(path.stat().st_size)})
        await answer.prepare(request)
        data = path.read_bytes()
        await answer.write(data[: len(data) // 2])
        assert request.transport is not None
        await asyncio.sleep(0.05)
        request.transport.close()
        return answer

    @asynccontextmanager
    async def open(self, signed: Path) -> AsyncIterator[str]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(signed)
        app = web.Application()
        app.router.add_get("/models/{name}", self.give)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        try:
            yield f"https://localhost:{runner.addresses[0][1]}/models"
        finally:
            await runner.cleanup()


def files(folder: Path) -> Iterator[str]:
    return (path.name for path in sorted(folder.iterdir()))


async def test_from_a_folder_somebody_carried_here(source: Path, tmp_path: Path) -> None:
    model = await pull(Wanted(NAME), [str(source)], tmp_path / "models")
    assert model.path == tmp_path / "models" / f"{NAME}.onnx"
    assert list(files(tmp_path / "models")) == [f"{NAME}.onnx", f"{NAME}.yaml"]


async def test_over_https(source: Path, signed: Path, tmp_path: Path) -> None:
    async with Shop(source).open(signed) as url:
        model = await pull(Wanted(NAME), [url], tmp_path / "models", signed)
    assert hashlib.sha256(model.path.read_bytes()).hexdigest() == model.manifest.sha256


async def test_a_line_that_breaks_is_gone_on_with(source: Path, signed: Path, tmp_path: Path) -> None:
    shop = Shop(source, breaks=1)
    async with shop.open(signed) as url:
        await pull(Wanted(NAME), [url], tmp_path / "models", signed)
    ranges = [asked for name, asked in shop.asked if name.endswith(".onnx")]
    assert ranges[0] is None
    assert ranges[1] is not None
    assert int(ranges[1].removeprefix("bytes=").rstrip("-")) > 0


async def test_a_line_that_always_breaks_is_given_up(source: Path, signed: Path, tmp_path: Path) -> None:
    shop = Shop(source, breaks=99)
    async with shop.open(signed) as url:
        with pytest.raises(PullFailed, match=r"did not give yard\.onnx: the line broke"):
            await pull(Wanted(NAME), [url], tmp_path / "models", signed)
    assert len([name for name, _ in shop.asked if name.endswith(".onnx")]) == 3
    assert not (tmp_path / "models" / f"{NAME}.yaml").exists()


async def test_a_mirror_stands_in(source: Path, signed: Path, tmp_path: Path) -> None:
    async with Shop(tmp_path / "nothing").open(signed) as url:
        model = await pull(Wanted(NAME), [url, str(source)], tmp_path / "models", signed)
    assert model.manifest.name == NAME


async def test_a_damaged_file_is_never_put_in_place(source: Path, tmp_path: Path) -> None:
    with (source / f"{NAME}.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"broken")
    with pytest.raises(PullFailed, match="sha256"):
        await pull(Wanted(NAME), [str(source)], tmp_path / "models")
    assert not (tmp_path / "models" / f"{NAME}.yaml").exists()
    assert not list((tmp_path / "models").rglob("*.onnx")), "it would be gone on with"


async def test_the_hash_one_was_told(source: Path, tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match="was asked for"):
        await pull(Wanted(NAME, "0" * 64), [str(source)], tmp_path / "models")


async def test_a_server_nobody_vouches_for(source: Path, signed: Path, tmp_path: Path) -> None:
    async with Shop(source).open(signed) as url:
        with pytest.raises(PullFailed, match="nobody we trust"):
            await pull(Wanted(NAME), [url], tmp_path / "models")


async def test_never_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match="https only"):
        await pull(Wanted(NAME), ["http://example.invalid/models"], tmp_path / "models")


async def test_a_login_in_the_address_is_not_said(tmp_path: Path) -> None:
    with pytest.raises(PullFailed) as refused:
        await pull(Wanted(NAME), ["https://user:geheim@127.0.0.1:9/models"], tmp_path / "models")
    assert "127.0.0.1" in str(refused.value)
    assert "geheim" not in str(refused.value)


async def test_the_manifest_of_another_model(source: Path, tmp_path: Path) -> None:
    (source / "quarry.yaml").write_bytes((source / f"{NAME}.yaml").read_bytes())
    with pytest.raises(PullFailed, match="is of a model named yard"):
        await pull(Wanted("quarry"), [str(source)], tmp_path / "models")
