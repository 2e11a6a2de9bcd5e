"""sandwatch land: what a technician and an officer see of the ground, and what they order."""

import json
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge.cli import app
from edge.geo import TextData
from edge.land.folders import view
from edge.land.history import History, entry
from edge.land.orders import Allow, Answer, Mailbox
from edge.land.standing import CARD, Standing
from inference.change import Change, Overlap, Place, Reference
from inference.findings import Finding, Phase, Severity
from streams import whole
from streams.problem import Text

NOW = 1_780_000_000.0
RING = ((113.62, 34.75), (113.6201, 34.75), (113.6201, 34.7501), (113.62, 34.7501))
FARM = Overlap("永久基本农田", "3702", "三号田", 60.0, 0.5)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """Two views: one with an open and an ended case, one that cannot judge."""
    mast = view(tmp_path, "mast", None)
    history = History(mast.folder)
    large = Place(RING, 0.5, 120.4, 6.0, overlaps=(FARM,))
    told(history, "open", Phase.NEW, large)
    told(history, "gone", Phase.NEW, Place(RING, 0.5, None, None, Text("too far", "过远"), ()))
    told(history, "gone", Phase.END, Place(RING, 0.5, None, None, Text("too far", "过远"), ()))
    stand(mast.folder, Standing(frozen=NOW - 9e5, looked=NOW, since=NOW - 7200))
    dome = view(tmp_path, "dome", "east")
    stand(dome.folder, Standing(looked=NOW, condition="fog", since=NOW - 7200))
    return tmp_path


def told(history: History, case: str, phase: Phase, place: Place) -> None:
    change = Change(((0.1, 0.1), (0.2, 0.1), (0.2, 0.2)), 0.1, 0.9, Reference(NOW, "00", "day"), place)
    finding = Finding(
        type="land.disturbance",
        phase=phase,
        key=case,
        rule="land",
        zone=None,
        severity=Severity.HIGH,
        whistle=None,
        objects=(),
        since=NOW - 3600,
        time=NOW,
        change=change,
    )
    history.add(entry(finding, case, 0, "mast", None))


def stand(folder: Path, standing: Standing) -> None:
    whole.write(folder / CARD, standing.model_dump_json().encode())


def land(box: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["land", *arguments, "--storage", str(box)])


def test_the_list_tells_what_is_open_how_large_it_is_and_whose(box: Path) -> None:
    result = land(box, "list")
    assert result.exit_code == 0
    dome, mast, case = result.stdout.splitlines()
    assert dome.startswith("dome (east): no judgement: fog hides the ground")
    assert "references not dated yet" in dome
    assert mast.startswith("mast: judging")
    assert case.split() == [
        *["open", "high", "since", "2026-05-28T19:26:40.000Z"],
        *case.split()[4:6],
        *["120", "±", "6", "m2", "on", "永久基本农田", "三号田"],
    ]


def test_the_list_in_chinese_and_for_machines(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (dome, mast) = json.loads(land(box, "list", "--json").stdout)
    assert (dome["camera"], dome["preset"], dome["condition"], dome["open"]) == ("dome", "east", "fog", [])
    (case,) = mast["open"]
    assert (case["event_id"], case["area_m2"], case["parcels"][0]["key"]) == ("open", 120.4, "3702")
    assert case["geo"]["type"] == "Polygon"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = land(box, "list", "mast").stdout
    assert "判断中" in said
    assert "120 ± 6 平方米" in said


def test_a_box_without_ground_says_so(tmp_path: Path) -> None:
    assert "no ground is watched" in land(tmp_path, "list").stdout


@pytest.mark.parametrize(
    ("form", "words"), [("geojson", '"FeatureCollection"'), ("kml", "<kml"), ("csv", "open")]
)
def test_an_export_holds_every_disturbance_there_was(
    box: Path, form: str, words: str, tmp_path: Path
) -> None:
    result = land(box, "export", "--format", form)
    assert result.exit_code == 0
    assert words in result.stdout
    assert all(case in result.stdout for case in ("open", "gone"))
    file = tmp_path / f"out.{form}"
    assert land(box, "export", "--format", form, "--out", str(file)).exit_code == 0
    assert file.read_bytes() == result.stdout_bytes


def test_an_export_since_a_day_keeps_what_was_still_there(box: Path) -> None:
    later = datetime.fromtimestamp(NOW + 86_400, UTC).strftime("%Y-%m-%d")
    features = json.loads(land(box, "export", "--since", later).stdout)["features"]
    assert [each["id"] for each in features] == ["open"]


def test_what_cannot_be_written_is_said_in_one_line(box: Path) -> None:
    result = land(box, "export", "--out", "/nonexistent/out.kml")
    assert result.exit_code == 1
    assert "/nonexistent/out.kml" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nobody_answers_where_no_gateway_runs(box: Path) -> None:
    result = land(box, "freeze", "mast", "--wait", "0.1")
    assert result.exit_code == 1
    assert "nobody answered" in result.stdout
    assert Mailbox(box, "mast").take(time.time()) == [], "and nobody obeys it tomorrow"


def test_an_order_is_for_a_camera_and_a_case_that_are_known(box: Path) -> None:
    assert "never watched" in land(box, "freeze", "nobody").stderr
    assert "no disturbance has the event id" in land(box, "allow", "nothing", "--until", "2026-12-01").stderr


def test_allowing_reaches_the_camera_that_saw_it(box: Path) -> None:
    mailbox = Mailbox(box, "mast")
    taken: list[Allow] = []

    def gateway() -> None:
        deadline = time.monotonic() + 60
        while not taken and time.monotonic() < deadline:
            for letter in mailbox.take(time.time()):
                assert isinstance(letter.order, Allow)
                taken.append(letter.order)
                mailbox.answer(letter, Answer(done=True, text=TextData(en="allowed", zh="已许可")))
            time.sleep(0.02)

    worker = threading.Thread(target=gateway)
    worker.start()
    result = land(box, "allow", "open", "--until", "2026-12-01", "--note", "permit 12", "--wait", "60")
    worker.join()
    assert (result.exit_code, result.stdout) == (0, "allowed\n")
    (order,) = taken
    assert (order.event_id, order.note) == ("open", "permit 12")
    assert order.until == datetime(2026, 12, 1).timestamp()  # noqa: DTZ001 (the box's own time, as typed)
