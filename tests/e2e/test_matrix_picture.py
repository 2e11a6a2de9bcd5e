"""The fault matrix, fourth part: packets flow, and the picture is of no use. Each row as a technician sees it."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.daemon import PATIENT
from tests.support.matrix import Watch, camera, moment, row, watched
from tests.support.remade import remade
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

SIZE = (320, 180)
WELL = 10.0  # s of a good picture before it is none


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("pictures")
    well = round(WELL * 10)
    frozen = remade(folder / "frozen.mp4", size=SIZE, frames=well, then="frozen", still=900)
    black = remade(folder / "black.mp4", size=SIZE, frames=well, then="black", still=900)
    with ExitStack() as parts:
        streams = [
            camera(name, parts.enter_context(RtspServer(files=[clip])).url, PATIENT)
            for name, clip in (("frozen", frozen), ("black", black))
        ]
        with watched(tmp_path_factory.mktemp("picture"), *streams) as running:
            yield running


@pytest.mark.parametrize(
    ("name", "code", "fault"),
    [
        ("black", "camera.covered", "picture turns black"),
        ("frozen", "camera.frozen", "picture frozen, packets flow"),
    ],
)
def test_a_picture_that_is_of_no_use(watch: Watch, name: str, code: str, fault: str) -> None:
    live = moment(watch.live(name))
    with watch.undisturbed():
        said = watch.gateway.wait("picture.trouble", camera=name)
        event = watch.gateway.wait("event.stored", type="camera.tampered", camera=name)
    assert said["code"] == code
    assert event["phase"] == "new"
    assert "camera.retrying" not in {
        line["event"] for line in watch.gateway.lines if line.get("camera") == name
    }
    row(fault, f"`{code}`", moment(said) - live - WELL, "event `camera.tampered`; goes on looking")
