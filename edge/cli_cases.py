"""sandwatch cases ...: what was found, who answers to it, and what is overdue."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge import language
from edge.errors import sayable

if TYPE_CHECKING:
    from rich.table import Table

    from edge.cases.words import Said

app = typer.Typer(help="Cases: list them, see their course, and answer them at the box.")

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The site file; it says where the box keeps things.")
]
Storage = Annotated[
    Path | None, typer.Option(help="That folder itself, where there is no site file to read.")
]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Case = Annotated[str, typer.Argument(help="The case's event id, or its end as the list shows it.")]
By = Annotated[str | None, typer.Option(help="Who says so; default: the user who runs this.")]
Wait = Annotated[float, typer.Option(min=0, max=600, help="Seconds to wait for the gateway's answer.")]

SITE = Path("/etc/sandwatch/site.yaml")
_PIPED = 160  # columns where nobody's terminal says how many


@app.callback(invoke_without_command=True)
def listing(
    context: typer.Context,
    open_: Annotated[bool, typer.Option("--open", help="What still needs somebody (the default).")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Closed and evaluated ones too.")] = False,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only what should have been done by now.")
    ] = False,
    camera: Annotated[str | None, typer.Option(help="Of one stream only.")] = None,
    config: Config = SITE,
    storage: Storage = None,
    as_json: Json = False,
) -> None:
    """List the cases, the most urgent first."""
    if context.invoked_subcommand is not None:
        return
    from edge.cases import reading, say

    if open_ + all_ + overdue > 1:
        raise typer.BadParameter("one of --open, --all, --overdue")
    which = reading.Which.ALL if all_ else reading.Which.OVERDUE if overdue else reading.Which.OPEN
    spoken = language.chosen()
    with sayable(spoken):
        now = datetime.now(UTC).timestamp()
        found = reading.listing(_storage(config, storage), which, camera, now)
        if as_json:
            typer.echo(say.as_json(found, now))
        else:
            _print(say.table(found, now, spoken))


@app.command()
def show(case: Case, config: Config = SITE, storage: Storage = None, as_json: Json = False) -> None:
    """One case from its beginning: every step, who took it, and when."""
    from edge.cases import reading, say

    spoken = language.chosen()
    with sayable(spoken):
        now = datetime.now(UTC).timestamp()
        found = reading.find(_storage(config, storage), case)
        if as_json:
            typer.echo(say.found_as_json(found, now))
        else:
            _print(say.timeline(found, now, spoken))


@app.command()
def dispatch(
    case: Case,
    unit: Annotated[str, typer.Argument(help="Who is on the way.")],
    officer: Annotated[list[str] | None, typer.Option(help="By name; may be given several times.")] = None,
    deadline: Annotated[
        datetime | None, typer.Option(help="Until when it is to be closed, local time.")
    ] = None,
    remark: Annotated[str | None, typer.Option(help="What else is to be known.")] = None,
    by: By = None,
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """Somebody is on the way."""
    until = deadline.astimezone() if deadline else None
    told = {"unit": unit, "officers": officer or (), "deadline": until, "remark": remark}
    _say({"kind": "dispatched", **told}, case, by, config, storage, wait, as_json)


@app.command()
def close(
    case: Case,
    finding: Annotated[str, typer.Argument(help="What was found there.")],
    proof: Annotated[
        list[str] | None, typer.Option(help="What shows it; may be given several times.")
    ] = None,
    by: By = None,
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """It is over; a false alarm may be closed without anybody on the way."""
    told = {"finding": finding, "proof": proof or ()}
    _say({"kind": "closed", **told}, case, by, config, storage, wait, as_json)


@app.command()
def evaluate(
    case: Case,
    grade: Annotated[int, typer.Argument(min=1, max=5, help="5 very satisfied ... 1 very dissatisfied.")],
    remark: Annotated[str | None, typer.Option(help="Why.")] = None,
    by: By = None,
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """How a closed case was dealt with."""
    told = {"grade": grade, "remark": remark}
    _say({"kind": "evaluated", **told}, case, by, config, storage, wait, as_json)


@app.command()
def reopen(
    case: Case,
    remark: Annotated[str | None, typer.Option(help="Why.")] = None,
    by: By = None,
    config: Config = SITE,
    storage: Storage = None,
    wait: Wait = 20,
    as_json: Json = False,
) -> None:
    """It was not over."""
    _say({"kind": "reopened", "remark": remark}, case, by, config, storage, wait, as_json)


def _say(
    told: dict[str, Any],
    case: str,
    by: str | None,
    config: Path,
    storage: Path | None,
    wait: float,
    as_json: bool,
) -> None:
    """Leave it for the running gateway, and print what came of it."""
    from edge.cases import reading
    from edge.cases.requests import ask

    spoken = language.chosen()
    with sayable(spoken):
        folder = _storage(config, storage)
        event_id = reading.find(folder, case).case.event_id
        answer = ask(folder / reading.FILE, event_id, _word(told, by), wait)
    text = answer.text.zh if spoken == "zh" else answer.text.en
    typer.echo(answer.model_dump_json() if as_json else text, err=not (answer.done or as_json))
    raise typer.Exit(0 if answer.done else 1)


def _word(told: dict[str, Any], by: str | None) -> "Said":
    """Raises CaseRefused."""
    import uuid

    from pydantic import ValidationError

    from edge.cases.problems import CaseRefused
    from edge.cases.words import SAID, wrong

    who = {"id": uuid.uuid4().hex, "by": by or _user(), "time": datetime.now(UTC)}
    try:
        return SAID.validate_python({**told, **who})
    except ValidationError as error:
        raise CaseRefused(wrong(error)) from None


def _user() -> str:
    import pwd

    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user may have no name
        return f"uid {os.getuid()}"


def _storage(config: Path, storage: Path | None) -> Path:
    """Raises SettingsError."""
    from edge.settings.loader import load

    return storage if storage is not None else load(config).site.storage.path


def _print(table: "Table") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _PIPED
    console.print(table)
