"""A camera's own health as events: one from the first trouble to the last, one for one outage."""

from pathlib import Path

import av
import numpy as np
from structlog.testing import capture_logs

from edge.worker.care import Care
from edge.worker.memory import Memory
from edge.worker.wellbeing import OFFLINE, TAMPERED, Wellbeing
from inference.findings import Finding, Phase
from streams.frame import Frame
from tests.support import tampering
from tests.support.tampering import Change, as_it_is, encoded, site

START = 1_700_000_000.0


def shown(wellbeing: Wellbeing, change: Change, seconds: range) -> list[Finding]:
    """A picture a second, each as a key frame of a real encoder."""
    found: list[Finding] = []
    pictures = (change(site(second), second) for second in seconds)
    for second, picture in zip(seconds, encoded(pictures), strict=True):
        planes = np.full((540, 640), 128, np.uint8)
        planes[:360] = picture
        frame = Frame(av.VideoFrame.from_ndarray(planes, "yuv420p"), START + second, second)
        found += wellbeing.look(frame)
    return found


def test_a_hand_before_the_lens_is_one_event_that_ends() -> None:
    wellbeing = Wellbeing("gate", Care())
    assert shown(wellbeing, as_it_is, range(12)) == []
    assert wellbeing.well()
    (new,) = shown(wellbeing, tampering.hand, range(12, 30))
    assert (new.type, new.phase, new.conditions) == (TAMPERED, Phase.NEW, ("covered",))
    assert START + 12 <= new.since < new.time
    assert wellbeing.problem is not None
    assert wellbeing.problem.code == "camera.covered"
    assert "镜头被遮挡" in wellbeing.problem.say("zh")
    (end,) = shown(wellbeing, as_it_is, range(30, 50))
    assert (end.key, end.phase, end.reason) == (new.key, Phase.END, "recovered")
    assert wellbeing.well()


def test_one_trouble_after_another_is_one_event_with_an_update() -> None:
    wellbeing = Wellbeing("gate", Care())
    shown(wellbeing, as_it_is, range(12))
    found = shown(wellbeing, tampering.hand, range(12, 24))
    found += shown(wellbeing, tampering.turned(200, 30), range(24, 120))
    assert [each.phase for each in found][:2] == [Phase.NEW, Phase.UPDATE]
    assert all(each.phase is not Phase.END for each in found)
    assert found[-1].conditions == ("moved",)


def test_what_was_said_of_one_view_does_not_hold_of_another() -> None:
    wellbeing = Wellbeing("dome", Care())
    wellbeing.turn("gate", START)
    shown(wellbeing, as_it_is, range(12))
    assert shown(wellbeing, tampering.hand, range(12, 24))[0].phase is Phase.NEW
    (end,) = wellbeing.turn("pit", START + 24)
    assert (end.phase, end.reason) == (Phase.END, "turned")
    # What the pit looks like nobody knows yet; the gate is remembered.
    assert shown(wellbeing, tampering.turned(200, 30), range(24, 60)) == []
    wellbeing.turn("gate", START + 60)
    assert shown(wellbeing, as_it_is, range(60, 90)) == []


def test_a_camera_that_moves_about_is_not_said_to_be_moved() -> None:
    drone = Wellbeing("drone", Care(still=False))
    shown(drone, as_it_is, range(12))
    assert shown(drone, tampering.turned(200, 30), range(12, 120)) == []


def test_nothing_is_judged_where_nobody_asked_for_it() -> None:
    wellbeing = Wellbeing("gate", Care(picture=False))
    shown(wellbeing, as_it_is, range(12))
    assert shown(wellbeing, tampering.hand, range(12, 40)) == []


def test_a_camera_that_flaps_is_one_outage() -> None:
    wellbeing = Wellbeing("gate", Care(offline_after=30))
    found: list[Finding] = []
    for second in range(400):
        flapping = 10 <= second < 200
        found += wellbeing.presence(not flapping or second % 50 == 0, START + second, 50.0 + second)
    new, end = found
    assert (new.type, new.phase, new.since) == (OFFLINE, Phase.NEW, START + 10)
    assert (end.phase, end.reason, end.key) == (Phase.END, "recovered", new.key)
    assert end.time - START == 260, "well for a minute"


def test_the_boxs_clock_being_set_makes_no_outage_and_hides_none() -> None:
    wellbeing = Wellbeing("gate", Care(offline_after=30))
    assert wellbeing.presence(False, START, 0.0) == []
    assert wellbeing.presence(False, START + 3600, 5.0) == [], "set forward by an hour, 5 s after it was lost"
    (new,) = wellbeing.presence(False, START - 3600, 31.0)
    assert (new.time, new.since) == (START - 3600, START - 3631)


def test_a_stop_ends_what_is_open() -> None:
    wellbeing = Wellbeing("gate", Care(offline_after=30))
    wellbeing.presence(False, START, 0.0)
    assert wellbeing.presence(False, START + 31, 31.0)
    (end,) = wellbeing.close(START + 40)
    assert (end.type, end.phase, end.reason) == (OFFLINE, Phase.END, "stopped")
    assert wellbeing.close(START + 41) == []


def test_a_camera_covered_while_the_gateway_was_away_is_noticed(tmp_path: Path) -> None:
    memory = Memory(tmp_path, "gate")
    shown(Wellbeing("gate", Care(), memory), as_it_is, range(12))
    again = Wellbeing("gate", Care(), memory)
    (new,) = shown(again, tampering.paper, range(14, 30))
    assert new.conditions == ("covered",)


def test_what_cannot_be_remembered_is_learned_anew(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    (tmp_path / "gate" / "view.npz").write_bytes(b"no archive")
    with capture_logs() as logs:
        wellbeing = Wellbeing("gate", Care(), Memory(tmp_path, "gate"))
        shown(wellbeing, as_it_is, range(12))
    assert [line["event"] for line in logs] == ["reference.forgotten"]
    assert shown(wellbeing, tampering.hand, range(12, 24))[0].conditions == ("covered",)


def test_a_disk_that_takes_no_reference_costs_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "gate").write_text("a file stands where the folder should be")
    wellbeing = Wellbeing("gate", Care(), Memory(tmp_path, "gate"))
    with capture_logs() as logs:
        shown(wellbeing, as_it_is, range(12))
    assert {line["event"] for line in logs} <= {"reference.forgotten", "reference.not_kept"}
    assert shown(wellbeing, tampering.hand, range(12, 24))[0].conditions == ("covered",)
