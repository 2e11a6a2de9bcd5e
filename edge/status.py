"""What the daemon knows of itself, said once when it changes: the log lines a technician reads."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from edge.clock import clock_problem
from edge.envelope import Occurrence
from edge.publisher import State
from edge.talk.presence import Presence
from edge.worker.messages import Beat, CameraCounts, CameraStatus, Trouble
from streams.condition import condition
from streams.problem import Language, Problem, Text
from streams.reader import CameraState

# Troubles that say something of what the camera shows; others are about files or the model.
_SHOWN = frozenset({"picture", "stream", "camera.clock"})

log = structlog.get_logger()


@dataclass(slots=True)
class Status:
    """One setter per thing that changes. `changed` is called with the camera's name after each camera change."""

    language: Language
    cameras: dict[str, CameraState] = field(default_factory=dict)
    counts: dict[str, CameraCounts] = field(default_factory=dict)
    changed: Callable[[CameraStatus], None] | None = None
    groups: dict[str, Presence] = field(default_factory=dict)
    link: tuple[State, Problem | None] = (State.CONNECTING, None)
    alive: bool = True
    """Whether the box does its work (edge.liveness)."""
    _asked: set[str] = field(default_factory=set)
    _troubles: dict[tuple[str, str | None], Problem | None] = field(default_factory=dict)
    _said: dict[str, tuple[CameraState, Problem | None]] = field(default_factory=dict)

    def camera(self, message: CameraStatus) -> None:
        """Logged when the state or its cause changes, not at every try of a camera that stays away."""
        now = (message.state, message.problem)
        if self._said.get(message.camera) == now:
            return
        self._said[message.camera] = now
        self.cameras[message.camera] = message.state
        details: dict[str, object] = {}
        if message.problem is not None:
            details = {"code": message.problem.code, "problem": message.problem.say(self.language)}
        if message.retry_in is not None:
            details["retry_in_s"] = round(message.retry_in, 1)
        say = log.info if message.problem is None else log.warning
        say(f"camera.{message.state.value}", camera=message.camera, **details)
        if self.changed is not None:
            self.changed(message)

    def forget(self, camera: str) -> None:
        """It was taken out of the site file, and with it what is known of it."""
        for known in (self.cameras, self.counts):
            known.pop(camera, None)
        for name in (camera, f"{camera}/record"):
            self._said.pop(name, None)
            self.cameras.pop(name, None)
        self._asked.discard(camera)
        self._troubles = {key: value for key, value in self._troubles.items() if key[1] != camera}

    def event(self, occurrence: Occurrence, seq: int | None) -> None:
        log.info(
            "event.stored",
            camera=occurrence.camera,
            type=occurrence.type,
            phase=occurrence.phase.value,
            seq=seq,
            event_id=occurrence.event_id,
        )

    def broker(self, state: State, problem: Problem | None) -> None:
        """Told by the publisher on a change only."""
        self.link = (state, problem)
        if problem is None:
            log.info(f"mqtt.{state.value}")
        else:
            log.warning(problem.code, problem=problem.say(self.language))

    def talk(self, group: str, presence: Presence) -> None:
        """Told when somebody comes, goes, or gets or loses the floor."""
        self.groups[group] = presence
        log.info("talk.now", group=group, present=presence.present, speaks=presence.speaks)

    def clock(self, camera: str, offset: float) -> None:
        """s the camera's clock is ahead of the box's, by ONVIF: that beats what its pictures say. Said when it
        begins or ceases to be wrong."""
        self._asked.add(camera)
        self._clock(camera, offset)

    def _clock(self, camera: str, offset: float) -> None:
        self.problem("camera.clock", clock_problem(camera, offset), camera=camera)

    def trouble(self, message: Trouble) -> None:
        self.problem(message.code, message.problem, camera=message.camera)

    def problem(self, what: str, problem: Problem | None, camera: str | None = None) -> None:
        """A thing's trouble began or changed; None: it is over, or never was."""
        if self._troubles.get((what, camera)) == problem:
            return
        self._troubles[what, camera] = problem
        where = {} if camera is None else {"camera": camera}
        if problem is None:
            log.info(f"{what}.recovered", **where)
        else:
            log.error(f"{what}.trouble", code=problem.code, problem=problem.say(self.language), **where)

    def trouble_of(self, what: str) -> Problem | None:
        """Of a thing of the box, not of a camera."""
        return self._troubles.get((what, None))

    def troubles(self) -> tuple[tuple[str, str | None, Problem], ...]:
        """What is wrong now: of what thing, of which camera if of one, and why."""
        return tuple(
            (what, camera, problem)
            for (what, camera), problem in self._troubles.items()
            if problem is not None
        )

    def beat(self, message: Beat) -> None:
        self.counts.update(message.cameras)
        for camera, counts in message.cameras.items():
            if counts.clock_offset is not None and camera not in self._asked:
                self._clock(camera, counts.clock_offset)

    def summary(self) -> dict[str, dict[str, object]]:
        """State and counts per camera since its worker started, as of the last heartbeat."""
        return {
            camera: {"state": self.shown(camera).en, **counts.model_dump(exclude_none=True)}
            for camera, counts in self.counts.items()
        }

    def shown(self, camera: str) -> Text:
        """The one thing to say of a camera: the gravest that is wrong with it, or that it is live."""
        state, problem = self._said.get(camera, (CameraState.CONNECTING, None))
        codes = [
            trouble.code
            for (what, where), trouble in self._troubles.items()
            if where == camera and trouble is not None and what in _SHOWN
        ]
        return condition(state, problem.code if problem else None, codes)

    def worker_died(self, number: int, error: Exception, wait: float) -> None:
        log.error("worker.died", worker=number, why=str(error), restart_in_s=round(wait, 2))
