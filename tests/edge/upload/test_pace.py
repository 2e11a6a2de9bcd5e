from hypothesis import given
from hypothesis import strategies as st

from edge.upload.pace import Bucket


@given(
    rate=st.floats(100, 1e7),
    steps=st.lists(st.tuples(st.integers(1, 1 << 16), st.floats(0, 30)), min_size=1, max_size=60),
)
def test_whoever_waits_as_told_never_sends_faster_than_the_rate(
    rate: float, steps: list[tuple[int, float]]
) -> None:
    bucket, now, sent = Bucket(rate), 100.0, 0
    for size, idle in steps:
        now += idle
        now += bucket.take(size, now)
        sent += size
        # one second's worth may go at once, after a rest
        assert sent <= rate * (now - 100.0) + rate + 1e-3 * rate


def test_a_steady_sender_gets_the_whole_rate() -> None:
    bucket, now = Bucket(1000.0), 0.0
    for _ in range(1000):
        now += bucket.take(100, now)
    assert 98.0 <= now <= 100.0


def test_without_a_rate_nobody_waits() -> None:
    assert Bucket(None).take(1 << 30, 0.0) == 0.0
