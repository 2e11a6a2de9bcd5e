"""sandwatch evidence ...: what this box recorded, handed over and checked.

Exit codes of `verify`: 0 everything is as it was entered; 1 something is not; 3 it cannot be read at all.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import sayable

if TYPE_CHECKING:
    from edge.evidence.choosing import Wanted
    from edge.evidence.report import Pins
    from edge.evidence.signing import PrivateKey
    from edge.settings.model import Site

app = typer.Typer(help="Evidence: export a case, verify a bundle, the device's key.", no_args_is_help=True)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The site file; it says where the box keeps things.")
]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]

SITE = Path("/etc/sandwatch/site.yaml")
CHANGED, UNREADABLE = 1, 3


@app.command()
def export(
    case: Annotated[list[str] | None, typer.Argument(help="Event ids of the cases.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", help="Instead: all that was entered from this time on.")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Until then; local time.")] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="A new file NAME.zip, or a new folder.")] = Path(
        "evidence.zip"
    ),
    talk: Annotated[bool, typer.Option(help="Also what was said while the cases were open.")] = False,
    config: Config = SITE,
) -> None:
    """One bundle that proves itself: files, entries, keys, time-stamps, and a page to read."""
    from importlib.metadata import version

    from edge.evidence.choosing import Wanted
    from edge.evidence.export import Maker
    from edge.evidence.opening import FILE
    from edge.evidence.reading import ChainReader
    from edge.settings.loader import load

    if bool(case) == bool(since or until):
        raise typer.BadParameter("give event ids, or --from and --to")
    spoken = language.chosen()
    with sayable(spoken):
        site = load(config).site
        now = datetime.now(UTC).timestamp()
        ca = site.evidence.tsa.ca_file if site.evidence.tsa else None
        maker = Maker(site.storage.path, _key(site), ca, f"sandwatch {version('sandwatch')}", now)
        span = (since.timestamp() if since else 0.0, until.timestamp() if until else now)
        wanted = Wanted(tuple(case)) if case else Wanted((), *span)
        with ChainReader(site.storage.path / FILE) as reader:
            made = maker.export(reader, _with_talk(wanted, talk), out)
    for name in made.missing:
        typer.echo({"zh": f"缺失：{name}"}.get(spoken, f"missing: {name}"), err=True)
    zh = f"{out}：{made.entries} 条记录，{made.files} 个文件"
    typer.echo(zh if spoken == "zh" else f"{out}: {made.entries} entries, {made.files} files")


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(help="A bundle (zip or folder), or a gateway's storage folder.")],
    key: Annotated[
        str | None, typer.Option(help="Fingerprint of the gateway's key, as the centre was told it.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="N:SHA256 of an entry that has to be there, as the centre was told.")
    ] = None,
    tsa_ca: Annotated[
        Path | None, typer.Option("--tsa-ca", help="PEM; instead of the one that lies in the bundle.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check offline; names what was changed, taken out, put in, moved, or signed by somebody else."""
    from edge.evidence import say
    from edge.evidence.verify import verify as audit
    from streams.problem import ProblemError

    pins = _pins(key, head, tsa_ca)
    spoken = language.chosen()
    try:
        found = audit(path, pins)
    except ProblemError as error:
        typer.echo(error.problem.say(spoken), err=True)
        raise typer.Exit(UNREADABLE) from None
    typer.echo(say.as_json(found) if as_json else say.report(found, spoken))
    raise typer.Exit(0 if found.unchanged else CHANGED)


@app.command()
def key(config: Config = SITE) -> None:
    """The public key that this box signs with: its fingerprint and its PEM, to be registered at the centre."""
    from edge.settings.loader import load

    with sayable(language.chosen()):
        public = _key(load(config).site).public
    typer.echo(f"{public.algorithm.value} {public.fingerprint}")
    typer.echo(public.pem.decode(), nl=False)


@app.command()
def rotate(config: Config = SITE) -> None:
    """Prepare a new key; the gateway takes it over at its next start, in an entry that both keys sign."""
    from edge.evidence.service import ring
    from edge.settings.loader import load

    spoken = language.chosen()
    with sayable(spoken):
        site = load(config).site
        if site.evidence.key is not None:
            raise typer.BadParameter("evidence.key is a secret of yours: replace that, and start the gateway")
        _key(site)
        fresh = ring(site.storage.path, site.evidence).prepare().public
    typer.echo(f"{fresh.algorithm.value} {fresh.fingerprint}")
    zh = "重启网关后生效"
    typer.echo(zh if spoken == "zh" else "in use when the gateway starts again")


def _key(site: "Site") -> "PrivateKey":
    """Raises KeyTrouble."""
    from edge.evidence.problems import key_unreadable
    from edge.evidence.service import ring

    found = ring(site.storage.path, site.evidence).current()
    if found is None:
        raise key_unreadable(str(site.storage.path / "device.key"), "it is not there")
    return found


def _with_talk(wanted: "Wanted", talk: bool) -> "Wanted":
    from dataclasses import replace

    return replace(wanted, talk=talk)


def _pins(key: str | None, head: str | None, ca: Path | None) -> "Pins":
    """Raises BadParameter."""
    from edge.evidence.report import Pins
    from edge.evidence.stamping import read_certificates

    digits = key.replace(":", "").replace(" ", "").lower() if key is not None else None
    if digits is not None and not re.fullmatch(r"[0-9a-f]{16,64}", digits):
        raise typer.BadParameter("--key takes 16 to 64 hexadecimal digits")
    anchor = re.fullmatch(r"(\d{1,15}):([0-9a-f]{64})", head.lower()) if head is not None else None
    if head is not None and anchor is None:
        raise typer.BadParameter("--head takes N:SHA256")
    try:
        roots = read_certificates(ca) if ca is not None else None
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--tsa-ca: {error}") from None
    return Pins(digits, (int(anchor[1]), anchor[2]) if anchor else None, roots)
