"""What is measured of packets, and what it means."""

from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from edge.probe.heard import Heard
from edge.probe.measure import measured
from edge.probe.pictures import Pictures, blocks, pictures
from edge.probe.sets import grade
from edge.probe.siblings import candidates
from edge.probe.verdicts import verdicts
from streams.packet import Packet
from streams.source import StreamInfo
from tests.support.encoded import START, shot

INFO = StreamInfo("h264", 1280, 720, 25.0)


def heard(packets: tuple[Packet, ...], info: StreamInfo = INFO) -> Heard:
    return Heard(info, packets, tuple(packet.dts + 0.05 for packet in packets), 0.3, 0, None)


def steady(fps: int, count: int, gop: int, lost: frozenset[int] = frozenset()) -> tuple[Packet, ...]:
    return tuple(
        Packet(b"\x00" * 100, START + number / fps, START + number / fps, number % gop == 0)
        for number in range(count)
        if number not in lost
    )


def stopped(packets: tuple[Packet, ...], number: int) -> tuple[Packet, ...]:
    """One carries the time of the one before."""
    early = replace(packets[number], time=packets[number - 1].time, dts=packets[number - 1].dts)
    return (*packets[:number], early, *packets[number + 1 :])


def swaying(packets: tuple[Packet, ...]) -> tuple[Packet, ...]:
    """Every third comes late by the half of a pause."""
    late = [one.time + (0.02 if number % 3 == 0 else 0) for number, one in enumerate(packets)]
    return tuple(replace(one, time=time, dts=time) for one, time in zip(packets, late, strict=True))


def codes(given: Heard, sub: StreamInfo | None = INFO, clock: float | None = None) -> set[str]:
    found = verdicts(given, measured(given), Pictures(None, 0, 0), sub, clock, "tcp")
    return {each.code for each in found}


@given(
    fps=st.integers(2, 60),
    gop=st.integers(2, 100),
    lost=st.sets(st.integers(1, 298), max_size=20),
)
def test_rates_gaps_and_groups_are_counted(fps: int, gop: int, lost: set[int]) -> None:
    """Of 300 pictures, 20 of which may be lost; the first two seconds are not judged."""
    keys = {number for number in range(300) if number % gop == 0}
    found = measured(heard(steady(fps, 300, gop, frozenset(lost - keys))))
    judged = {number for number in lost - keys if number > 2 * fps}
    early = {number for number in lost - keys if number <= 2 * fps}
    assert len(judged) <= found.missing <= len(judged) + len(early)
    assert found.uneven == 0
    assert found.backwards == 0
    assert found.jitter == pytest.approx(0, abs=1e-3)
    if not lost:
        assert found.fps == pytest.approx(fps, rel=0.01)
        assert found.bitrate == pytest.approx(800 * fps, rel=0.05)
        assert set(found.gop) == {gop}
        assert found.gop_seconds == pytest.approx(gop / fps, abs=1e-3)


def test_what_was_held_back_at_first_does_not_count() -> None:
    """Stamps of the first pictures lie closer than the camera meant, as those of a burst do."""
    real = steady(10, 100, 10)
    burst = tuple(
        Packet(
            one.data, START + 1 + (one.time - START - 1) / 3, START + 1 + (one.dts - START - 1) / 3, one.key
        )
        for one in real[:10]
    )
    found = measured(heard(burst + real[10:]))
    assert found.fps == pytest.approx(10, rel=0.01)
    assert found.gop_seconds == pytest.approx(1, abs=1e-3)


def test_b_frames_are_found_in_real_streams() -> None:
    plain, coded = shot(40, bframes=0), shot(40, bframes=2)
    assert "live.b_frames" in codes(heard(coded.packets, coded.info))
    assert measured(heard(coded.packets, coded.info)).b_frames
    assert not measured(heard(plain.packets, plain.info)).b_frames
    assert "live.b_frames" not in codes(heard(plain.packets, plain.info))
    other = shot(20, codec="hevc")
    assert "live.codec" in codes(heard(other.packets, other.info))


