"""The state of a run, and how it is kept: one file, replaced atomically."""

from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from bench.train.network import Detector

_BACKBONE_RATE = 0.33  # of the peak: it already knows what edges and wheels look like
_LONGEST_MEMORY = 0.998  # of the running average, per step


@dataclass
class Run:
    """The network, its running average (what is exported), the optimiser, and the pictures seen.

    Drawing and augmentation are functions of (seed, pictures seen), so this is all that a resume needs.
    """

    net: Detector
    averaged: Detector
    optimiser: torch.optim.AdamW
    seen: int = 0
    steps: int = 0

    @classmethod
    def begin(cls, net: Detector, rate: float, decay: float) -> "Run":
        """`net` must be on its device already: the optimiser's state follows it."""
        optimiser = torch.optim.AdamW(_groups(net, rate, decay), lr=0.0)
        return cls(net.train(), deepcopy(net).eval(), optimiser)

    def set_rate(self, factor: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor

    def average(self) -> None:
        """Let the running average follow the network; fast at first."""
        keep = min(_LONGEST_MEMORY, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            pairs = zip(self.averaged.state_dict().values(), self.net.state_dict().values(), strict=True)
            for slow, fast in pairs:
                if slow.is_floating_point():
                    slow.lerp_(fast, 1 - keep)

    def save(self, path: Path) -> None:
        """Atomically: a stop in mid-write leaves the last state."""
        kept = {
            "net": self.net.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seen": self.seen,
            "steps": self.steps,
        }
        new = path.with_suffix(".new")
        torch.save(kept, new)
        new.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from `save`. Raises what torch.load raises for a damaged file."""
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        self.net.load_state_dict(kept["net"])
        self.averaged.load_state_dict(kept["averaged"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.seen, self.steps = kept["seen"], kept["steps"]


def averaged_network(path: Path, classes: int) -> Detector:
    """The network to export from a state that `Run.save` wrote."""
    net = Detector(classes)
    net.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["averaged"])
    net.eval()
    return net


def _groups(net: Detector, rate: float, decay: float) -> list[dict[str, Any]]:
    """Norms and biases without decay; the pretrained backbone at a third of the rate."""
    parts: tuple[tuple[nn.Module, float], ...] = (
        (net.backbone, _BACKBONE_RATE),
        (net.neck, 1.0),
        (net.heads, 1.0),
    )
    made = []
    for part, factor in parts:
        matrices = [p for p in part.parameters() if p.ndim > 1]
        vectors = [p for p in part.parameters() if p.ndim == 1]
        made.append({"params": matrices, "peak": rate * factor, "weight_decay": decay})
        made.append({"params": vectors, "peak": rate * factor, "weight_decay": 0.0})
    return made
