"""Which packets get lost: at random, or in bursts as on radio (Gilbert's model)."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

_BURST = 3.0  # packets lost in a row, on average: 60 ms of speech


@dataclass(frozen=True, slots=True)
class Loss:
    """rate: of all packets, 0 to 1; bursts: in rows of three on average, else each by itself; every: instead, exactly
    one of so many."""

    rate: float = 0.0
    bursts: bool = False
    every: int = 0

    @property
    def name(self) -> str:
        if self.every:
            return "single"
        return f"{self.rate:.0%}".replace("%", "pc") + ("_bursts" if self.bursts else "")


def lost(loss: Loss, seed: int) -> Iterator[bool]:
    """For each packet in turn; the same for the same seed."""
    chance = random.Random(seed)
    number, bad = 0, False
    while True:
        number += 1
        if loss.every:
            yield number % loss.every == 0
        elif not loss.bursts:
            yield chance.random() < loss.rate
        else:
            leave = 1 / _BURST if bad else loss.rate / (1 - loss.rate) / _BURST
            bad = bad != (chance.random() < leave)
            yield bad
