"""Who hears and sees whom."""

from dataclasses import dataclass, field

from relay.media.stream import Kind, Packet, Rewriter, sequence_step, stamp_step
from relay.media.switch import KEY_SECONDS, Outlet, Source, Switch
from tests.support.payloads import video


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Listener:
    """A lane that keeps what it is sent, while there is room."""

    room: int = 10_000
    got: list[Packet] = field(default_factory=list)

    def send(self, packet: Packet) -> bool:
        if len(self.got) >= self.room:
            return False
        self.got.append(packet)
        return True

    @property
    def payloads(self) -> list[bytes]:
        return [packet.payload for packet in self.got]


def outlet(
    listener: Listener, kind: Kind = Kind.AUDIO, *, clock: Clock | None = None, opened: bool = True
) -> Outlet:
    rewriter = Rewriter(48000, spurts=kind is Kind.AUDIO, sequence=1, timestamp=0)
    made = Outlet(kind, rewriter, listener, clock or Clock())
    if opened:
        made.opened()
    return made


def speak(source: Source, *words: bytes, sequence: int = 0) -> None:
    for n, word in enumerate(words):
        source.put(Packet(sequence + n, 960 * (sequence + n), word, ssrc=id(source) % 1000))


def test_everybody_hears_the_one_who_speaks_and_nobody_himself() -> None:
    switch = Switch()
    listeners = {name: Listener() for name in ("centre", "badge-17", "badge-18")}
    for name, listener in listeners.items():
        switch.join(name, outlet(listener))
    centre, badge = Source(Kind.AUDIO, 48000), Source(Kind.AUDIO, 48000)
    speak(centre, b"before the floor is given")
    switch.turn("centre", centre)
    speak(centre, b"come in", sequence=1)
    switch.turn("badge-17", badge)
    speak(centre, b"late", sequence=2)
    speak(badge, b"received")
    switch.turn(None)
    speak(badge, b"after the floor is gone", sequence=1)
    assert listeners["badge-18"].payloads == [b"come in", b"received"]
    assert listeners["centre"].payloads == [b"received"]
    assert listeners["badge-17"].payloads == [b"come in"]


def test_a_late_one_hears_at_once_and_who_left_hears_nothing() -> None:
    switch, early, late = Switch(), Listener(), Listener()
    centre = Source(Kind.AUDIO, 48000)
    switch.join("early", outlet(early))
    switch.turn("centre", centre)
    speak(centre, b"one")
    switch.join("late", outlet(late))
    switch.leave("early")
    speak(centre, b"two", sequence=1)
    assert (early.payloads, late.payloads) == ([b"one"], [b"two"])


def test_a_member_that_comes_back_is_heard_once() -> None:
    switch, old, new = Switch(), Listener(), Listener()
    centre = Source(Kind.AUDIO, 48000)
    switch.join("badge", outlet(old))
    switch.join("badge", outlet(new))
    switch.turn("centre", centre)
    speak(centre, b"one")
    assert (old.payloads, new.payloads) == ([], [b"one"])


def test_a_tap_hears_every_speaker_as_received() -> None:
    @dataclass
    class Recorder:
        got: list[Packet] = field(default_factory=list)

        def put(self, packet: Packet) -> None:
            self.got.append(packet)

    switch, recorder = Switch(), Recorder()
    centre, badge = Source(Kind.AUDIO, 48000), Source(Kind.AUDIO, 48000)
    switch.tap(recorder)
    switch.turn("centre", centre)
    speak(centre, b"one", sequence=500)
    switch.turn("badge", badge)
    speak(badge, b"two")
    switch.untap(recorder)
    speak(badge, b"three", sequence=1)
    assert [(packet.payload, packet.sequence) for packet in recorder.got] == [(b"one", 500), (b"two", 0)]


def test_a_broken_sink_silences_nobody() -> None:
    class Broken:
        def put(self, packet: Packet) -> None:
            raise OSError("disk full")

    source, listener = Source(Kind.AUDIO, 48000), Listener()
    source.attach(Broken())
    outlet(listener).follow(source)
    speak(source, b"one", b"two")
    assert listener.payloads == [b"one", b"two"]


