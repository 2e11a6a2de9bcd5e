"""DJI's subtitle telemetry: the .SRT file beside a clip, or the subtitle track inside it."""

from pathlib import Path
from threading import Event
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import structlog
from pydantic import AfterValidator

from streams.telemetry import dji_srt
from streams.telemetry.book import PoseBook
from streams.telemetry.errors import Denied, Gone, NoTelemetry, Undecodable
from streams.telemetry.feed import Feed, PoseDecoder, Poses
from streams.telemetry.spec import Span, TelemetrySpec
from streams.units import Instant

log = structlog.get_logger()

# An hour at 60 pictures per second, 500 bytes each; more is no subtitle file.
LARGEST = 128 * 1024 * 1024


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, LookupError, ValueError):  # unknown, or no name of a zone at all
        raise ValueError(f"needs a time zone such as Asia/Shanghai, has {name!r}") from None
    return name


class Spec(TelemetrySpec):
    """`kind: dji_srt`. path: the .SRT file; without it the subtitle track of the stream itself.

    zone: of the drone's clock, which writes local time and no zone. start: when the clip's first picture was taken;
    it must be the same as the clip's own, and beats the drone's clock. order: of GPS(..) in old dialects.
    every: s between two poses kept.
    """

    kind: Literal["dji_srt"] = "dji_srt"
    path: Path | None = None
    zone: Annotated[str, AfterValidator(_zone)]
    start: Instant | None = None
    order: Literal["lon_lat", "lat_lon"] | None = None
    every: Span = 0.2

    def book(self) -> PoseBook:
        """Large enough for six hours: a recording is loaded as a whole."""
        return PoseBook(
            max_age=self.max_age, max_gap=self.max_gap, capacity=max(4096, int(21_600 / self.every))
        )


def build(spec: Spec, source: str) -> Feed | PoseDecoder:
    if spec.path is None:
        return dji_srt.SubtitleDecoder(source, ZoneInfo(spec.zone), order=spec.order)
    return SrtFile(spec, spec.path, source)


class SrtFile:
    """Raises Gone, Denied, NoTelemetry."""

    def __init__(self, spec: Spec, path: Path, source: str) -> None:
        self._spec, self._path, self._source = spec, path, source

    def run(self, poses: Poses, stop: Event) -> None:
        track = self._load()
        if track.refused:
            log.warning("telemetry.refused_cues", path=str(self._path), cues=track.refused)
        for pose in track.poses:
            if stop.is_set():
                return
            poses(pose)

    def _load(self) -> dji_srt.Track:
        spec = self._spec
        zone = ZoneInfo(spec.zone)
        try:
            return dji_srt.load(
                self._text(), self._source, zone, clip_start=spec.start, order=spec.order, every=spec.every
            )
        except Undecodable:
            raise NoTelemetry(str(self._path)) from None

    def _text(self) -> str:
        try:
            with self._path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except PermissionError:
            raise Denied(str(self._path)) from None
        except OSError:
            raise Gone(str(self._path)) from None
        if len(data) > LARGEST:
            raise NoTelemetry(str(self._path))
        return data.decode("utf-8", "replace").replace("\r\n", "\n")
