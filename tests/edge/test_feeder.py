"""Packets of a ring to the daemon: from the newest key frame on, only while they are wished for, and never too late."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from edge.worker import feeder as feeder_module
from edge.worker.feeder import Feeder, Outlook
from edge.worker.messages import View
from streams.crossing import HEAD, Content, content, head
from streams.packet import Packet
from streams.ring import Ring
from streams.sound import Sound, SoundInfo, Sounds
from tests.support.encoded import filled, shot
from tests.support.sinks import PATIENCE, eventually

SHOT = shot(40, gop=10)  # 4 s in four groups


class Daemon:
    """The other end of the socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        self._sock = sock

    def next(self) -> tuple[int, Content]:
        found = head(self._exactly(HEAD.size))
        return found.channel, content(found, self._exactly(found.length))

    def packets(self, count: int) -> list[Packet]:
        found: list[Packet] = []
        while len(found) < count:
            _, one = self.next()
            found += [one] if isinstance(one, Packet) else []
        return found

    def silent(self) -> bool:
        self._sock.settimeout(0.3)
        try:
            return not self._sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return True
        finally:
            self._sock.settimeout(PATIENCE)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += self._sock.recv(count - len(data))
        return data


@contextlib.contextmanager
def feeding(
    ring: Ring, *, live: bool = True, sounds: Sounds | None = None
) -> Iterator[tuple[Feeder, Daemon]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        feeder = Feeder(theirs, {"gate": Outlook(ring, lambda: live, sounds or Sounds())})
        try:
            yield feeder, Daemon(ours)
        finally:
            feeder.stop()


def test_it_begins_with_the_newest_key_frame_and_goes_on_with_what_comes() -> None:
    ring = filled(Ring(), replace(SHOT, packets=SHOT.packets[:25]))
    with feeding(ring) as (feeder, daemon):
        feeder.obey(View(camera="gate", channel=7))
        assert daemon.next() == (7, SHOT.info)
        assert daemon.packets(5) == list(SHOT.packets[20:25])
        ring.put(SHOT.packets[25])
        assert daemon.next() == (7, SHOT.packets[25])
        eventually(lambda: feeder.counts["gate"].sent == 6)


def test_sound_crosses_beside_the_pictures_of_the_stream_that_was_announced_and_no_other() -> None:
    ring, sounds = filled(Ring(), replace(SHOT, packets=SHOT.packets[:25])), Sounds()
    with feeding(ring, sounds=sounds) as (feeder, daemon):
        feeder.obey(View(camera="gate", channel=7))
        assert daemon.next() == (7, SHOT.info)
        daemon.packets(5)
        eventually(lambda: sounds._ears)
        sounds.put(Sound(b"one", 1.0))
        assert daemon.next() == (7, Sound(b"one", 1.0))
        ring.open(replace(SHOT.info, sound=SoundInfo("aac", 16000, 1)))
        sounds.put(Sound(b"another codec's", 2.0))
        assert daemon.silent()
        feeder.obey(View(camera="gate", channel=None))
        eventually(lambda: not sounds._ears)


def test_nothing_crosses_without_a_wish_nor_after_it() -> None:
    ring = filled(Ring(), replace(SHOT, packets=SHOT.packets[:20]))
    with feeding(ring) as (feeder, daemon):
        assert daemon.silent()
        feeder.obey(View(camera="gate", channel=1))
        daemon.packets(10)
        feeder.obey(View(camera="gate", channel=None))
        for packet in SHOT.packets[20:]:
            ring.put(packet)
        assert daemon.silent()
        eventually(lambda: feeder.counts["gate"].sent == 10)


def test_what_a_camera_that_is_away_sent_last_is_not_shown_as_live() -> None:
    ring = filled(Ring(), replace(SHOT, packets=SHOT.packets[:15]))
    with feeding(ring, live=False) as (feeder, daemon):
        feeder.obey(View(camera="gate", channel=1))
        assert daemon.silent()
        later = replace(SHOT.after(60.0), packets=SHOT.after(60.0).packets[:15])
        filled(ring, later)
        assert daemon.next() == (1, SHOT.info)
        assert daemon.packets(15) == list(later.packets)


def test_a_camera_that_comes_back_in_the_midst_of_a_group_is_shown_from_its_next_key_frame() -> None:
    ring = filled(Ring(), replace(SHOT, packets=SHOT.packets[:15]))
    with feeding(ring, live=False) as (feeder, daemon):
        feeder.obey(View(camera="gate", channel=1))
        assert daemon.silent()
        for packet in SHOT.packets[15:25]:
            ring.put(packet)
        assert daemon.next() == (1, SHOT.info)
        assert daemon.packets(5) == list(SHOT.packets[20:25])


def test_a_picture_that_would_be_taken_for_nonsense_stays_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeder_module, "LONGEST", max(packet.size for packet in SHOT.packets))
    packets = list(SHOT.packets[:5])
    packets[2] = replace(packets[2], data=packets[2].data + b"\0" * 100_000)
    ring = filled(Ring(), replace(SHOT, packets=tuple(packets)))
    with feeding(ring) as (feeder, daemon):
        feeder.obey(View(camera="gate", channel=1))
        assert daemon.packets(4) == [*packets[:2], *packets[3:]]
        assert feeder.counts["gate"].skipped == 1


def test_another_stream_is_announced_before_its_packets() -> None:
    other = shot(10, size=(320, 240)).after(10.0)
    ring = filled(Ring(), SHOT, other)
    with feeding(ring) as (feeder, daemon):
        feeder.obey(View(camera="gate", channel=1))
        assert daemon.next() == (1, other.info)
        daemon.packets(10)
        again = replace(SHOT, packets=SHOT.after(20.0).packets[:15])
        filled(ring, again)
        assert daemon.next() == (1, SHOT.info)
        assert daemon.packets(15) == list(again.packets)


def test_a_daemon_that_is_too_slow_goes_on_with_the_newest_key_frame_and_what_it_missed_is_counted() -> None:
    heavy = [replace(packet, data=packet.data + b"\0" * 400_000) for packet in shot(120, gop=10).packets]
    ring = Ring()
    ring.open(SHOT.info)
    with feeding(ring) as (feeder, daemon):
        ring.put(heavy[0])
        feeder.obey(View(camera="gate", channel=1))
        for packet in heavy[1:]:
            ring.put(packet)
        eventually(lambda: ring.last_number == 119)
        found = daemon.packets(11)
        numbers = [heavy.index(packet) for packet in found]
        breaks = [at for at in range(1, 11) if numbers[at] != numbers[at - 1] + 1]
        assert len(breaks) == 1
        assert found[breaks[0]].key
        assert numbers[breaks[0]] == 110
        skipped = numbers[breaks[0]] - numbers[breaks[0] - 1] - 1
        assert feeder.counts["gate"].skipped == skipped > 0


def test_a_daemon_that_is_gone_ends_the_view(recwarn: pytest.WarningsRecorder) -> None:
    ring = filled(Ring(), SHOT)
    ours, theirs = socket.socketpair()
    with theirs:
        feeder = Feeder(theirs, {"gate": Outlook(ring, lambda: True)})
        ours.close()
        feeder.obey(View(camera="gate", channel=1))
        ring.put(SHOT.packets[-1])
    assert not recwarn.list
