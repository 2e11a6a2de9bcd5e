"""sandwatch discover, in a network of its own: a camera that answers there, and what comes of it."""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from edge.cli_discover import discover
from edge.settings.loader import load_text
from tests.support.answering import answering
from tests.support.executed import commands
from tests.support.namespaces import Apart
from tests.support.onvif_device import OnvifDevice

WORD = "p&ss/wörd"
SECONDS = "3"  # for which a loaded machine may hold an answer
CAMERA = "10.77.1.1"  # of the server, as the box sees it
SITE = 'site: {id: pit, area: "410122"}\nbroker: {url: mqtt://127.0.0.1}\ndetector: {kind: fake}\n'

app = typer.Typer()
app.command()(discover)


class Place:
    """A network with one camera, and a command that runs in it."""

    def __init__(self, apart: Apart) -> None:
        self.camera = OnvifDevice(address="0.0.0.0", auth="digest", password=WORD)
        self._over, self._ready = threading.Event(), threading.Event()
        self._serving = apart.start("server", self._serve())
        assert self._ready.wait(60)
        self._commands = {
            where: ThreadPoolExecutor(1, initializer=apart.enter, initargs=(where,))
            for where in ("box", "server")
        }

    def asked(self, *words: str, where: str = "box") -> Result:
        invoke = CliRunner(env={"WORD": WORD}).invoke
        return self._commands[where].submit(invoke, app, ["--seconds", SECONDS, *words]).result(120)

    def close(self) -> None:
        self._over.set()
        self._serving.result(60)
        for threads in self._commands.values():
            threads.shutdown()

    async def _serve(self) -> None:
        async with self.camera:
            self.camera.reported = f"{CAMERA}:{self.camera.port}"
            async with answering(self.camera.reported):
                self._ready.set()
                while not self._over.is_set():
                    await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with Apart() as apart:
        made = Place(apart)
        yield made
        made.close()


def test_every_command_of_the_guide_works(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("password.txt").write_text(f"{WORD}\n", encoding="utf-8")
    here = {"eth1": f"box{os.getpid() % 100_000}", "192.168.1.64": CAMERA}
    for words in commands("cameras.md", "discover"):
        result = place.asked(*(here.get(word, word) for word in words), "--seconds", SECONDS)
        assert result.exit_code == 0, (words, result.output)
        assert "Gate Cam" in result.stdout
        assert WORD not in result.output
    assert Path("cameras.yaml").exists()


def test_the_list_can_be_pasted(place: Place) -> None:
    result = place.asked("--user", "admin", "--password-from", "WORD")
    assert result.exit_code == 0, result.output
    listed = result.stdout[result.stdout.index("streams:\n") :]
    loaded = load_text(SITE + listed, "site.yaml", {"SANDWATCH_SECRET_CAMERA_PASSWORD": WORD})
    (stream,) = loaded.site.streams
    assert stream.title == "Gate Cam"
    spec = stream.source_spec()
    assert spec.url.get_secret_value() == "rtsp://10.77.1.1:554/sub"  # type: ignore[attr-defined]
    assert spec.record.get_secret_value() == "rtsp://10.77.1.1:554/main"  # type: ignore[attr-defined]
    assert stream.onvif is not None
    assert stream.onvif.port == place.camera.port
    assert stream.onvif.password is not None
    assert stream.onvif.password.get_secret_value() == WORD


def test_machines_are_told_the_same(place: Place) -> None:
    result = place.asked("--user", "admin", "--password-from", "WORD", "--json")
    (camera,) = json.loads(result.stdout)
    assert (camera["host"], camera["hardware"], camera["problem"]) == (CAMERA, "DS-2DE", None)
    assert [each["name"] for each in camera["profiles"]] == ["main stream", "sub stream", "mini stream"]


def test_no_login_goes_to_special_addresses(place: Place) -> None:
    place.camera.asked.clear()
    words = ("--ask", "127.0.0.1", "--user", "admin", "--password-from", "WORD", "--json")
    (camera,) = json.loads(place.asked(*words, where="server").stdout)
    assert camera["problem"] == "discover.forbidden"
    assert place.camera.asked == []


def test_a_wrong_password_is_said(place: Place) -> None:
    result = place.asked("--user", "admin", "--password-from", "HOME", "--json")
    (camera,) = json.loads(result.stdout)
    assert camera["problem"] == "onvif.unauthorized"


def test_a_file_that_is_there_stays(place: Place, tmp_path: Path) -> None:
    there = tmp_path / "cameras.yaml"
    there.write_text("mine")
    result = place.asked("--user", "admin", "--password-from", "WORD", "-o", str(there))
    assert result.exit_code == 1
    assert there.read_text() == "mine"


def test_a_list_that_is_empty_is_not_written(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "cameras.yaml"
    wrong = place.asked("--user", "admin", "--password-from", "HOME", "-o", str(out))
    assert wrong.exit_code == 1
    assert "refuses" in wrong.stdout
    assert place.asked("-o", str(out)).exit_code == 2
    assert not out.exists()


def test_nobody_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = place.asked("--interface", "none", "--seconds", "1")
    assert result.exit_code == 1
    assert "没有摄像机应答" in result.stdout
