"""What the daemon itself counted, in the last words of its log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_COUNTED = ("pictures", "glimpses", "analysed", "dropped", "skipped", "spoilt", "wakes", "reconnects")


@dataclass(frozen=True, slots=True)
class Counts:
    """sums: over all cameras, by name. rings: MiB of encoded pictures kept. lost: how often a camera went away, by the
    code of the problem."""

    sums: Mapping[str, int] = field(default_factory=dict)
    rings: float = 0.0
    lost: Mapping[str, int] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        return {**self.sums, "lost": dict(self.lost)}


def counted(log: Path) -> Counts:
    """Of a daemon that was stopped in an orderly way; empty where it was not."""
    cameras: Mapping[str, Mapping[str, Any]] = {}
    lost: dict[str, int] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("event") == "daemon.stopping":
            cameras = told["cameras"]
        elif told.get("event") in {"camera.retrying", "camera.refused", "camera.failed"}:
            lost[str(told.get("code"))] = lost.get(str(told.get("code")), 0) + 1
    sums = {name: sum(each.get(name, 0) for each in cameras.values()) for name in _COUNTED}
    return Counts(sums, sum(each.get("ring_bytes", 0) for each in cameras.values()) / 2**20, lost)
