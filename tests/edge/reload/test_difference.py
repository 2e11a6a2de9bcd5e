"""What differs between two site files, by name."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.reload.difference import Difference, difference
from edge.settings.loader import load_text
from edge.settings.model import Site

HEAD = """\
site: {id: sand-01, area: 410122}
broker: {url: mqtt://127.0.0.1}
"""

# What differs in a camera -> its lines, each with the ways it may be.
STREAM = ["192.0.2.1", "192.0.2.2"]
FPS = ["5", "3"]
DWELL = ["3s", "4s"]
TITLE = ["Gate", "Pit"]
ONVIF = ["", "    onvif: {host: 192.0.2.1, port: 80, username: a, password: b}\n"]
ENABLED = ["true", "false"]

Camera = tuple[int, int, int, int, int, int]
CAMERA = st.tuples(*[st.integers(0, 1)] * 6)
CAMERAS = st.dictionaries(st.sampled_from(["gate", "pit", "road", "yard"]), CAMERA, min_size=1)


def stream(name: str, camera: Camera) -> str:
    url, fps, dwell, title, onvif, enabled = camera
    return (
        f"  - name: {name}\n    url: rtsp://{STREAM[url]}/live\n    fps: {FPS[fps]}\n    title: {TITLE[title]}\n"
        f"    enabled: {ENABLED[enabled]}\n{ONVIF[onvif]}"
        f"    rules: [{{kind: zone, objects: [truck], dwell: {DWELL[dwell]}}}]\n"
    )


@cache
def site(cameras: tuple[tuple[str, Camera], ...], more: str = "") -> Site:
    return load_text(HEAD + more + "streams:\n" + "".join(stream(*each) for each in cameras), "x").site


def of(cameras: dict[str, Camera], more: str = "") -> Site:
    return site(tuple(cameras.items()), more)


@settings(deadline=None)
@given(CAMERAS, CAMERAS)
def test_every_camera_is_in_the_one_place_that_it_has_changed_by(
    before: dict[str, Camera], after: dict[str, Camera]
) -> None:
    what = difference(of(before), of(after))
    seen = {name for name in before if before[name][5] == 0}
    wanted = {name for name in after if after[name][5] == 0}
    both = seen & wanted
    assert what.added == wanted - seen
    assert what.removed == seen - wanted
    assert what.anew == {name for name in both if before[name][:2] != after[name][:2]}
    assert what.rules == {name for name in both if before[name][2] != after[name][2]} - what.anew
    assert what.control == {name for name in both if before[name][4] != after[name][4]}
    assert (what.sections, what.desks, what.workers) == (frozenset(), False, False)


@settings(deadline=None)
@given(CAMERAS)
def test_the_same_file_in_another_order_is_no_change(cameras: dict[str, Camera]) -> None:
    turned = dict(reversed(cameras.items()))
    assert not difference(of(cameras), of(turned))


ONE: dict[str, Camera] = {"gate": (0, 0, 0, 0, 0, 0), "pit": (0, 0, 0, 0, 0, 0)}
GATES = frozenset(ONE)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("log: {level: debug}\n", Difference(sections=frozenset({"log"}))),
        ("cases: {keep: 30d}\n", Difference(sections=frozenset({"cases"}))),
        ("workers: 2\n", Difference(sections=frozenset({"workers"}))),
        ("detector: {kind: onnx, threads: 3}\n", Difference(sections=frozenset({"detector"}))),
        ("evidence: {keep: 90d}\n", Difference(sections=frozenset({"evidence"}))),
        ("evidence: {free_gigabytes: 3}\n", Difference(sections=frozenset({"evidence"}), rules=GATES)),
        ("allow_networks: [192.0.2.0/24]\n", Difference(anew=GATES)),
        ("http: {}\n", Difference(sections=frozenset({"http"}))),
    ],
)
def test_sections_and_the_cameras_that_depend_on_them(more: str, expected: Difference) -> None:
    assert difference(of(ONE), of(ONE, more)) == expected
    assert difference(of(ONE, more), of(ONE)) == expected


def test_a_secret_that_is_another_one_connects_the_camera_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "streams:\n  - {name: gate, url: rtsp://192.0.2.1/a, username: a, password: !secret gate}\n"
    monkeypatch.setenv("SANDWATCH_SECRET_GATE", "old")
    before = load_text(text, "x").site
    monkeypatch.setenv("SANDWATCH_SECRET_GATE", "new")
    assert difference(before, load_text(text, "x").site) == Difference(anew=frozenset({"gate"}))


def test_every_section_is_somebodys() -> None:
    """One that nobody restarts for would be changed, and never in force."""
    others = {"streams", "allow_networks", "parcels", "log"}
    for name in Site.model_fields.keys() - others:
        what = Difference(sections=frozenset({name}))
        assert what.desks or what.workers, name
