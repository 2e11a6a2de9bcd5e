"""How far above the ground a camera is, by whatever its height is told from. Pure."""

from dataclasses import dataclass

from inference.survey.refusal import (
    NO_GEOID,
    NO_GROUND,
    NO_HEIGHT,
    NO_TAKEOFF,
    UNKNOWN_DATUM,
    NotPlaced,
)
from inference.terrain.surface import Flat, Surface
from streams.telemetry.pose import Datum, Heights


@dataclass(frozen=True, slots=True)
class Level:
    """What is known of the ground's height, m.

    msl: of flat ground above sea level. geoid: of sea level above the ellipsoid. takeoff: of the place of take-off
    above sea level. datum: what a height is taken from whose sender does not say. elevation: a model of the ground,
    above sea level; it stands for `msl`. sigma: 1 standard deviation of the ground's height, beside the camera's own.
    """

    msl: float | None = None
    geoid: float | None = None
    takeoff: float | None = None
    datum: Datum = "unknown"
    elevation: Surface | None = None
    sigma: float = 2.0  # a river bank and its flood plain beside a levee


def above(heights: Heights, level: Level) -> tuple[float, Surface]:
    """The camera's height, m, and the ground in the same measure.

    Without the ground's height, ground level with the place of take-off is assumed where heights are told from there.
    Raises NotPlaced where the height is told from something that the ground's is not known from.
    """
    told = _declared(heights, level.datum)
    if told.ellipsoid is None and told.msl is None and told.takeoff is None:
        raise NotPlaced(NO_HEIGHT if told.unknown is None else UNKNOWN_DATUM)
    ground = _ground(level)
    if ground is None:
        if told.takeoff is None:
            raise NotPlaced(NO_GROUND)
        return told.takeoff, Flat(0.0)
    return _above_sea(told, level), ground


def _ground(level: Level) -> Surface | None:
    if level.elevation is not None:
        return level.elevation
    return None if level.msl is None else Flat(level.msl)


def _above_sea(told: Heights, level: Level) -> float:
    if told.msl is not None:
        return told.msl
    if told.ellipsoid is not None and level.geoid is not None:
        return told.ellipsoid - level.geoid
    if told.takeoff is not None and level.takeoff is not None:
        return told.takeoff + level.takeoff
    raise NotPlaced(NO_TAKEOFF if told.takeoff is not None else NO_GEOID)


def _declared(heights: Heights, datum: Datum) -> Heights:
    """A height of unknown datum stands where the person says that it belongs, if nothing is told there."""
    told = heights.unknown
    match datum:
        case "wgs84_ellipsoid" if heights.ellipsoid is None:
            return Heights(told, heights.msl, heights.takeoff)
        case "msl" if heights.msl is None:
            return Heights(heights.ellipsoid, told, heights.takeoff)
        case "takeoff" if heights.takeoff is None:
            return Heights(heights.ellipsoid, heights.msl, told)
        case _:
            return heights
