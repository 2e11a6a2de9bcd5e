"""Why a camera is looked at no more."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Farewell:
    """reason: of the END of its events. ground_goes_on: what became of its ground is
    watched again by whoever comes next."""

    reason: str
    ground_goes_on: bool = True


STOPPED = Farewell("stopped")
