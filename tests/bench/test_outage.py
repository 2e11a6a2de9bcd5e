"""How the outage's bench counts."""

from bench.outage.tally import Arrival, tally


def came(*numbers: int, replayed: bool = False) -> list[Arrival]:
    return [Arrival(number, f"e{number}/0", replayed) for number in numbers]


def test_all_there_in_order() -> None:
    found = tally([0, 1, 2], came(0, 1, 2), 1.5)
    assert (found.lost, found.out_of_order, found.again, found.doubled) == (0, 0, 0, 0)
    assert found.figures()["all_there_after_s"] == 1.5


def test_what_nobody_answered_for_is_not_lost() -> None:
    assert tally([0, 1], came(0, 1, 2), None).lost == 0
    assert tally([0, 1, 2], came(0), None).lost == 2


def test_order_is_that_of_the_first_arrivals() -> None:
    assert tally(range(4), came(0, 2, 1, 3), None).out_of_order == 1
    assert tally(range(4), [*came(0, 1, 2), *came(0, 1, 2, replayed=True), *came(3)], None).out_of_order == 0


def test_a_repeat_that_says_so_under_its_own_name_is_no_double() -> None:
    assert tally([7], [*came(7), *came(7, replayed=True)], None).doubled == 0
    assert tally([7], came(7, 7), None).doubled == 1
    assert tally([7], [*came(7), Arrival(7, "other/0", True)], None).doubled == 1
    assert tally([7], [*came(7), *came(7, 7, replayed=True)], None).again == 2
