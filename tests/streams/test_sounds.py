"""A camera's sound for who listens now."""

import threading

from streams.sound import Sound, Sounds
from streams.stamps import LiveClock
from tests.support.sinks import PATIENCE

SOUNDS = [Sound(bytes([number]), float(number)) for number in range(150)]


def test_each_listener_hears_what_comes_while_it_listens() -> None:
    sounds = Sounds()
    sounds.put(SOUNDS[0])
    with sounds.listen() as first:
        sounds.put(SOUNDS[1])
        with sounds.listen() as second:
            sounds.put(SOUNDS[2])
            assert second.next(0) == SOUNDS[2]
        sounds.put(SOUNDS[3])
        assert [first.next(0) for _ in range(4)] == [*SOUNDS[1:4], None]
        assert second.next(0) is None


def test_who_is_too_slow_hears_the_newest_and_knows_what_it_missed() -> None:
    sounds = Sounds()
    with sounds.listen() as ear:
        for sound in SOUNDS:
            sounds.put(sound)
        assert ear.next(0) == SOUNDS[50]
        assert ear.missed == 50


def test_a_listener_that_waits_is_woken() -> None:
    sounds, heard = Sounds(), list[Sound | None]()
    with sounds.listen() as ear:
        thread = threading.Thread(target=lambda: heard.append(ear.next(PATIENCE)))
        thread.start()
        sounds.put(SOUNDS[7])
        thread.join(PATIENCE)
    assert heard == [SOUNDS[7]]


def test_what_is_stamped_like_the_pictures_has_their_time() -> None:
    clock = LiveClock()
    assert clock.beside(10.0, 1000.0) is None
    shown, _ = clock.times(10.0, 10.0, 1000.2)
    assert clock.beside(10.5, 1000.6) == shown + 0.5
    assert clock.beside(None, 1000.6) is None
    assert clock.beside(5000.0, 1000.6) is None  # another clock's stamp
