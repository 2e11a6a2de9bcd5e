"""sandwatch parcels ...: the parcels that disturbances are told by."""

import json
from pathlib import Path
from typing import Annotated

import typer

from edge import language
from inference.geodesy.layer import LayerSpec

app = typer.Typer(help="Parcel files: what is in them, and what is wrong with them.", no_args_is_help=True)

Place = tuple[float, float]


@app.callback()
def parcels() -> None:
    """Keeps `check` a command of its own, while it is the only one."""


def _place(text: str | None) -> Place | None:
    if text is None:
        return None
    try:
        lat, lon = (float(part) for part in text.replace("，", ",").split(","))
    except ValueError as error:
        raise typer.BadParameter("--near LATITUDE,LONGITUDE: 39.9042,116.4074") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise typer.BadParameter("--near: latitude first, -90 to 90; then longitude, -180 to 180")
    return lat, lon


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="GeoJSON (.geojson, .json) or Shapefile (.shp).")],
    crs: Annotated[
        str | None,
        typer.Option(help="Its reference system: EPSG:4490, EPSG:4547, GCJ-02 ...; default: its own."),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="What events call it; default: the file's name.")] = None,
    near: Annotated[
        str | None,
        typer.Option(metavar="LAT,LON", help="Where the site is: parcels far from it are named."),
    ] = None,
    key: Annotated[str | None, typer.Option("--id", help="The attribute that is a parcel's id.")] = None,
    label: Annotated[str | None, typer.Option("--name", help="The attribute that is its name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines, with every finding.")] = False,
) -> None:
    """Check a file of parcels: how many, how large, where, and every bad feature with what to do."""
    from edge import parcels_check

    spec = LayerSpec(name=(layer or file.stem)[:64], file=file, crs=crs, key=key, label=label)
    place = _place(near)
    result = parcels_check.checked(spec, place)
    if as_json:
        typer.echo(json.dumps(parcels_check.as_json(result), ensure_ascii=False, indent=2))
    else:
        for line in parcels_check.report(result, language.chosen(), near=place is not None):
            typer.echo(line)
    raise typer.Exit(0 if result.fit else 1)
