"""Whom the site file names for a camera: unit, people, and how long they have. Pure."""

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from edge.cases.case import Deadlines
from edge.cases.respond import Respond
from edge.cases.roster import line, next_in_line, on_duty
from edge.envelope import Occurrence
from edge.settings.model import Site
from edge.settings.rosters import RosterSettings
from edge.settings.talk import RespondSettings
from edge.wire import rfc3339
from inference.findings import Phase

_NOBODY = RespondSettings()


class Duty:
    """cameras: their `respond:`. rosters: by name."""

    def __init__(
        self, cameras: Mapping[str, RespondSettings], rosters: Mapping[str, RosterSettings], zone: ZoneInfo
    ) -> None:
        self._cameras, self._rosters, self._zone = cameras, rosters, zone

    @classmethod
    def of(cls, site: Site) -> "Duty":
        cameras = {stream.name: stream.respond for stream in site.streams if stream.respond}
        rosters = {roster.name: roster for roster in site.rosters}
        return cls(cameras, rosters, ZoneInfo(site.site.time_zone))

    def extra(self, occurrence: Occurrence) -> dict[str, object]:
        """What the event says of it, where it is new (edge.envelope.seal)."""
        if occurrence.phase is not Phase.NEW:
            return {}
        respond = self.respond(occurrence.camera, occurrence.time)
        return {} if respond is None else {"respond": respond}

    def respond(self, camera: str, time: float) -> Respond | None:
        """None: the site file names nobody. time: s since 1970."""
        settings = self._cameras.get(camera)
        if settings is None or not (settings.unit or settings.officers or settings.roster):
            return None
        within = None if settings.dispatch is None else (settings.receive or 0.0) + settings.dispatch
        return Respond(
            unit=settings.unit,
            officers=self._on_duty(settings, time),
            deadline=None if within is None else rfc3339(time + within),
        )

    def deadlines(self, camera: str) -> Deadlines:
        settings = self._cameras.get(camera, _NOBODY)
        return Deadlines(receive=settings.receive, dispatch=settings.dispatch, close=settings.close)

    def next(self, camera: str, time: float, called: Collection[str]) -> str | None:
        """Who is to be called after all these; None: nobody is left."""
        settings = self._cameras.get(camera, _NOBODY)
        roster = self._rosters.get(settings.roster or "")
        people = settings.officers if roster is None else line(roster, time, self._zone)
        return next_in_line(people, called)

    def _on_duty(self, settings: RespondSettings, time: float) -> tuple[str, ...]:
        roster = self._rosters.get(settings.roster or "")
        return settings.officers if roster is None else on_duty(roster, time, self._zone)
