"""What a camera says over ONVIF reaches the worker that watches it."""

from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from edge.clock import clock_problem
from edge.control import Control, is_motion
from edge.fleet import Fleet
from edge.status import Status
from edge.worker.job import CameraJob, Job
from edge.worker.messages import Look, Point, ToWorker
from edge.worker.parent import VisionWorker
from streams.onvif.clock import ClockOffset
from streams.onvif.events import CameraEvent
from streams.onvif.pointing import Pointing


class Told:
    """Stands for a worker's process: keeps the orders."""

    def __init__(self) -> None:
        self.orders: list[ToWorker] = []

    def order(self, order: ToWorker) -> None:
        self.orders.append(order)


class Cameras:
    """Stands for a job: only its cameras' names count here."""

    def __init__(self, *names: str) -> None:
        self.cameras = tuple(cast("CameraJob", type("Named", (), {"name": name})()) for name in names)


def fleet(*jobs: Cameras) -> Fleet:
    return Fleet(cast("tuple[Job, ...]", jobs))


def start(fleet: Fleet, number: int) -> Told:
    told = Told()
    fleet.started(number, cast("VisionWorker", told))
    return told


def event(topic: str, operation: str = "Changed", **data: str) -> CameraEvent:
    return CameraEvent(topic, None, {}, data, operation)


def test_orders_go_to_the_worker_that_watches_the_camera() -> None:
    ships = fleet(Cameras("gate"), Cameras("pit", "road"))
    first, second = start(ships, 0), start(ships, 1)
    ships.order(Look(camera="road"))
    assert (first.orders, second.orders) == ([], [Look(camera="road")])


def test_a_new_worker_is_told_where_its_cameras_point_and_nothing_stale() -> None:
    ships = fleet(Cameras("gate"), Cameras("pit", "road"))
    for preset in ("one", "two"):
        ships.order(Point(camera="pit", preset=preset))
    ships.order(Look(camera="pit"))  # nobody was there to look
    ships.order(Point(camera="gate", preset=None))
    again = start(ships, 1)
    ships.ready(1)
    assert again.orders == [Point(camera="pit", preset="two")]


MOTION = "RuleEngine/CellMotionDetector/Motion"


@pytest.mark.parametrize(
    ("said", "wakes"),
    [
        (event(MOTION, IsMotion="true"), True),
        (event(MOTION, IsMotion="false"), False),
        (event("VideoSource/MotionAlarm", State="1"), True),
        (event("Device/Trigger/DigitalInput", LogicalState="true"), False),
    ],
)
def test_what_counts_as_the_cameras_own_motion_alarm(said: CameraEvent, wakes: bool) -> None:
    assert is_motion(said) == wakes


def test_a_camera_at_its_preset_and_alarmed() -> None:
    ships = fleet(Cameras("dome"))
    worker, status = start(ships, 0), Status("en")
    control = Control("dome", ships, status)
    control.pointing(Pointing("gate", moving=False, since=0.0))
    control.event(event(MOTION, "Initialized", IsMotion="true"))  # the state at the start is no news
    control.event(event(MOTION, IsMotion="true"))
    control.pointing(Pointing(None, moving=True, since=1.0))
    assert worker.orders == [
        Point(camera="dome", preset="gate"),
        Look(camera="dome"),
        Point(camera="dome", preset=None),
    ]


def test_a_clock_that_is_wrong_is_said_once_and_taken_back() -> None:
    control = Control("dome", fleet(Cameras("dome")), Status("en"))
    with capture_logs() as logs:
        for offset in (0.4, 3600.2, 3600.9, -0.1):
            control.clock(ClockOffset(offset, 0.5))
    said = [(entry["event"], entry.get("problem", "")) for entry in cast("list[dict[str, Any]]", logs)]
    assert [name for name, _ in said] == ["camera.clock.trouble", "camera.clock.recovered"]
    assert "about 3600 s ahead" in said[0][1]


def test_a_clock_behind_is_said_in_both_languages() -> None:
    problem = clock_problem("gate", -61)
    assert problem is not None
    assert "60 s behind" in problem.say("en")
    assert "慢 60 秒" in problem.say("zh")
    assert clock_problem("gate", 4.9) is None
