"""What a site file says of the ground, and of whose it is."""

import json
from pathlib import Path

import pytest

from edge.check import report
from edge.plan import plan
from edge.settings.loader import load, load_text
from tests.support import timelapse

LAT, LON = timelapse.POSITION
HEAD = """\
site: {{id: sand-01, area: 410122{position}}}
broker: {{url: mqtt://127.0.0.1}}
{parcels}streams:
  - name: mast
    url: rtsp://192.0.2.1/live
    land: {land}
"""
POSITION = f", position: [{LAT}, {LON}]"
FIELD = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"DKBM": "3701"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[LON, LAT], [LON + 1e-3, LAT], [LON + 1e-3, LAT + 1e-3], [LON, LAT]]],
            },
        }
    ],
}


def site(land: str = "{}", more: str = "", position: str = POSITION, parcels: str = "") -> str:
    return HEAD.format(position=position, land=land, parcels=parcels) + more


def points(kind: str = "metres", *, swapped: bool = False, more: str = "") -> str:
    """ground: of the drawn camera, in metres or in lonlat."""
    lines = ["    ground:"]
    for (x, y), (east, north) in timelapse.control_points():
        place = (LON + east / 91_000, LAT + north / 111_000) if kind == "lonlat" else (east, north)
        place = place[::-1] if swapped else place
        lines.append(f"      - {{pixel: [{x:.5f}, {y:.5f}], {kind}: [{place[0]:.7f}, {place[1]:.7f}]{more}}}")
    return "\n".join(lines) + "\n"


def said(folder: Path, text: str) -> list[str]:
    file = folder / "site.yaml"
    file.write_text(text, encoding="utf-8")
    lines, _ = report(file, "en", {})
    return [line.removeprefix(f"{file}:") for line in lines[:-1]]


@pytest.mark.parametrize(
    ("land", "words"),
    [
        ("{every: 5s}", "streams[0].land.every: must be at least 10"),
        ("{every: 2min}", "streams[0].land.every: must be at most 60"),
        ("{least_m2: 0}", "streams[0].land.least_m2: must be at least 1, is 0"),
        ("{watch: {field: [[0, 0], [1, 1]]}}", "streams[0].land.watch.field: needs at least 3 points, has 2"),
        ("{severity: grave}", "streams[0].land.severity: needs one of"),
        ("{freeze: never}", "streams[0].land.freeze"),
        ("{evry: 30s}", "streams[0].land.evry: is not a known key; did you mean 'every'?"),
    ],
)
def test_a_mistake_in_land_is_named_where_it_is(tmp_path: Path, land: str, words: str) -> None:
    assert any(words in line and line.startswith("6:") for line in said(tmp_path, site(land, points())))


def test_what_is_asked_for_reaches_the_worker(tmp_path: Path) -> None:
    layer = "parcels: [{layer: 农田, file: maps/fields.geojson, crs: EPSG:4490, severity: high, id: DKBM}]\n"
    land = "{every: 20s, least_m2: 50, severity: low, freeze: manual, watch: {a: [[0, 0], [1, 0], [1, 1]]}}"
    loaded = load_text(site(land, points(), parcels=layer), str(tmp_path / "site.yaml"), {})
    (job,) = plan(loaded).jobs
    watched = job.cameras[0].land
    assert watched is not None
    assert (watched.every, watched.freeze) == (20.0, None)
    assert (watched.settings.least_m2, watched.settings.severity) == (50.0, "low")
    assert list(watched.settings.watch) == ["a"]
    (spec,) = job.parcels
    assert (spec.file, spec.key, spec.severity) == (tmp_path / "maps" / "fields.geojson", "DKBM", "high")


def test_without_points_and_position_it_says_what_will_be_missing(tmp_path: Path) -> None:
    (line,) = said(tmp_path, site())
    assert "warning: streams[0].land: tells no area and no place without ground" in line
    (line,) = said(tmp_path, site(more=points(), position=""))
    assert "warning: streams[0].land: tells no place on the map without site.position" in line
    assert said(tmp_path, site(more=points())) == []


def test_a_camera_that_moves_about_has_no_ground_of_its_own(tmp_path: Path) -> None:
    lines = said(tmp_path, site(more="    telemetry: {kind: klv}\n"))
    assert any("error: streams[0].land: needs a camera that stands in one place" in line for line in lines)


def test_points_may_be_given_in_degrees(tmp_path: Path) -> None:
    assert said(tmp_path, site(more=points("lonlat"))) == []


@pytest.mark.parametrize(
    ("ground", "words"),
    [
        (points("lonlat", swapped=True), "swapped?"),
        (points("lonlat").replace(f"{LON:.2f}", "112.00"), "km from the site"),
        (points(more=", lonlat: [113.6, 34.7]"), "needs exactly one of metres and lonlat"),
        ("    ground: [{pixel: [0.1, 0.9]}]\n", "needs exactly one of metres and lonlat"),
        (points() + points("lonlat").partition("\n")[2], "some points in metres and some in lonlat"),
        ("\n".join(points().split("\n")[:4]) + "\n", "needs at least 4 pairs, has 3"),
        (points(more=", preset: east"), "there is no preset 'east'"),
        (points().replace("metres: [", "metres: [.nan, ", 1), "streams[0].ground[0]"),
    ],
    ids=["swapped", "far", "both", "neither", "mixed", "few", "preset", "nan"],
)
def test_points_that_fix_no_ground_are_refused_in_words(tmp_path: Path, ground: str, words: str) -> None:
    lines = said(tmp_path, site(more=ground))
    assert any(words in line and "error" in line for line in lines), lines


def test_points_of_a_camera_that_turns_name_their_preset(tmp_path: Path) -> None:
    turns = "    onvif: {host: 192.0.2.1, ptz: true}\n    presets: {east: [field]}\n"
    land = "{watch: {field: [[0, 0], [1, 0], [1, 1]]}}"
    assert said(tmp_path, site(land, points(more=", preset: east") + turns)) == []
    lines = said(tmp_path, site(land, points() + turns))
    assert any("streams[0].ground[0]: needs preset" in line for line in lines)
    homeless = site(land, points(more=", preset: east") + turns.replace("[field]", "[]"))
    assert any("land.watch.field: belongs to no preset" in line for line in said(tmp_path, homeless))


def test_a_file_of_parcels_is_tried_out(tmp_path: Path) -> None:
    layer = "parcels: [{layer: 农田, file: fields.geojson, crs: EPSG:4490, id: DKBM}]\n"
    text = site(more=points(), parcels=layer)
    (line,) = said(tmp_path, text)
    assert line.startswith("3:")
    assert "error: parcels[0].file: fields.geojson" in line
    (tmp_path / "fields.geojson").write_text(json.dumps(FIELD))
    assert said(tmp_path, text) == []
    assert load(tmp_path / "site.yaml", {}).site.parcels[0].layer == "农田"
    lines = said(tmp_path, site(more=points(), parcels=layer, position=""))
    assert any("error: parcels[0].file: needs site.position" in line for line in lines)


def test_the_id_of_a_parcel_is_no_secret(tmp_path: Path) -> None:
    """A key called `key` would be taken for one."""
    (tmp_path / "fields.geojson").write_text(json.dumps(FIELD))
    layer = "parcels: [{layer: 农田, file: fields.geojson, crs: EPSG:4490, id: GEHEIM}]\n"
    (line,) = said(tmp_path, site(more=points(), parcels=layer))
    assert "GEHEIM" in line


def test_heights_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    text = site(more=points() + "    elevation: dem.tif\n")
    (line,) = said(tmp_path, text)
    assert "error: streams[0].elevation" in line