@pytest.mark.parametrize(
    ("given", "sub", "clock", "code"),
    [
        (heard(steady(25, 600, 250)), INFO, None, "gop.long"),
        (heard(steady(25, 100, 250)), INFO, None, "gop.unseen"),
        (heard(steady(12, 100, 12)), INFO, None, "fps.slow"),
        (heard(steady(25, 200, 25, frozenset({60, 61, 90}))), INFO, None, "line.loss"),
        (heard(stopped(steady(25, 200, 25), 30)), INFO, None, "stamps.still"),
        (heard(swaying(steady(25, 200, 25))), INFO, None, "stamps.uneven"),
        (heard(steady(25, 200, 25)), INFO, -40.0, "clock"),
        (heard(steady(25, 200, 25), StreamInfo("h264", 2560, 1440, 25)), None, None, "size.wide"),
        (heard(steady(25, 200, 25), StreamInfo("h264", 160, 90, 25)), INFO, None, "size.narrow"),
    ],
)
def test_each_trouble_has_its_verdict(
    given: Heard, sub: StreamInfo | None, clock: float | None, code: str
) -> None:
    assert code in codes(given, sub, clock) - codes(heard(steady(25, 200, 25)))


def test_only_what_was_found_is_said_of_time_stamps() -> None:
    given = heard(stopped(steady(25, 200, 25), 30))
    found = verdicts(given, measured(given), Pictures(None, 0, 0), INFO, None, "tcp")
    (said,) = [each.text for each in found if each.code.startswith("stamps")]
    assert said.en.startswith("in 1 of 200 pictures the camera's time stands still")
    assert said.zh.startswith("200 帧中有 1 帧的时间戳停滞")


def test_damage_is_seen_by_decoding() -> None:
    """A picture whose second half never came is decoded, with a fault that must be counted."""
    whole = shot(30)
    torn = list(whole.packets)
    torn[12] = Packet(torn[12].data[: len(torn[12].data) // 2], torn[12].time, torn[12].dts, False)
    assert pictures(heard(whole.packets, whole.info)).damaged == 0
    seen = pictures(heard(tuple(torn), whole.info))
    assert seen.damaged >= 1
    assert seen.first is not None
    late = pictures(heard(whole.packets[3:], whole.info))
    assert late.first is not None
    assert late.damaged == 0  # before the first key frame nothing is decoded


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_profile_and_level_are_the_encoders(codec: str) -> None:
    sent = shot(3, codec=codec)
    found = grade(codec, sent.info.extradata + sent.packets[0].data)
    context = av.CodecContext.create(codec, "r")
    context.decode(av.Packet(sent.packets[0].data))  # type: ignore[attr-defined]
    assert found is not None
    assert found.profile == context.profile
    assert 1 <= float(found.level) <= 6.2
    assert grade(codec, b"\x00\x00\x01") is None


@given(st.binary(max_size=60))
def test_rubbish_has_no_grade_and_harms_nobody(data: bytes) -> None:
    for codec in ("h264", "hevc", "mjpeg"):
        grade(codec, b"\x00\x00\x01\x67" + data)
        grade(codec, b"\x00\x00\x01\x42" + data)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Streaming/Channels/101", "/Streaming/Channels/102"),
        ("/cam/realmonitor?channel=2&subtype=0", "/cam/realmonitor?channel=2&subtype=1"),
        ("/media/video1", "/media/video2"),
        ("/h264/ch1/main/av_stream", "/h264/ch1/sub/av_stream"),
        ("/unknown", "/Streaming/Channels/102"),
    ],
)
def test_other_streams_are_looked_for_where_makers_put_them(path: str, expected: str) -> None:
    found = candidates(SecretStr(f"rtsp://u:secret@10.0.0.1:555{path}"))
    assert f"rtsp://10.0.0.1:555{expected}" in [url.get_secret_value() for url in found]
    assert not [url for url in found if "secret" in url.get_secret_value()]


def test_half_blocks_show_two_rows_each() -> None:
    array = np.zeros((8, 8, 3), np.uint8)
    array[:4] = (255, 0, 0)
    frame = av.VideoFrame.from_ndarray(array, "rgb24")
    frame.time_base = Fraction(1, 1)
    lines = blocks(frame, 8)
    assert len(lines) == 4
    assert lines[0].startswith("\x1b[38;2;255;0;0;48;2;255;0;0m▀")
    assert lines[3].endswith("38;2;0;0;0;48;2;0;0;0m▀\x1b[0m")
