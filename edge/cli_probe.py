"""sandwatch probe: what a camera sends, measured, and what it means here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from edge import language
from edge.errors import EX_CONFIG, sayable

if TYPE_CHECKING:
    from pydantic import SecretStr

    from edge.probe.work import Probed, Step
    from streams.networks import Network
    from streams.problem import Language, Text

User = Annotated[str | None, typer.Option(help="The camera's user.")]
PasswordFrom = Annotated[
    str | None,
    typer.Option(
        metavar="ENV|FILE",
        help="Where its password is: an environment variable, a file, or - for standard input. "
        "Left out with --user, it is asked for.",
    ),
]
AllowNetwork = Annotated[
    list[str] | None,
    typer.Option(help="Where the camera may be, as allow_networks of a site file: for special addresses."),
]


def probe(
    url: Annotated[str, typer.Argument(help="rtsp://HOST:554/PATH without a password; - asks for it.")],
    user: User = None,
    password_from: PasswordFrom = None,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="How long to listen.")] = 10.0,
    transport: Annotated[Literal["tcp", "udp"], typer.Option(help="How pictures come.")] = "tcp",
    allow_network: AllowNetwork = None,
    onvif_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where it speaks ONVIF; 0: do not ask.")
    ] = 80,
    alone: Annotated[bool, typer.Option("--alone", help="Do not look for its other streams.")] = False,
    snapshot: Annotated[Path | None, typer.Option(help="Write a picture there (JPEG).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Open a camera once: codec, key frames, rates, losses, clock, other streams; what that means; what to paste.

    Exit codes: 0 measured, whatever was found; 1 the camera cannot be had; 2 wrong usage; 78 the address, a network
    or the password cannot be used.
    """
    from edge import logs
    from edge.probe.login import login
    from edge.probe.work import Request
    from edge.probe.work import probe as measure

    spoken = language.chosen()
    logs.configure("error")
    with sayable(spoken):
        address = _address(url, spoken)
        who = login(user, password_from, asked)
        wanted = Request(
            address, who, seconds, transport, networks(allow_network), onvif_port or None, not alone
        )
        with progress(spoken) as step:
            probed = measure(wanted, step)
        if snapshot is not None:
            _store(probed, snapshot)
    if as_json:
        from edge.probe.say import as_json as told

        typer.echo(told(probed))
    else:
        _print(probed, spoken)


def _address(url: str, spoken: "Language") -> "SecretStr":
    """Refused with a password in it: by now every user of the machine may have seen it."""
    from pydantic import SecretStr

    from streams.urls import has_password

    if url == "-":
        return SecretStr(typer.prompt("URL", hide_input=True, err=True).strip())
    try:
        open_one = has_password(SecretStr(url))
    except ValueError:
        open_one = False  # no address at all, which is said later
    if open_one:
        typer.echo(_OPEN[spoken], err=True)
        raise typer.Exit(EX_CONFIG)
    return SecretStr(url)


def asked() -> str:
    return str(typer.prompt("password", hide_input=True, default="", show_default=False, err=True))


def networks(texts: list[str] | None) -> "tuple[Network, ...]":
    from ipaddress import ip_network

    try:
        return tuple(ip_network(text) for text in texts or ())
    except ValueError:
        raise typer.BadParameter(
            "needs a network such as 192.168.1.0/24", param_hint="--allow-network"
        ) from None


@contextmanager
def progress(spoken: "Language") -> "Iterator[Step]":
    """A bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("")

        def step(what: "Text", done: float, whole: float) -> None:
            bars.update(bar, description=what.say(spoken), completed=done, total=whole)

        yield step


def _store(probed: "Probed", file: Path) -> None:
    from edge.probe.still import store

    store(probed.seen.first, file)


def _print(probed: "Probed", spoken: "Language") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    from edge.probe.pictures import blocks
    from edge.probe.say import conclusions, pasted, rows

    console = Console(highlight=False)
    table = Table(show_header=False)
    for name, value in rows(probed):
        table.add_row(Plain(name.say(spoken)), Plain(value if isinstance(value, str) else value.say(spoken)))
    if console.is_terminal and probed.seen.first is not None:
        for line in blocks(probed.seen.first, min(console.width, 80)):
            typer.echo(line)
    console.print(table)
    for text in conclusions(probed):
        typer.echo(text.say(spoken))
    typer.echo("\nstreams:\n" + pasted(probed), nl=False)


_OPEN = {
    "en": "the address holds a password, which every user of this machine can read from the list of processes; "
    "give --user and --password-from, or - instead of the address",
    "zh": "地址中含有密码，本机任何用户都能在进程列表中看到；请用 --user 和 --password-from，或以 - 代替地址",
}
