"""Pictures per second and changes of state, as the cameras of the site come and go."""

from edge.accounts.roles import Asker, Role
from edge.api.hub import Hub
from edge.api.watch import Watch
from edge.status import Status
from edge.worker.messages import Beat, CameraCounts, CameraStatus
from streams.reader import CameraState


def counts(pictures: int) -> CameraCounts:
    return CameraCounts(pictures=pictures, analysed=0, dropped=0, reconnects=0)


def test_a_camera_that_was_removed_is_forgotten_and_told_anew_when_it_is_back() -> None:
    status, hub = Status("en"), Hub()
    watch = Watch(status, hub)
    with hub.listening(Asker("user:duty", Role.VIEWER, frozenset({"gate"}))) as listener:
        for turn in range(2):
            status.camera(CameraStatus(camera="gate", state=CameraState.LIVE))
            for second in range(3):
                status.beat(Beat(cameras={"gate": counts(5 * second)}, rss=0, cpu=0.0))
                watch.look(10.0 * turn + second)
            assert watch.fps("gate") == 5.0
            assert listener.queue.get_nowait().camera == "gate"
            assert listener.queue.empty()
            status.forget("gate")
            watch.look(10.0 * turn + 3)
            assert watch.fps("gate") is None
