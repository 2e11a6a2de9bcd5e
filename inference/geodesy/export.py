"""Disturbances as files that other programs read: GeoJSON and CSV; KML is in inference.geodesy.kml. Pure, standard
library only. Each is written piece by piece, so that years of them need no memory."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from inference.change import Change, Corner, Place
from inference.findings import Severity
from streams.problem import Language, Text

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_DIGITS = 7  # of a degree: a centimetre (RFC 7946, 11.2)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One patch as its last message told it. since, time: s since 1970, UTC, of the first and the last. ended: whether
    it is over."""

    event_id: str
    camera: str
    severity: Severity
    since: float
    time: float
    change: Change
    ended: bool = False


def ring(outline: Sequence[Corner]) -> list[Corner]:
    """The same to 7 decimals, closed and counter-clockwise (RFC 7946, 3.1.6); empty where there are no three corners.

    outline: longitude and latitude, degrees WGS84, the last corner joined to the first.
    """
    corners = [(round(lon, _DIGITS), round(lat, _DIGITS)) for lon, lat in outline]
    if corners and corners[0] == corners[-1]:
        corners.pop()
    if len(set(corners)) < 3:
        return []
    if _turn(corners) < 0:
        corners.reverse()
    return [*corners, corners[0]]


def geometry(outline: Sequence[Corner]) -> dict[str, object] | None:
    """The GeoJSON Polygon of an outline as in `ring`; None where that has no three corners."""
    corners = ring(outline)
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]} if corners else None


def geojson(disturbances: Iterable[Disturbance]) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946), UTF-8. A patch whose place is unknown has no geometry."""
    yield b'{"type":"FeatureCollection","features":['
    for number, each in enumerate(disturbances):
        yield (b"," if number else b"") + json.dumps(_feature(each), ensure_ascii=False).encode()
    yield b"]}\n"


def csv(disturbances: Iterable[Disturbance], language: Language = "zh") -> Iterator[bytes]:
    """RFC 4180 with a byte order mark, by which spreadsheets know UTF-8. One line for each disturbance.

    Words that a spreadsheet would take for a formula are led by an apostrophe (OWASP, CSV injection).
    """
    yield "\ufeff".encode() + _line(title.say(language) for title, _ in _COLUMNS)
    for each in disturbances:
        yield _line(_cell(value(each)) for _, value in _COLUMNS)


def moment(time: float) -> str:
    """RFC 3339, to the second, UTC."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ground(disturbance: Disturbance) -> tuple[tuple[Text, str | float | None], ...]:
    """What there is to tell of it, heading and value, in order; None where it is not known."""
    return tuple((title, value(disturbance)) for title, value in _COLUMNS)


def middle(outline: Sequence[Corner]) -> Corner | None:
    """Longitude and latitude of the middle of its corners."""
    if not outline:
        return None
    lon, lat = (sum(values) / len(outline) for values in zip(*outline, strict=True))
    return round(lon, _DIGITS), round(lat, _DIGITS)


def _turn(corners: Sequence[Corner]) -> float:
    """Twice the area, degrees squared: positive counter-clockwise. About the first corner, to keep the digits."""
    (x0, y0), total = corners[0], 0.0
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        total += (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    return total


def _feature(each: Disturbance) -> dict[str, object]:
    change, place = each.change, each.change.place
    return {
        "type": "Feature",
        "id": each.event_id,
        "geometry": geometry(place.outline) if place is not None else None,
        "properties": {
            "camera": each.camera,
            "severity": each.severity.value,
            "since": moment(each.since),
            "time": moment(each.time),
            "ended": each.ended,
            "confidence": round(change.confidence, 3),
            "machine": change.machine,
            "growth_m2_per_hour": _rounded(change.growth_m2_per_hour, 1),
            "reference": {"taken": moment(change.reference.taken), "sha256": change.reference.sha256},
            **(_placed(place) if place is not None else {}),
        },
    }


def _placed(place: Place) -> dict[str, object]:
    return {
        "sigma_m": _rounded(place.sigma_m, 2),
        "area_m2": _rounded(place.area_m2, 1),
        "area_sigma_m2": _rounded(place.area_sigma_m2, 1),
        "area_withheld": {"en": place.withheld.en, "zh": place.withheld.zh} if place.withheld else None,
        "parcels": [
            {
                "layer": each.layer,
                "key": each.key,
                "name": each.name,
                "area_m2": _rounded(each.area_m2, 1),
                "share": round(each.share, 4),
            }
            for each in place.overlaps
        ]
        if place.overlaps is not None
        else None,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


Value = str | float | None


def _from_place(value: Callable[[Place], Value]) -> Callable[[Disturbance], Value]:
    return lambda each: value(each.change.place) if each.change.place is not None else None


def _parcels(place: Place) -> str | None:
    """A dash where it touches none; None where nobody could look."""
    if place.overlaps is None:
        return None
    named = "; ".join(
        f"{each.layer} {each.key}{f' {each.name}' if each.name else ''}"
        f"{f' {each.area_m2:.0f} m2' if each.area_m2 is not None else ''}"
        for each in place.overlaps
    )
    return named or "—"


def _withheld(place: Place) -> str | None:
    return f"{place.withheld.zh} / {place.withheld.en}" if place.withheld is not None else None


_COLUMNS: tuple[tuple[Text, Callable[[Disturbance], Value]], ...] = (
    (Text("event", "事件编号"), lambda each: each.event_id),
    (Text("camera", "摄像机"), lambda each: each.camera),
    (Text("severity", "级别"), lambda each: each.severity.value),
    (Text("first seen (UTC)", "首次发现（UTC）"), lambda each: moment(each.since)),
    (Text("last seen (UTC)", "最近一次（UTC）"), lambda each: moment(each.time)),
    (Text("over", "已结束"), lambda each: int(each.ended)),
    (Text("longitude", "经度"), _from_place(lambda place: (middle(place.outline) or (None, None))[0])),
    (Text("latitude", "纬度"), _from_place(lambda place: (middle(place.outline) or (None, None))[1])),
    (Text("position sigma, m", "位置误差（米，1σ）"), _from_place(lambda place: round(place.sigma_m, 2))),
    (Text("area, m2", "面积（平方米）"), _from_place(lambda place: _rounded(place.area_m2, 1))),
    (
        Text("area sigma, m2", "面积误差（平方米，1σ）"),
        _from_place(lambda place: _rounded(place.area_sigma_m2, 1)),
    ),
    (Text("why no area", "未给出面积的原因"), _from_place(_withheld)),
    (Text("growth, m2/h", "增长（平方米/小时）"), lambda each: _rounded(each.change.growth_m2_per_hour, 1)),
    (Text("confidence", "置信度"), lambda each: round(each.change.confidence, 3)),
    (Text("machine at work", "有机械作业"), lambda each: int(each.change.machine)),
    (Text("parcels", "涉及地块"), _from_place(_parcels)),
    (Text("reference taken (UTC)", "参考图时间（UTC）"), lambda each: moment(each.change.reference.taken)),
    (Text("reference sha256", "参考图 sha256"), lambda each: each.change.reference.sha256),
)


def _cell(value: Value) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    return f"'{value}" if value.startswith(_FORMULA) else value


def _line(cells: Iterable[str]) -> bytes:
    quoted = ('"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\r\n') else cell for cell in cells)
    return (",".join(quoted) + "\r\n").encode()
