"""A rule tried on a recording: which tracks would have raised an event, and why the others would not."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from edge.zones.trying import work
from streams.problem import ProblemError

CLIP = Path(__file__).parents[3] / "config/demo/clip.mp4"
SITE = """\
site: {id: pit, area: "410122"}
broker: {url: mqtt://127.0.0.1}
streams:
  - name: gate
    url: rtsp://192.0.2.1/1
    zones: {all: [[0, 0], [1, 0], [1, 1], [0, 1]], sky: [[0, 0], [0.1, 0], [0.1, 0.1], [0, 0.1]]}
    rules:
      - {kind: zone, name: stays, objects: [heavy_vehicle], zones: [all], dwell: 1s}
      - {kind: zone, name: long, objects: [heavy_vehicle], zones: [all], dwell: 10min}
      - {kind: zone, name: away, objects: [any], zones: [sky], dwell: 1s}
      - {kind: zone, name: night, objects: [heavy_vehicle], zones: [all], dwell: 1s, schedule: ["00:00-00:01"]}
"""


def tried(rule: str) -> list[dict[str, Any]]:
    noon = time.mktime((2025, 6, 1, 12, 0, 0, 0, 0, 0))
    question = {
        "text": SITE,
        "file": "site.yaml",
        "camera": "gate",
        "rule": rule,
        "clip": str(CLIP),
        "began": noon,
    }
    answer: dict[str, Any] = json.loads(json.dumps(work(json.dumps(question).encode())))
    assert answer["seconds"] > 1
    tracks: list[dict[str, Any]] = answer["tracks"]
    assert all(0 <= each["from"] <= each["to"] <= answer["seconds"] for each in tracks)
    return tracks


def test_each_track_is_told_with_its_reason() -> None:
    stays = tried("stays")
    raised = [each for each in stays if each["raised"]]
    assert raised
    assert {each["why"]["en"] for each in raised} == {"an event"}
    assert all(each["wanted"] for each in raised)
    others = [each["why"]["en"] for each in stays if not each["wanted"]]
    assert any("the rule asks for heavy_vehicle" in why for why in others)

    long = tried("long")
    assert not any(each["raised"] for each in long)
    assert any("the rule asks for 600 s" in each["why"]["en"] for each in long)

    assert {each["why"]["zh"] for each in tried("away")} == {"目标的锚点（bottom center）从未进入区域"}

    asleep = [each for each in tried("night") if "sleeps" in each["why"]["en"]]
    assert asleep
    assert not any(each["raised"] for each in asleep)


def test_a_rule_that_is_not_there() -> None:
    with pytest.raises(ProblemError):
        tried("nothing")
