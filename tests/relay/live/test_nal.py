"""NAL units, and which pictures are B."""

from hypothesis import given
from hypothesis import strategies as st

from relay.live.nal import Unit, is_bidirectional, kind, units
from tests.support.encoded import joined, shot

# A unit's payload has no start code in it and does not end in zero (H.264, 7.4.1).
payloads = st.binary(min_size=1, max_size=60).map(lambda data: data.replace(b"\0\0", b"\0\x03") + b"\x80")


@given(st.lists(payloads, max_size=6))
def test_what_was_joined_comes_apart_again(parts: list[bytes]) -> None:
    assert list(units(joined(parts))) == parts
    assert list(units(b"".join(b"\0\0\1" + part + b"\0\0\0" for part in parts))) == parts


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(data: bytes) -> None:
    for unit in units(data):
        kind(unit)
        is_bidirectional(unit)


def test_an_encoders_pictures_are_told_apart() -> None:
    plain, reordered = shot(20, gop=10), shot(20, gop=10, bframes=2)
    assert not any(map(_is_b, (packet.data for packet in plain.packets)))
    found = [_is_b(packet.data) for packet in reordered.packets]
    shown = [packet.time for packet in reordered.packets]
    overtaken = [any(earlier > time for earlier in shown[:place]) for place, time in enumerate(shown)]
    assert found == overtaken
    assert any(found)
    assert not all(found)


def _is_b(data: bytes) -> bool:
    return any(is_bidirectional(unit) for unit in units(data) if kind(unit) == Unit.SLICE)
