"""What every contestant does: it is shown looks, and says which patches it holds for disturbed at each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.disturbance.scenario import Look, Outline
from inference.terrain.sight import Sight


@dataclass(frozen=True, slots=True)
class Shown:
    """One open alarm as a centre would see it now. key: the same over its life. area_m2, sigma_m2: None where it does
    not tell; withheld: because it refuses to."""

    key: str
    outline: Outline
    area_m2: float | None = None
    sigma_m2: float | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """silence: why nothing was judged ("dark"), None where it was."""

    shown: tuple[Shown, ...]
    silence: str | None = None


class Contestant(Protocol):
    def look(self, look: Look) -> Answer:
        """Looks come in the order of time."""
        ...

    def settle(self, now: float) -> None:
        """Learning is over: what is there now is as it should be."""
        ...


Build = Callable[[Path, Sight | None], Contestant]  # a folder of its own, and what is known of the ground
