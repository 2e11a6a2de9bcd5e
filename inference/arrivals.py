"""Tracks that arrive: over a line, or in a zone, each once."""

from dataclasses import dataclass, replace
from typing import Annotated, Protocol, Self

from pydantic import Field, model_validator

from inference.cast import Cast, Zones
from inference.findings import Direction, Phase, Sighting
from inference.geometry import Anchor
from inference.lines import Crossings, LineSpec
from inference.rule import RuleSpec, Scene
from inference.stays import Stays, StaySpec
from inference.tracks import Tracks
from streams.problem import Text
from streams.units import Duration


class ArrivalSpec(RuleSpec, LineSpec):
    """zones: names on this stream; or a line; neither = the whole picture. dwell: time inside a zone that makes
    an arrival of it. anchor: the point of the box that counts."""

    zones: tuple[str, ...] = ()
    anchor: Anchor = Anchor.BOTTOM_CENTER
    dwell: Annotated[Duration, Field(le=3600)] = 1.0

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.zones and self.line is not None:
            raise ValueError(Text("needs zones or a line, not both", "zones 与 line 只能填写一项"))
        return self


@dataclass(frozen=True, slots=True)
class Arrival:
    """place: zone or line by name; None: the whole picture, or a line without a name."""

    sighting: Sighting
    place: str | None
    direction: Direction | None
    since: float


class Arrivals(Protocol):
    """Steady time only (inference.steady). places: all there are."""

    places: tuple[str | None, ...]

    @property
    def pending(self) -> bool: ...

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Arrival]: ...


class Entries:
    """Who has been in a zone for `dwell`, once per track and zone."""

    def __init__(self, spec: ArrivalSpec, scene: Scene) -> None:
        """Raises ValueError on an unknown zone or object."""
        self._zones, self._cast = Zones(spec.zones, spec.anchor, scene), Cast(spec.objects, scene)
        stay = StaySpec(kind=spec.kind, name=spec.name, dwell=spec.dwell, repeat=0)
        self._stays = Stays(stay, self._cast, "", scene.period)
        self.places: tuple[str | None, ...] = spec.zones or (None,)

    @property
    def pending(self) -> bool:
        return self._stays.pending

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Arrival]:
        wanted = self._cast.wanted(tracks)
        held = ((zone, wanted & inside) for zone, inside in self._zones.inside(tracks, size))
        return [
            Arrival(found.objects[0], found.zone, None, found.since)
            for found in self._stays.update(tracks, size, now, held)
            if found.phase is Phase.NEW
        ]


class Passages:
    """Who went over a line, once per track and direction."""

    pending = False  # whoever drives moves, and so is looked at anyway

    def __init__(self, spec: RuleSpec, line: LineSpec, anchor: Anchor, scene: Scene) -> None:
        """Raises ValueError on an unknown line or object."""
        self._cast = Cast(spec.objects, scene)
        self._crossings = Crossings(line, anchor, scene)
        self.places: tuple[str | None, ...] = (self._crossings.name,)

    def update(self, tracks: Tracks, size: tuple[int, int], now: float) -> list[Arrival]:
        return [
            self._arrival(self._cast.sighting(tracks, crossed.row, size), crossed.direction, crossed.since)
            for crossed in self._crossings.update(tracks, size, now, self._cast)
        ]

    def _arrival(self, sighting: Sighting, way: Direction, since: float) -> Arrival:
        said = replace(sighting, attributes={**sighting.attributes, "direction": way.value})
        return Arrival(said, self._crossings.name, way, since)


def arrivals(spec: ArrivalSpec, scene: Scene) -> Arrivals:
    """Raises ValueError on an unknown zone, line or object."""
    return Entries(spec, scene) if spec.line is None else Passages(spec, spec, spec.anchor, scene)
