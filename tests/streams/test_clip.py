from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from streams.annexb import AnnexB
from streams.clip import ClipFailed, ClipWriter
from streams.packet import Packet, parameter_sets
from streams.source import StreamInfo
from tests.support import ffmpeg
from tests.support.browser import played
from tests.support.encoded import START, Shot, joined, shot, units, with_sei, without_sets

FORMS = [("h264", 0), ("h264", 2), ("hevc", 0), ("hevc", 2), ("mjpeg", 0)]


def write(path: Path, info: StreamInfo, packets: tuple[Packet, ...]) -> Path:
    with ClipWriter(path, info) as writer:
        for packet in packets:
            writer.write(packet)
    return path


def written(path: Path, taken: Shot) -> Path:
    return write(path, taken.info, taken.packets)


def read(path: Path) -> list[bytes]:
    """The packets in a file, with start codes."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        convert = AnnexB(stream)
        return [bytes(piece) for one in container.demux(stream) if one.size for piece in convert.convert(one)]


@pytest.mark.parametrize(("codec", "bframes"), FORMS)
def test_every_codec_becomes_a_clip_that_nobody_complains_of(
    codec: str, bframes: int, tmp_path: Path
) -> None:
    taken = shot(codec=codec, bframes=bframes)
    path = written(tmp_path / "clip.mp4", taken)
    assert ffmpeg.complaints(path) == ""
    found = ffmpeg.stream(path)
    assert (found["codec_name"], found["width"], found["height"]) == (codec, 160, 120)
    assert (found["nb_read_packets"], found["nb_read_frames"]) == ("40", "40")
    assert float(found["duration"]) == pytest.approx(4.0, abs=0.11)
    shown = [moment - taken.packets[0].dts for moment in taken.shown]
    assert ffmpeg.times(path) == pytest.approx(shown, abs=1e-3)


@pytest.mark.parametrize("bframes", [0, 2])
def test_parameter_sets_out_of_band_only(bframes: int, tmp_path: Path) -> None:
    taken = shot(bframes=bframes)
    bare = tuple(replace(packet, data=without_sets(packet.data)) for packet in taken.packets)
    assert not any(parameter_sets("h264", packet.data) for packet in bare)
    path = write(tmp_path / "clip.mp4", taken.info, bare)
    assert ffmpeg.complaints(path) == ""
    assert ffmpeg.stream(path)["nb_read_frames"] == "40"


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_a_size_that_nobody_declared_is_the_first_picture_s(codec: str, tmp_path: Path) -> None:
    taken = shot(codec=codec)
    path = write(tmp_path / "clip.mp4", StreamInfo(codec, 0, 0, None, taken.info.extradata), taken.packets)
    assert ffmpeg.complaints(path) == ""
    assert (ffmpeg.stream(path)["width"], ffmpeg.stream(path)["height"]) == (160, 120)


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_a_clip_of_one_picture(codec: str, tmp_path: Path) -> None:
    taken = shot(codec=codec)
    path = write(tmp_path / "clip.mp4", taken.info, taken.packets[:1])
    assert ffmpeg.complaints(path) == ""
    assert float(ffmpeg.stream(path)["duration"]) == pytest.approx(0.1)


def test_what_the_camera_put_into_the_packets_survives_byte_for_byte(tmp_path: Path) -> None:
    """A signature in SEI user data, with everything that has to be escaped in it."""
    taken = shot(bframes=2)
    sign = bytes(range(256)) + b"\0\0\0\0\0\1\0\0\2\0\0\3" + bytes(300)
    signed = tuple(
        replace(packet, data=with_sei(packet.data, b"%d:" % number + sign))
        for number, packet in enumerate(taken.packets)
    )
    path = write(tmp_path / "clip.mp4", taken.info, signed)
    assert ffmpeg.complaints(path) == ""
    back = read(path)
    slices = [[unit for unit in units(data) if unit[0] & 0x1F in (1, 5, 6)] for data in back]
    assert slices == [[u for u in units(one.data) if u[0] & 0x1F in (1, 5, 6)] for one in signed]
    assert all(any(unit[0] == 6 for unit in found) for found in slices)


def test_times_that_stand_still_or_step_back_still_make_a_clip(tmp_path: Path) -> None:
    taken = shot()
    bent = tuple(
        replace(packet, dts=packet.dts - 3600, time=packet.time - 3600)
        if number > 30
        else replace(packet, dts=START + 1.0, time=START + 1.0)
        if 10 < number < 14
        else packet
        for number, packet in enumerate(taken.packets)
    )
    path = write(tmp_path / "clip.mp4", taken.info, bent)
    assert ffmpeg.complaints(path) == ""
    assert ffmpeg.stream(path)["nb_read_frames"] == "40"


def test_it_says_when_it_was_taken(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4", shot())
    with av.open(str(path)) as container:
        created = datetime.fromisoformat(container.metadata["creation_time"])
    assert created == datetime.fromtimestamp(START, UTC)


@pytest.mark.parametrize("codec", ["h264", "hevc"])  # the second is small enough to stay in a buffer
def test_what_was_written_before_a_power_cut_plays(codec: str, tmp_path: Path) -> None:
    """What lies on the disk at that moment: all but the GOP under way."""
    path, left = tmp_path / "clip.part", tmp_path / "left.mp4"
    taken = shot(95, codec=codec)
    writer = ClipWriter(path, taken.info)
    for packet in taken.packets:
        writer.write(packet)
    left.write_bytes(path.read_bytes())
    writer.close()
    assert ffmpeg.complaints(left) == ""
    assert int(ffmpeg.stream(left)["nb_read_frames"]) >= 80


@pytest.mark.parametrize("info", [StreamInfo("vp8", 160, 120, 10.0), StreamInfo("h264", 0, 0, None)])
def test_what_makes_no_clip_is_said(info: StreamInfo, tmp_path: Path) -> None:
    with pytest.raises(ClipFailed) as failed:
        write(tmp_path / "clip.mp4", info, (Packet(b"\0\0\1\x65" + bytes(9), START, START, True),))
    assert str(failed.value) in ("vp8 does not fit into MP4", "the first picture does not decode")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ClipFailed, match="No such file"):
        ClipWriter(tmp_path / "nowhere" / "clip.mp4", shot().info)


@pytest.mark.parametrize("packets", [5, 40])
def test_a_disk_that_is_full_is_said_even_if_only_the_end_no_longer_fits(
    packets: int, tmp_path: Path
) -> None:
    full = tmp_path / "clip.mp4"
    full.symlink_to("/dev/full")
    taken = shot()
    with pytest.raises(ClipFailed, match="No space left"):
        write(full, taken.info, taken.packets[:packets])


def test_units_of_a_clip_are_joined_as_they_were() -> None:
    """The measure of the tests above is a true one."""
    data = shot().packets[0].data
    assert joined(units(data)).replace(b"\0\0\0\1", b"\0\0\1") == data.replace(b"\0\0\0\1", b"\0\0\1")


@pytest.mark.parametrize("bframes", [0, 2])
def test_chromium_plays_it_to_the_end(bframes: int, tmp_path: Path) -> None:
    took = played(written(tmp_path / "clip.mp4", shot(60, bframes=bframes, size=(320, 240))))
    assert (took["how"], took["error"]) == ("ended", None)
    assert (took["width"], took["height"]) == (320, 240)
    assert took["pictures"] == 60
    assert took["reached"] == took["seconds"] == pytest.approx(6.0, abs=0.3)
    assert len(took["seen"]) > 1
