"""sandwatch events ...: what boxes say, as it comes."""

import asyncio
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import language
from edge.errors import sayable
from inference.findings import Severity

if TYPE_CHECKING:
    from edge.mqtt import BrokerAddress
    from edge.tail import Event, Filter

app = typer.Typer(help="Events, cases and what boxes say of themselves, as it comes.", no_args_is_help=True)

SITE = Path("/etc/sandwatch/site.yaml")

Broker = Annotated[
    str | None, typer.Option(help="mqtt://HOST or mqtts://HOST, in the place of the site file's.")
]


@app.callback()
def events() -> None:
    """Events, cases and what boxes say of themselves, as it comes."""


@app.command()
def tail(
    config: Annotated[Path, typer.Option("--config", "-c", help="The site file.")] = SITE,
    broker: Broker = None,
    username: Annotated[
        str | None, typer.Option(help="With --broker; the password is in SANDWATCH_BROKER_PASSWORD.")
    ] = None,
    ca_file: Annotated[Path | None, typer.Option(help="With --broker: its authority.")] = None,
    area: Annotated[
        str, typer.Option(help="With --broker: PROVINCE/CITY/COUNTY/SITE, or its beginning.")
    ] = "",
    camera: Annotated[list[str] | None, typer.Option(help="Only these; may be given again.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--type", help="Only these, such as 'vehicle.*'.")] = None,
    severity: Annotated[Severity, typer.Option(help="At least.")] = Severity.INFO,
    since: Annotated[datetime | None, typer.Option(help="Of the event's own time; local time.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """One line per message, until Ctrl-C. It only looks on: nothing is acknowledged."""
    from edge.ending import until_interrupted
    from edge.tail import Filter

    spoken = language.chosen()
    with sayable(spoken):
        where, topics = _where(config, broker, username, ca_file, area)
        start = since.astimezone() if since else None
        wanted = Filter(tuple(camera or ()), tuple(kind or ()), severity, start)
        until_interrupted(
            _tail(where, topics, wanted, lambda text: typer.echo(text, err=True), _show(as_json))
        )


def _where(
    config: Path, broker: str | None, username: str | None, ca_file: Path | None, area: str
) -> "tuple[BrokerAddress, tuple[str, ...]]":
    from dataclasses import replace

    from edge import broker_option
    from edge.centre.service import topics

    if broker is not None:
        return broker_option.address(broker, username, ca_file), topics(area)
    from edge.centres import address
    from edge.settings.loader import load

    site = load(config).site
    # A client id of our own: with the box's, the broker would hang up on the box.
    here = replace(address(site), client_id=None, session=0)
    return here, topics(site.topic_prefix.removeprefix("sandwatch/v1/"))


def _show(as_json: bool) -> "Callable[[str, Event], None]":
    from edge.tail import COLOURS, line

    spoken = language.chosen()

    def show(topic: str, event: "Event") -> None:
        if as_json:
            text = json.dumps(event, ensure_ascii=False)
        else:
            colour = COLOURS.get(str((event.get("data") or {}).get("severity")))
            text = typer.style(line(topic, event, None, spoken), fg=colour)
        typer.echo(text)
        sys.stdout.flush()

    return show


async def _tail(
    where: "BrokerAddress",
    topics: tuple[str, ...],
    wanted: "Filter",
    complain: Callable[[str], None],
    show: "Callable[[str, Event], None]",
) -> None:
    from random import Random

    from edge.listening import listening
    from edge.mqtt_faults import Fault, MqttFailed
    from edge.mqtt_versions import Versions
    from streams.problem import Problem, ProblemError
    from streams.retry import Ladder

    ladder = Ladder(Random(), first=0.5, cap=30.0)  # noqa: S311 (jitter)
    versions = Versions(speaks_5=where.speaks_5)
    said: Problem | None = None
    while True:
        version = versions.choose()
        try:
            async with listening(where, version) as line:
                said = None
                for topic in topics:
                    await line.hear(topic, qos=0)
                async for batch in line.batches(1):
                    _each(str(batch[0].topic), batch[0].payload, wanted, show)
        except MqttFailed as failed:
            if versions.failed(version, failed.fault):
                continue
            if failed.fault is Fault.REFUSED:
                raise ProblemError(failed.problem) from None
            if said != failed.problem:  # when it begins or changes, not at every try
                said = failed.problem
                complain(said.say(language.chosen()))
            await asyncio.sleep(ladder.wait(lived=0.0))


def _each(topic: str, payload: object, wanted: "Filter", show: "Callable[[str, Event], None]") -> None:
    try:
        event = json.loads(payload if isinstance(payload, bytes) else b"")
        if wanted.passes(event):
            show(topic, event)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ):  # somebody else's message on our topics
        return
