"""sandwatch discover: the cameras on the network, as a table and as a list of streams to paste."""

import asyncio
import errno
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge import language
from edge.cli_probe import AllowNetwork, PasswordFrom, User, asked, networks, progress
from edge.errors import FAILED, sayable

if TYPE_CHECKING:
    from edge.discover.work import Camera, Request
    from streams.problem import Language

_ONVIF_PORT = 3702  # WS-Discovery's


def discover(
    interface: Annotated[list[str] | None, typer.Option(help="Ask on this one; default: on all.")] = None,
    ask: Annotated[
        list[str] | None, typer.Option(metavar="HOST", help="Ask this address itself, beyond routers.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long to listen.")] = 3.0,
    user: User = None,
    password_from: PasswordFrom = None,
    allow_network: AllowNetwork = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the list of streams there (YAML).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Find cameras by ONVIF; with a login also their streams, as a list for a site file.

    The login goes, hashed, to every camera that answers. Exit codes: 0 cameras were found; 1 none, or the list
    cannot be written; 2 wrong usage; 78 the password cannot be used.
    """
    from edge import logs
    from edge.discover.work import Request, written
    from edge.probe.login import login

    spoken = language.chosen()
    logs.configure("error")
    hosts = tuple(_host(text) for text in ask or ())
    if out is not None and user is None:
        raise typer.BadParameter("streams are told to a login only: give --user", param_hint="--out")
    with sayable(spoken):
        who = login(user, password_from, asked)
        request = Request(seconds, tuple(interface or ()), hosts, who, networks(allow_network))
        found = _found(request, spoken)
        listed = written(found, who)
        if out is not None and listed:
            _store(out, listed)
    if as_json:
        typer.echo(json.dumps([_told(each) for each in found], ensure_ascii=False, indent=2))
    else:
        _print(found, spoken)
        if listed and out is None:
            typer.echo(f"\n{listed}", nl=False)
    raise typer.Exit(0 if found and (listed or out is None) else FAILED)


def _found(request: "Request", spoken: "Language") -> "tuple[Camera, ...]":
    from edge.discover.work import cameras
    from streams.problem import Text

    async def work() -> "tuple[Camera, ...]":
        with progress(spoken) as step:
            task = asyncio.create_task(cameras(request))
            listened = 0.0
            while not task.done():
                step(Text("listening", "正在搜索"), min(listened, request.seconds), request.seconds)
                await asyncio.wait([task], timeout=0.2)
                listened += 0.2
            return task.result()

    return asyncio.run(work())


def _host(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or ":" in host:
        return text, _ONVIF_PORT
    if not port.isdecimal():
        raise typer.BadParameter(f"{text!r} is no address", param_hint="--ask")
    return host, int(port)


def _store(out: Path, listed: str) -> None:
    """Not over a file that is there. Raises ProblemError."""
    from streams import whole
    from streams.problem import Problem, ProblemError, Text

    try:
        if out.exists():
            raise FileExistsError(errno.EEXIST, "it is there already")
        whole.write(out, listed.encode())
    except OSError as error:
        raise ProblemError(
            Problem(
                "discover.unwritten",
                Text(f"{out} is not written: {error.strerror}", f"未写入 {out}：{error.strerror}"),
                Text("choose another file", "请更换文件"),
            )
        ) from None


def _print(found: "tuple[Camera, ...]", spoken: "Language") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    from edge.discover.work import where

    heads = {"en": ("address", "name", "model", "streams"), "zh": ("地址", "名称", "型号", "码流")}
    table = Table(*heads[spoken], show_lines=True)
    for each in found:
        lines = [f"{one.name}: {where(one)}  {one.codec} {one.width}x{one.height}" for one in each.profiles]
        streams = each.problem.say(spoken) if each.problem else "\n".join(lines) or "-"
        row = (f"{each.found.host}:{each.port}", each.found.name, each.found.hardware, streams)
        table.add_row(*map(Plain, row))
    if found:
        Console(highlight=False).print(table)
    else:
        nobody = {
            "en": "no camera answered; is ONVIF switched on in them?",
            "zh": "没有摄像机应答；是否已启用 ONVIF？",
        }
        typer.echo(nobody[spoken])


def _told(each: "Camera") -> dict[str, Any]:
    from edge.discover.work import where

    return {
        "host": each.found.host,
        "port": each.port,
        "path": each.path,
        "name": each.found.name,
        "hardware": each.found.hardware,
        "location": each.found.location,
        "problem": each.problem.code if each.problem else None,
        "profiles": [
            {
                "name": one.name,
                "codec": one.codec,
                "width": one.width,
                "height": one.height,
                "fps": one.fps,
                "gop": one.gop,
                "ptz": one.ptz,
                "where": where(one),
            }
            for one in each.profiles
        ],
    }
