import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.packet import parameter_sets
from tests.support.encoded import joined, shot, units, without_sets

H264, HEVC = shot().packets[0].data, shot(codec="hevc", frames=12).packets[0].data


def kinds(codec: str, data: bytes) -> list[int]:
    return [unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F for unit in units(data)]


@pytest.mark.parametrize(("codec", "data", "wanted"), [("h264", H264, [7, 8]), ("hevc", HEVC, [32, 33, 34])])
def test_a_key_frame_tells_its_parameter_sets(codec: str, data: bytes, wanted: list[int]) -> None:
    found = parameter_sets(codec, data)
    assert kinds(codec, found) == wanted
    assert found.startswith(b"\0\0\0\1")
    assert set(units(found)) <= set(units(data))


def test_what_is_not_complete_is_nothing() -> None:
    assert parameter_sets("h264", without_sets(H264)) == b""
    assert parameter_sets("h264", shot().packets[1].data) == b""
    assert parameter_sets("h264", joined([unit for unit in units(H264) if unit[0] & 0x1F == 7])) == b""
    assert parameter_sets("h264", b"") == b""
    assert parameter_sets("mjpeg", shot(codec="mjpeg", frames=1).packets[0].data) == b""


def test_the_form_of_start_codes_and_repetitions_do_not_matter() -> None:
    plain = parameter_sets("h264", H264)
    assert parameter_sets("h264", b"".join(b"\0\0\1" + unit for unit in units(H264))) == plain
    assert parameter_sets("h264", plain) == plain
    assert parameter_sets("h264", plain + H264) == plain
    assert parameter_sets("h264", joined([unit + b"\0\0" for unit in units(plain)]) + H264) == plain


def test_a_set_at_the_end_of_what_is_searched_does_not_swallow_the_picture() -> None:
    first, second, *_ = units(parameter_sets("h264", H264))
    padding = b"\x06\x05" + b"\x55" * (4096 - 12 - len(first) - len(second))
    found = parameter_sets("h264", joined([padding, first, second, b"\x65" + b"\x77" * 50_000]))
    assert units(found) == [first, second]


@given(
    st.sampled_from([("h264", H264), ("hevc", HEVC)]),
    st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=6)), max_size=8),
    st.integers(0, 3000),
)
def test_mutated_access_units_yield_pieces_of_themselves_or_nothing(
    real: tuple[str, bytes], changes: list[tuple[int, bytes]], length: int
) -> None:
    codec, data = real[0], bytearray(real[1])
    for place, patch in changes:
        data[place : place + len(patch)] = patch
    mutated = bytes(data[:length])
    found = parameter_sets(codec, mutated)
    assert all(unit in mutated for unit in units(found))
    assert parameter_sets(codec, found) == found
    assert not found or {7, 8} <= set(kinds(codec, found)) or {33, 34} <= set(kinds(codec, found))
