import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from streams import errors
from streams.source import StreamInfo
from streams.sources.folder import Spec, build
from tests.support.sinks import Collector


def picture(path: Path, shade: int, size: tuple[int, int] = (64, 48)) -> Path:
    noise = np.random.default_rng(shade).integers(0, 20, (size[1], size[0], 3), np.uint8)
    assert cv2.imwrite(str(path), noise + np.uint8(shade))
    return path


def shown(folder: Path, **settings: object) -> Collector:
    sink = Collector()
    build(Spec.model_validate({"path": folder, **settings})).run(sink, sink.stop)
    return sink


def shades(sink: Collector) -> list[int]:
    return [round(float(frame.picture.to_ndarray(format="gray").mean()) - 10) for frame in sink.frames]


def test_pictures_come_in_the_order_people_number_them(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        picture(tmp_path / f"site {number}.jpg", number * 20)
    sink = shown(tmp_path, every="10min", start="2026-05-01T08:00:00+08:00")
    assert shades(sink) == pytest.approx([20, 40, 200], abs=2)
    assert sink.times == [1_777_593_600, 1_777_594_200, 1_777_594_800]
    assert [frame.index for frame in sink.frames] == [0, 1, 2]
    assert sink.infos == [StreamInfo("mjpeg", 64, 48, 1 / 600)]


def test_every_usual_format(tmp_path: Path) -> None:
    names = ["a.BMP", "b.jpeg", "c%02d.png", "d.tiff", "e.webp"]
    for name in names:
        picture(tmp_path / name, 100)
    (tmp_path / "notes.txt").write_text("not a picture")
    (tmp_path / "._b.jpeg").write_bytes(b"what a Mac leaves behind")
    sink = shown(tmp_path)
    assert shades(sink) == pytest.approx([100] * 5, abs=3)
    assert [info.codec for info in sink.infos] == ["bmp", "mjpeg", "png", "tiff", "webp"]


def test_a_change_of_size_passes_through(tmp_path: Path) -> None:
    picture(tmp_path / "1.png", 10)
    picture(tmp_path / "2.png", 10, size=(32, 16))
    assert [frame.size for frame in shown(tmp_path).frames] == [(64, 48), (32, 16)]


@pytest.mark.parametrize("name", ["2.jpg", "2.png", "2.webp", "2.bmp"])
@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_broken_picture_is_named_and_leaves_its_turn_empty(tmp_path: Path, name: str, keep: float) -> None:
    picture(tmp_path / "1.jpg", 10)
    broken = picture(tmp_path / name, 100)
    broken.write_bytes(broken.read_bytes()[: int(broken.stat().st_size * keep)])
    picture(tmp_path / "3.jpg", 50)
    with capture_logs() as logs:
        sink = shown(tmp_path, start=0)
    assert sink.times == [0, 120]
    assert [(entry["event"], entry["path"]) for entry in logs] == [("folder.broken_picture", str(broken))]


def test_the_first_file_dates_the_series(tmp_path: Path) -> None:
    first = picture(tmp_path / "1.jpg", 10)
    os.utime(first, (1_600_000_000, 1_600_000_000))
    picture(tmp_path / "2.jpg", 10)
    assert shown(tmp_path).times == [1_600_000_000, 1_600_000_060]


def test_a_folder_without_a_picture(tmp_path: Path) -> None:
    with pytest.raises(errors.Unreadable, match="no jpg"):
        shown(tmp_path)
    (tmp_path / "1.jpg").write_bytes(b"broken")
    with pytest.raises(errors.Unreadable):
        shown(tmp_path)
    for path in (tmp_path / "gone", tmp_path / "1.jpg"):
        with pytest.raises(errors.Missing, match=path.name):
            shown(path)


def test_it_stops_when_told(tmp_path: Path) -> None:
    for number in range(5):
        picture(tmp_path / f"{number}.png", number)
    sink = Collector(enough=2)
    build(Spec(path=tmp_path)).run(sink, sink.stop)
    assert len(sink.frames) == 2


def test_time_between_pictures_must_pass() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        Spec.model_validate({"path": "x", "every": "0s"})
