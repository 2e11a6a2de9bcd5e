"""sandwatch zones: every command of docs/zones.md, and what the technician has in hand afterwards."""

import json
import stat
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from edge.cli_zones import app
from edge.settings.loader import load
from tests.support.executed import commands

SITE = """\
# Pit north  北坑
site: {{id: pit, area: "410122"}}
broker: {{url: mqtt://127.0.0.1}}
detector: {{kind: fake}}
storage: {{path: "{folder}/state"}}
streams:
  - name: gate            # 北门
    kind: file
    path: "{clip}"
    zones:
      # the road to the ferry
      road: [[0.1, 0.5], [0.9, 0.5],
             [1, 0.95], [0, 0.95]]   # as drawn in May
    rules: [{{kind: zone, zones: [road]}}]
"""


@pytest.fixture
def site(tmp_path: Path, demo_clip: Path) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text(SITE.format(folder=tmp_path, clip=demo_clip), encoding="utf-8")
    file.chmod(0o640)
    return file


def asked(*words: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


def test_every_command_of_the_guide_works(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("still.jpg", np.full((360, 640, 3), 90, np.uint8))
    for words in commands("zones.md", "zones"):
        result = asked(*words)
        assert result.exit_code == (1 if words[0] == "check" else 0), (words, result.output)
    stream = load(site).site.streams[0]
    assert list(stream.zones) == ["road"]
    assert stream.lines == {"bank": ((0.1, 0.7), (0.9, 0.7))}
    assert stream.ignore == {"clock": ((0, 0), (0.3, 0), (0.3, 0.06), (0, 0.06))}


def test_what_is_set_leaves_the_rest_as_it_was(site: Path, tmp_path: Path) -> None:
    before = site.read_text("utf-8")
    result = asked("set", "gate", "院子", "0.2,0.6", "0.8,0.6", "0.5,1", "--config", site)
    assert result.exit_code == 0, result.output
    after = site.read_text("utf-8")
    added = "      院子: [[0.2, 0.6], [0.8, 0.6], [0.5, 1.0]]\n"
    assert after == before.replace("# as drawn in May\n", "# as drawn in May\n" + added)
    (kept,) = (tmp_path / "state/config").glob("*-before.yaml")
    assert kept.read_text("utf-8") == before
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(site.stat().st_mode) == 0o640
    assert str(kept) in result.stdout


def test_each_of_two_changes_in_a_second_keeps_its_copy(site: Path, tmp_path: Path) -> None:
    before = site.read_text("utf-8")
    for name in ("a", "b"):
        assert asked("set", "gate", name, "0,0", "1,0", "1,1", "--config", site).exit_code == 0
    copies = sorted((tmp_path / "state/config").glob("*-before.yaml"))
    assert len(copies) == 2
    assert copies[0].read_text("utf-8") == before


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("set", "gate", "z", "0,0", "1,1", "1,0", "0,1"), 78, "crosses itself"),
        (("set", "gate", "z", "0,0", "1,1"), 78, "at least 3 points"),
        (("set", "gate", "z", "0,0", "640,360", "1,0"), 78, "not pixels"),
        (("set", "gate", "z", "0,0", "north", "1,0"), 2, "no point"),
        (("set", "yard", "z", "0,0", "1,1", "1,0"), 78, "there are: gate"),
        (("remove", "gate", "road"), 78, "road"),
        (("remove", "gate", "nothing"), 1, "by hand"),
    ],
)
def test_what_is_wrong_changes_nothing(site: Path, words: tuple[str, ...], code: int, said: str) -> None:
    before = site.read_bytes()
    result = asked(*words, "--config", site)
    assert result.exit_code == code, result.output
    assert said in result.output
    assert site.read_bytes() == before
    assert not (site.parent / "state").exists()


