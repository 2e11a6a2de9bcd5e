"""What a vision worker and the daemon tell each other: one JSON object per line, so that a broken decoder's
process can at worst send a line that is refused."""

from enum import IntEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from edge.envelope import Occurrence, Proof
from streams.problem import Problem
from streams.reader import CameraState

LONGEST_LINE = 1 << 20  # bytes; an event with a hundred objects is under 20 kB


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ready(Message):
    """The model is loaded and the cameras are being connected; said again when a Change is carried out. goes_on: ids of
    the open cases that the worker before it began and this one goes on with, and of its own."""

    kind: Literal["ready"] = "ready"
    pid: int
    goes_on: tuple[str, ...] = ()


class LandCounts(Message):
    """Of a camera's watch over the ground. looks: since the worker started; judged: of these. milliseconds: of CPU a
    look took, on average. condition: why it does not judge now (inference.land.silence); None: it judges. since: of
    that, s since 1970; None: it has not looked yet."""

    looks: int
    judged: int
    milliseconds: float
    condition: str | None = None
    since: float | None = None


class CameraCounts(Message):
    """Since the worker started, as far as not said otherwise.

    pictures: decoded; glimpses: of these, key frames alone. analysed, dropped: handed on, and overwritten because
    a newer one had come. skipped, spoilt: packets passed over, and those that did not decode. wakes: times the
    camera went from listening to looking. ring_*: kept now. clock_offset: s the camera's clock is ahead of the
    box's, as it stamps its pictures; None: it does not tell. land: where the ground is watched. crossed: packets sent
    to the daemon because somebody watches live; uncrossed: of these, passed over because it took them too slowly.
    """

    pictures: int
    glimpses: int = 0
    analysed: int
    dropped: int
    skipped: int = 0
    spoilt: int = 0
    wakes: int = 0
    reconnects: int
    reconnects_per_hour: int = 0
    stalls_per_hour: int = 0
    ring_bytes: int = 0
    ring_seconds: float = 0.0
    clock_offset: float | None = None
    land: LandCounts | None = None
    crossed: int = 0
    uncrossed: int = 0


class Beat(Message):
    """Sent every second, and only while the inference thread turns. rss: bytes; cpu: seconds so far."""

    kind: Literal["beat"] = "beat"
    cameras: dict[str, CameraCounts]
    rss: int
    cpu: float


class CameraStatus(Message):
    """A camera changed its state. retry_in: seconds until the next try."""

    kind: Literal["camera"] = "camera"
    camera: str
    state: CameraState
    problem: Problem | None = None
    retry_in: float | None = None


class Found(Message):
    """Something to be published."""

    kind: Literal["found"] = "found"
    occurrence: Occurrence


class Trouble(Message):
    """Something besides a camera is wrong, or (problem is None) that code's trouble is over."""

    kind: Literal["trouble"] = "trouble"
    code: str
    camera: str | None
    problem: Problem | None


class Piece(Message):
    """A file that was kept, and of when it shows something, s since 1970."""

    proof: Proof
    start: float
    end: float


class Fetched(Message):
    """What came of a Take or a Cut. problem: why there is nothing."""

    kind: Literal["fetched"] = "fetched"
    errand: str
    pieces: tuple[Piece, ...] = ()
    problem: Problem | None = None


class Refused(Message):
    """The worker cannot do its job at all, and starting it again will not help."""

    kind: Literal["refused"] = "refused"
    problem: Problem


class Stop(Message):
    """Close what is open, and go."""

    kind: Literal["stop"] = "stop"


class Change(Message):
    """Be as this job (edge.worker.job.Job, pickled: both ends are ours and the socket is private) from now on: its cameras
    are added, and those it has not are removed, by name. anew: connect these again. rules: of these, build what looks
    at the pictures again. The detector stays as it is. Answered by Ready."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    kind: Literal["change"] = "change"
    job: bytes
    anew: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()


class Look(Message):
    """Decode and analyse everything of this camera for a while."""

    kind: Literal["look"] = "look"
    camera: str


class Point(Message):
    """Where a camera that can be turned points: at a preset of its settings, or (None) nowhere we know, for it
    is turning or was turned by somebody else."""

    kind: Literal["point"] = "point"
    camera: str
    preset: str | None


class View(Message):
    """Send this camera's packets on this channel from its newest key frame on, and on no other; None: stop sending."""

    kind: Literal["view"] = "view"
    camera: str
    channel: int | None


class Width(IntEnum):
    """Pixels across of a smaller picture: a phone's tile, a desk's tile, a whole screen. Few, so that many who look share
    one."""

    TILE = 480
    LARGE = 960
    SCREEN = 1920


class Take(Message):
    """Keep a picture of now from the camera's best stream. errand: its Fetched has the same. name: of the file, under
    the evidence folder. width: None: as it is; never enlarged."""

    kind: Literal["take"] = "take"
    errand: str
    camera: str
    name: str
    width: Width | None = None


class Cut(Message):
    """Keep what the camera sent between these moments, s since 1970; the end may be to come. errand, name: as above."""

    kind: Literal["cut"] = "cut"
    errand: str
    camera: str
    name: str
    start: float
    end: float


FromWorker = Annotated[
    Ready | Beat | CameraStatus | Found | Trouble | Fetched | Refused, Field(discriminator="kind")
]
FROM_WORKER: TypeAdapter[FromWorker] = TypeAdapter(FromWorker)

ToWorker = Annotated[Stop | Change | Look | Point | View | Take | Cut, Field(discriminator="kind")]
TO_WORKER: TypeAdapter[ToWorker] = TypeAdapter(ToWorker)
