"""sandwatch probe against a real RTSP server: every command of docs/cameras.md, its words, and no password anywhere."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
import typer
from typer.testing import CliRunner, Result

from edge.cli_probe import probe
from edge.probe.heard import listen
from edge.probe.measure import measured
from edge.probe.pictures import pictures
from edge.probe.verdicts import verdicts
from edge.settings.loader import load_text
from streams.sources.rtsp import Spec, build
from tests.support.executed import commands
from tests.support.onvif_device import OnvifDevice
from tests.support.rtsp import RtspServer

WORD = "se/cr@t%41"
SITE = 'site: {id: pit, area: "410122"}\nbroker: {url: mqtt://127.0.0.1}\ndetector: {kind: fake}\n'
HERE = ("--allow-network", "127.0.0.0/8")
QUIET = ("--onvif-port", "0", "--seconds", "1")
app = typer.Typer()
app.command()(probe)


@pytest.fixture(scope="module")
def camera() -> Iterator[RtspServer]:
    with RtspServer(login=f"admin:{WORD}", audio="with") as server:
        yield server


def asked(*words: str) -> Result:
    return CliRunner(env={"WORD": WORD}).invoke(app, list(words))


def login(camera: RtspServer) -> tuple[str, ...]:
    return f"rtsp://{camera.place}", "--user", "admin", "--password-from", "WORD", *HERE


def test_every_command_of_the_guide_works(
    camera: RtspServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("password.txt").write_text(f"{WORD}\n", encoding="utf-8")
    for words in commands("cameras.md", "probe"):
        result = asked(f"rtsp://{camera.place}", *words[1:], *HERE, *QUIET)
        assert result.exit_code == 0, (words, result.output)
        assert WORD not in result.output
    picture = cv2.imread("gate.jpg")
    assert picture is not None
    assert picture.shape == (240, 320, 3)


def test_what_was_found_can_be_pasted(camera: RtspServer) -> None:
    result = asked(*login(camera), *QUIET, "--alone")
    assert result.exit_code == 0, result.output
    assert "h264 Constrained Baseline@" in result.stdout
    assert "pcm_alaw 8000 Hz" in result.stdout
    listed = result.stdout[result.stdout.index("streams:\n") :]
    secrets = {"SANDWATCH_SECRET_CAMERA_127_0_0_1_PASSWORD": WORD}
    (stream,) = load_text(SITE + listed, "site.yaml", secrets).site.streams
    spec = stream.source_spec()
    assert spec.url.get_secret_value() == f"rtsp://{camera.place}"  # type: ignore[attr-defined]
    assert spec.password.get_secret_value() == WORD  # type: ignore[attr-defined]


async def test_onvif_tells_the_clock_and_the_other_stream(camera: RtspServer) -> None:
    with RtspServer(size="160x120") as small:
        device = OnvifDevice(skew=300.0, stream=f"rtsp://{{host}}:{small.port}/cam")
        async with device:
            words = (*login(camera), "--seconds", "3", "--onvif-port", str(device.port), "--json")
            result = await asyncio.to_thread(asked, *words)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert [(each["width"], each["height"]) for each in told["streams"]] == [(160, 120)]
    assert told["item"]["url"] == f"rtsp://127.0.0.1:{small.port}/cam"
    assert told["item"]["record"] == f"rtsp://{camera.place}"
    assert told["item"]["password"] == "!secret camera-127.0.0.1-password"
    assert told["clock_offset"] == pytest.approx(300, abs=3) or told["clock_offset"] == pytest.approx(
        0, abs=1
    )
    assert told["pictures"] > 5
    assert WORD not in result.output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--user", "admin", "--password-from", "HOME", *HERE), 1, "refuses the login"),
        (("--user", "admin", "--password-from", "WORD"), 1, "--allow-network"),
        (("--user", "admin", "--password-from", "no-such-thing", *HERE), 78, "--password-from"),
        (("--allow-network", "here"), 2, "192.168.1.0/24"),
    ],
)
def test_why_it_does_not_work_is_said(
    camera: RtspServer, words: tuple[str, ...], code: int, said: str
) -> None:
    result = asked(f"rtsp://{camera.place}", *words, *QUIET)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert WORD not in result.output


def test_a_camera_that_goes_away_is_told_as_far_as_it_went() -> None:
    with RtspServer() as short:
        spec = Spec.model_validate({"url": f"rtsp://{short.place}", "allow_networks": ["127.0.0.0/8"]})
        found = listen(build(spec), 60, lambda done: short.kill() if done > 2 else None)
    assert found is not None
    assert len(found.packets) > 3
    assert found.broke is not None
    said = verdicts(found, measured(found), pictures(found), None, None, "tcp")
    assert "line.broke" in {each.code for each in said}


def test_a_password_in_the_address_is_refused_and_not_repeated(camera: RtspServer) -> None:
    for url in ("rtsp://admin:hunter2@127.0.0.1/cam", "rtsp://127.0.0.1/user=admin_password=hunter2"):
        result = asked(url, *HERE, *QUIET)
        assert result.exit_code == 78
        assert "--password-from" in result.stderr
        assert "hunter2" not in result.output
    assert asked("http://127.0.0.1/", *QUIET).exit_code == 78


def test_the_whole_address_can_be_asked_for(camera: RtspServer) -> None:
    url = f"rtsp://admin:{WORD.replace('/', '%2F').replace('%4', '%254').replace('@', '%40')}@{camera.place}"
    result = CliRunner().invoke(app, ["-", *HERE, *QUIET, "--alone", "--json"], input=f"{url}\n")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["item"]["username"] == "admin"
    assert told["item"]["url"] == f"rtsp://{camera.place}"


def test_it_speaks_chinese(camera: RtspServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = asked(*login(camera), *QUIET, "--alone")
    assert "关键帧" in result.stdout
