"""The drawn cameras: what is in the pictures, when, and that a clip is drawn once."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from bench import scenes
from bench.scenes import FPS, HEIGHT, WIDTH, Coding, Scene, Visit, hidden, made, pictures, visits

SHORT = Scene("short", 1.0, (Visit(0.2, lorry=1, way_in=0.3),), noise=0.0, drift=0.0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(scenes, "_FOLDER", tmp_path)
    return tmp_path


def test_a_lorry_is_in_the_pictures_of_its_visit_and_in_no_other() -> None:
    drawn = list(pictures(SHORT))
    assert len(drawn) == FPS
    assert drawn[0].shape == (HEIGHT * 3 // 2, WIDTH)
    changed = [bool((np.abs(picture.astype(int) - drawn[0]) > 20).any()) for picture in drawn]
    assert changed == [0.2 <= number / FPS < 0.8 for number in range(FPS)]


def test_a_far_lorry_is_smaller() -> None:
    near, far = (
        list(pictures(Scene("one", 2.0, (Visit(0.0, lorry=0, size=size),), noise=0.0, drift=0.0)))
        for size in (1.0, 0.35)
    )
    ground = next(pictures(Scene("none", 0.04, noise=0.0, drift=0.0)))
    area_near, area_far = (
        np.count_nonzero(np.abs(seen[-1][:HEIGHT].astype(int) - ground[:HEIGHT]) > 20) for seen in (near, far)
    )
    assert 0 < area_far < area_near / 4


def test_visits_do_not_overlap_and_begin_anywhere_between_key_frames() -> None:
    planned = visits(9, first=22.3, pause=15.0)
    assert all(after.start - before.end >= 15 for before, after in pairwise(planned))
    assert len({round(visit.start % 2, 2) for visit in planned}) > 5
    assert all(0 <= hidden(visit) < visit.way_in for visit in planned)


def test_a_clip_is_drawn_once_with_its_key_frames_where_they_were_asked_for(folder: Path) -> None:
    coding = Coding(gop=0.4, rate="vbr")
    path = made(SHORT, [coding])[coding]
    with av.open(str(path)) as container:
        keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert keys == [number % 10 == 0 for number in range(FPS)]
    drawn = path.stat().st_mtime_ns
    assert made(SHORT, [coding])[coding].stat().st_mtime_ns == drawn
    assert [each.name for each in folder.iterdir()] == [path.name]
