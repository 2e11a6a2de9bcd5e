"""sandwatch parcels check, as somebody at a terminal meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli_parcels import app
from tests.support.parcels import SITE, feature, geojson, square

NEAR = f"{SITE[0]},{SITE[1]}"
BOW = [(116.4, 39.9), (116.401, 39.901), (116.401, 39.9), (116.4, 39.901), (116.4, 39.9)]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["check", *arguments])


def test_a_sound_file(tmp_path: Path) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square(side=0.01)))
    done = run(str(file), "--crs", "EPSG:4490", "--near", NEAR, "--layer", "基本农田")
    assert done.exit_code == 0, done.output
    first, *_, last = done.output.splitlines()
    assert first == "p.geojson (基本农田): 1 of 1 features can be used, 0.9495 km2"
    assert "116.40000 to 116.41000" in done.output
    assert "within 1 m of WGS84" in done.output
    assert last == "ok"


def test_bad_features_are_counted_and_a_few_shown(tmp_path: Path) -> None:
    bad = (feature(BOW, key=str(number)) for number in range(40))
    done = run(
        str(geojson(tmp_path / "p.geojson", feature(square(), key="A"), *bad)),
        "--crs",
        "EPSG:4490",
        "--id",
        "DKBM",
    )
    assert done.exit_code == 1
    assert "1 of 41 features can be used" in done.output
    assert "x crossing (40)" in done.output
    assert done.output.count("crosses itself") == 5
    assert "and 35 more" in done.output
    assert "--near" in done.output, "what was not checked is said"


def test_for_machines_every_finding(tmp_path: Path) -> None:
    file = geojson(
        tmp_path / "p.geojson",
        feature(square()[::-1], key="A"),
        *(feature(BOW, key=str(n)) for n in range(40)),
    )
    done = run(str(file), "--crs", "EPSG:4490", "--near", NEAR, "--id", "DKBM", "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    assert (told["features"], told["usable"], told["fit"], told["refused"]) == (41, 1, False, None)
    assert told["bbox"] == [116.4, 39.9, 116.401, 39.901]
    levels = [(each["code"], each["level"], each["feature"]) for each in told["findings"]]
    assert levels[0] == ("parcels.ring_order", "note", 1)
    assert levels[1:] == [("parcels.crossing", "error", number) for number in range(2, 42)]


def test_a_file_that_is_refused_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = geojson(tmp_path / "p.geojson", feature(square()))
    for arguments in (
        (str(file),),
        (str(tmp_path / "none.shp"),),
        (str(file), "--crs", "EPSG:4490", "--id", "FID"),
    ):
        done = run(*arguments)
        assert done.exit_code == 1
        assert Path(arguments[0]).name in done.output
        assert "Traceback" not in done.output
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "没有坐标系" in run(str(file)).output
    assert json.loads(run(str(file), "--json").output)["refused"]["code"] == "parcels.no_crs"


def test_all_features_misplaced_says_what_was_mixed_up(tmp_path: Path) -> None:
    swapped = [feature([(y, x) for x, y in square(n * 0.001)], key=str(n)) for n in range(3)]
    done = run(str(geojson(tmp_path / "p.geojson", *swapped)), "--crs", "EPSG:4490", "--near", NEAR)
    assert done.exit_code == 1
    assert "x swapped (3): put longitude (east) before latitude (north)" in done.output


@pytest.mark.parametrize("near", ["here", "39.9", "116.4,39.9", "39.9,116.4,5", "nan,0"])
def test_a_place_that_is_none_is_wrong_usage(tmp_path: Path, near: str) -> None:
    done = run(str(tmp_path / "p.geojson"), "--near", near)
    assert done.exit_code == 2
    assert "LATITUDE" in done.output.upper()


def test_help_loads_no_geometry() -> None:
    """The command line starts at once; the daemon, which imports it, never asks about the ground."""
    heavy = ("shapely", "pyproj", "shapefile")
    code = f"import sys, edge.cli_parcels; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
