"""Ground that changed, as an event tells it."""

from dataclasses import dataclass

from streams.problem import Text

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A parcel that a change touches. layer: the parcel file's name in the settings (基本农田). key: the parcel's id
    there. area_m2: of what they share; None where areas are withheld. share: of the change, 0 to 1."""

    layer: str
    key: str
    name: str | None
    area_m2: float | None
    share: float


@dataclass(frozen=True, slots=True)
class Place:
    """A change on the ground.

    outline: corners, longitude and latitude in degrees (WGS84), the last joined to the first; empty where the site's
    position is not known. sigma_m: 1 standard deviation of a corner's position (the worst one). area_m2: None where
    `withheld` says why; area_sigma_m2: its standard deviation. overlaps: None where no parcels could be looked up.
    """

    outline: tuple[Corner, ...]
    sigma_m: float
    area_m2: float | None
    area_sigma_m2: float | None
    withheld: Text | None = None
    overlaps: tuple[Overlap, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """What was compared with. taken: s since 1970. sha256: of the kept picture. light: by what name it is kept."""

    taken: float
    sha256: str
    light: str


@dataclass(frozen=True, slots=True)
class Change:
    """One disturbed patch at one moment.

    outline: corners, relative 0-1 of the reference picture. share: of the picture's pixels. confidence: 0 to 1.
    growth_m2_per_hour: None until it is known. machine: whether a machine works at it or did since it began.
    lights: in how many different lights it was seen.
    """

    outline: tuple[Corner, ...]
    share: float
    confidence: float
    reference: Reference
    place: Place | None = None
    growth_m2_per_hour: float | None = None
    machine: bool = False
    lights: int = 1
