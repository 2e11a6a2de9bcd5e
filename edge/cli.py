"""The command line. Every command imports what it needs when it runs, so that `--help` is instant.

Exit codes: 0 done; 1 it did not work; 2 wrong usage; 78 the configuration cannot be used (sysexits.h EX_CONFIG,
which systemd is told not to restart on).
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from edge import (
    cli_calibrate,
    cli_cases,
    cli_centre,
    cli_discover,
    cli_doctor,
    cli_events,
    cli_evidence,
    cli_land,
    cli_model,
    cli_parcels,
    cli_probe,
    cli_schema,
    cli_survey,
    cli_users,
    cli_zones,
    guard,
    language,
)
from edge.errors import EX_CONFIG, sayable

DEFAULT_SITE = Path("/etc/sandwatch/site.yaml")

app = typer.Typer(
    name="sandwatch",
    help="The gateway beside the cameras: finds sand trucks and digging machines, loses no event.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,  # a table of local variables would show passwords
)

app.add_typer(cli_model.app, name="model")
app.add_typer(cli_land.app, name="land")
app.add_typer(cli_parcels.app, name="parcels")
app.add_typer(cli_survey.app, name="survey")
app.add_typer(cli_cases.app, name="cases")
app.add_typer(cli_events.app, name="events")
app.add_typer(cli_evidence.app, name="evidence")
app.command()(cli_calibrate.calibrate)
app.add_typer(cli_zones.app, name="zones")
app.add_typer(cli_users.app, name="users")
app.command()(cli_probe.probe)
app.command()(cli_discover.discover)
app.command()(cli_centre.centre)
app.command()(cli_doctor.doctor)
app.command()(cli_schema.schema)


@app.command()
def run(
    config: Annotated[Path, typer.Option("--config", "-c", help="The site file.")] = DEFAULT_SITE,
) -> None:
    """Run the gateway for a site, until SIGTERM or Ctrl-C."""
    from edge import logs
    from edge.centres import address
    from edge.daemon import Daemon
    from edge.orders.rounds import rounds
    from edge.origin import Origin
    from edge.plan import plan
    from edge.settings.loader import load

    guard.keep_private()
    spoken, file = language.chosen(), config.absolute()
    if (problem := guard.collision()) is not None:
        typer.echo(problem.say(spoken), err=True)
        raise typer.Exit(EX_CONFIG)

    async def serve(reload: asyncio.Event, stop: asyncio.Event) -> None:
        loaded = load(config)
        for warning in loaded.warnings:
            typer.echo(warning.say(spoken), err=True)
        logs.configure(loaded.site.log.level, loaded.site.log.format)
        site = loaded.site
        await Daemon(site, plan(loaded), address(site), spoken, Origin(file, reload)).run(stop)

    with sayable(spoken):
        _until_signal(lambda stop: rounds(file, serve, stop))


@app.command()
def demo(
    seconds: Annotated[
        float | None, typer.Option(min=1, help="End by itself after this many seconds.")
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(
            envvar="SANDWATCH_DEMO_CAMERA",
            show_envvar=True,
            help="Use this RTSP camera instead of the simulated one. Rather set the variable: an argument "
            "is seen by every user of the machine.",
        ),
    ] = None,
) -> None:
    """Show the whole way, from a camera to an event over MQTT, on this machine alone."""
    from edge import logs

    try:
        from edge.demo.run import demo as play
    except ModuleNotFoundError as missing:
        typer.echo(
            f"the demo needs {(missing.name or '').partition('.')[0]}: pip install 'sandwatch[demo]'",
            err=True,
        )
        raise typer.Exit(1) from None
    logs.configure("error")
    spoken = language.chosen()
    with sayable(spoken):
        code = _until_signal(lambda stop: play(camera or None, seconds, spoken, typer.echo, stop))
        raise typer.Exit(code)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The site file.")],
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Check a site file: every error at once, with file, line, column and what would be right."""
    from edge import check as checking

    if as_json:
        site, findings = checking.examine(file)
        typer.echo(checking.findings_as_json(findings))
        raise typer.Exit(0 if site is not None else 1)
    lines, code = checking.report(file, language.chosen())
    for line in lines:
        typer.echo(line)
    raise typer.Exit(code)


@app.command()
def replay(
    path: Annotated[Path, typer.Argument(help="A recorded clip, or a folder of time-lapse pictures.")],
    site: Annotated[Path | None, typer.Option(help="Take zones and rules from this site file.")] = None,
    stream: Annotated[
        str | None, typer.Option(help="Which stream of the site file; default the first.")
    ] = None,
    every: Annotated[str, typer.Option(help="Time between two pictures of a folder.")] = "60s",
    start: Annotated[str | None, typer.Option(help="ISO time of the first picture.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The summary as JSON too.")] = False,
) -> None:
    """Run the same pipeline over a recording, as fast as it goes: events as JSON lines, then a summary."""
    from edge import logs
    from edge.replay_command import Request
    from edge.replay_command import replay as play

    logs.configure("warning")
    spoken = language.chosen()
    with sayable(spoken):
        play(Request(path, site, stream, every, start), spoken, as_json, typer.echo)


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    typer.echo(f"sandwatch {installed('sandwatch')}")


def _until_signal(work: Callable[[asyncio.Event], Coroutine[Any, Any, Any]]) -> Any:
    """Run on uvloop; SIGINT or SIGTERM sets the event that `work` is given, a second one ends at once."""
    import uvloop

    async def guarded() -> Any:
        stop = asyncio.Event()

        def stopping() -> None:
            if stop.is_set():
                os._exit(130)
            stop.set()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping)
        return await work(stop)

    # Not closed: that would wait for the threads in which connections are tried, and a broker that answers
    # nothing keeps one busy for half a minute. What has to be put away is, when `work` returns.
    return asyncio.Runner(loop_factory=uvloop.new_event_loop).run(guarded())


def main() -> None:
    """The console script."""
    try:
        app()
    except KeyboardInterrupt:
        code = 130
    except SystemExit as done:
        code = done.code if isinstance(done.code, int) else int(done.code is not None)
    else:
        code = 0
    sys.stdout.flush()
    sys.stderr.flush()
    if threading.active_count() > 1:
        os._exit(code)  # the same threads: the interpreter would wait for them too
    sys.exit(code)
