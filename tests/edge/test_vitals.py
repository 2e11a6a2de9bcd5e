"""The kernel's figures, read as they are written."""

from pathlib import Path

import pytest

from edge.vitals import Gauge, Vitals

STAT = "cpu  {busy} 0 {busy} {idle} {wait} 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 0 0 0\n"
MEMINFO = "MemTotal:        4000000 kB\nMemFree:          100000 kB\nMemAvailable:    1000000 kB\n"


def kernel(folder: Path, busy: int, idle: int, wait: int = 0) -> None:
    (folder / "stat").write_text(STAT.format(busy=busy, idle=idle, wait=wait))
    (folder / "meminfo").write_text(MEMINFO)


def zone(folder: Path, number: int, text: str) -> None:
    (folder / f"thermal_zone{number}").mkdir()
    (folder / f"thermal_zone{number}" / "temp").write_text(text)


def test_the_processor_is_told_of_the_time_between_two_looks(tmp_path: Path) -> None:
    gauge = Gauge(tmp_path, tmp_path, tmp_path)
    kernel(tmp_path, 100, 1000, 50)
    assert gauge.read().cpu is None
    kernel(tmp_path, 130, 1100, 90)  # 60 of 200 ticks; waiting for a disk is no work
    assert gauge.read().cpu == pytest.approx(0.3)
    assert gauge.read().cpu is None, "no time has passed"


def test_memory_disk_and_the_warmest_sensor(tmp_path: Path) -> None:
    kernel(tmp_path, 1, 1)
    for number, text in enumerate(("41500\n", "67000\n", "", "nonsense")):
        zone(tmp_path, number, text)
    vitals = Gauge(tmp_path, tmp_path, tmp_path).read()
    assert vitals.memory == pytest.approx(0.75)
    assert vitals.celsius == 67.0
    assert vitals.disk is not None
    assert 0 < vitals.disk < 1


def test_a_box_that_tells_nothing(tmp_path: Path) -> None:
    away = tmp_path / "away"
    assert Gauge(away, away, away).read() == Vitals(None, None, None, None)


def test_this_machine() -> None:
    vitals = Gauge(Path("/")).read()
    assert vitals.memory is not None
    assert 0 < vitals.memory < 1
