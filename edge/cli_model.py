"""sandwatch model ...: what this box sees with."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from edge import language
from edge.errors import sayable

app = typer.Typer(help="The models on this box: list, pull, verify, bench, export.", no_args_is_help=True)

Site = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The site file; its detector says which model and where."),
]
Name = Annotated[str | None, typer.Argument(help="The model; without it the one of the site file, or ours.")]

Clip = Annotated[
    Path | None, typer.Option(help="A clip or a folder of pictures of this site; default: ours.")
]


@app.command("list")
def listing(config: Site = None) -> None:
    """Every model in the folders that are searched, and whether it is sound."""
    from edge.shelf import say
    from edge.shelf.listing import entries
    from edge.shelf.where import detector, folders

    spoken = language.chosen()
    with sayable(spoken):
        for line in say.shelf(entries(folders(detector(config))), spoken):
            typer.echo(line)


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="The model's name, as in NAME.yaml.")],
    sources: Annotated[
        list[str],
        typer.Option(
            "--from",
            envvar="SANDWATCH_MODEL_SOURCES",
            help="https URL of a folder, or a folder. Again for mirrors.",
        ),
    ],
    config: Site = None,
    into: Annotated[
        Path | None, typer.Option(help="Where to put it; default: where this site looks.")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="What its file must have, as you were told.")] = None,
    ca_file: Annotated[Path | None, typer.Option(help="Who signs the servers, if not a public one.")] = None,
) -> None:
    """Fetch a model by https or from a folder; nothing unverified is put in place."""
    from edge.shelf import say
    from edge.shelf.pull import Wanted
    from edge.shelf.pull import pull as fetch
    from edge.shelf.where import detector, own

    spoken = language.chosen()
    with sayable(spoken):
        folder = into or own(detector(config))
        model = asyncio.run(fetch(Wanted(name, sha256), sources, folder, ca_file))
        typer.echo(say.pulled(model).say(spoken))


@app.command()
def verify(name: Name = None, config: Site = None) -> None:
    """Check a model: its manifest, its hash, that it loads here, and that its answers fit its manifest."""
    from edge.shelf import say
    from edge.shelf.trial import trial

    spoken = language.chosen()
    with sayable(spoken):
        typer.echo(say.tried(trial(name, config)).say(spoken))


@app.command()
def bench(
    name: Name = None,
    config: Site = None,
    clip: Clip = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Run a model in every way this box can: how fast, and how many points of AP it costs against fp32."""
    from edge.shelf import say
    from edge.shelf.contest import contest

    spoken = language.chosen()
    with sayable(spoken):
        for measured in contest(name, config, clip, threads):
            typer.echo(say.measured(measured))


@app.command()
def export(
    name: Name = None,
    config: Site = None,
    clip: Clip = None,
    into: Annotated[
        Path | None, typer.Option(help="Where to put it; default: where this site looks.")
    ] = None,
) -> None:
    """Make the INT8 form of a model, for `kind: openvino` and `kind: auto`. Needs sandwatch[quantise]."""
    from edge.shelf import say
    from edge.shelf.contest import export as quantised

    spoken = language.chosen()
    with sayable(spoken):
        typer.echo(say.pulled(quantised(name, config, clip, into)).say(spoken))


@app.command()
def adopt(
    file: Annotated[
        Path, typer.Argument(help="An .onnx, or the .xml of an OpenVINO folder, that Ultralytics exported.")
    ],
    licence: Annotated[str, typer.Option(help="What it may be used under.")],
) -> None:
    """Write the manifest of a model of your own, from what its export says of itself."""
    from edge.shelf import say
    from edge.shelf.adopt import adopt as adopted

    spoken = language.chosen()
    with sayable(spoken):
        typer.echo(say.pulled(adopted(file, licence)).say(spoken))
