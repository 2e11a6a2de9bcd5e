"""Cameras are dealt out over the workers: each to exactly one, none idle, and none is moved that is watched already."""

from hypothesis import given
from hypothesis import strategies as st

from edge.worker.job import dealt

NAMES = st.lists(st.integers(0, 40).map("c{}".format), min_size=1, unique=True)


@given(NAMES, st.integers(1, 16))
def test_every_camera_has_one_worker_and_the_loads_are_even(names: list[str], workers: int) -> None:
    shares = dealt(names, workers)
    assert sorted(name for share in shares for name in share) == sorted(names)
    assert len(shares) == min(len(names), workers)
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1


@given(NAMES, NAMES, st.integers(1, 8), st.integers(1, 8))
def test_who_is_watched_stays_where_he_is(
    before: list[str], after: list[str], workers: int, wanted: int
) -> None:
    held = dealt(before, workers)
    shares = dealt(after, wanted, held)
    assert sorted(name for share in shares for name in share) == sorted(after)
    for number, share in enumerate(held):
        assert share & set(after) <= shares[number]
    running = sum(bool(share) for share in shares)
    kept = sum(bool(share & set(after)) for share in held)
    new = len(set(after) - set().union(*held))
    assert running == max(kept, min(wanted, kept + new))


def test_a_worker_that_lost_its_cameras_begins_again_with_new_ones() -> None:
    held = dealt(["gate", "pit"], 2)
    gone = dealt(["pit"], 2, held)
    assert gone == (frozenset(), frozenset({"pit"}))
    assert dealt(["pit", "road"], 2, gone) == (frozenset({"road"}), frozenset({"pit"}))
