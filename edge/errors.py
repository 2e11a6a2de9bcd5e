"""Our own exceptions at the command line: said in the person's language, with an exit code, without a trace."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from edge.settings.finding import SettingsError
from streams.problem import Language, Misconfigured, ProblemError

EX_CONFIG = 78  # sysexits.h: the configuration cannot be used; systemd is told not to start again on it
FAILED = 1


@contextmanager
def sayable(language: Language) -> Iterator[None]:
    """Turn what our layers raise into lines on stderr and an exit code."""
    try:
        yield
    except SettingsError as error:
        for finding in error.findings:
            typer.echo(finding.say(language), err=True)
        raise typer.Exit(EX_CONFIG) from None
    except ProblemError as error:
        typer.echo(error.problem.say(language), err=True)
        raise typer.Exit(EX_CONFIG if isinstance(error, Misconfigured) else FAILED) from None
