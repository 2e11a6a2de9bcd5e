"""sandwatch survey ...: pictures from drones and patrol vehicles, put on the ground."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import sayable

if TYPE_CHECKING:  # NumPy, OpenCV and what reads files are loaded by the command that needs them
    import numpy as np
    from numpy.typing import NDArray

    from edge.survey_files import Given, Picture

app = typer.Typer(
    help="Pictures from above: how large an area is, what changed between two flights, what a picture shows.\n\n"
    "A picture needs its pose beside it: PICTURE.json in the words of an event's pose; a clip its .SRT.",
    no_args_is_help=True,
)

Fov = Annotated[
    float | None,
    typer.Option(min=1, max=170, help="Horizontal field of view, degrees, where the telemetry tells none."),
]
Ground = Annotated[float | None, typer.Option(help="Height of level ground above sea level, m.")]
Takeoff = Annotated[float | None, typer.Option(help="Height of the take-off above sea level, m.")]
Geoid = Annotated[
    float | None, typer.Option(help="Height of sea level above the ellipsoid here, m (EGM2008).")
]
Datum = Annotated[
    str | None, typer.Option(help="What an undeclared height counts from: takeoff, msl, wgs84_ellipsoid.")
]
Heights = Annotated[Path | None, typer.Option(help="A GeoTIFF of heights above sea level.")]
Rtk = Annotated[bool, typer.Option("--rtk", help="Positions come from RTK: centimetres instead of metres.")]
PoseFile = Annotated[Path | None, typer.Option(help="The pose or the .SRT, where it is not beside.")]
Zone = Annotated[str, typer.Option(help="Time zone of the drone's clock.")]
Layer = Annotated[
    Path | None, typer.Option(help="Parcels (GeoJSON or Shapefile): which are touched, and how much of each.")
]
Crs = Annotated[str | None, typer.Option(help="The parcels' reference system; default: the file's own.")]
Out = Annotated[Path | None, typer.Option(help="Write it for maps: .geojson, .kml or .csv.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]


@app.command()
def area(
    pictures: Annotated[list[str], typer.Argument(help="A picture, or CLIP@SECONDS; several of one orbit.")],
    outline: Annotated[
        list[str],
        typer.Option(help='Its corners "x,y x,y x,y ...", px or 0 to 1; or a JSON file. One per picture.'),
    ],
    relief: Annotated[float, typer.Option(min=0, help="How high a heap inside may be, m.")] = 0.0,
    fov: Fov = None,
    ground: Ground = None,
    takeoff: Takeoff = None,
    geoid: Geoid = None,
    datum: Datum = None,
    elevation: Heights = None,
    rtk: Rtk = False,
    pose: PoseFile = None,
    zone: Zone = "Asia/Shanghai",
    parcels: Layer = None,
    crs: Crs = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """How large an occupied area is that you outline in a picture, or in several of a short orbit."""
    from edge import survey_say as say
    from edge import survey_work as work

    corners, spoken = [_corners(each) for each in outline], language.chosen()
    given = _given(fov, (ground, takeoff, geoid), datum, elevation, rtk, pose, zone)
    _check(out)
    with sayable(spoken):
        taken = work.placed(pictures, given)
        layers = work.parcels(parcels, crs, taken[0].place.frame)
        survey = work.measured(taken, corners, relief, layers)
        if out is not None:
            say.written(out, [work.occupation(survey, taken[0])], spoken)
        lines = [say.as_json(say.area_json(survey, taken))] if as_json else None
        for line in lines or [each.say(spoken) for each in say.area(survey, taken)]:
            typer.echo(line)
    raise typer.Exit(0 if survey.place.area_m2 is not None else 1)


@app.command()
def compare(
    before: Annotated[
        str, typer.Argument(help="A picture, a clip, CLIP@SECONDS or an orthophoto (GeoTIFF).")
    ],
    after: Annotated[str, typer.Argument(help="The same, of later.")],
    least: Annotated[float, typer.Option(min=1, help="The smallest patch that is told, m².")] = 20.0,
    vehicles: Annotated[bool, typer.Option("--vehicles", help="Leave out what our detector finds.")] = False,
    fov: Fov = None,
    ground: Ground = None,
    takeoff: Takeoff = None,
    geoid: Geoid = None,
    datum: Datum = None,
    elevation: Heights = None,
    rtk: Rtk = False,
    zone: Zone = "Asia/Shanghai",
    parcels: Layer = None,
    crs: Crs = None,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """What ground changed between two flights, or between an orthophoto and a flight: outlines, m², parcels."""
    from edge import survey_say as say
    from edge import survey_work as work

    spoken = language.chosen()
    given = _given(fov, (ground, takeoff, geoid), datum, elevation, rtk, None, zone)
    _check(out)
    with sayable(spoken):
        result = work.compare(
            before,
            after,
            given,
            least_m2=least,
            occupied=_detector() if vehicles else None,
            cadastre=lambda frame: work.parcels(parcels, crs, frame),
        )
        if out is not None:
            say.written(out, work.disturbances(result), spoken)
        lines = [say.as_json(say.comparison_json(result))] if as_json else None
        for line in lines or [each.say(spoken) for each in say.comparison(result)]:
            typer.echo(line)


@app.command()
def footprint(
    picture: Annotated[str, typer.Argument(help="A picture, CLIP@SECONDS, or a clip (every 2 s).")],
    fov: Fov = None,
    ground: Ground = None,
    takeoff: Takeoff = None,
    geoid: Geoid = None,
    datum: Datum = None,
    elevation: Heights = None,
    pose: PoseFile = None,
    zone: Zone = "Asia/Shanghai",
    out: Annotated[Path | None, typer.Option(help="Write it as .geojson.")] = None,
    as_json: Json = False,
) -> None:
    """What ground a picture shows, longitude and latitude."""
    from edge import survey_say as say
    from edge.survey_files import Shot, shots

    spoken = language.chosen()
    given = _given(fov, (ground, takeoff, geoid), datum, elevation, False, pose, zone)
    with sayable(spoken):
        seen = list(shots(picture, given, None, 2.0))
        told = say.footprints_json(seen)
        if out is not None:
            say.stored(out, [json.dumps(told, ensure_ascii=False).encode()])
        for line in [say.as_json(told)] if as_json else [each.say(spoken) for each in say.footprints(seen)]:
            typer.echo(line)
    raise typer.Exit(0 if any(isinstance(each, Shot) for each in seen) else 1)


def _given(
    fov: float | None,
    heights: tuple[float | None, float | None, float | None],
    datum: str | None,
    elevation: Path | None,
    rtk: bool,
    pose: Path | None,
    zone: str,
) -> "Given":
    from edge.survey_files import Given

    msl, takeoff, geoid = heights
    match datum or "unknown":
        case "unknown" | "takeoff" | "msl" | "wgs84_ellipsoid" as known:
            return Given(fov, msl, geoid, takeoff, known, elevation, rtk, pose, zone)
        case _:
            raise typer.BadParameter("--datum: takeoff, msl or wgs84_ellipsoid")


def _corners(text: str) -> "NDArray[np.float64]":
    """float64 [N, 2]."""
    import numpy as np

    try:
        if text.endswith(".json"):
            read = json.loads(Path(text).read_text("utf-8"))
        else:
            numbers = [float(part) for part in re.split(r"[,，;\s]+", text.strip())]
            read = list(zip(numbers[::2], numbers[1::2], strict=True))
        found = np.array(read, np.float64)
    except (OSError, ValueError, TypeError) as error:
        raise typer.BadParameter('--outline "x,y x,y x,y ..." or a JSON file [[x, y], ...]') from error
    if found.ndim != 2 or found.shape[1] != 2:
        raise typer.BadParameter('--outline "x,y x,y x,y ...": pairs of numbers')
    return found


def _check(out: Path | None) -> None:
    if out is not None and out.suffix.lower() not in (".geojson", ".json", ".kml", ".csv"):
        raise typer.BadParameter("--out: .geojson, .kml or .csv")


def _detector() -> "Callable[[Picture], NDArray[np.float32]]":
    """Ours, as `sandwatch replay` uses it."""
    from functools import partial

    from edge.plan import model_for
    from inference.survey.vehicles import occupied
    from streams import kinds

    module = kinds.load("inference.detectors", "onnx")
    spec = module.Spec()
    return partial(occupied, module.build(spec, model_for(spec), 0))
