"""Real cameras, as far as GStreamer's RTSP server is one."""

import math
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Literal

import pytest
from pydantic import ValidationError

from streams import errors
from streams.sound import Sound
from streams.source import StreamInfo
from streams.sources.rtsp import Spec, build
from tests.support.clips import make_clip
from tests.support.rtsp import RtspServer
from tests.support.running import LOOPBACK
from tests.support.sinks import Collector

# A loaded machine is not a broken camera.
PATIENT: dict[str, object] = {"connect_timeout": "20s", "read_timeout": "20s", "allow_networks": LOOPBACK}


def watched(camera: RtspServer, pictures: int, **settings: object) -> Collector:
    sink = Collector(enough=pictures)
    build(Spec.model_validate({"url": camera.url, **PATIENT, **settings})).run(sink, sink.stop)
    return sink


@pytest.mark.parametrize(("codec", "name"), [("h264", "h264"), ("h265", "hevc"), ("mjpeg", "mjpeg")])
def test_pictures_come_with_their_size_and_time_of_arrival(codec: str, name: str) -> None:
    began = time.time()
    with RtspServer(codec=codec) as camera:
        sink = watched(camera, 12)
    assert sink.infos == [StreamInfo(name, 320, 240, 10.0)]
    assert [frame.index for frame in sink.frames] == list(range(12))
    assert all(frame.size == (320, 240) for frame in sink.frames)
    # What came while FFmpeg opened is dated by its own spacing from the moment it was handed out.
    assert began <= sink.times[0] <= sink.times[-1] <= time.time() + 2
    assert sink.times == sorted(sink.times)
    assert sink.packets[0].key


def test_a_camera_with_sound_and_over_udp() -> None:
    with RtspServer(audio="with") as camera:
        assert len(watched(camera, 5).frames) == 5
        assert len(watched(camera, 5, transport="udp").frames) == 5


@pytest.mark.parametrize(
    ("sound", "info"),
    [("pcma", ("pcm_alaw", 8000, 1)), ("opus", ("opus", 48000, 2)), ("aac", ("aac", 48000, 1))],
)
def test_what_a_camera_sounds_like_comes_with_the_time_of_its_pictures(
    sound: Literal["pcma", "opus", "aac"], info: tuple[str, int, int]
) -> None:
    heard = Apart(80)  # 8 s: sender reports have come by then
    with RtspServer(audio="with", sound=sound) as camera:
        build(login(camera)).run(heard, heard.stop)
    said = heard.infos[0].sound
    assert said is not None
    assert (said.codec, said.rate, said.channels) == info
    assert said.extradata or sound != "aac"
    assert len(heard.sounds) > 50
    late = [one.time for one in heard.sounds[-20:]]
    assert late == sorted(late)
    # Most of the time: a busy camera has sent the one, and not yet the other.
    assert abs(median(heard.apart[-200:])) < 0.4


class Apart(Collector):
    """apart: s by which each piece of sound is later than the picture before it."""

    def __init__(self, enough: int) -> None:
        super().__init__(enough)
        self.apart: list[float] = []

    def sound(self, sound: Sound) -> None:
        super().sound(sound)
        if self.packets:
            self.apart.append(sound.time - self.packets[-1].time)


def test_the_demo_clip_loops(demo_clip: Path, tmp_path: Path) -> None:
    short = make_clip(tmp_path / "short.mp4", frames=10)
    with RtspServer(files=[short]) as camera:
        sink = watched(camera, 25)
    assert len(sink.frames) == 25
    with RtspServer(files=[demo_clip]) as camera:
        assert watched(camera, 3).frames[0].size == (640, 360)


def test_a_change_of_resolution_passes_through(tmp_path: Path) -> None:
    small = make_clip(tmp_path / "small.mp4", frames=10, size=(160, 120))
    large = make_clip(tmp_path / "large.mp4", frames=10, size=(320, 240))
    with RtspServer(files=[small, large]) as camera:
        sink = watched(camera, 24)
    sizes = [frame.size for frame in sink.frames]
    assert sizes.count((320, 240)) == 10
    assert sizes.count((160, 120)) == 14


PASSWORD = "s3cret:p@ss/w#rd?%41"  # as technicians choose them


def login(camera: RtspServer, **settings: object) -> Spec:
    return Spec.model_validate({"url": f"rtsp://{camera.place}", **PATIENT, **settings})


def test_digest_login() -> None:
    sink = Collector(enough=2)
    with RtspServer(login=f"admin:{PASSWORD}") as camera:
        build(login(camera, username="admin", password=PASSWORD)).run(sink, sink.stop)
        assert len(sink.frames) == 2
        for wrong in (
            login(camera),
            login(camera, username="admin", password="guess"),
            login(camera, url=f"rtsp://admin:guess@{camera.place}"),
        ):
            with pytest.raises(errors.Unauthorized):
                build(wrong).run(sink, sink.stop)


def test_a_wrong_path() -> None:
    with RtspServer() as camera:
        sink = Collector()
        with pytest.raises(errors.NotFound, match=f"127.0.0.1:{camera.port}/other"):
            build(login(camera, url=f"rtsp://127.0.0.1:{camera.port}/other")).run(sink, sink.stop)


def test_sound_only() -> None:
    with RtspServer(audio="only") as camera, pytest.raises(errors.NoVideo):
        watched(camera, 1)


def test_nothing_is_written_to_standard_error() -> None:
    """FFmpeg would: it complains about lost packets, time stamps and the login."""
    script = (
        "import sys\n"
        "from streams.errors import NotFound\n"
        "from streams.sources.rtsp import Spec, build\n"
        "from tests.support.sinks import Collector\n"
        "sink = Collector(enough=8)\n"
        "calm = {'allow_networks': ['127.0.0.1'], 'connect_timeout': 20, 'read_timeout': 20}\n"
        "try: build(Spec(url=sys.argv[1] + '/other', **calm)).run(sink, sink.stop)\n"
        "except NotFound: print('not found')\n"
        "build(Spec(url=sys.argv[1], **calm)).run(sink, sink.stop)\n"
        "print(len(sink.frames))"
    )
    with RtspServer(codec="h265", audio="with") as camera:
        command = [sys.executable, "-c", script, camera.url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == ("not found\n8\n", "")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"url": "http://admin:s3cret@h/x"}, "rtsp://"),
        ({"url": "rtsp://h/x", "transport": "s3cret"}, "transport"),
        ({"url": "rtsp://admin:s3cret@h/x", "read_timeout": "0s"}, "read_timeout"),
        ({"url": "rtsp://admin:s3cret@h/x", "connect_timeout": "soon"}, "duration"),
        ({}, "url"),
        ({"url": "rtsp://admin:s3cret@2130706433/x"}, "not written in full"),
        ({"url": "rtsp://admin:s3cret@h/x", "allow_networks": ["10.0.0.1/8"]}, "192.168.1.0/24"),
    ],
)
def test_wrong_settings_are_told_without_the_password(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Spec.model_validate(wrong)
    assert says in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_durations_are_read_as_people_write_them() -> None:
    spec = Spec.model_validate({"url": "rtsp://h/x", "read_timeout": "1500ms"})
    assert math.isclose(spec.read_timeout, 1.5)
