"""Settings of a moving camera's telemetry: `kind: nmea` is the file kinds/nmea.py.

A kind is a module that exports `Spec` (a frozen TelemetrySpec whose `kind` is a literal) and `build(spec, source)`,
which gives a Feed (a connection of its own) or a PoseDecoder (it comes inside the video stream).
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from streams import kinds
from streams.telemetry.book import PoseBook
from streams.telemetry.feed import Feed, PoseDecoder
from streams.telemetry.feeds import Place
from streams.units import Duration

KINDS = "streams.telemetry.kinds"


def _place(text: object) -> object:
    return Place.parse(text) if isinstance(text, str) else text


Span = Annotated[Duration, Field(gt=0)]
# host and port in one text.
Address = Annotated[
    Place, BeforeValidator(_place, json_schema_input_type=str), Field(examples=["0.0.0.0:14550"])
]


class TelemetrySpec(BaseModel):
    """The settings every telemetry kind has.

    max_age: s, an older pose is stale. max_gap: s, between two poses further apart nothing is interpolated.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: str
    max_age: Span = 2.0
    max_gap: Span = 3.0

    def book(self) -> PoseBook:
        """A book for this telemetry's poses."""
        return PoseBook(max_age=self.max_age, max_gap=self.max_gap)


def parse(settings: Mapping[str, object]) -> TelemetrySpec:
    """The spec of the kind that `settings` names. Raises streams.kinds.UnknownKind, pydantic.ValidationError."""
    spec: type[TelemetrySpec] = kinds.load(KINDS, str(settings.get("kind"))).Spec
    return spec.model_validate(settings)


def build(spec: TelemetrySpec, source: str) -> Feed | PoseDecoder:
    """source: the name that the poses carry."""
    made: Feed | PoseDecoder = kinds.load(KINDS, spec.kind).build(spec, source)
    return made
