"""Small things that claim to be large: archives, pictures, settings, messages. Nothing hangs, nothing eats the memory."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.centre.record import Unreadable, record
from edge.cli_events import _each
from edge.orders.door import _fields
from edge.tail import Filter
from relay import sdpfrag
from tests.support import bombs
from tests.support.consoles import nested
from tests.support.costs import Cost, cost

SECONDS = 2.0  # of CPU
MEGABYTES = 150.0
BOMBS = "tests.support.bombs"


def bearable(found: Cost) -> None:
    assert found.seconds < SECONDS
    assert found.megabytes < MEGABYTES


@pytest.fixture
def harmless(tmp_path: Path) -> Path:
    folder = tmp_path / "harmless"
    folder.mkdir()
    path = folder / "1.png"
    path.write_bytes(bombs.png(64, 64))
    return path


def zip_bombs(folder: Path) -> dict[str, Path]:
    made = {
        name: folder / f"{name}.zip" for name in ("squeezed", "nested", "million", "liars", "wide", "long")
    }
    with zipfile.ZipFile(made["squeezed"], "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bundle.json", bytes(400_000_000))
    with zipfile.ZipFile(made["nested"], "w", zipfile.ZIP_STORED) as archive:
        for number in range(9):
            archive.write(made["squeezed"], f"items/{number}.zip")
    bombs.zip_of_records(made["million"], 1_000_000)
    bombs.zip_of_records(made["liars"], 1_000_000, claimed=1)
    with zipfile.ZipFile(made["wide"], "w", zipfile.ZIP_STORED) as archive:
        info = zipfile.ZipInfo("bundle.json")
        archive.writestr(info, b"{}")
        info.file_size = info.compress_size = 0xFFFFFFF0
    with zipfile.ZipFile(made["long"], "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("bundle.json", nested(1_000_000))
    return made


def test_archives(tmp_path: Path, harmless: Path) -> None:
    for name, path in zip_bombs(tmp_path).items():
        found = cost(BOMBS, "verified", [str(harmless)], [str(path)])
        assert found.said, name
        bearable(found)


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "items/../../x", "C:\\x", "items/\x00x", "a\nb", "\x1b[2Jx"]
)
def test_names_in_an_archive_lead_nowhere_and_steer_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "names.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    before = {each.name for each in tmp_path.parent.iterdir()}
    assert bombs.verified(str(path))
    assert {each.name for each in tmp_path.parent.iterdir()} == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("made", [lambda: bombs.png(30_000, 30_000), lambda: bombs.jpeg(65_000, 65_000)])
@pytest.mark.parametrize("given", ["to_draw_in", "surveyed", "calibrated", "from_folder"])
def test_pictures(given: str, made: Callable[[], bytes], tmp_path: Path, harmless: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    path = folder / "1.png"
    path.write_bytes(made())
    words = [[str(each.parent if given == "from_folder" else each)] for each in (harmless, path)]
    found = cost(BOMBS, given, *words)
    said = " ".join(found.said)
    assert "picture" in said or said == "Unreadable", found
    bearable(found)


def yaml_of(kind: str) -> str:
    if kind == "aliases":
        return "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)
        )
    if kind == "deep":
        return "[" * 200_000 + "]" * 200_000
    return "x: " + "y" * 100_000_000


@pytest.mark.parametrize("kind", ["aliases", "100 MB", "deep"])
def test_site_files(kind: str, tmp_path: Path, harmless: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(yaml_of(kind))
    found = cost(BOMBS, "site", [str(harmless)], [str(path)])
    assert found.said
    bearable(found)


def tailed(payload: bytes) -> None:
    _each("sandwatch/v1/a/b/c/d/event", payload, Filter(), lambda _topic, _event: None)


def recorded(payload: bytes) -> None:
    with pytest.raises(Unreadable):
        record("sandwatch/v1/a/b/c/d/event", payload)


def ordered(payload: bytes) -> None:
    assert _fields(payload) is None


DEEP = [nested(100_000).encode(), ('{"a":' * 100_000 + "1" + "}" * 100_000).encode()]


@pytest.mark.parametrize("payload", [*DEEP, b"1" * 5000, b'{"a": 1e999999}', b"\xff" * 100, b'"\\ud800"'])
@pytest.mark.parametrize("read", [tailed, recorded, ordered])
def test_messages(read: Callable[[bytes], None], payload: bytes) -> None:
    if read is ordered and payload not in DEEP:
        payload = payload.replace(b"{", b"[").replace(b"}", b"]")  # what is no object is none
    read(payload)


def test_a_fragment_of_a_million_lines() -> None:
    with pytest.raises(Exception) as refused:  # noqa: PT011 (whatever it is, it is one of ours)
        sdpfrag.read("a=candidate:1 1 udp 1 192.168.1.1 9 typ host\r\n" * 1_000_000)
    assert hasattr(refused.value, "problem") or isinstance(refused.value, ValueError), json.dumps(
        str(refused.value)
    )
