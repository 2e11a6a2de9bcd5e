"""rosters:, cases: and respond: in a site file."""

from pathlib import Path

import pytest

from edge.check import report
from edge.settings.loader import load_text
from inference.findings import Severity

HEAD = "site: {id: one, area: '410122'}\nbroker: {url: mqtts://mqtt.example.org}\n"
ROSTERS = """\
rosters:
  - name: week
    shifts:
      - {days: weekdays, from: "08:00", to: "20:00", officers: [张三]}
    dates: [{on: 2026-10-01, officers: [李四]}]
    backup: [孙队长]
  - name: turns
    handover: "08:00"
    rotation: {start: 2026-01-01, every: 7d, teams: [[张三], [李四, 王五]]}
"""
STREAMS = """\
streams:
  - name: gate
    url: rtsp://192.0.2.1/
    respond: {unit: 黄庄派出所, roster: week, receive: 5min, dispatch: 15min, close: 4h}
"""


def check(folder: Path, text: str) -> list[str]:
    file = folder / "site.yaml"
    file.write_text(text, "utf-8")
    return list(report(file, "en")[0])


def test_rosters_and_who_responds_are_read() -> None:
    site = load_text(HEAD + ROSTERS + STREAMS, "site.yaml", {}).site
    week, turns = site.rosters
    assert week.shifts[0].officers == ("张三",)
    assert turns.rotation is not None
    assert turns.rotation.every == 7
    respond = site.streams[0].respond
    assert respond is not None
    assert (respond.receive, respond.dispatch, respond.close) == (300.0, 900.0, 14400.0)
    assert (respond.members, respond.least) == ((), Severity.HIGH)
    assert site.cases.keep == 400 * 86400.0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("roster: week", "roster: weak", "there is no duty roster 'weak'; did you mean 'week'?"),
        ("name: turns", "name: week", "two rosters are called 'week'"),
        ("every: 7d", "every: 36h", "needs whole days"),
        ("every: 7d", "every: soon", "needs a duration"),
        ("start: 2026-01-01", "start: new year", "rotation.start"),
        ('from: "08:00"', "from: sunrise", "people's hours go by the clock"),
        ('handover: "08:00"', "handover: noon", "needs a time of day"),
        ("officers: [李四]", "officers: []", "needs at least 1"),
        (
            "backup: [孙队长]",
            "rotation: {start: 2026-01-01, teams: [[x]]}",
            "shifts or a rotation, one of them",
        ),
        ("roster: week", "roster: week, officers: [张三]", "officers and a roster"),
        ("roster: week", "members: [duty]", "two members or more"),
        ("receive: 5min", "receive: 5s", "at least 60"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = HEAD + ROSTERS + STREAMS
    assert old in text
    lines = check(tmp_path, text.replace(old, new))
    assert any(said in line for line in lines), lines