def test_the_stream_goes_on_when_the_speaker_changes() -> None:
    clock, listener = Clock(), Listener()
    ear = outlet(listener, clock=clock)
    one, two = Source(Kind.AUDIO, 48000), Source(Kind.AUDIO, 48000)
    ear.follow(one)
    speak(one, b"1", b"2")
    clock.now += 5
    ear.follow(two)
    speak(two, b"3", sequence=40000)
    before, after = listener.got[-2:]
    assert sequence_step(after.sequence, before.sequence) == 1
    assert stamp_step(after.timestamp, before.timestamp) == 5 * 48000
    assert [packet.marker for packet in listener.got] == [True, False, True]


def test_a_slow_listener_loses_packets_and_is_counted() -> None:
    listener = Listener(room=2)
    ear, source = outlet(listener), Source(Kind.AUDIO, 48000)
    ear.follow(source)
    speak(source, b"1", b"2", b"3", b"4")
    assert (ear.sent, ear.dropped) == (2, 2)


def test_nothing_is_sent_before_the_connection_stands() -> None:
    listener, source = Listener(), Source(Kind.AUDIO, 48000)
    ear = outlet(listener, opened=False)
    ear.follow(source)
    speak(source, b"lost")
    ear.opened()
    speak(source, b"heard", sequence=1)
    assert listener.payloads == [b"heard"]


def test_a_late_viewer_starts_from_the_kept_group() -> None:
    asked: list[bool] = []
    source = Source(Kind.VIDEO, 90000, lambda: asked.append(True))
    pictures = video([True, False, False, False])
    for packet in pictures[:5]:
        source.put(packet)
    viewer = Listener()
    outlet(viewer, Kind.VIDEO).follow(source)
    source.put(pictures[5])
    assert viewer.payloads == [packet.payload for packet in pictures]
    assert not asked
    stamps = [packet.timestamp for packet in viewer.got]
    assert stamps == [0, 0, 0, 90, 180, 180 + 3600]  # what was kept is squeezed, what is live is not


def test_without_a_kept_group_a_key_frame_is_asked_for_and_awaited() -> None:
    clock = Clock()
    asked: list[float] = []
    source = Source(Kind.VIDEO, 90000, lambda: asked.append(clock.now), clock=clock)
    viewer = Listener()
    outlet(viewer, Kind.VIDEO, clock=clock).follow(source)
    for packet in video([False] * 30):  # the first wish got lost on its way
        source.put(packet)
        clock.now += 0.04
    assert viewer.got == []
    assert len(asked) == 1 + int(30 * 0.04 / KEY_SECONDS)
    key = video([True, False], 30, 30 * 3600)
    for packet in key:
        source.put(packet)
    assert viewer.payloads == [packet.payload for packet in key]


def test_wishes_of_many_viewers_are_one_wish() -> None:
    clock = Clock()
    asked: list[bool] = []
    source = Source(Kind.VIDEO, 90000, lambda: asked.append(True), clock=clock)
    viewers = [outlet(Listener(), Kind.VIDEO, clock=clock) for _ in range(30)]
    for viewer in viewers:
        viewer.follow(source)
        viewer.want_key()
    assert len(asked) == 1
    clock.now += KEY_SECONDS
    viewers[0].want_key()
    assert len(asked) == 2


def test_a_slow_viewer_goes_on_with_a_whole_picture() -> None:
    source = Source(Kind.VIDEO, 90000)
    viewer = Listener(room=4)
    eye = outlet(viewer, Kind.VIDEO)
    eye.follow(source)
    for packet in video([True, False, False, False]):
        source.put(packet)
    assert (eye.dropped, len(viewer.got)) == (1, 4)  # the picture after the lost one is not sent
    viewer.room = 100
    for packet in video([False, True], 6, 4 * 3600):
        source.put(packet)
    assert viewer.payloads[4:] == [packet.payload for packet in video([True])]


def test_when_the_sender_is_gone_nothing_comes() -> None:
    source, listener = Source(Kind.AUDIO, 48000), Listener()
    outlet(listener).follow(source)
    source.close()
    speak(source, b"1")
    assert listener.got == []
