"""Several looks become one, and no single one pulls it far."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.land.features import PATCH, Features
from inference.land.gather import FIRST, Gather
from inference.land.model import single
from inference.land.packing import packed_gather, unpacked_gather
from inference.land.relight import Residue, residue
from tests.support.landscape import SIZE, Landscape, spot

PLACE = Landscape()
ALL = np.ones(SIZE[::-1], bool)
DUG = spot()


def rest(gather: Gather, chance: int, *, dug: bool = False) -> Residue:
    look = Features.of(PLACE.seen(chance=chance, dug=DUG if dug else None))
    return residue(look, gather.base.features(), ALL & ~DUG)


def tint(gather: Gather) -> float:
    return float(gather.model().features().tint[DUG].mean())


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(FIRST)))
def test_two_looks_of_five_with_a_lorry_are_outvoted(order: list[int]) -> None:
    gather = Gather.begun(single(Features.of(PLACE.seen(chance=1)), ALL))
    before = tint(gather)
    for number in order:
        gather.add(rest(gather, number, dug=number < 2), ALL)
    assert abs(tint(gather) - before) < 0.05


def test_a_late_look_pulls_by_a_fraction_of_itself() -> None:
    gather = Gather.begun(single(Features.of(PLACE.seen(chance=1)), ALL))
    for number in range(12):
        gather.add(rest(gather, number), ALL)
    before = tint(gather)
    gather.add(rest(gather, 30, dug=True), ALL)
    assert abs(tint(gather) - before) < 0.03


def test_what_is_masked_is_not_learnt() -> None:
    gather = Gather.begun(single(Features.of(PLACE.seen(chance=1)), ALL))
    before = tint(gather)
    for number in range(9):
        gather.add(rest(gather, number, dug=True), ALL & ~DUG)
    model = gather.model()
    assert (model.looks[DUG] == 1).all()  # the base
    assert (model.looks[~DUG] == 9).all()
    assert abs(tint(gather) - before) < 0.02


def test_noise_becomes_the_spread() -> None:
    gather = Gather.begun(single(Features.of(PLACE.seen(chance=1, noise=0)), ALL))
    for number in range(20):
        gather.add(residue(Features.of(PLACE.seen(chance=number, noise=4)), gather.base.features(), ALL), ALL)
    spread = gather.model().spreads[2].astype(float) / 128
    look = Features.of(PLACE.seen(noise=0))
    single_px = (
        4 * np.sqrt(0.114**2 + 0.587**2 + 0.299**2) / np.exp(look.luma)
    )  # of ln Y, from noise of each colour
    expected = single_px / np.sqrt(PATCH[0] * PATCH[1])
    assert (
        0.6 < np.median(spread / expected) < 1.7
    )  # it is kept in steps of 1/128, which is more than expected


def test_it_is_packed_and_unpacked_whole() -> None:
    gather = Gather.begun(single(Features.of(PLACE.seen(chance=1)), ALL))
    for count in range(FIRST + 2):
        again = unpacked_gather(gather.base, packed_gather(gather))
        assert again.looks == gather.looks == count
        if count:
            assert (again.model().means == gather.model().means).all()
            assert (again.model().spreads == gather.model().spreads).all()
        gather.add(rest(gather, count), ALL)