def test_the_drawing_shows_what_the_file_says(site: Path, tmp_path: Path) -> None:
    asked("set", "gate", "bank", "0.1,0.2", "0.9,0.2", "--kind", "line", "--config", site)
    out = tmp_path / "drawn.jpg"
    grey = tmp_path / "grey.png"
    cv2.imwrite(str(grey), np.full((720, 1280, 3), 90, np.uint8))
    result = asked("show", "gate", "--config", site, "--picture", grey, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    zone, line = json.loads(result.stdout)
    assert (zone["name"], zone["share"], zone["rules"]) == ("road", 0.405, ["zone"])
    assert (line["kind"], line["share"], line["rules"]) == ("line", 0, [])
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn[360, 300, 2] - drawn[360, 300, 0] > 100  # the road's upper side, amber
    assert int(drawn[144, 300, 0]) - drawn[144, 300, 2] > 100  # the line, blue
    blue = drawn[:, 600:680, 0] > drawn[:, 600:680, 2] + 100.0
    # Its arrow has the head below: that is `in` of a line from left to right.
    assert blue[165:200].sum() > 1.3 * blue[88:123].sum() > 0
    assert drawn[300, 100].tolist() == pytest.approx([90, 90, 90], abs=4)


def test_a_picture_is_asked_of_the_camera_itself(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "live.jpg"
    assert asked("show", "gate", "--config", site, "--out", out).exit_code == 0
    drawn = cv2.imread(str(out))
    assert drawn is not None
    assert drawn.shape == (360, 640, 3)
    gone = tmp_path / "gone.jpg"
    refused = asked("show", "gate", "--config", site, "--picture", gone, "--out", out)
    assert refused.exit_code == 1
    assert "gone.jpg" in refused.stderr


def test_check_names_what_is_odd_with_its_line(site: Path) -> None:
    calm = asked("check", "gate", "--config", site)
    assert (calm.exit_code, calm.stdout) == (0, "1 zones and lines, 0 odd\n")
    text = site.read_text("utf-8").replace(
        "zones: [road]}]", "zones: [road, top, slim, masked]}, {kind: zone, name: all}]"
    )
    zones = (
        "      top: [[0.1, 0], [0.9, 0], [0.9, 0.02], [0.1, 0.025]]\n"
        "      slim: [[0.1, 0.3], [0.9, 0.3], [0.9, 0.31]]\n"
        "      masked: [[0.1, 0.05], [0.2, 0.05], [0.2, 0.25], [0.1, 0.25]]\n"
        "      free: [[0.5, 0.6], [0.6, 0.6], [0.6, 0.7]]\n"
        "    ignore: {tree: [[0, 0.03], [0.3, 0.03], [0.3, 0.2], [0, 0.2]]}\n"
        "    ground:\n"
        "      - {pixel: [0.1, 0.9], metres: [0, 0]}\n"
        "      - {pixel: [0.9, 0.9], metres: [18.5, 0.4]}\n"
        "      - {pixel: [0.7, 0.45], metres: [21, 62]}\n"
        "      - {pixel: [0.3, 0.45], metres: [-2.5, 60.5]}\n"
    )
    site.write_text(text.replace("# as drawn in May\n", f"# as drawn in May\n{zones}"), encoding="utf-8")
    result = asked("check", "--config", site, "--json")
    assert result.exit_code == 1, result.output
    told = [(each["line"], each["path"].rpartition(".")[2], each["en"]) for each in json.loads(result.stdout)]
    for line, path, words in (
        (14, "top", "anchor (bottom_center)"),
        (15, "slim", "very small"),
        (16, "masked", "under ignore"),
        (14, "top", "beyond the horizon"),
        (17, "free", "no rule names it"),
    ):
        assert any(each[:2] == (line, path) and words in each[2] for each in told), (path, told)
    assert any("names no zone" in each[2] for each in told)
    assert not [each for each in told if each[1] == "road"]


def test_it_speaks_chinese(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "0 处异常" in asked("check", "--config", site).stdout
    assert "占画面" in asked("show", "gate", "--config", site).stdout
