"""sandwatch calibrate, as the technician meets it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from edge.cli_calibrate import calibrate
from inference.geodesy.frame import LocalFrame
from inference.terrain.posed import PosedCamera, turned

NEAR = "34.8,113.6"
MAST = PosedCamera((10.0, -5.0, 24.0), turned(35, -14, 1.0), 55.0)
SPOTS = np.array([[0.1, 0.9], [0.9, 0.85], [0.2, 0.35], [0.85, 0.3], [0.5, 0.5], [0.45, 0.75], [0.65, 0.4]])

app = typer.Typer()
app.command()(calibrate)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def rows() -> NDArray[np.float64]:
    """x, y, lon, lat."""
    degrees = LocalFrame(34.8, 113.6).degrees(MAST.places(SPOTS, np.zeros(len(SPOTS))))
    return np.concatenate([SPOTS, degrees], axis=1)


def table(file: Path, values: NDArray[np.float64], head: str = "x,y,lon,lat") -> Path:
    lines = [head, *(",".join(f"{each:.8f}" for each in row) for row in values)]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def asked(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_good_points_give_a_table_and_how_sure_places_are(tmp_path: Path) -> None:
    result = asked("--points", table(tmp_path / "p.csv", rows()), "--near", NEAR)
    assert result.exit_code == 0
    assert "7 pairs" in result.stdout
    assert "at 100 m: places within" in result.stdout


def test_json_tells_the_same_for_machines(tmp_path: Path) -> None:
    result = asked("--points", table(tmp_path / "p.csv", rows()), "--near", NEAR, "--json")
    told = json.loads(result.stdout)
    assert told["fit"]
    assert [each["pair"] for each in told["residuals"]] == [1, 2, 3, 4, 5, 6, 7]
    assert max(each["others_m"] for each in told["residuals"]) < 2
    assert told["camera"]["up"] == pytest.approx(24, abs=1)
    assert told["sigma_m"]["100"] < told["sigma_m"]["200"]


def test_mixed_up_pairs_are_named_in_both_languages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = rows()
    values[[1, 4], 2:] = values[[4, 1], 2:]
    file = table(tmp_path / "p.csv", values)
    result = asked("--points", file, "--near", NEAR)
    assert result.exit_code == 1
    assert "pairs 2 and 5 are mixed up" in result.stdout
    assert json.loads(asked("--points", file, "--json").stdout)["refused"]["pairs"] == [2, 5]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "第2和第5个点对弄混" in asked("--points", file).stdout


def test_latitude_first_is_noticed(tmp_path: Path) -> None:
    file = table(tmp_path / "p.csv", rows()[:, [0, 1, 3, 2]])
    for near in (("--near", NEAR), ()):
        result = asked("--points", file, *near)
        assert result.exit_code == 1
        assert "swapped" in result.stderr


def test_pixels_need_the_pictures_size_and_the_picture_has_one(tmp_path: Path) -> None:
    file = table(tmp_path / "p.csv", rows() * [1280, 720, 1, 1])
    bare = asked("--points", file, "--near", NEAR)
    assert bare.exit_code == 1
    assert "--size" in bare.stderr
    assert asked("--points", file, "--near", NEAR, "--size", "1280x720").exit_code == 0
    picture, out = tmp_path / "frame.png", tmp_path / "ground.png"
    cv2.imwrite(str(picture), np.full((720, 1280, 3), 60, np.uint8))
    assert asked("--points", file, "--near", NEAR, "--picture", picture, "--out", out).exit_code == 0
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape == (720, 1280, 3)
    green, red = (
        np.abs(drawn.astype(int) - colour).max(axis=2) < 8 for colour in ((80, 200, 80), (40, 40, 230))
    )
    assert np.nonzero(green)[0].mean() > np.nonzero(red)[0].mean() + 100, "sure below, unsure at the horizon"


@pytest.mark.parametrize(
    ("head", "text"), [("x,y,lon", "x, y, lon, lat"), ("a,b,c,d", "x, y, lon, lat"), ("", "x, y, lon, lat")]
)
def test_columns_that_are_missing_are_named(tmp_path: Path, head: str, text: str) -> None:
    result = asked("--points", table(tmp_path / "p.csv", rows()[:, : 3 if head == "x,y,lon" else 4], head))
    assert result.exit_code == 1
    assert text in result.stderr


def test_what_is_no_number_is_named_with_its_pair(tmp_path: Path) -> None:
    file = table(tmp_path / "p.csv", rows())
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[3] = lines[3].rpartition(",")[0] + ",north"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = asked("--points", file, "--near", NEAR)
    assert result.exit_code == 1
    assert "pair 3" in result.stderr


def test_a_file_that_is_none_says_so(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\x00x")
    for file in (tmp_path / "p.csv", tmp_path / "none.csv"):
        assert "cannot be read" in asked("--points", file).stderr


def test_a_camera_of_the_site_file_is_calibrated(tmp_path: Path) -> None:
    metres = MAST.places(SPOTS, np.zeros(len(SPOTS)))
    points = [
        f"      - {{pixel: [{x:.5f}, {y:.5f}], metres: [{east:.3f}, {north:.3f}]}}"
        for (x, y), (east, north) in zip(SPOTS, metres, strict=True)
    ]
    site = tmp_path / "site.yaml"
    site.write_text(
        "site: {id: pit, area: '410122', position: [34.8, 113.6]}\n"
        "broker: {url: mqtt://127.0.0.1}\n"
        "detector: {kind: fake}\n"
        "streams:\n"
        "  - name: gate\n    kind: file\n    path: /nowhere.mp4\n    ground:\n" + "\n".join(points) + "\n",
        encoding="utf-8",
    )
    result = asked("--config", site, "--camera", "gate")
    assert result.exit_code == 0, result.output
    assert "gate: 7 pairs" in result.stdout
    unknown = asked("--config", site, "--camera", "yard")
    assert unknown.exit_code == 1
    assert "yard" in unknown.stderr
