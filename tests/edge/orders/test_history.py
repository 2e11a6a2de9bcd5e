"""Dated copies of the site file."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from edge.orders.history import History


def ticking() -> Iterator[float]:
    return (1_700_000_000.5 + number for number in count())


def history(folder: Path) -> History:
    times = ticking()
    return History(folder / "config", lambda: next(times))


def test_each_has_its_text_its_time_and_who_made_it(tmp_path: Path) -> None:
    copies = history(tmp_path)
    first, second = copies.add(b"a: 1\n", "file"), copies.add(b"a: 2\n", "console:li")
    assert copies.all() == (second, first)
    assert (copies.text(first.id), copies.text(second.id)) == (b"a: 1\n", b"a: 2\n")
    assert (first.time, second.who) == (1_700_000_000.5, "console:li")


def test_the_text_that_was_copied_last_is_not_copied_again(tmp_path: Path) -> None:
    copies = history(tmp_path)
    first = copies.noted(b"a: 1\n", "console:li")
    assert copies.noted(b"a: 1\n", "file") == first
    copies.noted(b"a: 2\n", "file")
    copies.noted(b"a: 1\n", "file")
    assert [copy.who for copy in copies.all()] == ["file", "file", "console:li"]


@pytest.mark.parametrize("ident", ["", "..", "../site", "20261122T162537.000Z-00000000"])
def test_what_is_no_copy_is_not_read(tmp_path: Path, ident: str) -> None:
    (tmp_path / "site.yaml").write_text("secret")
    with pytest.raises(KeyError):
        history(tmp_path).text(ident)


def test_a_damaged_label_costs_its_copy_alone(tmp_path: Path) -> None:
    copies = history(tmp_path)
    first, second = copies.add(b"a: 1\n", "file"), copies.add(b"a: 2\n", "file")
    (tmp_path / "config" / f"{second.id}.json").write_text("{")
    assert copies.all() == (first,)
