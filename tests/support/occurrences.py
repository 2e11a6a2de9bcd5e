"""Messages and outbox files for tests."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

from edge.envelope import Occurrence, seal
from edge.outbox_file import Limits, OutboxFile
from edge.site_id import SiteId
from inference.findings import Phase, Severity

SITE = SiteId("410000", "410100", "410122", "site")
SEAL = partial(seal, SITE, "boot")


def message(
    case: str, n: int = 0, phase: Phase = Phase.NEW, camera: str = "gate", rule: str = "r"
) -> Occurrence:
    return Occurrence(
        type="vehicle.zone",
        event_id=case,
        n=n,
        phase=phase,
        severity=Severity.HIGH,
        camera=camera,
        rule=rule,
        since=1.0,
        time=2.0,
    )


def opened(
    path: Path,
    limits: Limits | None = None,
    boot: str = "boot",
    consumers: Sequence[str] = ("centre",),
    ticks: Callable[[], float] = monotonic,
) -> OutboxFile:
    return OutboxFile(path, SEAL, boot, limits, consumers=consumers, ticks=ticks)
