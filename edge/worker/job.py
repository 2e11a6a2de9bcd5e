"""What a vision worker is told when it starts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from edge.evidence.room import Room
from edge.logs import Format, Level
from edge.settings.ground import GroundPoint
from edge.worker.care import Care
from inference.detector import DetectorSpec
from inference.geodesy.layer import LayerSpec
from inference.land.settings import LandSettings
from inference.manifest import Model
from inference.rule import RuleSpec
from streams.hardware import Acceleration
from streams.ring import LIMIT, SECONDS
from streams.source import SourceSpec
from streams.telemetry.spec import TelemetrySpec


@dataclass(frozen=True, slots=True)
class ClipJob:
    """The recording that goes with an event: s before it began and after it was noticed."""

    before: float = 5.0
    after: float = 10.0


@dataclass(frozen=True, slots=True)
class LandJob:
    """The watch over a camera's ground. every: s between two looks. freeze: s of looks after which the references are
    dated by themselves; None: by order alone. settings: of every preset; what is watched there see
    edge.worker.rules.at_preset."""

    settings: LandSettings
    every: float = 30.0
    freeze: float | None = 86400.0


@dataclass(frozen=True, slots=True)
class CameraJob:
    """One camera: where its pictures come from, how many per second are analysed, and what is asked of them.

    zones, lines: name -> corners of a polygon, points of an open line, relative 0-1.
    plates: read number plates. record: where proof is kept from, if not from `source`.
    attention: decode key frames only while nothing happens. ring: s of encoded pictures that are kept.
    ring_limit: bytes of them. clip: None keeps no recordings. ignore: polygons in which motion means nothing.
    ground: measured points, of all presets. elevation: file of heights round the site. land: watch the ground.
    telemetry: of a camera that moves about. presets: of a camera that can be turned: name -> zones that hold there.
    """

    name: str
    source: SourceSpec
    fps: float
    zones: dict[str, tuple[tuple[float, float], ...]]
    rules: tuple[RuleSpec, ...]
    record: SourceSpec | None = None
    attention: bool = True
    acceleration: Acceleration = "none"
    ring: float = SECONDS
    ring_limit: int = LIMIT
    clip: ClipJob | None = None
    care: Care = field(default_factory=Care)
    presets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    telemetry: TelemetrySpec | None = None
    ignore: tuple[tuple[tuple[float, float], ...], ...] = ()
    lines: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    plates: bool = False
    ground: tuple[GroundPoint, ...] = ()
    elevation: Path | None = None
    land: LandJob | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One worker's share of the site. position: latitude and longitude, for schedules that go by the sun, and where
    metres are counted from. parcels: whose ground it is. room: what has to be free on the disk for proof.

    Crosses to the child by pickle over a private socket, secrets and all."""

    cameras: tuple[CameraJob, ...]
    detector: DetectorSpec
    model: Model
    threads: int
    evidence: Path
    time_zone: str
    log_level: Level
    log_format: Format
    position: tuple[float, float] | None = None
    parcels: tuple[LayerSpec, ...] = ()
    room: Room = field(default_factory=Room)

    @property
    def storage(self) -> Path:
        """Where the box keeps things."""
        return self.evidence.parent


Shares = tuple[frozenset[str], ...]
"""Names of cameras, by the number of their worker; a worker without any does not run."""


def dealt(cameras: Sequence[str], workers: int, held: Shares = ()) -> Shares:
    """Cameras dealt out over at most `workers` workers as evenly as goes while each that is held already stays where it
    is: one that is moved would be connected anew."""
    shares = [share & frozenset(cameras) for share in held]
    wanted = min(workers, len(cameras))
    shares += [frozenset()] * (wanted - len(shares))
    for camera in cameras:
        if any(camera in share for share in shares):
            continue
        at_work = [number for number, share in enumerate(shares) if share]
        idle = [number for number, share in enumerate(shares) if not share]
        open_to = at_work + idle[: max(0, wanted - len(at_work))]
        least = min(open_to, key=lambda number: (len(shares[number]), number))
        shares[least] |= {camera}
    return tuple(shares)
