"""The shipped clips and the truth beside them: the demo's, one by night, one without anything."""

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
SHIPPED = ("site", "night", "empty")
LARGEST = 6e6  # bytes of all, in the package
HAULERS = (1, 2)


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return told("site")


def told(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return read


def seen(truth: dict[str, Any], number: int) -> list[tuple[float, dict[str, Any]]]:
    """Time and entry of every sighting of one thing."""
    return [
        (frame["t"], each) for frame in truth["frames"] for each in frame["objects"] if each["id"] == number
    ]


def moment(truth: dict[str, Any], what: str, number: int) -> float:
    [event] = [event for event in truth["events"] if (event["what"], event["id"]) == (what, number)]
    return float(event["t"])


@pytest.mark.parametrize("name", SHIPPED)
def test_a_clip_is_what_a_camera_would_send(name: str) -> None:
    truth = told(name)
    with av.open(str(FOLDER / f"{name}.mp4")) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.dts is not None]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert [stream.codec_context.width, stream.codec_context.height] == truth["camera"]["size"]
        assert stream.average_rate == truth["camera"]["fps"]
    assert len(packets) == len(truth["frames"])
    assert [packet.pts for packet in packets] == [packet.dts for packet in packets]  # no B pictures
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert max(second - first for first, second in pairwise(keys)) <= 2 * truth["camera"]["fps"]


def test_the_clips_are_small_enough_for_the_package(truth: dict[str, Any]) -> None:
    sizes = [path.stat().st_size for name in SHIPPED for path in FOLDER.glob(f"{name}.*")]
    assert len(sizes) == 2 * len(SHIPPED)
    assert sum(sizes) <= LARGEST
    assert 25 <= truth["frames"][-1]["t"] <= 40


@pytest.mark.parametrize("name", SHIPPED)
def test_the_truth_s_camera_is_the_stage_s(name: str) -> None:
    truth = told(name)
    width, height = truth["camera"]["size"]
    camera: Camera = stage.camera((width, height))
    assert {key: truth["camera"][key] for key in camera.truth()} == camera.truth()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_box_lies_in_the_picture_and_says_what_it_holds(name: str) -> None:
    truth = told(name)
    width, height = truth["camera"]["size"]
    for frame in truth["frames"]:
        assert len({each["id"] for each in frame["objects"]}) == len(frame["objects"])
        for each in frame["objects"]:
            left, top, right, bottom = each["box"]
            assert 0 <= left < right <= width
            assert 0 <= top < bottom <= height
            assert each["class"] in (*CLASSES, OTHER)
            assert 0 <= each["visible"] <= 1


def test_nothing_is_on_the_empty_site() -> None:
    truth = told("empty")
    assert truth["events"] == []
    assert not any(frame["objects"] for frame in truth["frames"])


def test_lorries_are_there_at_night_too() -> None:
    truth = told("night")
    assert {each["id"] for frame in truth["frames"] for each in frame["objects"]} >= set(HAULERS)
    assert "infrared" in truth["light"]


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
