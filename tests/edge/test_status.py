"""What the log says of cameras and troubles: each change once, in the technician's language."""

from structlog.testing import capture_logs

from edge.status import Status
from edge.worker.messages import Beat, CameraCounts, CameraStatus, Trouble
from streams.problem import Problem, Text
from streams.reader import CameraState

CLOSED = Problem("camera.unreachable", Text("gate: closed", "gate：端口未开放"), Text("look", "请检查"))


def test_a_camera_that_stays_away_is_said_once_and_its_return_too() -> None:
    status = Status("zh")
    with capture_logs() as lines:
        status.camera(CameraStatus(camera="gate", state=CameraState.CONNECTING))
        for wait in (0.3, 1.2, 7.0):
            status.camera(
                CameraStatus(camera="gate", state=CameraState.RETRYING, problem=CLOSED, retry_in=wait)
            )
        status.camera(CameraStatus(camera="gate", state=CameraState.LIVE))
    assert [line["event"] for line in lines] == ["camera.connecting", "camera.retrying", "camera.live"]
    assert lines[1]["problem"] == "gate：端口未开放；请检查"
    assert lines[1]["code"] == "camera.unreachable"
    assert status.cameras == {"gate": CameraState.LIVE}


def test_a_full_disk_is_one_line_until_it_is_over() -> None:
    status = Status("en")
    with capture_logs() as lines:
        for problem in (None, CLOSED, CLOSED, None, None):
            status.trouble(Trouble(code="snapshot", camera="gate", problem=problem))
    assert [line["event"] for line in lines] == ["snapshot.trouble", "snapshot.recovered"]


def test_heartbeats_fill_the_summary() -> None:
    status = Status("en")
    counts = CameraCounts(pictures=100, analysed=50, dropped=2, reconnects=1)
    status.beat(Beat(cameras={"gate": counts}, rss=1, cpu=1.0))
    status.camera(CameraStatus(camera="gate", state=CameraState.LIVE))
    told = status.summary()["gate"]
    assert (told["state"], told["pictures"], told["analysed"], told["dropped"]) == ("live", 100, 50, 2)


def test_the_cameras_own_stamps_tell_a_wrong_clock_until_onvif_does() -> None:
    status = Status("en")
    with capture_logs() as lines:
        for offset in (-100.0, -100.5):
            status.beat(Beat(cameras={"gate": stamped(offset)}, rss=1, cpu=1.0))
        status.clock("gate", 0.2)
        status.beat(Beat(cameras={"gate": stamped(-100.0)}, rss=1, cpu=1.0))
        status.beat(Beat(cameras={"pit": stamped(-2e9)}, rss=1, cpu=1.0))  # counts from its own start
    assert [line["event"] for line in lines] == ["camera.clock.trouble", "camera.clock.recovered"]


def stamped(offset: float) -> CameraCounts:
    return CameraCounts(pictures=1, analysed=1, dropped=0, reconnects=0, clock_offset=offset)
