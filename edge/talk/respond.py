"""An event that calls people together: whom, and not too often. Pure but for what it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from edge.envelope import Occurrence
from edge.settings.talk import RespondSettings
from inference.findings import Phase, Severity
from streams.problem import ProblemError

log = structlog.get_logger()

_GRAVITY = {severity: grade for grade, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class _Last:
    call: str
    at: float


class Responder:
    """call: opens a call of these members about a subject, and names it; may raise ProblemError. is_open: whether it
    still is. titles: of cameras, for people."""

    def __init__(
        self,
        cameras: Mapping[str, RespondSettings],
        titles: Mapping[str, str],
        call: Callable[[tuple[str, ...], str], str],
        is_open: Callable[[str], bool],
    ) -> None:
        self._cameras, self._titles = cameras, titles
        self._call, self._is_open = call, is_open
        self._last: dict[str, _Last] = {}

    def event(self, occurrence: Occurrence, now: float) -> None:
        """now: s of a clock that does not go back. Only what is new calls, and only where nobody is called already."""
        camera = occurrence.camera
        respond = self._cameras.get(camera)
        if respond is None or not self._calls(occurrence, respond, now):
            return
        subject = f"{self._titles.get(camera, camera)}: {occurrence.type}"
        try:
            call = self._call(respond.members, subject)
        except ProblemError as error:
            log.warning(error.problem.code, camera=camera, event_id=occurrence.event_id)
            return
        self._last[camera] = _Last(call, now)
        log.info("talk.event_calls", camera=camera, event_id=occurrence.event_id, call=call)

    def _calls(self, occurrence: Occurrence, respond: RespondSettings, now: float) -> bool:
        if occurrence.phase is not Phase.NEW or _GRAVITY[occurrence.severity] < _GRAVITY[respond.least]:
            return False
        last = self._last.get(occurrence.camera)
        return last is None or (now - last.at >= respond.pause and not self._is_open(last.call))
