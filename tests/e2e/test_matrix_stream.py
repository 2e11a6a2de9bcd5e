"""The fault matrix, third part: what is odd in a stream. The truck in it must be found all the same."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.support.daemon import PATIENT
from tests.support.matrix import Watch, camera, moment, row, watched
from tests.support.proxy import FaultyLine, jumped, without_pictures
from tests.support.remade import CLIP, remade
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e

DAY = 86_400.0  # s


@dataclass(frozen=True)
class Oddities:
    sound: RtspServer
    rare: RtspServer
    reordered: RtspServer
    sizes: RtspServer
    jumping: FaultyLine
    noise: FaultyLine
    named: FaultyLine


@pytest.fixture(scope="module")
def oddities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oddities]:
    folder = tmp_path_factory.mktemp("clips")
    small = remade(folder / "small.mp4", frames=50)
    large = remade(folder / "large.mp4", size=(960, 540), frames=50)
    reordered = remade(folder / "bframes.mp4", bframes=2)
    rare = remade(folder / "rare.mp4", gop=100, frames=200)
    with ExitStack() as parts:
        yield Oddities(
            sound=parts.enter_context(RtspServer(audio="only")),
            rare=parts.enter_context(RtspServer(files=[rare])),
            reordered=parts.enter_context(RtspServer(files=[reordered])),
            sizes=parts.enter_context(RtspServer(files=[small, large])),
            jumping=parts.enter_context(FaultyLine(parts.enter_context(RtspServer(files=[CLIP])).port)),
            noise=parts.enter_context(FaultyLine(parts.enter_context(RtspServer()).port)),
            named=parts.enter_context(FaultyLine(parts.enter_context(RtspServer(files=[CLIP])).port)),
        )


@pytest.fixture(scope="module")
def watch(oddities: Oddities, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    oddities.noise.rtp = without_pictures
    oddities.named.bytes = lambda data: data.replace(b"streamed", "大门摄像".encode("gbk"))
    streams = [
        camera("sound", oddities.sound.url),
        camera("rare", oddities.rare.url, PATIENT),
        camera("reordered", oddities.reordered.url, PATIENT),
        camera("sizes", oddities.sizes.url, PATIENT),
        camera("jumping", oddities.jumping.url, PATIENT),
        camera("noise", oddities.noise.url),
        camera("named", oddities.named.url, PATIENT),
    ]
    with watched(tmp_path_factory.mktemp("stream"), *streams) as running:
        yield running


def began(watch: Watch, name: str) -> float:
    return moment(watch.gateway.wait("camera.connecting", camera=name))


def test_sound_only(watch: Watch) -> None:
    with watch.undisturbed():
        said = watch.gateway.wait("camera.refused", camera="sound")
    assert said["code"] == "camera.no_video"
    row(
        "sound, no pictures",
        "`camera.no_video`",
        moment(said) - began(watch, "sound"),
        "tried again every 90-180 s",
    )


ODD = {
    "rare": "key frames 10 s apart",
    "reordered": "B pictures",
    "sizes": "resolution changes in mid-stream",
    "named": "a session name in GBK",
}


def test_odd_but_good_streams(watch: Watch) -> None:
    for name in ODD:
        watch.sees_trucks(name, after=0)
    with watch.undisturbed():
        mark = watch.mark
        time.sleep(11.0)  # a GOP, and two changes of size
        for name in ODD:
            watch.sees_trucks(name, after=watch.mark)
            assert watch.said(name, after=mark) == []
    for name, fault in ODD.items():
        took = moment(watch.live(name)) - began(watch, name)
        row(fault, "nothing", None, f"live {took:.1f} s after connecting; events go on")


def test_a_clock_that_jumps_by_a_day_and_back(watch: Watch, oddities: Oddities) -> None:
    watch.sees_trucks("jumping", after=0)
    with watch.undisturbed():
        mark = watch.mark
        for edit in (jumped(DAY), None, jumped(-DAY)):
            oddities.jumping.rtp = edit
            time.sleep(2.0)
            watch.sees_trucks("jumping", after=watch.mark)
        # Its sender reports still tie the stamps to a date: by them its clock is a day off, which is so.
        assert set(watch.said("jumping", after=mark)) <= {"camera.clock", "camera.clock.recovered"}
    row(
        "time stamps jump by a day",
        "nothing, or `camera.clock`",
        None,
        "times are the box's own; events go on",
    )


def test_pictures_that_never_decode(watch: Watch, oddities: Oddities) -> None:
    with watch.undisturbed():
        said = watch.gateway.wait("camera.retrying", camera="noise")
        mark = watch.mark
        oddities.noise.rtp = None
        watch.live("noise", after=mark)
    assert said["code"] == "camera.broken"
    seconds = moment(said) - began(watch, "noise")
    row("data, but no picture decodes", "`camera.broken`", seconds, "tried again within 1 s, growing to 30 s")
