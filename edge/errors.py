"""Our own exceptions at the command line: said in the person's language, with an exit code, without a trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from streams.problem import Language

EX_CONFIG = 78  # sysexits.h: the configuration cannot be used; systemd is told not to start again on it
FAILED = 1


@contextmanager
def sayable(language: Language) -> Iterator[None]:
    """Turn what our layers raise into one line on stderr and an exit code."""
    from edge.demo.stage import DemoFailed
    from edge.outbox_problems import OutboxError
    from edge.plan import PlanRefused
    from edge.replay_command import ReplayRefused
    from edge.settings.finding import SettingsError
    from edge.worker.parent import WorkerRefused
    from inference.detector import DetectorFailed
    from inference.manifest import ModelRefused

    try:
        yield
    except SettingsError as error:
        for finding in error.findings:
            typer.echo(finding.say(language), err=True)
        raise typer.Exit(EX_CONFIG) from None
    except (ModelRefused, PlanRefused, WorkerRefused, DetectorFailed) as error:
        _say(error, language)
        raise typer.Exit(EX_CONFIG) from None
    except (OutboxError, ReplayRefused) as error:
        _say(error, language)
        raise typer.Exit(FAILED) from None
    except DemoFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None


def _say(error: Any, language: Language) -> None:
    typer.echo(error.problem.say(language), err=True)
