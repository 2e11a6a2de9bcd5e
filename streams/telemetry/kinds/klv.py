"""A drone's metadata inside the video's transport stream: MISB ST 0601 KLV."""

from typing import Literal

from streams.telemetry.klv_stream import KlvStream
from streams.telemetry.spec import TelemetrySpec


class Spec(TelemetrySpec):
    """`kind: klv`."""

    kind: Literal["klv"] = "klv"


def build(spec: Spec, source: str) -> KlvStream:
    return KlvStream(source)
