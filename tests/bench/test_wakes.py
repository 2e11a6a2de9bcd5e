"""The watching of several cameras at once."""

from collections.abc import Callable

from bench.wakes import follow


def test_every_camera_is_followed_from_the_start() -> None:
    """Not one after the other: what the second did meanwhile would never have been seen."""
    rounds: list[list[int]] = [[], [], []]
    turn = 0

    def look(number: int, until: int) -> Callable[[], bool]:
        def looked() -> bool:
            nonlocal turn
            turn += number == 0
            rounds[number].append(turn)
            return turn >= until

        return looked

    follow([look(0, 5), look(1, 3), look(2, 4)])
    assert rounds == [[1, 2, 3, 4, 5]] * 3
