"""What a site is: the frozen models a checked site.yaml becomes.

The kinds (sources, rules, detectors) are fitted in by edge.settings.assembly, which imports only those a
file names.
"""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field
from pydantic import SerializeAsAny as AsItself

from edge.settings.centres import BrokerSettings, CentreSettings, WaitingSettings, distinct
from edge.settings.evidence import EvidenceSettings
from edge.settings.fields import (
    Area,
    Latitude,
    Longitude,
    Name,
    Polygon,
    TimeZone,
    Title,
    Workers,
)
from edge.settings.ground import GroundPoint, agree
from edge.settings.land import LandSettings, ParcelLayer
from edge.settings.live import LiveSettings
from edge.settings.part import Part
from edge.settings.rosters import CaseSettings, RosterSettings
from edge.settings.talk import RespondSettings, TalkSettings
from edge.settings.upload import UploadSettings
from edge.settings.web import AccessSettings, HttpSettings
from inference.detector import DetectorSpec
from inference.lines import Line
from inference.rule import RuleSpec
from relay.ice import IceServerSpec
from streams.hardware import Acceleration
from streams.networks import Cidr
from streams.onvif.spec import OnvifSpec
from streams.source import SourceSpec
from streams.telemetry.spec import TelemetrySpec
from streams.units import Duration


class Identity(Part):
    """site: who and where this box is.

    area: GB/T 2260 code of the county; of the city where it has no counties (Dongguan, 441900).
    time_zone: IANA name, in which schedules are read. position: WGS84, degrees; for schedules that go by the sun, and
    where metres of the ground are counted from.
    """

    id: Name
    title: Title | None = None
    area: Area
    time_zone: TimeZone = "Asia/Shanghai"
    position: tuple[Latitude, Longitude] | None = None

    @property
    def province(self) -> str:
        return f"{self.area[:2]}0000"

    @property
    def city(self) -> str:
        return f"{self.area[:4]}00"

    @property
    def county(self) -> str:
        return self.area


class StorageSettings(Part):
    """storage: where the outbox and the proof are kept. A relative path counts from the working directory."""

    path: Path = Path("/var/lib/sandwatch")
    waiting: WaitingSettings = WaitingSettings()

    @property
    def outbox(self) -> Path:
        return self.path / "outbox.sqlite"

    @property
    def cases(self) -> Path:
        return self.path / "cases.sqlite"

    @property
    def evidence(self) -> Path:
        return self.path / "evidence"


class LogSettings(Part):
    """log: auto writes for people on a terminal and JSON elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class RingSettings(Part):
    """streams[n].ring: the last seconds as the camera sent them, for clips, live view and looking back.

    megabytes: what wins when both are reached.
    """

    seconds: Annotated[Duration, Field(ge=5, le=120)] = 15.0
    megabytes: Annotated[float, Field(ge=1, le=1024)] = 48.0


class ClipSettings(Part):
    """streams[n].clip: the recording that goes with each event. before: of its beginning; after: of the alarm."""

    keep: bool = True
    before: Annotated[Duration, Field(le=60)] = 5.0
    after: Annotated[Duration, Field(le=120)] = 10.0


class HealthSettings(Part):
    """streams[n].health: picture judges whether it is frozen, covered, moved ...; offline_after: without pictures."""

    picture: bool = True
    offline_after: Annotated[Duration, Field(ge=5)] = 30.0


class StreamSettings(Part):
    """streams[n]: one camera. In the file the keys of its source kind stand beside these."""

    source_type: ClassVar[type[SourceSpec]] = SourceSpec

    name: Name
    title: Title | None = None
    kind: str
    # False: paused. Nothing connects to it until somebody lets it go on.
    enabled: bool = True
    # Pictures analysed per second. Above 30 a site camera has no more to give.
    fps: Annotated[float, Field(gt=0, le=30)] = 5.0
    # auto decodes key frames only while nothing happens; always decodes everything at all times.
    attention: Literal["auto", "always"] = "auto"
    hwaccel: Acceleration = "none"
    ring: RingSettings = RingSettings()
    clip: ClipSettings = ClipSettings()
    health: HealthSettings = HealthSettings()
    zones: dict[Name, Polygon] = Field(default={})
    lines: dict[Name, Line] = Field(default={})
    # Where motion means nothing: a clock in the picture, a flag, a tree.
    ignore: dict[Name, Polygon] = Field(default={})
    # Points of the ground, seen and measured: speed and heading, places and areas come from them.
    ground: Annotated[tuple[GroundPoint, ...], AfterValidator(agree)] = ()
    # Heights of the ground round the site, a GeoTIFF; needs the extra `elevation`. A relative path counts from the site file.
    elevation: Path | None = None
    # Watch for ground that changed.
    land: LandSettings | None = None
    # Who answers to an event, and whom it calls together.
    respond: RespondSettings | None = None
    # Read number plates on the best picture of an event; needs the extra `plates`.
    plates: bool = False
    # Of a camera that can be turned: preset -> the zones and lines that hold while it points there.
    presets: dict[Name, tuple[Name, ...]] = Field(default={})
    onvif: OnvifSpec | None = None
    telemetry: AsItself[TelemetrySpec] | None = None
    rules: tuple[AsItself[RuleSpec], ...] = ()

    def source_spec(self) -> SourceSpec:
        """What `build` of its source kind takes: the same values, without what is ours."""
        kind = self.source_type
        chosen = {name: getattr(self, name) for name in kind.model_fields}
        return kind.model_construct(_fields_set=self.model_fields_set & chosen.keys(), **chosen)


class Site(Part):
    """A whole site.yaml, checked."""

    site: Identity
    broker: BrokerSettings
    # Further ones: each gets every event, and acknowledges for itself.
    centres: Annotated[tuple[CentreSettings, ...], AfterValidator(distinct)] = ()
    storage: StorageSettings = StorageSettings()
    # How long proof is kept, who signs and dates it.
    evidence: EvidenceSettings = EvidenceSettings()
    # Without it, no file leaves the box.
    upload: UploadSettings | None = None
    detector: AsItself[DetectorSpec]
    workers: Workers = "auto"
    log: LogSettings = LogSettings()
    # Where cameras may be, for streams that do not say it themselves; empty: anywhere but at special addresses.
    allow_networks: tuple[Cidr, ...] = ()
    # Whose ground it is.
    parcels: tuple[ParcelLayer, ...] = ()
    # Who is on duty when.
    rosters: tuple[RosterSettings, ...] = ()
    cases: CaseSettings = CaseSettings()
    # Without it, nothing listens.
    http: HttpSettings | None = None
    access: AccessSettings = AccessSettings()
    # STUN and TURN servers, for those who connect and for ourselves.
    ice: tuple[IceServerSpec, ...] = ()
    talk: TalkSettings = TalkSettings()
    live: LiveSettings = LiveSettings()
    streams: Annotated[tuple[StreamSettings, ...], Field(min_length=1)]

    @property
    def topic_prefix(self) -> str:
        where = self.site
        return f"sandwatch/v1/{where.province}/{where.city}/{where.county}/{where.id}"
