"""sandwatch doctor."""

from pathlib import Path
from typing import Annotated

import typer

from edge import language


def doctor(
    config: Annotated[Path, typer.Option("--config", "-c", help="The site file.")] = Path(
        "/etc/sandwatch/site.yaml"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Examine this box and its site: clock, disk, brokers, cameras, model, devices, permissions. 1 where one fails."""
    from edge import logs
    from edge.doctor import say
    from edge.doctor.examination import Line, code, examine
    from edge.doctor.question import Box

    logs.configure("error")
    spoken = language.chosen()
    lines: list[Line] = []
    for line in examine(Box.of(config)):
        lines.append(line)
        if not as_json:
            typer.echo(say.line(line, spoken))
    typer.echo(say.as_json(lines) if as_json else say.summary(lines, spoken))
    raise typer.Exit(code(lines))
