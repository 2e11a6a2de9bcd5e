"""sandwatch zones ...: what is drawn on a camera's picture."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import FAILED, sayable

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge.settings.finding import DocumentPath
    from edge.settings.loader import Loaded
    from edge.zones.outlines import Outline
    from streams.problem import Language

app = typer.Typer(
    help="Zones, lines and ignored areas: see, check, set and remove them.", no_args_is_help=True
)

Config = Annotated[Path, typer.Option("--config", "-c", help="The site file.")]
Camera = Annotated[str, typer.Argument(help="The stream's name.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
SITE = Path("/etc/sandwatch/site.yaml")


class Drawn(StrEnum):
    ZONE = "zone"
    LINE = "line"
    IGNORE = "ignore"
    WATCH = "watch"


What = Annotated[Drawn, typer.Option("--kind", "-k", help="What it is; watch: where land looks.")]


@app.command()
def show(
    camera: Camera,
    config: Config = SITE,
    picture: Annotated[
        Path | None, typer.Option(help="Draw in this picture; default: the camera's own.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write the drawing there (JPEG).")] = None,
    as_json: Json = False,
) -> None:
    """Everything drawn on a camera, its share of the picture and the rules that use it; with --out, as a picture."""
    from edge import logs
    from edge.settings.loader import load
    from edge.zones.outlines import outlines, stream_of

    spoken = language.chosen()
    logs.configure("error")
    with sayable(spoken):
        loaded = load(config)
        _, stream = stream_of(loaded, camera)
        found = outlines(stream)
        if out is not None:
            from edge.zones import seen
            from edge.zones.drawing import drawn

            ground = [point.pixel for point in stream.ground]
            seen.write(drawn(seen.picture(loaded, stream, picture), found, ground), out)
    if as_json:
        typer.echo(json.dumps([_told(each) for each in found], ensure_ascii=False))
    else:
        _table(found, spoken)


@app.command()
def check(
    camera: Annotated[str | None, typer.Argument(help="One stream; default: all.")] = None,
    config: Config = SITE,
    as_json: Json = False,
) -> None:
    """What is odd: too small, out of reach, ignored, beyond the horizon, used by no rule. Exit code 1 where anything is."""
    from edge.check import findings_as_json
    from edge.settings.loader import load
    from edge.zones.odd import odd
    from edge.zones.outlines import stream_of

    spoken = language.chosen()
    with sayable(spoken):
        loaded = load(config)
        named = [stream_of(loaded, camera)] if camera else list(enumerate(loaded.site.streams))
        found = [finding for number, stream in named for finding in odd(loaded, number, stream)]
    if as_json:
        typer.echo(findings_as_json(found))
    else:
        for finding in found:
            typer.echo(finding.say(spoken))
        count = sum(len(stream.zones) + len(stream.lines) for _, stream in named)
        done = {
            "en": f"{count} zones and lines, {len(found)} odd",
            "zh": f"{count} 个区域和线，{len(found)} 处异常",
        }
        none = {"en": "there are no zones or lines", "zh": "没有任何区域或线"}
        typer.echo((done if count else none)[spoken])
    raise typer.Exit(FAILED if found else 0)


@app.command("set")
def put(
    camera: Camera,
    name: Annotated[str, typer.Argument(help="Of the zone; it is made, or drawn anew.")],
    points: Annotated[list[str], typer.Argument(metavar="X,Y...", help="Shares of the picture: 0.25,0.5")],
    kind: What = Drawn.ZONE,
    config: Config = SITE,
) -> None:
    """Write a zone into the site file, whose comments and order stay; the old file is kept, dated.

    The new file is checked whole before. The gateway takes it up when it is started again.
    """
    from edge.settings.edit import edit

    corners = [_point(text) for text in points]
    _rewrite(camera, name, kind, config, lambda text, path: edit(text, path, corners))


@app.command()
def remove(
    camera: Camera,
    name: Annotated[str, typer.Argument(help="Of the zone.")],
    kind: What = Drawn.ZONE,
    config: Config = SITE,
) -> None:
    """Take a zone out of the site file; the old file is kept, dated. Refused while a rule names it."""
    from edge.settings.edit import remove as without

    _rewrite(camera, name, kind, config, without)


def _rewrite(
    camera: str, name: str, kind: Drawn, config: Path, write: "Callable[[str, DocumentPath], str]"
) -> None:
    from edge.zones.outlines import Kind, stream_of
    from edge.zones.writing import rewrite

    def change(loaded: "Loaded", text: str) -> str:
        number, _ = stream_of(loaded, camera)
        return write(text, ("streams", number, *Kind[kind.name].path, name))

    spoken = language.chosen()
    with sayable(spoken):
        kept = rewrite(config, change)
    said = {
        "en": f"{config} changed; as it was: {kept}; start the gateway again to use it",
        "zh": f"已更改 {config}；原文件：{kept}；重新启动网关后生效",
    }
    typer.echo(said[spoken])


def _point(text: str) -> list[float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no point: write two numbers from 0 to 1, as in 0.25,0.5"
        ) from None
    return [x, y]


def _told(each: "Outline") -> dict[str, object]:
    return {
        "kind": each.kind.name.lower(),
        "name": each.name,
        "points": each.points.tolist(),
        "share": round(each.share, 5),
        "rules": list(each.rules),
    }


def _table(found: "tuple[Outline, ...]", spoken: "Language") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    heads = {
        "en": ("#", "what", "name", "points", "share", "rules"),
        "zh": ("#", "类型", "名称", "点数", "占画面", "规则"),
    }
    table = Table(*heads[spoken])
    for number, each in enumerate(found, 1):
        share = f"{each.share:.1%}" if each.share else "-"
        row = (
            str(number),
            each.kind.name.lower(),
            each.name,
            str(len(each.points)),
            share,
            ", ".join(each.rules),
        )
        table.add_row(*map(Plain, row))
    Console(highlight=False).print(table)
