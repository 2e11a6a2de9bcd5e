from streams.spoilage import Spoilage


def told(counts: list[tuple[int, int]]) -> list[bool]:
    """(spoilt, pictures) in each second, one after the other."""
    spoilage, bad, good, found = Spoilage(), 0, 0, []
    for second, (spoilt, pictures) in enumerate(counts):
        bad, good = bad + spoilt, good + pictures
        found.append(spoilage.update(bad, good, float(second)))
    return found


def test_a_bad_half_minute_is_said_and_taken_back() -> None:
    found = told([(0, 25)] * 40 + [(15, 10)] * 60 + [(0, 25)] * 60)
    assert not any(found[:40])
    assert found[99]
    assert not found[-1]


def test_a_few_lost_packets_are_nothing() -> None:
    assert not any(told([(2, 23)] * 300))


def test_a_short_burst_is_nothing() -> None:
    assert not any(told([(0, 25)] * 45 + [(20, 5)] * 5 + [(0, 25)] * 60))


def test_a_camera_at_rest_or_gone_is_nothing() -> None:
    assert not any(told([(0, 0)] * 100))


def test_counts_that_begin_anew_do_not_confuse_it() -> None:
    spoilage = Spoilage()
    for second in range(40):
        spoilage.update(1000 + second, 9000 + 25 * second, float(second))
    assert not any(spoilage.update(0, 25 * second, 40.0 + second) for second in range(60))
