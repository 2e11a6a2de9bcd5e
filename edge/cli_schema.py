"""sandwatch schema: what the messages and the site file look like, for machines."""

from pathlib import Path
from typing import Annotated

import typer

from edge import language


def schema(
    name: Annotated[
        str | None, typer.Argument(help="event, case-down, site, asyncapi ...; left out: their names.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write all of them into this folder.")
    ] = None,
) -> None:
    """Print a JSON Schema or the AsyncAPI document, or write all of them."""
    from edge.schema import generate

    if out is not None:
        try:
            for path in generate.write(out):
                typer.echo(str(path))
        except OSError as error:
            typer.echo(f"{out}: {error.strerror}", err=True)
            raise typer.Exit(1) from None
    elif name is None:
        typer.echo("\n".join(generate.names()))
    elif name not in generate.names():
        known = ", ".join(generate.names())
        zh = language.chosen() == "zh"
        typer.echo(f"没有 {name}；可用：{known}" if zh else f"there is no {name}; known: {known}", err=True)
        raise typer.Exit(2)
    else:
        typer.echo(generate.text(name), nl=False)
