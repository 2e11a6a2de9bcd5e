from pathlib import Path
from typing import get_args

import pytest

from streams import hardware as module
from streams.hardware import Acceleration, hardware


def test_nothing_is_tried_where_nothing_is_wanted() -> None:
    assert hardware("none") == ()


@pytest.mark.parametrize("name", [name for name in get_args(Acceleration) if name not in ("auto", "none")])
def test_a_device_named_by_hand_is_tried_whether_it_is_there_or_not(name: Acceleration) -> None:
    assert hardware(name) == (name,)


@pytest.mark.parametrize(
    ("nodes", "tried"),
    [
        ((), ()),
        (("nvidia0",), ("cuda",)),
        (("dri/card0",), ()),
        (("dri/renderD128",), ("vaapi", "qsv")),
        (("dri/renderD129", "nvidia0"), ("cuda", "vaapi", "qsv")),
    ],
)
def test_auto_tries_what_has_a_device_file(
    nodes: tuple[str, ...], tried: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for node in nodes:
        (tmp_path / node).parent.mkdir(exist_ok=True)
        (tmp_path / node).touch()
    monkeypatch.setattr(module, "_DEV", tmp_path)
    monkeypatch.setattr(module, "hwdevices_available", lambda: ["vaapi", "cuda", "qsv", "vulkan"])
    assert hardware("auto") == tried


def test_auto_leaves_out_what_ffmpeg_was_built_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(module, "_DEV", tmp_path)
    monkeypatch.setattr(module, "hwdevices_available", lambda: ["vaapi"])
    assert hardware("auto") == ()
