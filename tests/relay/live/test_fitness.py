"""What a browser can show as it is."""

from dataclasses import replace

from relay.live.fitness import Unfit, of_packet, of_stream
from streams.source import StreamInfo
from tests.support.encoded import joined, shot, units, without_sets


def test_h264_without_b_frames_is_fit() -> None:
    plain = shot(20)
    assert of_stream(plain.info) is None
    assert {of_packet(packet) for packet in plain.packets} == {None}


def test_other_codecs_are_not() -> None:
    assert of_stream(shot(5, codec="hevc").info) is Unfit.CODEC
    assert of_stream(shot(5, codec="mjpeg").info) is Unfit.CODEC


def test_b_frames_show_within_the_first_pictures() -> None:
    found = [of_packet(packet) for packet in shot(20, bframes=2).packets[:4]]
    assert Unfit.B_FRAMES in found


def test_a_profile_that_browsers_do_not_decode_is_known_by_the_parameter_sets_in_band_or_out_of_it() -> None:
    plain = shot(5)
    high_10 = joined(
        [
            unit[:1] + b"\x6e" + unit[2:] if unit[0] & 0x1F == 7 else unit
            for unit in units(plain.info.extradata)
        ]
    )
    assert of_stream(StreamInfo("h264", 160, 120, None, high_10)) is Unfit.PROFILE
    key = plain.packets[0]
    assert of_packet(replace(key, data=high_10 + without_sets(key.data))) is Unfit.PROFILE


def test_a_stream_that_only_refreshes_slice_by_slice_has_nothing_to_begin_with() -> None:
    key = shot(5).packets[0]
    refreshed = joined([b"\x01" + unit[1:] if unit[0] & 0x1F == 5 else unit for unit in units(key.data)])
    assert of_packet(replace(key, data=refreshed)) is Unfit.NO_IDR
