"""Where cameras' pixels lie on the ground: points tried out, and kept."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from edge.accounts.roles import Act, Asker
from edge.api.answers import nothing
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.parts import Parts
from edge.api.saving import save
from edge.api.siting import sited
from edge.ground.asking import asked
from edge.ground.words import Crs, Fit, Point, Pointed
from edge.plan import layers_of, site_folder
from edge.settings.edit import Value, edit, remove
from edge.settings.ground import GroundPoint, grounds
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from relay.http.refusals import HttpRefused
from streams.problem import Problem, Text

router = APIRouter(route_class=Guarded, tags=["ground"])

_POINTS: TypeAdapter[list[JsonValue]] = TypeAdapter(list[JsonValue])


class Trial(BaseModel):
    """Points of a camera, at a preset where it turns; aspect: of its picture, width by height; crs: of points in
    `grid`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    camera: Annotated[str, Field(min_length=1, max_length=64)]
    preset: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    points: Annotated[tuple[Point, ...], Field(max_length=100)]
    crs: Crs | None = None
    aspect: Annotated[float, Field(gt=0.2, lt=10, allow_inf_nan=False)] = 16 / 9


@router.get(
    "/ground", openapi_extra=needs(Act.SETUP), summary="Points and parcels, as the site file has them."
)
async def ground(asker: Asks, box: Box) -> dict[str, JsonValue]:
    """position: latitude and longitude of the site."""
    site = (await sited(box)).site
    cameras: list[JsonValue] = [_camera(each) for each in site.streams if asker.sees(each.name)]
    parcels: list[JsonValue] = [
        {"layer": each.layer, "severity": each.severity.value, "crs": each.crs} for each in site.parcels
    ]
    place: list[JsonValue] | None = [*site.site.position] if site.site.position else None
    return {"position": place, "cameras": cameras, "parcels": parcels}


@router.post("/ground/fit", openapi_extra=needs(Act.SETUP), summary="How well points fix a camera's ground.")
async def fit(trial: Trial, asker: Asks, box: Box) -> dict[str, JsonValue]:
    """As `sandwatch calibrate --json`, the points as they would be kept (`points`), how sure places are over the picture
    (`sure`, rows of `columns` from the top left), and the site's parcels as lines in the picture (`parcels`)."""
    return await _fitted(box, asker, trial)


@router.post(
    "/ground/points",
    openapi_extra=needs(Act.SETUP),
    status_code=204,
    summary="Keep a camera's points; none: forget them.",
)
async def keep(trial: Trial, asker: Asks, box: Box) -> None:
    """422 where they fix no ground: in the words of `fit`."""
    points: tuple[Point, ...] = ()
    if trial.points:
        found = await _fitted(box, asker, trial)
        if (why := found.get("refused")) is not None:
            raise HttpRefused(422, _unfit(why))
        points = tuple(Point.model_validate(each) for each in _POINTS.validate_python(found["points"]))
    await save(box, asker, lambda loaded, text: _kept(loaded, text, trial, points))


async def _fitted(box: Parts, asker: Asker, trial: Trial) -> dict[str, JsonValue]:
    loaded = await sited(box)
    _, stream = _stream(loaded, trial.camera, asker)
    folder = site_folder(loaded)
    heights = folder / stream.elevation if stream.elevation else None
    camera = Pointed(name=trial.camera, points=trial.points, elevation=heights, aspect=trial.aspect)
    layers = layers_of(loaded.site, folder)
    async with box.measuring:
        return await asked(
            Fit(camera=camera, crs=trial.crs, position=loaded.site.site.position, layers=layers)
        )


def _stream(loaded: Loaded, name: str, asker: Asker | None = None) -> tuple[int, StreamSettings]:
    """And its place in the file. Raises HttpRefused."""
    for number, stream in enumerate(loaded.site.streams):
        if stream.name == name and (asker is None or asker.sees(name)):
            return number, stream
    raise nothing(Text("there is no such camera", "没有该摄像机"))


def _kept(loaded: Loaded, text: str, trial: Trial, points: tuple[Point, ...]) -> str:
    """Those of other presets stay, and come first or last as they were."""
    number, stream = _stream(loaded, trial.camera)
    others = [point for point in stream.ground if point.preset != trial.preset]
    told = [*map(_told, others), *(_told(_settled(point, trial.preset)) for point in points)]
    path = ("streams", number, "ground")
    if told:
        return edit(text, path, told)
    return remove(text, path) if stream.ground else text


def _settled(point: Point, preset: str | None) -> GroundPoint:
    return GroundPoint(**point.model_dump(exclude={"grid"}), preset=preset)


def _told(point: GroundPoint) -> Value:
    found: dict[str, Value] = point.model_dump(mode="json", exclude_none=True)
    return found


def _camera(stream: StreamSettings) -> JsonValue:
    held = grounds(stream.ground)
    return {
        "name": stream.name,
        "title": stream.title,
        "presets": [*stream.presets],
        "heights": stream.elevation is not None,
        "points": [
            {"preset": preset, "points": [each.model_dump(mode="json", exclude_none=True) for each in points]}
            for preset, points in held.items()
        ],
    }


def _unfit(why: JsonValue) -> Problem:
    assert isinstance(why, dict)
    do = Text("mend the points, then keep them", "请修正标定点后再保存")
    return Problem("ground.unfit", Text(str(why["en"]), str(why["zh"])), do)
