"""The demo's clip and the truth beside it."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest

from bench.provingground import stage
from bench.provingground.camera import Camera
from bench.provingground.fleet.model import CLASSES, OTHER

FOLDER = Path(__file__).parents[2] / "config/demo"
CLIP, TRUTH = FOLDER / "site.mp4", FOLDER / "site.json"
LARGEST = 6e6  # bytes of both, in the package
HAULERS = (1, 2)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(TRUTH.read_text())
    return told


def seen(truth: dict[str, Any], number: int) -> list[tuple[float, dict[str, Any]]]:
    """Time and entry of every sighting of one thing."""
    return [
        (frame["t"], each) for frame in truth["frames"] for each in frame["objects"] if each["id"] == number
    ]


def moment(truth: dict[str, Any], what: str, number: int) -> float:
    [event] = [event for event in truth["events"] if (event["what"], event["id"]) == (what, number)]
    return float(event["t"])


def test_the_clip_is_what_a_camera_would_send(truth: dict[str, Any]) -> None:
    with av.open(str(CLIP)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.dts is not None]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert [stream.codec_context.width, stream.codec_context.height] == truth["camera"]["size"]
    assert len(packets) == len(truth["frames"])
    assert [packet.pts for packet in packets] == [packet.dts for packet in packets]  # no B pictures
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert max(second - first for first, second in pairwise(keys)) <= 2 * truth["camera"]["fps"]
    assert 25 <= len(packets) / truth["camera"]["fps"] <= 40
    assert CLIP.stat().st_size + TRUTH.stat().st_size <= LARGEST


def test_the_truth_s_camera_is_the_stage_s(truth: dict[str, Any]) -> None:
    width, height = truth["camera"]["size"]
    camera: Camera = stage.camera((width, height))
    told = {key: truth["camera"][key] for key in camera.truth()}
    assert told == camera.truth()


def test_every_box_lies_in_the_picture_and_says_what_it_holds(truth: dict[str, Any]) -> None:
    width, height = truth["camera"]["size"]
    for frame in truth["frames"]:
        assert len({each["id"] for each in frame["objects"]}) == len(frame["objects"])
        for each in frame["objects"]:
            left, top, right, bottom = each["box"]
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            assert each["class"] in (*CLASSES, OTHER)
            assert 0 <= each["visible"] <= 1


@pytest.mark.parametrize("number", HAULERS)
def test_a_lorry_drives_in_empty_is_loaded_and_leaves(truth: dict[str, Any], number: int) -> None:
    sightings = seen(truth, number)
    stops, loaded, leaves = (moment(truth, what, number) for what in ("stops", "loaded", "leaves"))
    assert moment(truth, "enters", number) < sightings[0][0] < stops < loaded < leaves < sightings[-1][0]
    assert sightings[-1][0] < truth["frames"][-1]["t"] + 1e-6
    assert {each["load"] for time, each in sightings if time < stops} == {"empty"}
    assert {each["load"] for time, each in sightings if time > loaded} == {"loaded"}
    assert {each["state"] for time, each in sightings if stops + 0.3 < time < leaves} == {"standing"}


@pytest.mark.parametrize("number", HAULERS)
def test_it_is_large_enough_for_a_small_detector(truth: dict[str, Any], number: int) -> None:
    longest = max(each["box"][2] - each["box"][0] for _, each in seen(truth, number))
    assert longest >= 100


def test_the_site_works_all_the_time(truth: dict[str, Any]) -> None:
    always = {"excavator", "wheel loader", "person", "screening plant", "dredger"}
    for frame in truth["frames"]:
        assert {each["kind"] for each in frame["objects"]} >= always
