"""sandwatch land ...: the ground that this box watches."""

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import sayable

if TYPE_CHECKING:
    from edge.land.orders import Order

app = typer.Typer(
    help="Disturbed ground: list it, date the references, allow what is known, export.", no_args_is_help=True
)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The site file; it says where the box keeps things.")
]
Storage = Annotated[
    Path | None, typer.Option(help="That folder itself, where there is no site file to read.")
]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Camera = Annotated[str, typer.Argument(help="The stream's name.")]
Preset = Annotated[str | None, typer.Option(help="One view of a camera that turns; default: all of them.")]
Wait = Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait for the gateway's answer.")]

SITE = Path("/etc/sandwatch/site.yaml")


class Format(StrEnum):
    GEOJSON = "geojson"
    KML = "kml"
    CSV = "csv"


@app.command("list")
def listing(
    camera: Annotated[str | None, typer.Argument(help="One stream; default: all.")] = None,
    config: Config = SITE,
    storage: Storage = None,
    as_json: Json = False,
) -> None:
    """Every view, whether it judges, and the disturbances that are open there: age, area, parcels."""
    from edge.land import say
    from edge.land.desk import storage_of
    from edge.land.problems import readable
    from edge.land.records import records

    spoken = language.chosen()
    with sayable(spoken), readable():
        found = list(records(storage_of(config, storage), camera))
        now = datetime.now(UTC).timestamp()
        typer.echo(say.as_json(found) if as_json else say.listing(found, now, spoken))


@app.command()
def freeze(
    camera: Camera,
    preset: Preset = None,
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """Date the references now: what the camera has seen until now is what the ground is compared with."""
    from edge.land.orders import Freeze

    _order(camera, Freeze(preset=preset), config, storage, wait, as_json)


@app.command()
def allow(
    event_id: Annotated[str, typer.Argument(help="Of the disturbance, as the list and the event tell it.")],
    until: Annotated[datetime, typer.Option(help="From when on it counts again, local time.")],
    note: Annotated[str, typer.Option(help="Whose it is, and by what paper.")] = "",
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """Known and allowed until a date: its event ends, and only what grows beyond it is told again."""
    from edge.land.desk import camera_of, storage_of
    from edge.land.orders import Allow
    from edge.land.problems import readable

    with sayable(language.chosen()), readable():
        folder = storage_of(config, storage)
        camera = camera_of(folder, event_id)
    _order(
        camera, Allow(event_id=event_id, until=until.timestamp(), note=note), config, folder, wait, as_json
    )


@app.command()
def forget(
    camera: Camera,
    preset: Preset = None,
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """Begin anew after a camera was moved or exchanged: its references go, its open disturbances end."""
    from edge.land.orders import Forget

    _order(camera, Forget(preset=preset), config, storage, wait, as_json)


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", "-f", help="What is to read it.")] = Format.GEOJSON,
    camera: Annotated[str | None, typer.Option(help="One stream; default: all.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only what was there at or after this time.")] = None,
    out: Annotated[Path | None, typer.Option(help="A file; default: standard output.")] = None,
    config: Config = SITE,
    storage: Storage = None,
) -> None:
    """Every disturbance there was, as its last message told it."""
    from edge.land.desk import storage_of
    from edge.land.problems import readable, writable
    from edge.land.records import disturbances
    from inference.geodesy.export import csv, geojson
    from inference.geodesy.kml import kml

    spoken = language.chosen()
    with sayable(spoken), readable():
        start = since.timestamp() if since else None
        found = sorted(disturbances(storage_of(config, storage), camera, start), key=lambda each: each.since)
        pieces = {
            Format.GEOJSON: lambda: geojson(found),
            Format.KML: lambda: kml(found, spoken),
            Format.CSV: lambda: csv(found, spoken),
        }[form]()
        if out is None:
            sys.stdout.buffer.writelines(pieces)
            return
        with writable(out), out.open("wb") as file:
            file.writelines(pieces)


def _order(
    camera: str, order: "Order", config: Path, storage: Path | None, wait: float, as_json: bool
) -> None:
    from edge.land.desk import ask, storage_of

    spoken = language.chosen()
    with sayable(spoken):
        answer = ask(storage_of(config, storage), camera, order, wait)
    text = answer.text.zh if spoken == "zh" else answer.text.en
    typer.echo(answer.model_dump_json() if as_json else text)
    raise typer.Exit(0 if answer.done else 1)
