"""The size of pictures without decoding them: what an encoder wrote, and nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.media.sps import Unreadable, size
from tests.support.encoded import shot, units


@pytest.mark.parametrize("across", [(160, 120), (640, 360), (318, 242), (1920, 1080)])
def test_it_is_the_encoders(across: tuple[int, int]) -> None:
    assert size(units(shot(1, size=across).packets[0].data)[0]) == across


def test_a_camera_of_1080p_as_its_data_sheet_has_it() -> None:
    """High profile, level 4.0, cropped by 8 lines; with an emulation prevention byte."""
    assert size(bytes.fromhex("67640028ac2ca501e0089f961000000303e90000ea608f18319600")) == (1920, 1080)


@given(st.binary(max_size=60))
def test_nonsense_is_refused_or_has_a_size_that_pictures_have(data: bytes) -> None:
    try:
        width, height = size(b"\x67\x64\x00\x28" + data)
    except Unreadable:
        return
    assert 0 < width <= 8192
    assert 0 < height <= 8192


def test_what_would_keep_a_muxer_busy_is_refused() -> None:
    """num_ref_frames_in_pic_order_cnt_cycle of 2**31: FFmpeg loops over it."""
    bits = "11010111" + "0" * 31 + "1" + "0" * 31 + "0" * 8
    body = int(bits.ljust((len(bits) + 7) // 8 * 8, "0"), 2).to_bytes((len(bits) + 7) // 8)
    with pytest.raises(Unreadable):
        size(b"\x67\x42\x00\x28" + body)
