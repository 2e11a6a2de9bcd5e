"""What a camera says of itself over ONVIF, brought to where it matters."""

from collections.abc import Callable

import structlog

from edge.fleet import Fleet
from edge.orders.helm import Helm
from edge.status import Status
from edge.worker.messages import Look, Point
from streams.onvif.clock import ClockOffset
from streams.onvif.events import CameraEvent
from streams.onvif.pointing import Pointing
from streams.onvif.profiles import Profile
from streams.onvif.service import OnvifCamera
from streams.onvif.spec import OnvifSpec
from streams.problem import Problem

log = structlog.get_logger()

# What cameras call their own motion detection (ONVIF Core, annex on topics; Imaging and Analytics
# specifications); its item is IsMotion or State.
_MOTION = ("CellMotionDetector", "MotionAlarm", "MotionRegionDetector", "FieldDetector", "LineDetector")


class Control:
    """streams.onvif.service.Listener for one camera: zones follow its presets, its own alarm wakes us."""

    def __init__(self, camera: str, fleet: Fleet, status: Status) -> None:
        self._camera, self._fleet, self._status = camera, fleet, status

    def pointing(self, pointing: Pointing) -> None:
        log.info("camera.pointing", camera=self._camera, preset=pointing.preset, moving=pointing.moving)
        self._fleet.order(Point(camera=self._camera, preset=pointing.preset))

    def event(self, event: CameraEvent) -> None:
        if event.operation != "Initialized" and is_motion(event):
            self._fleet.order(Look(camera=self._camera))

    def clock(self, clock: ClockOffset) -> None:
        self._status.clock(self._camera, clock.offset)

    def profiles(self, profiles: tuple[Profile, ...]) -> None:
        self._status.problem("onvif", None, camera=self._camera)
        shown = [f"{each.name} {each.codec} {each.width}x{each.height}" for each in profiles]
        log.info("camera.profiles", camera=self._camera, profiles=shown)

    def note(self, problem: Problem) -> None:
        self._status.problem(problem.code, problem, camera=self._camera)


def service(
    camera: str, spec: OnvifSpec, fleet: Fleet, status: Status, helm: Helm | None = None
) -> Callable[[], OnvifCamera]:
    """Builds a fresh one at every call: the supervisor's `make`. helm: told of each, to turn the camera by hand."""
    control = Control(camera, fleet, status)

    def make() -> OnvifCamera:
        made = OnvifCamera(camera, spec, control)
        if helm is not None:
            helm.stands(camera, made)
        return made

    return make


def is_motion(event: CameraEvent) -> bool:
    """Whether the camera says that something moves now."""
    if not any(name in event.topic for name in _MOTION):
        return False
    values = {name.lower(): value.lower() for name, value in event.data.items()}
    return any(values.get(name) in {"true", "1"} for name in ("ismotion", "state", "isinside"))
