"""What a vision worker is told when it starts."""

from dataclasses import dataclass
from pathlib import Path

from edge.logs import Format, Level
from inference.detector import DetectorSpec
from inference.manifest import Model
from inference.rule import RuleSpec
from streams.source import SourceSpec


@dataclass(frozen=True, slots=True)
class CameraJob:
    """One camera: where its pictures come from, how many per second are analysed, and what is asked of them.

    zones: name -> polygon corners, relative 0-1.
    """

    name: str
    source: SourceSpec
    fps: float
    zones: dict[str, tuple[tuple[float, float], ...]]
    rules: tuple[RuleSpec, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One worker's share of the site. Crosses to the child by pickle over a private socket, secrets and all."""

    cameras: tuple[CameraJob, ...]
    detector: DetectorSpec
    model: Model
    threads: int
    evidence: Path
    time_zone: str
    log_level: Level
    log_format: Format


def shards(cameras: tuple[CameraJob, ...], workers: int) -> list[tuple[CameraJob, ...]]:
    """Cameras dealt out over at most `workers` workers, none of them empty; a camera keeps its place in order."""
    count = min(workers, len(cameras))
    return [cameras[first::count] for first in range(count)]
