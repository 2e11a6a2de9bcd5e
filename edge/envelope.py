"""The event as the command centre reads it: a CloudEvents 1.0 JSON object under an MQTT topic.

Structured mode of https://github.com/cloudevents/spec (v1.0.2, JSON format and MQTT binding).
Nothing here does I/O. Fields may be added within "sandwatch/v1", never changed or removed: a reader
ignores what it does not know.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, Field

from edge.cases.respond import Respond
from edge.geo import Ground, ground
from edge.pose import PoseData
from edge.site_id import SiteId
from edge.wire import SCHEMA, Attributes, WireModel, rfc3339
from inference.findings import Count, Direction, Finding, Phase, Severity, Sighting, Whistle
from streams.telemetry.book import Fix

if TYPE_CHECKING:
    from edge.letter import Letter

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"

_DECIMALS = {"lon": 7, "lat": 7}  # of a degree: 1 cm; 3 suffice for all else

Share = float
"""A coordinate relative to the picture, 0 to 1, origin top left."""


def new_event_id(now: float) -> str:
    """A UUID version 7 (RFC 9562, 5.7): names of events, and of the files that prove them, sort by time.

    now: seconds since the Unix epoch. 74 random bits keep it unique where the box's clock is wrong.
    """
    head = (int(now * 1000) & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return str(uuid.UUID(int=head | 0b10 << 62 | secrets.randbits(62)))


class TrackedObject(WireModel):
    """One object of the event; box: x1 y1 x2 y2, relative. attributes: as in inference.findings.Sighting; what
    nobody knows is not there."""

    track: int
    label: str
    score: float
    box: tuple[Share, Share, Share, Share]
    attributes: dict[str, str | float] = Field(default_factory=dict)

    @classmethod
    def seen(cls, sighting: Sighting) -> Self:
        """Rounded to what the figures carry: 1/10000 of a picture is under half a px of 4K."""
        x1, y1, x2, y2 = (round(float(share), 4) for share in sighting.box)
        score = round(float(sighting.score), 3)
        known = {
            name: value if isinstance(value, str) else round(float(value), _DECIMALS.get(name, 3))
            for name, value in sighting.attributes.items()
        }
        track, label = int(sighting.track), sighting.label
        return cls(track=track, label=label, score=score, box=(x1, y1, x2, y2), attributes=known)


class CountedObjects(WireModel):
    """So many different tracks of one class; direction: where a line was crossed."""

    label: str
    number: int = Field(ge=0)
    direction: Direction | None = None

    @classmethod
    def of(cls, count: Count) -> Self:
        return cls(label=count.label, number=count.number, direction=count.direction)


class Proof(WireModel):
    """A file that shows what happened. uri: relative to the box's storage, or a file: URI; size in bytes."""

    kind: Literal["snapshot", "clean", "before", "after", "clip"]
    uri: str
    size: int = Field(alias="bytes", ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def of(
        cls, kind: Literal["snapshot", "clean", "before", "after", "clip"], uri: str, content: bytes
    ) -> Self:
        return cls(kind=kind, uri=uri, size=len(content), sha256=hashlib.sha256(content).hexdigest())


class ModelRef(WireModel):
    """The weights that saw it."""

    name: str
    sha256: str


class Clock(WireModel):
    """Where the time comes from (edge.clocks). offset_ms: known error of the clock; synchronised: whether the source
    keeps it right; None where nobody can tell."""

    source: Literal["system", "kernel", "chrony", "timesyncd"] = "system"
    offset_ms: float | None = None
    synchronised: bool | None = None


class _Particulars(Ground):
    """What the vision worker knows and the centre is told as it is."""

    event_id: str = Field(pattern="^[^/]+$")
    phase: Phase
    severity: Severity
    whistle: Whistle | None = None
    camera: str
    zone: str | None = None
    rule: str
    reason: str | None = None
    objects: tuple[TrackedObject, ...] = ()
    counts: tuple[CountedObjects, ...] = ()
    conditions: tuple[str, ...] = ()
    proof: tuple[Proof, ...] = ()
    proof_error: str | None = None
    model: ModelRef | None = None
    clock: Clock = Clock()
    pose: PoseData | None = None


class Occurrence(_Particulars):
    """One message of a case on its way from a worker to the outbox; crosses the process border as JSON.

    event_id is the case's, the same for new, updates and end; n counts its messages from 0.
    since, time: seconds since the Unix epoch, UTC.
    """

    type: str
    n: int = Field(ge=0)
    since: float
    time: float

    @property
    def id(self) -> str:
        """Unique per message and the same on every resend: what receivers recognise repeats by."""
        return f"{self.event_id}/{self.n}"

    @property
    def droppable(self) -> bool:
        """A later message of the case says it better."""
        return self.phase is Phase.UPDATE

    def sealed(
        self, site: "SiteId", boot_id: str, seq: int, clock: Clock, extra: Mapping[str, object] | None = None
    ) -> "Message":
        """extra: fields of EventData that are known only now."""
        known = self.model_dump(exclude={"since", "clock"})
        own = {"seq": seq, "boot_id": boot_id, "since": rfc3339(self.since), "clock": clock}
        event = CloudEvent(
            id=self.id,
            source=site.source(self.camera),
            type=self.type,
            subject=self.camera,
            time=rfc3339(self.time),
            data=EventData.model_validate({**known, **own, **(extra or {})}),
        )
        return Message(site.event_topic(self.type, self.camera), _json(event))

    def ended(self, reason: str, now: float) -> Self:
        """The END of this case when its worker can no longer say it."""
        after = {"n": self.n + 1, "phase": Phase.END, "reason": reason, "time": now}
        return self.model_copy(update={**after, "proof": (), "proof_error": None})


def occurrence(
    camera: str,
    finding: Finding,
    event_id: str,
    n: int,
    *,
    proof: tuple[Proof, ...] = (),
    model: ModelRef | None = None,
    proof_error: str | None = None,
    fix: Fix | None = None,
) -> Occurrence:
    """A rule's finding as message number n of the case event_id. Its times must be Unix time."""
    return Occurrence(
        type=finding.type,
        event_id=event_id,
        n=n,
        phase=finding.phase,
        severity=finding.severity,
        whistle=finding.whistle,
        camera=camera,
        zone=finding.zone,
        rule=finding.rule,
        since=finding.since,
        time=finding.time,
        reason=finding.reason,
        objects=tuple(TrackedObject.seen(sighting) for sighting in finding.objects),
        counts=tuple(CountedObjects.of(count) for count in finding.counts),
        conditions=finding.conditions,
        proof=proof,
        proof_error=proof_error,
        model=model,
        pose=PoseData.of(fix) if fix is not None else None,
        **ground(finding.change),
    )


class EventData(_Particulars):
    """`data` of the event.

    seq: contiguous over all events of the box, over restarts too: a gap means something is missing.
    boot_id: one run of the daemon. since: RFC 3339. replayed: not sent live; stored while there was no
    connection, or sent a second time. respond: of a new event, who answers to it. muted: nobody wants
    to be called by it now; it opens no case.
    """

    schema_: Literal["sandwatch/v1"] = Field(SCHEMA, alias="schema")
    seq: int
    boot_id: str
    since: str
    replayed: bool = False
    respond: Respond | None = None
    muted: bool = False


class CloudEvent(Attributes):
    """The context attributes, and our data."""

    data: EventData


@dataclass(frozen=True, slots=True)
class Message:
    """Ready to publish. payload: UTF-8 JSON."""

    topic: str
    payload: bytes


def seal(
    site: SiteId,
    boot_id: str,
    letter: "Letter",
    seq: int,
    *,
    clock: Clock = Clock(),  # noqa: B008 (frozen)
    extra: Callable[[Occurrence], Mapping[str, object]] | None = None,
) -> Message:
    """The final words of a letter, once the outbox knows its number. extra: what an event's `data` says beside."""
    if isinstance(letter, Occurrence):
        return letter.sealed(site, boot_id, seq, clock, extra(letter) if extra else None)
    return letter.sealed(site, boot_id, seq, clock)


def as_replay(payload: bytes) -> bytes:
    """The same event, marked as not live."""
    event = json.loads(payload)
    event["data"]["replayed"] = True
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _json(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()
