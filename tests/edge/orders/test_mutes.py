"""Muted cameras and rules: until when, whose events, and over restarts."""

from pathlib import Path

import pytest

from edge.orders.mutes import Mute, Mutes
from edge.orders.problems import OrderFailed
from edge.orders.words import Done
from tests.support.ordering import Place, asked, last, working


def mute(camera: str = "gate", rule: str | None = None, until: float = 100.0) -> Mute:
    return Mute(camera=camera, rule=rule, until=until, by="mqtt:county")


def test_a_camera_or_one_rule_is_muted_until_its_time(tmp_path: Path) -> None:
    mutes = Mutes(tmp_path / "mutes.json")
    mutes.set(mute(), 1.0)
    mutes.set(mute("pit", "night"), 1.0)
    assert mutes.covers("gate", "anything", 99.9)
    assert not mutes.covers("gate", "anything", 100.0)
    assert mutes.covers("pit", "night", 5.0)
    assert not mutes.covers("pit", "zone", 5.0)


def test_a_restart_ends_none_and_a_later_word_of_the_same_takes_its_place(tmp_path: Path) -> None:
    Mutes(tmp_path / "mutes.json").set(mute(), 1.0)
    again = Mutes(tmp_path / "mutes.json")
    assert again.covers("gate", "zone", 50.0)
    again.set(mute(until=20.0), 10.0)
    assert [each.until for each in again.now(10.0)] == [20.0]
    again.set(mute(until=11.0), 11.0)
    assert Mutes(tmp_path / "mutes.json").now(11.0) == ()


def test_a_damaged_file_mutes_nothing(tmp_path: Path) -> None:
    (tmp_path / "mutes.json").write_text('[{"camera": "gate"')
    assert Mutes(tmp_path / "mutes.json").now(0.0) == ()


def test_what_cannot_be_kept_is_not_muted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mutes = Mutes(tmp_path / "file" / "mutes.json")
    with pytest.raises(OrderFailed) as failed:
        mutes.set(mute(), 1.0)
    assert failed.value.problem.code == "mute.disk"
    assert not mutes.covers("gate", "zone", 5.0)


async def test_it_is_muted_and_lifted_by_order_and_all_are_told(tmp_path: Path) -> None:
    orders, box = Place(tmp_path).made()
    async with working(orders):
        order = asked(camera="pit", rule="night", reason="works")
        until = order["expires"]
        assert isinstance(until, float)
        done = await last(orders, "mute", {**order, "until": until + 60})
        assert isinstance(done, Done)
        mutes = done.result["mutes"]
        assert isinstance(mutes, list)
        (told,) = mutes
        assert isinstance(told, dict)
        assert (told["camera"], told["rule"], told["by"], told["reason"]) == (
            "pit",
            "night",
            "mqtt:county",
            "works",
        )
        assert box.mutes.covers("pit", "night", until)
        lifted = await last(orders, "mute", asked(camera="pit", rule="night", until=None))
        assert lifted.result == {"mutes": []}
        assert not box.mutes.covers("pit", "night", until)
