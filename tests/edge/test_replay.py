"""sandwatch replay: the same events from a clip as from a camera, from a folder, with and without a site file."""

import json
from pathlib import Path

import av
import cv2
import pytest
from typer.testing import CliRunner, Result

from edge.cli import app
from tests.support import timelapse

SITE = """\
site: {id: demo, area: "410122"}
broker: {url: "mqtt://127.0.0.1"}
streams:
  - name: river-bank
    url: rtsp://127.0.0.1/x
    zones: {track: [[0.0, 0.50], [0.60, 0.47], [0.70, 0.49], [0.72, 0.62], [0.40, 0.72], [0.0, 0.74]]}
    rules: [{kind: zone, name: no-trucks, zones: [track], objects: [heavy_vehicle], dwell: 2s}]
"""


def replay(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", *arguments])


def parsed(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_clip_gives_events_and_a_summary(demo_clip: Path, tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(SITE, encoding="utf-8")
    arguments = [str(demo_clip), "--site", str(site), "--json", "--start", "2026-11-21T00:00:00Z"]
    result = replay(*arguments)
    assert result.exit_code == 0
    *events, last = parsed(result)
    summary = last["summary"]
    assert isinstance(summary, dict)
    assert summary["pictures"] == 320
    assert summary["analysed"] == 160
    assert summary["tracks"]["truck"] >= 2
    begun = [event for event in events if event["data"]["phase"] == "new"]  # type: ignore[index]
    assert summary["events"] == {"vehicle.zone/no-trucks": {"truck": 1}}  # one drives by on that track
    assert len(begun) == 1
    assert begun[0]["source"] == "/sandwatch/410000/410100/410122/demo/river-bank"
    # The clip's own clock: the first truck reaches the track 5 s in and has stayed 2 s.
    assert "2026-11-21T00:00:04" <= str(begun[0]["time"]) <= "2026-11-21T00:00:10"
    assert [event["data"]["seq"] for event in events] == list(range(1, len(events) + 1))  # type: ignore[index]
    again = replay(*arguments)
    assert [event["time"] for event in parsed(again)[:-1]] == [event["time"] for event in events]


def test_without_a_site_the_whole_picture_is_the_zone(demo_clip: Path) -> None:
    result = replay(str(demo_clip))
    assert result.exit_code == 0
    *events, analysed, tracks, summary = result.stdout.splitlines()
    assert analysed.startswith("160 of 320 pictures analysed, 31.9 s")
    assert tracks.startswith("tracks: ")
    assert summary.startswith("events of vehicle.zone/zone: ")
    assert " truck " in summary
    assert json.loads(events[0])["data"]["zone"] is None


def test_a_folder_of_pictures_has_the_clock_of_every(demo_clip: Path, tmp_path: Path) -> None:
    with av.open(str(demo_clip)) as clip:
        for number, picture in enumerate(clip.decode(video=0)):
            if number < 30:
                assert cv2.imwrite(str(tmp_path / f"p{number}.png"), picture.to_ndarray(format="bgr24"))
    result = replay(str(tmp_path), "--every", "10 min", "--json")
    assert result.exit_code == 0
    summary = parsed(result)[-1]["summary"]
    assert isinstance(summary, dict)
    assert (summary["pictures"], summary["analysed"], summary["seconds"]) == (30, 30, 29 * 600.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/nonexistent/clip.mp4"], "clip.mp4 is not there"),
        ([__file__], "test_replay.py"),
        (["CLIP", "--start", "yesterday"], "start"),
        (["CLIP", "--site", "/nonexistent.yaml"], "there is no such file"),
        (["CLIP", "--site", "SITE", "--stream", "nobody"], "river-bank"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(
    arguments: list[str], words: str, demo_clip: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(SITE, encoding="utf-8")
    places = {"CLIP": str(demo_clip), "SITE": str(site)}
    result = replay(*(places.get(word, word) for word in arguments))
    assert result.exit_code != 0
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr


def test_time_lapse_pictures_show_ground_that_changed(tmp_path: Path) -> None:
    """It learns its references from the first of them; the recording's own clock tells when the dig was seen."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    dig = timelapse.Dig(side=20.0, begins=1500.0, lasts=120.0)
    for minute in range(40):
        picture = timelapse.picture(60.0 * minute, dig, (640, 360))
        assert cv2.imwrite(str(pictures / f"{minute:03}.png"), picture)
    lat, lon = timelapse.POSITION
    points = [
        f"{{pixel: [{x:.5f}, {y:.5f}], metres: [{east}, {north}]}}"
        for (x, y), (east, north) in timelapse.control_points()
    ]
    site = tmp_path / "site.yaml"
    site.write_text(
        f"""\
site: {{id: demo, area: "410122", position: [{lat}, {lon}]}}
broker: {{url: "mqtt://127.0.0.1"}}
detector: {{kind: fake, script: []}}
streams:
  - name: mast
    url: rtsp://127.0.0.1/x
    land: {{freeze: 20min}}
    ground: [{", ".join(points)}]
""",
        encoding="utf-8",
    )
    result = replay(str(pictures), "--site", str(site), "--json", "--start", "2026-06-01T04:00:00Z")
    assert result.exit_code == 0, result.stderr
    first, *_, last = parsed(result)
    assert last["summary"]["events"] == {"land.disturbance/land": {"ground": 1}}  # type: ignore[index]
    data = first["data"]
    assert isinstance(data, dict)
    assert (data["phase"], first["type"]) == ("new", "land.disturbance")
    assert "2026-06-01T04:25:00" < str(first["time"]) < "2026-06-01T04:36:00"
    assert data["area_m2"] == pytest.approx(400.0, rel=0.15)
    assert data["geo"]["type"] == "Polygon"
    assert list(tmp_path.rglob("view.json")) == [], "a replay keeps nothing"
