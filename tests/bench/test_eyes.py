"""The eyes bench as somebody uses it: pictures in, figures, tables and sheets out."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench import eyes
from bench.eyes.clips import Clip
from bench.eyes.contestants import Contestant, contestants, shipped
from bench.eyes.findings import figures
from bench.eyes.footage import Event, Footage
from bench.eyes.glance import PLAIN, weathered
from bench.eyes.goals import goals
from bench.eyes.judging import Known, Seen
from bench.eyes.labelled import Still, stills
from bench.eyes.sheets import draw
from bench.eyes.survey import Shot, Survey, survey
from bench.eyes.table import BEGIN, END, placed, tables
from bench.eyes.weather import WEATHERS
from bench.report import Goal
from inference.detections import Picture
from inference.detectors.fake import Fake

TRUCK = (0.25, 0.25, 0.75, 0.75)


@pytest.fixture(scope="module")
def scene() -> Picture:
    """A dark road under a grey sky, with sensor noise."""
    sky, road = np.full((160, 320, 3), 160), np.full((160, 320, 3), 90)
    noise = np.random.default_rng(1).normal(0, 3, (320, 320, 3))
    return np.clip(np.concatenate([sky, road]) + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def data(tmp_path: Path, scene: Picture) -> Path:
    """Pictures of two sources, of which training has one part."""
    for name, lines in {
        "highway_photos/00001": "4 0.5 0.5 0.5 0.5",  # taught
        "highway_photos/00715": "4 0.5 0.5 0.5 0.5\n0 0.1 0.1 0.1 0.1",
        "from_above/00451": "0 0.5 0.5 0.5 0.5",
    }.items():
        path = tmp_path / "images" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), scene)
        path.with_suffix(".txt").write_text(lines)
    return tmp_path


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Contestant:
    return contestants(None, tmp_path_factory.mktemp("desk"))[0]


def test_pictures_that_were_taught_are_not_asked(data: Path) -> None:
    asked = stills(data)
    assert [still.key for still in asked] == ["highway_photos/00715", "from_above/00451"]
    assert asked[0].known[0] == Known(TRUCK, frozenset({"truck"}))
    assert asked[1].known[0].names == {"truck", "bus", "car"}
    assert (asked[0].condition, asked[1].condition) == ("day", "from above")


def test_every_picture_is_looked_at_in_every_weather(data: Path, ours: Contestant) -> None:
    found = figures(survey([ours], stills(data), [], processes=1))[ours.name]
    row = found["sources"]["highway_photos"]["truck"]
    assert (row["pictures"], row["objects"], row["recall"]) == (1, 1, 0)
    assert found["sources"]["from_above"]["truck, bus or car"]["objects"] == 1
    assert {*WEATHERS} <= {*found["conditions"]}
    assert found["truck_recall"] == 0
    assert found["excavator_recall"] is None  # no such picture: nothing is made up


def test_without_pictures_nothing_is_told_of_pictures(ours: Contestant) -> None:
    found = figures(survey([ours], [], [], processes=1))
    assert found[ours.name]["truck_recall"] is None
    assert found[ours.name]["sources"] == {}
    assert goals(found, ours.name) == {}


def test_a_folder_that_is_named_but_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDWATCH_DATA", str(tmp_path / "nothing"))
    with pytest.raises(NotADirectoryError, match="SANDWATCH_DATA"):
        eyes.run(quick=True)


def test_the_shipped_model_comes_first() -> None:
    assert contestants(None, Path())[0].name == shipped()


@pytest.mark.parametrize("name", WEATHERS)
def test_weather_is_the_same_for_the_same_seed_and_leaves_the_size(name: str, scene: Picture) -> None:
    first, again = (WEATHERS[name](scene, np.random.default_rng(7)) for _ in range(2))
    assert first.shape == scene.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)


def test_a_picture_is_shown_as_it_is_and_then_in_the_weathers_asked_for(data: Path) -> None:
    still = stills(data)[0]
    shots = dict(weathered(still, ("night", "fog")))
    assert [*shots] == [PLAIN, "night", "fog"]
    assert shots["night"].mean() < shots[PLAIN].mean() < shots["fog"].mean()
    again = dict(weathered(still, ("night",)))
    assert np.array_equal(again["night"], shots["night"])


def test_it_gets_darker_from_day_to_night_and_infrared_has_no_colour(scene: Picture) -> None:
    day, dusk, night, infrared = (
        scene,
        *(WEATHERS[name](scene, np.random.default_rng(7)) for name in ("dusk", "night", "infrared")),
    )
    assert day.mean() > dusk.mean() > night.mean()
    assert np.array_equal(infrared[..., 0], infrared[..., 2])


def test_fog_hides_what_is_far_rather_than_what_is_near() -> None:
    stripes = np.zeros((300, 300, 3), np.uint8)
    stripes[:, ::20] = 255
    foggy = WEATHERS["fog"](stripes, np.random.default_rng(7)).astype(float)
    assert foggy[110].std() < foggy[290].std() / 2


def five_trucks(recalls: dict[str, float]) -> Survey:
    """Models that see a truck in each of five pictures with these scores, and a false one each at 0.5."""
    still = Still(
        "a/1", Path("1.jpg"), "toll_day", "day", (Known(TRUCK, frozenset({"truck"})),), frozenset({"truck"})
    )
    boxes = np.array([TRUCK, (0, 0, 0.1, 0.1)], np.float32)
    saw = {
        name: Seen(boxes, np.array([score, 0.5], np.float32), ("truck", "truck"))
        for name, score in recalls.items()
    }
    return Survey(tuple(recalls), (Shot(still, PLAIN, 1.0, saw),) * 5, (), {})


def test_goals_hold_the_shipped_model_against_the_reference() -> None:
    found = figures(five_trucks({"ours": 0.9, "yolox-nano-416": 0.2}))
    made = goals(found, "ours")
    assert made["truck_recall"].met
    assert made["truck_false_per_image"] == Goal(1.0, "boxes", at_most=0.5)
    assert not made["truck_false_per_image"].met
    assert not made["excavator_recall"].met  # not measured is not met
    assert "clip_count_error" not in made
    assert found["ours"]["truck_recall_at_half_the_reference's_false"] == 1.0


def test_clips_are_held_against_the_persons_count_and_against_nothing() -> None:
    clips = (Clip("road", Path(), count=3), Clip("dark", Path()), Clip("cars", Path(), light=True))
    moving = {time / 5: (time / 100, 0.1, time / 100 + 0.1, 0.2) for time in range(50)}
    alarm = Event(4.0, 1, "truck", TRUCK)
    seen = {
        "road": Footage(60.0, (alarm,), {1: moving}),
        "dark": Footage(36.0, ()),
        "cars": Footage(36.0, (alarm,), {1: moving}),
    }
    found = figures(Survey(("ours",), (), clips, {name: {"ours": each} for name, each in seen.items()}))
    assert found["ours"]["counts"]["road"] == {"person": 3, "events": 1, "phantoms": 0}
    assert found["ours"]["no_vehicle"]["at_most_per_hour_95"] == pytest.approx(300)
    assert found["ours"]["cars_only"]["events_per_hour"] == pytest.approx(100)
    made = goals(found, "ours")
    assert (made["clip_count_error"].value, made["clip_count_error"].met) == (2, False)
    assert made["phantom_tracks"].met
    assert made["empty_events_per_hour"].met
    text = tables(found, made, "ours")
    assert "| road | 1 of 3 |" in text
    assert "| cars and vans only, 36 s | 1 |" in text


def test_tables_stand_side_by_side_between_the_markers() -> None:
    found = figures(five_trucks({"ours": 0.9, "theirs": 0.2}))
    text = tables(found, {"truck_recall": Goal(1.0, "ratio", at_least=0.95)}, "ours")
    assert "| toll_day (5 in 5 pictures) | 1.00 / 1.00 / 1.00 | 0.50 / 0.00 / 1.00 |" in text
    assert "| truck_recall | 1 ratio | >= 0.95 | met |" in text
    document = placed(f"before\n{BEGIN}\nold\n{END}\nafter\n", text)
    assert document.startswith(f"before\n{BEGIN}\n\nWhole")
    assert document.endswith(f"{END}\nafter\n")
    assert "old" not in document
    assert placed(document, text) == document
    with pytest.raises(ValueError, match="eyes: begin"):
        placed("no markers", text)


def test_sheets_show_only_what_may_be_shown(tmp_path: Path, scene: Picture) -> None:
    painted = scene.copy()
    painted[80:240, 80:240] = 255  # what the fake detector takes for a truck
    cv2.imwrite(str(tmp_path / "1.jpg"), painted)
    whole = (Known(TRUCK, frozenset({"truck"})),)
    shown, kept = (
        Still(f"{name}/1", tmp_path / "1.jpg", name, name, whole, frozenset({"truck"}), shown=may)
        for name, may in (("ours", True), ("theirs", False))
    )
    written = draw(Fake(), [shown, kept], tmp_path / "out")
    assert [path.name for path in written] == ["ours.jpg"]
    sheet = cv2.imread(str(written[0]))
    assert sheet is not None
    assert sheet.shape == (144, 1024, 3)
    words = sheet[128:144, :128].max(axis=(0, 1))
    assert words[1] > 150 > words[2]  # in green: it is what its label says
    assert sheet[:128, 200:].max() < 60  # one detection, the rest is empty
