import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.land.parts import claimed, parted

NOWHERE = np.zeros((40, 60), np.bool_)
SHARED = st.lists(
    st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 99)),
    unique_by=lambda each: each[:2],
)


@given(SHARED, st.permutations([1, 2, 3, 4, 5]))
def test_each_patch_goes_on_once_or_in_an_elder_one_and_no_part_is_lost(
    shared: list[tuple[int, int, int]], elders: list[int]
) -> None:
    claims = claimed(shared, elders)
    names = {name for name, _, _ in shared}
    assert claims.kept.keys() | claims.absorbed.keys() == names
    assert not claims.kept.keys() & claims.absorbed.keys()
    assert len(set(claims.kept.values())) == len(claims.kept)
    for younger, elder in claims.absorbed.items():
        assert elders.index(elder) < elders.index(younger)
        assert elder in claims.kept
    assert set(claims.kept.values()) | claims.heirs.keys() == {label for _, label, _ in shared}
    assert not set(claims.kept.values()) & claims.heirs.keys()


def test_a_rim_that_is_less_sure_belongs_to_it_and_alone_is_nothing() -> None:
    level = np.zeros((40, 60), np.uint8)
    level[10:20, 10:20] = 100
    level[10:20, 40:50] = 100
    level[14, 44] = 200
    found = parted(level, NOWHERE, None, np.zeros_like(level))
    assert [part.box for part in found.parts.values()] == [(40, 10, 50, 20)]
    assert [part.px for part in found.parts.values()] == [100]


def test_a_known_one_stays_as_long_as_it_is_half_sure() -> None:
    level, names = np.zeros((40, 60), np.uint8), np.zeros((40, 60), np.uint8)
    level[10:20, 10:20], names[10:20, 10:20] = 100, 3
    found = parted(level, NOWHERE, None, names)
    assert [(name, px) for name, _, px in found.shared] == [(3, 100)]
    level[:] = 80
    assert parted(level, NOWHERE, None, names).parts == {}


def test_gaps_are_bridged_but_never_into_what_is_shut() -> None:
    level = np.zeros((40, 60), np.uint8)
    level[10:20, 10:20] = level[10:20, 23:30] = 255
    assert len(parted(level, NOWHERE, None, np.zeros_like(level)).parts) == 1
    shut = np.zeros(level.shape, np.bool_)
    shut[:, 20:23] = True
    assert len(parted(level, NOWHERE, shut, np.zeros_like(level)).parts) == 2


def test_a_few_pixels_are_nothing() -> None:
    level = np.zeros((40, 60), np.uint8)
    level[10, 10:15] = 255
    assert parted(level, NOWHERE, None, np.zeros_like(level)).parts == {}


def test_soil_and_what_else_changed_beside_it_are_parts_of_their_own() -> None:
    """A dig that reaches a bush in the wind."""
    level, bare = np.zeros((40, 60), np.uint8), NOWHERE.copy()
    level[10:20, 10:40] = 255
    bare[8:22, 20:45] = True
    found = parted(level, bare, None, np.zeros_like(level))
    assert {part.box: part.px for part in found.parts.values()} == {
        (20, 10, 40, 20): 200,
        (10, 10, 20, 20): 100,
    }
