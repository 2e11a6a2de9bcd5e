from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from threading import Event

import av
import pytest
from av.packet import Packet as AvPacket
from av.video.stream import VideoStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.annexb import AnnexB, prefixed
from streams.errors import StreamError
from streams.packet import Packet, parameter_sets
from streams.source import NullSink
from streams.sources import file
from tests.support.clips import make_clip
from tests.support.encoded import shot

# Containers with lengths before the units, and with start codes.
NONSENSE = b"\xff\xff\xff\xf0nonsense"
PREFIXED, PLAIN = (".mp4", ".flv", ".mkv"), (".ts", ".h264")


class Kept(NullSink):
    def __init__(self) -> None:
        self.packets: list[Packet] = []

    def packet(self, packet: Packet) -> None:
        self.packets.append(packet)


def video(path: Path) -> VideoStream:
    return av.open(str(path)).streams.video[0]


def remuxed(source: Path, target: Path) -> Path:
    with av.open(str(source)) as clip, av.open(str(target), "w") as container:
        stream = container.add_stream_from_template(clip.streams.video[0])
        for packet in clip.demux(video=0):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
    return target


@pytest.mark.parametrize("suffix", [*PREFIXED, *PLAIN])
def test_every_container_gives_the_same_units_with_the_sets_in_band(suffix: str, tmp_path: Path) -> None:
    source = make_clip(tmp_path / "source.mp4")
    path = remuxed(source, tmp_path / f"clip{suffix}")
    assert prefixed(video(path)) is (suffix in PREFIXED)
    sink = Kept()
    file.build(file.Spec(path=path)).run(sink, Event())
    assert len(sink.packets) == 20
    assert all(packet.data.startswith((b"\0\0\0\1", b"\0\0\1")) for packet in sink.packets)
    assert [bool(parameter_sets("h264", packet.data)) for packet in sink.packets] == [
        packet.key for packet in sink.packets
    ]


def test_hevc(tmp_path: Path) -> None:
    hevc = make_clip(tmp_path / "hevc.mp4", codec="libx265")
    assert prefixed(video(hevc))
    sink = Kept()
    file.build(file.Spec(path=hevc)).run(sink, Event())
    assert [bool(parameter_sets("hevc", packet.data)) for packet in sink.packets] == [
        packet.key for packet in sink.packets
    ]


def test_lengths_that_make_no_sense_are_counted_and_the_rest_goes_through(tmp_path: Path) -> None:
    out, convert = converted(make_clip(tmp_path / "clip.mp4"), {3, 4})
    assert (convert.spoilt, len(out)) == (2, 18)


def test_a_stream_of_nonsense_is_left_to_the_decoder_to_refuse(tmp_path: Path) -> None:
    """Were it held back for ever, the camera would neither come nor fail."""
    out, _ = converted(make_clip(tmp_path / "clip.mp4", frames=80), set(range(80)))
    assert 20 < len(out) < 80
    assert set(out) == {NONSENSE}


def converted(path: Path, broken: set[int]) -> tuple[list[bytes], AnnexB]:
    """What comes of a clip whose packets of these numbers are nonsense."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        convert, out = AnnexB(stream), list[bytes]()
        for number, packet in enumerate(packet for packet in container.demux(stream) if packet.size):
            out += map(bytes, convert.convert(AvPacket(NONSENSE) if number in broken else packet))
    return out, convert


def test_what_has_no_units_is_left_alone(tmp_path: Path) -> None:
    path, sent = tmp_path / "jpeg.avi", shot(4, codec="mjpeg").packets
    with av.open(str(path), "w") as container:
        stream = container.add_mux_stream("mjpeg", width=160, height=120, time_base=Fraction(1, 10))
        for number, packet in enumerate(sent):
            coded = AvPacket(packet.data)
            coded.stream, coded.pts, coded.dts, coded.time_base = stream, number, number, Fraction(1, 10)
            container.mux(coded)
    sink = Kept()
    file.build(file.Spec(path=path)).run(sink, Event())
    assert [packet.data for packet in sink.packets] == [packet.data for packet in sent]
    assert all(packet.key for packet in sink.packets)


@pytest.fixture(scope="module")
def flv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flv")
    return remuxed(make_clip(folder / "clip.mp4"), folder / "clip.flv")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(1, 45), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_configuration_record_of_rubbish_is_no_defect(
    flv: Path, tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    """As a drone may announce it over RTMP, which is FLV."""
    record = video(flv).codec_context.extradata
    assert record is not None
    mutated = bytearray(record)
    for place, byte in changes:
        mutated[place % len(record) or 1] = byte
    path = tmp_path / "mutated.flv"
    path.write_bytes(flv.read_bytes().replace(record, bytes(mutated)))
    with suppress(StreamError):
        file.build(file.Spec(path=path)).run(Kept(), Event())
