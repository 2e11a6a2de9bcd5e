import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.health.health import Health
from streams.health.measures import measure
from streams.health.memory import Forgotten, dump, load
from tests.support.tampering import encoded, site


def taught() -> Health:
    health = Health()
    for second, picture in enumerate(encoded(site(second) for second in range(8))):
        health.update(measure(picture), 1e9 + second)
    return health


def test_a_reference_survives_as_it_was() -> None:
    reference = taught().reference
    again = load(dump(reference))
    assert len(again.appearances) == len(reference.appearances) == 1
    one, other = reference.appearances[0], again.appearances[0]
    assert np.array_equal(one.measures.edges, other.measures.edges)
    assert np.array_equal(one.texture, other.texture)
    assert (one.seen, one.taken, one.white) == (other.seen, other.taken, other.white)
    assert other.kept(one.measures) > 0.9


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x93NUMPY" + b"\0" * 100])
def test_what_is_no_reference(data: bytes) -> None:
    with pytest.raises(Forgotten):
        load(data)


KEPT = dump(taught().reference)


@given(st.integers(0, len(KEPT) - 1), st.integers(1, 255))
def test_one_spoilt_byte_is_noticed(place: int, flip: int) -> None:
    spoilt = bytearray(KEPT)
    spoilt[place] ^= flip
    with pytest.raises(Forgotten):
        load(bytes(spoilt))
