"""Where and how large a disturbance is, as an event tells it. GeoJSON of RFC 7946, positions WGS84."""

from math import isfinite
from typing import Any, Literal, Self

from pydantic import Field

from edge.wire import WireModel, rfc3339
from inference.change import Change, Overlap, Place, Reference
from inference.geodesy.export import geometry
from streams.problem import Text

_METRES = 2  # decimals of m and m2


class TextData(WireModel):
    """The same said in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, text: Text) -> Self:
        return cls(en=text.en, zh=text.zh)


class ReferenceData(WireModel):
    """What a patch was compared with. taken: RFC 3339; sha256: of the kept picture; light: by what name it is kept."""

    taken: str
    sha256: str
    light: str

    @classmethod
    def of(cls, reference: Reference) -> Self:
        return cls(taken=rfc3339(reference.taken), sha256=reference.sha256, light=reference.light)


class ChangeData(WireModel):
    """A disturbed patch in the picture. outline: corners, relative 0-1 of the reference picture. share: of its pixels.
    confidence: 0 to 1. growth_m2_per_hour: null until it is known. machine: one works at it, or did. lights: in how
    many different lights it was seen."""

    outline: tuple[tuple[float, float], ...]
    share: float
    confidence: float = Field(ge=0, le=1)
    reference: ReferenceData
    growth_m2_per_hour: float | None = None
    machine: bool = False
    lights: int = 1

    @classmethod
    def of(cls, change: Change) -> Self:
        return cls(
            outline=tuple((round(float(x), 4), round(float(y), 4)) for x, y in change.outline),
            share=round(float(change.share), 6),
            confidence=round(float(change.confidence), 3),
            reference=ReferenceData.of(change.reference),
            growth_m2_per_hour=_rounded(change.growth_m2_per_hour),
            machine=bool(change.machine),
            lights=int(change.lights),
        )


class PolygonData(WireModel):
    """A GeoJSON Polygon of one ring: counter-clockwise, closed."""

    type: Literal["Polygon"] = "Polygon"
    coordinates: tuple[tuple[tuple[float, float], ...], ...]


class ParcelData(WireModel):
    """A parcel that a patch touches. area_m2: of what they share, null where areas are withheld; share: of the patch."""

    layer: str
    key: str
    name: str | None = None
    area_m2: float | None = None
    share: float

    @classmethod
    def of(cls, overlap: Overlap) -> Self:
        return cls(
            layer=overlap.layer,
            key=overlap.key,
            name=overlap.name,
            area_m2=_rounded(overlap.area_m2),
            share=round(float(overlap.share), 4),
        )


class Ground(WireModel):
    """What an event tells of the ground. sigma_m, area_sigma_m2: 1 standard deviation. area_m2 is null where
    `area_withheld` says why. parcels is null where no parcels could be looked up."""

    change: ChangeData | None = None
    geo: PolygonData | None = None
    sigma_m: float | None = None
    area_m2: float | None = None
    area_sigma_m2: float | None = None
    area_withheld: TextData | None = None
    parcels: tuple[ParcelData, ...] | None = None


def ground(change: Change | None) -> dict[str, Any]:
    """The fields of Ground that are known, by name."""
    if change is None:
        return {}
    told: dict[str, Any] = {"change": ChangeData.of(change)}
    return told if change.place is None else {**told, **_place(change.place)}


def _place(place: Place) -> dict[str, Any]:
    geo = geometry(place.outline)
    withheld = place.area_m2 is None
    return {
        "geo": None if geo is None else PolygonData.model_validate(geo),
        "sigma_m": _rounded(place.sigma_m),
        "area_m2": _rounded(place.area_m2),
        "area_sigma_m2": None if withheld else _rounded(place.area_sigma_m2),
        "area_withheld": TextData.of(place.withheld) if place.withheld is not None else None,
        "parcels": tuple(map(ParcelData.of, place.overlaps))
        if geo is not None and place.overlaps is not None
        else None,
    }


def _rounded(value: float | None) -> float | None:
    """JSON knows no infinity: what is not bounded is not known."""
    return round(float(value), _METRES) if value is not None and isfinite(value) else None
