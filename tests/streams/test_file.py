import itertools
import os
import threading
import time
from collections.abc import MutableMapping
from pathlib import Path
from subprocess import run
from typing import Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from structlog.testing import capture_logs

from streams import errors
from streams.source import StreamInfo
from streams.sources.file import ClipClock, Spec, build
from tests.support.clips import make_clip
from tests.support.sinks import Collector, eventually


def played(path: Path, enough: int | None = None, **settings: object) -> Collector:
    sink = Collector(enough)
    build(Spec.model_validate({"path": path, **settings})).run(sink, sink.stop)
    return sink


def events(logs: list[MutableMapping[str, Any]]) -> list[object]:
    return [entry["event"] for entry in logs]


@pytest.mark.parametrize(("codec", "name"), [("libx264", "h264"), ("libx265", "hevc"), ("mpeg4", "mpeg4")])
def test_every_picture_once_at_the_clips_own_clock(tmp_path: Path, codec: str, name: str) -> None:
    clip = make_clip(tmp_path / "a%03d.mp4", codec=codec)
    with capture_logs() as logs:
        sink = played(clip, start="2026-05-01T08:00:00+08:00")
    assert sink.infos == [StreamInfo(name, 160, 120, 10.0)]
    assert [frame.index for frame in sink.frames] == list(range(20))
    assert sink.times == pytest.approx([1_777_593_600 + number / 10 for number in range(20)])
    assert logs == []


def test_pictures_come_in_order_of_showing(demo_clip: Path) -> None:
    """The clip holds B-pictures."""
    sink = played(demo_clip, start=0)
    assert sink.times == pytest.approx([number / 10 for number in range(320)])


def test_what_was_cut_off_the_front_is_not_shown(tmp_path: Path) -> None:
    """A cut without coding anew keeps the pictures since the last key frame, and an edit list that hides them."""
    whole, cut = make_clip(tmp_path / "whole%03d.mp4"), tmp_path / "cut.mp4"
    run(["ffmpeg", "-v", "error", "-ss", "1.2", "-i", whole, "-c", "copy", cut], check=True)
    with av.open(str(cut)) as container:
        player = [frame.time or 0.0 for frame in container.decode(video=0)]
    assert len(player) < 20
    sink = played(cut, start=1000)
    assert sink.times == pytest.approx([1000 + time for time in player])


def test_where_the_clock_starts(tmp_path: Path) -> None:
    dated = make_clip(tmp_path / "dated.mp4", created="2026-05-01T00:00:00Z")
    unset = make_clip(tmp_path / "unset.mp4", created="1970-01-01T00:00:01Z")
    plain = make_clip(tmp_path / "plain.mp4")
    for path in (dated, unset, plain):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    assert played(dated).times[0] == 1_777_593_600
    assert played(unset).times[0] == 1_600_000_000
    assert played(plain).times[0] == 1_600_000_000
    assert played(dated, start=12.5).times[0] == 12.5


def test_a_bare_stream_without_time_stamps(tmp_path: Path) -> None:
    sink = played(make_clip(tmp_path / "bare.h264", fps=25), start=100)
    assert sink.times == pytest.approx([100 + number / 25 for number in range(20)])


def test_looping_goes_on_in_time(tmp_path: Path) -> None:
    sink = played(make_clip(tmp_path / "clip.mp4"), enough=50, loop=True, start=0)
    assert sink.times == pytest.approx([number / 10 for number in range(50)])
    assert [frame.index for frame in sink.frames] == list(range(50))


def test_real_pace_takes_as_long_as_the_clip(tmp_path: Path) -> None:
    began = time.monotonic()
    played(make_clip(tmp_path / "clip.mp4", frames=11), pace="real")
    assert time.monotonic() - began >= 1.0


def test_real_pace_can_be_stopped_between_pictures(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=3, fps=1)
    sink = Collector()
    source = build(Spec(path=clip, pace="real", loop=True))
    thread = threading.Thread(target=source.run, args=(sink, sink.stop), daemon=True)
    thread.start()
    eventually(lambda: sink.frames)
    sink.stop.set()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.parametrize("name", ["cut.mp4", "cut.mkv", "cut.ts"])
def test_a_truncated_clip_gives_what_it_has_and_says_so(tmp_path: Path, name: str) -> None:
    clip = make_clip(tmp_path / name, frames=40, faststart=name.endswith("mp4"))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with capture_logs() as logs:
        sink = played(clip)
    assert 10 < len(sink.frames) < 30
    if not name.endswith("ts"):  # a transport stream has no declared length
        assert {"file.truncated", "file.damaged"} & set(events(logs))


def test_a_scratch_in_the_middle_costs_a_few_pictures(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", frames=60, faststart=True)
    data = bytearray(clip.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20_000] = bytes(20_000)
    clip.write_bytes(data)
    sink = played(clip, start=0)
    assert 40 < len(sink.frames) <= 60
    assert sink.times[-1] == pytest.approx(5.9)


def test_what_is_no_clip(tmp_path: Path) -> None:
    cut = make_clip(tmp_path / "cut.mp4")  # its index is at the end
    cut.write_bytes(cut.read_bytes()[:-2000])
    text = tmp_path / "text.mp4"
    text.write_text("not a clip at all\n" * 200)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    for path in (cut, text, empty, tmp_path):
        with pytest.raises(errors.Unreadable, match=path.name):
            played(path)
    with pytest.raises(errors.Missing, match=r"gone\.mp4"):
        played(tmp_path / "gone.mp4")


@pytest.mark.parametrize("start", ["2026-05-01T08:00:00", "yesterday", "2026-13-01T00:00:00Z"])
def test_a_start_needs_a_zone(start: str) -> None:
    with pytest.raises(ValidationError, match=r"needs a (zone|time)"):
        Spec.model_validate({"path": "clip.mp4", "start": start})


STAMPS = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=100)


@given(STAMPS)
def test_the_clips_clock_never_steps_back(stamps: list[float | None]) -> None:
    clock = ClipClock(1000.0)
    times = [clock.time(stamp, 0.1) for stamp in stamps]
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(times))
    assert not times or times[0] == pytest.approx(1000.0)
