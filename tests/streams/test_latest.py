import threading

from hypothesis import given
from hypothesis import strategies as st

from streams.latest import Latest


@given(st.lists(st.sampled_from(["put", "take"]), max_size=100))
def test_newest_wins_and_everything_is_accounted_for(steps: list[str]) -> None:
    slot: Latest[int] = Latest()
    newest: int | None = None
    for number, step in enumerate(steps):
        if step == "put":
            slot.put(number)
            newest = number
        else:
            assert slot.take() == newest
            newest = None
    counted = slot.statistics()
    assert counted.put == steps.count("put")
    assert counted.put == counted.taken + counted.dropped + (newest is not None)


def test_a_bell_wakes_the_one_who_waits_on_many_slots() -> None:
    bell = threading.Event()
    slots: list[Latest[int]] = [Latest(bell), Latest(bell)]
    threading.Timer(0.05, slots[1].put, [7]).start()
    assert bell.wait(30)
    assert [slot.take() for slot in slots] == [None, 7]
