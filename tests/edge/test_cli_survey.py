import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from lxml import etree
from typer.testing import CliRunner, Result

from edge.cli_survey import app
from edge.pose import PoseData
from streams.telemetry.pose import Pose
from tests.support.flight import FRAME, Floats, Land, Picture, camera, fields, fix, lit, pose, ring, shot

PIT = ring(6.0, -4.0, 120.0, seed=3)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")


def survey(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def said(*words: object) -> Any:
    result = survey(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def taken(file: Path, picture: Picture, told: Pose, **other: object) -> Path:
    """A picture, and its pose beside it in the words of an event."""
    cv2.imwrite(str(file), picture)
    words = PoseData.of(fix(told)).model_dump(exclude_none=True) | other
    file.with_suffix(".json").write_text(json.dumps(words), "utf-8")
    return file


def drawn(told: Pose, outline: Floats) -> str:
    corners = camera(told).pixels(np.column_stack([outline, np.zeros(len(outline))]))
    return " ".join(f"{x:.6f},{y:.6f}" for x, y in corners)


def parcels(file: Path, outline: Floats) -> Path:
    corners = FRAME.degrees(np.vstack([outline, outline[:1]])).tolist()
    feature = {
        "type": "Feature",
        "id": "P7",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [corners]},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return file


def clip(file: Path, land: Land, poses: list[Pose], told: Callable[[Pose], str]) -> Path:
    """One picture a second, and DJI's subtitles beside it."""
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mjpeg", rate=1)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 960, 540, "yuvj420p"
        stream.codec_context.time_base = Fraction(1, 1)
        for number, each in enumerate(poses):
            frame = av.VideoFrame.from_ndarray(shot(land, each, seed=number), "bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    cues = [
        f"{number + 1}\n00:00:{number:02d},000 --> 00:00:{number:02d},900\n{told(each)}\n"
        for number, each in enumerate(poses)
    ]
    file.with_suffix(".SRT").write_text("\n".join(cues), "utf-8")
    return file


def subtitle(told: Pose) -> str:
    assert told.position is not None
    assert told.gimbal is not None
    return (
        f"2026-05-01 10:00:00.000 [latitude: {told.position.lat:.7f}] [longitude: {told.position.lon:.7f}] "
        f"[rel_alt: {told.heights.takeoff} abs_alt: 99.0] [gb_yaw: {told.gimbal.yaw} gb_pitch: {told.gimbal.pitch} "
        f"gb_roll: 0.0]"
    )


def test_an_outlined_area_with_its_parcel(tmp_path: Path) -> None:
    told, outline = pose(yaw=30, pitch=-70), ring(0, 12, 400.0)
    picture = taken(tmp_path / "yard.jpg", shot(fields(), told), told)
    file = parcels(tmp_path / "red.geojson", ring(3, 12, 400.0))
    out = tmp_path / "yard.kml"
    found = said(
        "area",
        picture,
        "--outline",
        drawn(told, outline),
        "--parcels",
        file,
        "--crs",
        "EPSG:4326",
        "--out",
        out,
    )
    assert found["area_m2"] == pytest.approx(400, rel=0.001)
    assert 15 < found["area_sigma_m2"] < 60
    (parcel,) = found["parcels"]
    assert parcel["key"] == "P7"
    assert 0.7 < parcel["share"] < 0.9
    names = etree.parse(str(out)).findall(".//{*}Placemark/{*}name")
    assert [name.text for name in names] == ["yard.jpg 400 m²"]
    lines = survey("area", picture, "--outline", drawn(told, outline)).output
    assert "400 ±" in lines


def test_a_stale_pose_is_refused_in_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = pose()
    picture = taken(tmp_path / "a.jpg", shot(fields(), told), told, fresh=False, basis="stale")
    outline = drawn(told, ring(0, 0, 100.0))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    result = survey("area", picture, "--outline", outline)
    assert result.exit_code == 1
    assert "已过时" in result.output


def test_a_picture_without_a_pose_says_what_is_missing(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((90, 160, 3), np.uint8))
    result = survey("area", tmp_path / "a.jpg", "--outline", "0.1,0.1 0.2,0.1 0.2,0.2")
    assert result.exit_code == 1
    assert "a.json is not there" in result.output


@pytest.mark.parametrize("outline", ["1,2 3", "somewhere", "missing.json"])
def test_an_outline_that_is_none_is_wrong_usage(tmp_path: Path, outline: str) -> None:
    assert survey("area", tmp_path / "a.jpg", "--outline", outline).exit_code == 2


def test_two_pictures_compared_go_to_a_map(tmp_path: Path) -> None:
    told, later = pose(yaw=20, up=65), pose(east=4, yaw=35, pitch=-80, up=72)
    before = taken(tmp_path / "may.jpg", shot(fields(), told), told)
    after = taken(tmp_path / "june.jpg", lit(shot(fields().dug(PIT), later)), later)
    found = said("compare", before, after, "--out", tmp_path / "found.geojson")
    (patch,) = found["patches"]
    assert abs(patch["area_m2"] - 120) < 3 * patch["area_sigma_m2"]
    assert found["pairs"][0]["residual_m"] < 0.3
    written = json.loads((tmp_path / "found.geojson").read_text("utf-8"))
    (feature,) = written["features"]
    assert feature["geometry"] == patch["geo"]
    assert len(feature["properties"]["reference"]["sha256"]) == 64


def test_two_clips_with_dji_subtitles(tmp_path: Path) -> None:
    """Each picture of the later one with the nearest of the earlier; a pit that two show is told once."""
    poses = [pose(east=3.0 * second, up=65) for second in range(5)]
    before = clip(tmp_path / "may.mp4", fields(), poses, subtitle)
    after = clip(tmp_path / "june.mp4", fields().dug(PIT), poses, subtitle)
    found = said("compare", before, after, "--fov", 70)
    assert len(found["pairs"]) == 3  # at 0, 2 and 4 s
    assert len(found["patches"]) == 1
    assert found["before"]["taken"].startswith("2026-05-01T02:00")  # ten in the morning in China


def test_pictures_of_other_ground_are_not_compared(tmp_path: Path) -> None:
    told = pose()
    before = taken(tmp_path / "a.jpg", shot(fields(1), told), told)
    after = taken(tmp_path / "b.jpg", shot(fields(9), told), told)
    result = survey("compare", before, after)
    assert result.exit_code == 1
    assert "cannot be laid over each other" in result.output


def test_the_footprints_of_a_clip(tmp_path: Path) -> None:
    """One picture has lost its position: it is named, the others are told."""
    poses = [pose(east=3.0 * second, up=65) for second in range(7)]
    lost = replace(poses[4], position=replace_zero(poses[4]))
    flight = clip(tmp_path / "a.mp4", fields(), [*poses[:4], lost, *poses[5:]], subtitle)
    found = said("footprint", flight, "--fov", 70, "--out", tmp_path / "shown.geojson")
    assert [each["properties"]["picture"] for each in found["features"]] == [
        "a.mp4@0.0",
        "a.mp4@2.0",
        "a.mp4@6.0",
    ]
    assert [each["code"] for each in found["refused"]] == ["survey.no_pose"]
    assert json.loads((tmp_path / "shown.geojson").read_text("utf-8")) == found
    alone = said("footprint", f"{flight}@2", "--fov", 70)
    assert alone["features"] == found["features"][1:2]


def replace_zero(told: Pose) -> Any:
    """What a receiver without a fix sends."""
    assert told.position is not None
    return told.position._replace(lat=0.0, lon=0.0)


def test_a_clip_without_field_of_view_asks_for_it(tmp_path: Path) -> None:
    flight = clip(tmp_path / "a.mp4", fields(), [pose()], subtitle)
    result = survey("footprint", flight)
    assert result.exit_code == 1
    assert "field of view" in result.output
