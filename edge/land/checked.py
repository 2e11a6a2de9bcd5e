"""What a site file says of the ground, tried out: files of parcels, points given in longitude and latitude, heights.

`sandwatch check` alone does this: it loads what the daemon's main process must not. A worker that meets the same
troubles goes on without the places, and says so.
"""

from collections.abc import Iterator

from edge.plan import layers_of, site_folder
from edge.settings.finding import DocumentPath, Finding, Level
from edge.settings.ground import grounds, pairs
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from inference.terrain.calibration import calibrated
from inference.terrain.points import GroundRefused, misplaced
from inference.terrain.surface import Surface
from streams.problem import Text

_NAMED = 20  # parcels that are named one by one


def trials(loaded: Loaded) -> Iterator[Finding]:
    """Every error and warning."""
    yield from _parcels(loaded)
    for number, stream in enumerate(loaded.site.streams):
        yield from _ground(loaded, ("streams", number), stream)


def _parcels(loaded: Loaded) -> Iterator[Finding]:
    if not loaded.site.parcels:
        return
    from inference.geodesy.flaws import ParcelsRefused  # noqa: PLC0415 (heavy, and most sites have none)
    from inference.geodesy.parcels import Parcels  # noqa: PLC0415

    position = loaded.site.site.position
    for number, spec in enumerate(layers_of(loaded.site, site_folder(loaded))):
        path: DocumentPath = ("parcels", number, "file")
        if position is None:
            yield loaded.finding(path, _NO_POSITION)
            continue
        try:
            notes, level = Parcels.load(spec, near=position).findings, Level.WARNING
        except ParcelsRefused as refused:
            yield loaded.finding(path, Text(refused.problem.say("en"), refused.problem.say("zh")))
            continue
        for note in notes[:_NAMED]:
            yield loaded.finding(path, note.what, level)


def _ground(loaded: Loaded, path: DocumentPath, stream: StreamSettings) -> Iterator[Finding]:
    position = loaded.site.site.position
    surface: Surface | None = None
    if stream.elevation is not None:
        try:
            surface = _heights(loaded, stream)
        except GroundRefused as refused:
            yield loaded.finding((*path, "elevation"), refused.text)
            return
    for held in grounds(stream.ground).values():
        degrees = [point.lonlat for point in held if point.lonlat is not None]
        try:
            if (text := misplaced(degrees, position)) is not None:
                raise GroundRefused(text)
            calibrated(pairs(held, position), surface=surface)
        except GroundRefused as refused:
            place = stream.ground.index(held[refused.suspects[0] if refused.suspects else 0])
            yield loaded.finding((*path, "ground", place), refused.text)


def _heights(loaded: Loaded, stream: StreamSettings) -> Surface:
    """Raises GroundRefused."""
    from inference.geodesy.frame import LocalFrame  # noqa: PLC0415 (heavy)
    from inference.terrain.dem import Elevation, ElevationRefused  # noqa: PLC0415

    position = loaded.site.site.position
    if position is None:
        raise GroundRefused(_NO_POSITION)
    assert stream.elevation is not None
    try:
        return Elevation.read(site_folder(loaded) / stream.elevation, LocalFrame(*position).degrees)
    except ElevationRefused as refused:
        raise GroundRefused(refused.text) from None


_NO_POSITION = Text(
    "needs site.position: latitude and longitude of the site, to six decimals",
    "需要填写 site.position：站点的纬度、经度，精确到小数点后六位",
)
