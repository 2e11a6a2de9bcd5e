"""Disturbances as KML 2.2 (OGC 07-147r2), for Google Earth and the maps of land offices. Pure, standard library only."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from inference.change import Corner
from inference.findings import Severity
from inference.geodesy.export import Disturbance, ground, moment, ring
from streams.problem import Language, Text

# aabbggrr
_COLOURS = {
    Severity.INFO: "ffbfbfbf",
    Severity.LOW: "ff00d7ff",
    Severity.MEDIUM: "ff0080ff",
    Severity.HIGH: "ff0000ff",
    Severity.CRITICAL: "ffff00ff",
}
_FILLED = "66"  # alpha of the inside: the picture below stays visible
_UNSAYABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_TITLE = Text("Land disturbance", "扰动图斑")


def kml(
    disturbances: Iterable[Disturbance], language: Language = "zh", title: str | None = None
) -> Iterator[bytes]:
    """UTF-8. What has no place on the ground has no shape, and is listed all the same."""
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    yield _told("name", title or _TITLE.say(language))
    for severity, colour in _COLOURS.items():
        yield _style(severity, colour)
    for each in disturbances:
        yield _placemark(each, language)
    yield b"</Document></kml>\n"


def _style(severity: Severity, colour: str) -> bytes:
    return (
        f'<Style id="{severity.value}"><LineStyle><color>{colour}</color><width>2</width></LineStyle>'
        f"<PolyStyle><color>{_FILLED}{colour[2:]}</color></PolyStyle></Style>\n"
    ).encode()


def _placemark(each: Disturbance, language: Language) -> bytes:
    """Its parts in the order that the schema wants."""
    place = each.change.place
    size = f" {place.area_m2:.0f} m²" if place is not None and place.area_m2 is not None else ""
    end = f"<end>{moment(each.time)}</end>" if each.ended else ""
    data = b"".join(
        f'<Data name="{_said(title.say(language), {chr(34): "&quot;"})}">'.encode()
        + _told("value", str(value))
        + b"</Data>"
        for title, value in ground(each)
        if value is not None
    )
    return b"".join(
        (
            b"<Placemark>",
            _told("name", f"{each.camera}{size}"),
            f"<TimeSpan><begin>{moment(each.since)}</begin>{end}</TimeSpan>".encode(),
            f"<styleUrl>#{each.severity.value}</styleUrl>".encode(),
            b"<ExtendedData>" + data + b"</ExtendedData>",
            _polygon(place.outline) if place is not None else b"",
            b"</Placemark>\n",
        )
    )


def _polygon(outline: tuple[Corner, ...]) -> bytes:
    corners = " ".join(f"{lon},{lat}" for lon, lat in ring(outline))
    if not corners:
        return b""
    return (
        "<Polygon><tessellate>1</tessellate><altitudeMode>clampToGround</altitudeMode><outerBoundaryIs><LinearRing>"
        f"<coordinates>{corners}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    ).encode()


def _told(tag: str, words: str) -> bytes:
    return f"<{tag}>{_said(words)}</{tag}>".encode()


def _said(words: str, more: dict[str, str] | None = None) -> str:
    return escape(_UNSAYABLE.sub("\ufffd", words), more or {})
