"""Which pictures a run draws, and how fast it learns from them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.train.deck import Deck, odds
from bench.train.samples import Knowledge, Sample, read
from bench.train.schedule import Schedule
from bench.train.sources import Part
from tests.support.labelled import source, write

NOTHING = Knowledge({}, {}, {}, {})
BOX = (0.2, 0.2, 0.8, 0.8)


def samples(folder: Path) -> list[Sample]:
    """Forty pictures of cars from one source, and from another nine of trucks and one of an excavator."""
    for number in range(40):
        write(folder / "roads", f"{number}", [(4, *BOX)])
    for number in range(9):
        write(folder / "sites", f"{number}", [(0, *BOX)])
    write(folder / "sites", "9", [(1, *BOX)])
    sources = [
        source(folder / "roads", name="roads", share=1.0),
        source(folder / "sites", name="sites", share=3.0),
    ]
    return list(read(folder, sources, Part.TRAIN, NOTHING))


def test_sources_are_drawn_by_their_share_and_not_by_their_size(tmp_path: Path) -> None:
    drawn = samples(tmp_path)
    chances = odds(drawn)
    assert chances.sum() == pytest.approx(1)
    roads = sum(
        chance for sample, chance in zip(drawn, chances, strict=True) if sample.source.name == "roads"
    )
    assert roads == pytest.approx(0.25)


def test_a_rare_class_is_drawn_more_often_than_its_neighbours(tmp_path: Path) -> None:
    drawn = samples(tmp_path)
    chance = {sample.key: value for sample, value in zip(drawn, odds(drawn), strict=True)}
    assert chance["sites/9"] > 1.5 * chance["sites/0"]


def test_a_draw_depends_on_seed_and_index_alone(tmp_path: Path) -> None:
    drawn = samples(tmp_path)
    first, second = Deck(drawn, seed=3), Deck(drawn, seed=3)
    second.draw(0)  # what was drawn before does not matter
    one, same = first.draw(17), second.draw(17)
    assert np.array_equal(one.picture, same.picture)
    assert np.array_equal(one.truth.boxes, same.truth.boxes)
    assert not np.array_equal(one.picture, first.draw(18).picture)
    assert not np.array_equal(one.picture, Deck(drawn, seed=4).draw(17).picture)


def test_a_run_without_pictures_says_so() -> None:
    with pytest.raises(ValueError, match="no labelled pictures"):
        Deck([], seed=1)


@given(st.integers(1, 10**6), st.integers(0, 10**6))
def test_the_rate_never_exceeds_its_peak_nor_vanishes(pictures: int, seen: int) -> None:
    assert 0 < Schedule(pictures).factor(seen) <= 1


@given(st.integers(10_000, 10**6), st.integers(10_000, 10**6), st.integers(0, 7_000))
def test_until_the_cool_down_the_length_of_the_run_does_not_matter(one: int, other: int, seen: int) -> None:
    assert Schedule(one).factor(seen) == Schedule(other).factor(seen)


def test_the_rate_rises_stays_and_falls_to_a_hundredth() -> None:
    schedule = Schedule(100_000, warm_up=2000, cool_down=0.3)
    assert schedule.factor(0) < 0.001
    assert schedule.factor(2000) == schedule.factor(70_000) == 1
    falling = [schedule.factor(seen) for seen in range(70_000, 100_001, 5000)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == pytest.approx(0.01)
