"""How growth is told from noise, and imports from each other."""

import pytest

from bench.coldstart import slowest
from bench.memory import slope, thinned


def test_a_steady_rise_is_found_in_a_sawtooth() -> None:
    samples = [100 + number * 0.01 + (number % 7) * 0.5 for number in range(2000)]
    assert slope(samples, 2.0) == pytest.approx(0.01 * 3600 / 2, rel=0.02)


def test_one_step_is_no_slope() -> None:
    assert slope([100.0] * 900 + [101.0] * 100, 2.0) == 0


def test_two_samples_are_enough_and_one_says_nothing() -> None:
    assert slope([1.0, 2.0], 3600.0) == 1.0
    assert slope([1.0], 1.0) == 0.0


def test_long_courses_are_thinned() -> None:
    assert len(thinned([float(number) for number in range(901)]).split()) <= 120
    assert thinned([1.0, 2.0]) == "1.0 2.0"


def test_imports_are_summed_by_package_and_the_slowest_named() -> None:
    lines = [
        "import time: self [us] | cumulative | imported package",
        "import time:      1000 |       1000 |     numpy.core",
        "import time:      3000 |       4000 |   numpy",
        "import time:       500 |       4500 | av",
    ]
    assert slowest(lines, 1) == {"all": 4.5, "numpy": 4.0}
