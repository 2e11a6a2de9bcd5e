"""Parameter sets that ask for more than any camera has."""

from dataclasses import replace
from pathlib import Path

import pytest

from streams.decoding import Decoder
from streams.packet import Packet
from tests.fuzz.material import material, nals, prepare
from tests.fuzz.sps import sps

HIGH = 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("material")
    prepare(made)
    return made


def resized(unit: Packet, width: int, height: int) -> Packet:
    """The same key frame with another size declared."""
    rest = b"".join(b"\0\0\0\1" + nal for nal in nals(unit.data) if nal[0] & 0x1F != 7)
    return replace(unit, data=sps(width, height, profile=HIGH) + rest)


def decoded(folder: Path, width: int, height: int) -> list[tuple[int, int]]:
    it = material(folder, "h264")
    picture = Decoder(it.info).alone(resized(it.units[0], width, height))
    return [(picture.width, picture.height)] if picture else []


def test_8k_is_a_size_that_cameras_have(folder: Path) -> None:
    assert decoded(folder, 7680, 4320) == [(7680, 4320)]


@pytest.mark.parametrize(("width", "height"), [(16384, 16384), (65520, 65520), (8192, 8192)])
def test_more_than_40_million_px_are_refused(folder: Path, width: int, height: int) -> None:
    assert decoded(folder, width, height) == []
