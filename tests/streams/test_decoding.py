from dataclasses import replace
from random import Random
from typing import Any, get_args

import numpy as np
import pytest
from av import error as av_error
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from streams.decoding import Decoder
from streams.errors import UnsupportedCodec
from streams.hardware import Acceleration
from streams.packet import Packet
from streams.source import StreamInfo
from tests.support.encoded import START, Shot, shot, without_sets

NAMED = [name for name in get_args(Acceleration) if name not in ("auto", "none")]


def times(shot: Shot, decoder: Decoder | None = None) -> list[float]:
    decoder = decoder or Decoder(shot.info)
    pictures = [picture for packet in shot.packets for picture in decoder.pictures(packet)] + decoder.rest()
    return [(picture.pts or 0) / 1_000_000 for picture in pictures]


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
@pytest.mark.parametrize("bframes", [0, 2])
def test_every_picture_comes_out_once_in_order_with_its_own_time(codec: str, bframes: int) -> None:
    taken = shot(codec=codec, bframes=bframes if codec != "mjpeg" else 0)
    assert times(taken) == pytest.approx(taken.shown)


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_a_key_frame_alone_is_a_picture_at_once(codec: str) -> None:
    taken = shot(codec=codec, bframes=2 if codec != "mjpeg" else 0)
    decoder = Decoder(taken.info)
    for key in [*[packet for packet in taken.packets if packet.key][:3], taken.packets[0]]:
        picture = decoder.alone(key)
        assert picture is not None
        assert picture.pts == round(key.time * 1_000_000)
        assert (picture.width, picture.height) == (160, 120)
    assert times(taken, decoder) == pytest.approx(taken.shown), "and whole decoding goes on from there"


def test_parameter_sets_that_came_in_the_description_only() -> None:
    taken = shot()
    bare = tuple(replace(packet, data=without_sets(packet.data)) for packet in taken.packets)
    assert len(times(replace(taken, packets=bare))) == len(taken.packets)
    assert times(Shot(replace(taken.info, extradata=b""), bare)) == []


def test_what_does_not_decode_is_counted_and_the_next_key_frame_mends_it() -> None:
    taken, random = shot(), Random(1)
    decoder = Decoder(taken.info)
    broken = [
        replace(packet, data=random.randbytes(packet.size)) if 3 <= number < 15 else packet
        for number, packet in enumerate(taken.packets)
    ]
    seen = times(replace(taken, packets=tuple(broken)), decoder)
    assert decoder.spoilt >= 10
    assert seen[-20:] == pytest.approx(taken.shown[-20:])


def test_a_jpeg_that_was_cut_off_is_no_picture() -> None:
    taken = shot(codec="mjpeg", frames=2)
    decoder = Decoder(taken.info)
    assert decoder.alone(replace(taken.packets[0], data=taken.packets[0].data[:-900])) is None
    assert decoder.spoilt == 1
    assert decoder.alone(taken.packets[1]) is not None


@settings(max_examples=150)
@given(
    st.sampled_from(["h264", "hevc", "mjpeg"]),
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 4000), st.binary(max_size=30)), max_size=12),
    st.booleans(),
)
def test_no_mutation_of_a_stream_raises(
    codec: str, changes: list[tuple[int, int, bytes]], alone: bool
) -> None:
    taken = shot(12, codec=codec, gop=4)
    decoder = Decoder(taken.info)
    data = [bytearray(packet.data) for packet in taken.packets]
    for number, place, patch in changes:
        data[number][place : place + len(patch)] = patch
    for packet, mutated in zip(taken.packets, data, strict=True):
        sent = Packet(bytes(mutated), packet.time, packet.dts, packet.key)
        _ = decoder.alone(sent) if alone else decoder.pictures(sent)
    decoder.rest()


@pytest.mark.parametrize("name", ["none-such", "pcm_alaw", "opus"])
def test_what_no_video_decoder_is_for(name: str) -> None:
    with pytest.raises(UnsupportedCodec):
        Decoder(StreamInfo(name, 0, 0, None))


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_a_device_that_will_not_open_is_said_and_the_cpu_decodes(name: Acceleration, codec: str) -> None:
    """On a machine that has the device it decodes: either way every picture comes."""
    taken = shot(12, codec=codec)
    with capture_logs() as logs:
        decoder = Decoder(taken.info, acceleration=name)
        seen = times(taken, decoder)
    assert seen == pytest.approx(taken.shown)
    said = [(line["event"], line["wanted"], line["codec"]) for line in logs]
    assert said == ([] if decoder.device == name else [("decoder.fallback", name, codec)])


@pytest.mark.parametrize("name", ["auto", "none"])
def test_what_nobody_named_is_not_missed(name: Acceleration) -> None:
    taken = shot(12)
    with capture_logs() as logs:
        assert times(taken, Decoder(taken.info, acceleration=name)) == pytest.approx(taken.shown)
    assert name == "auto" or not logs


class Refusing:
    """A driver that opens and then decodes nothing: what a container without the video half of CUDA shows."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def decode(self, coded: object) -> list[object]:
        raise av_error.ExternalError(-1, "no")

    def flush_buffers(self) -> None:
        self._context.flush_buffers()


def test_a_device_that_opens_and_refuses_every_picture_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Decoder._context_for

    def opened(decoder: Decoder, device: str | None) -> Any:
        context = plain(decoder, None)
        return context if device is None else Refusing(context)

    monkeypatch.setattr(Decoder, "_context_for", opened)
    taken = shot()
    with capture_logs() as logs:
        decoder = Decoder(taken.info, acceleration="vaapi")
        assert decoder.device == "vaapi"
        seen = times(taken, decoder)
    assert decoder.device is None
    assert seen[-30:] == pytest.approx(taken.shown[-30:])
    assert [line["event"] for line in logs] == ["decoder.fallback"]


def test_it_leaves_ffmpeg_silent(capfd: pytest.CaptureFixture[str]) -> None:
    decoder = Decoder(shot().info)
    decoder.pictures(Packet(b"\0\0\1\x65" + bytes(range(200)), START, START, True))
    assert capfd.readouterr() == ("", "")


def test_pictures_are_the_ones_that_were_sent() -> None:
    taken = shot(frames=12)
    decoder = Decoder(taken.info)
    levels = [
        float(np.mean(picture.to_ndarray(format="gray")))
        for packet in taken.packets
        for picture in decoder.pictures(packet)
    ]
    assert np.diff(levels) == pytest.approx([7 * 219 / 255] * 11, abs=2)
