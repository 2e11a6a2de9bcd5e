"""Guessing is slow, whoever guesses, and remembering it is bounded."""

from hypothesis import given
from hypothesis import strategies as st

from edge.accounts.attempts import Attempts, neighbourhood


@given(st.lists(st.floats(0, 10), max_size=200))
def test_never_more_than_so_many_within_a_window(waits: list[float]) -> None:
    attempts, now, heard = Attempts(3, 60.0), 0.0, []
    for wait in waits:
        now += wait
        if attempts.wait("a", now) == 0:
            attempts.failed("a", now)
            heard.append(now)
    for first in heard:
        assert sum(first <= each < first + 60 for each in heard) <= 3


def test_waiting_as_long_as_told_helps() -> None:
    attempts = Attempts(2, 60.0)
    attempts.failed("a", 0.0)
    attempts.failed("a", 10.0)
    assert attempts.wait("a", 20.0) == 40.0
    assert attempts.wait("b", 20.0) == 0
    assert attempts.wait("a", 60.0) == 0
    attempts.passed("a")
    assert attempts.wait("a", 20.0) == 0


def test_memory_is_bounded() -> None:
    attempts = Attempts(2, 60.0, keys=10)
    for n in range(1000):
        attempts.failed(str(n), 0.0)
    assert len(attempts) == 10


def test_one_persons_addresses_are_one() -> None:
    assert (
        neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:2") != neighbourhood("2001:db8:0:1::1")
    )
    assert neighbourhood("::ffff:192.0.2.7") == neighbourhood("192.0.2.7") != neighbourhood("192.0.2.8")
    assert neighbourhood("fe80::1%eth0") == neighbourhood("fe80::2")
    assert neighbourhood("x\r\ny") == ""
