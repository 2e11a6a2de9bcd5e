"""The eye, turned by hand: what it hands on, and when."""

import threading
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.eye import Eye, EyeThread, Gaze
from streams.frame import Frame
from streams.packet import Packet
from streams.ring import Ring
from streams.source import StreamInfo
from tests.support.encoded import START, Shot, shot
from tests.support.sinks import PATIENCE, eventually

EVERY = 1000.0  # Hz: every picture is due


class Hand:
    """Takes every picture as it is handed on."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.waited = 0
        self.empty = True

    def put(self, item: Frame) -> None:
        self.frames.append(item)

    def put_when_free(self, item: Frame, patience: float) -> None:
        self.waited += 1
        self.put(item)

    @property
    def seen(self) -> list[float]:
        """Times of what was decoded among its neighbours, s from START."""
        return [round(frame.time - START, 3) for frame in self.frames if not frame.glimpse]

    @property
    def glimpsed(self) -> list[float]:
        return [round(frame.time - START, 3) for frame in self.frames if frame.glimpse]


class Bench:
    """A ring, an eye and a hand."""

    def __init__(
        self, fps: float = EVERY, *, awake: bool = True, patient: bool = False, ring: Ring | None = None
    ) -> None:
        self.ring = ring or Ring(60.0)
        self.hand = Hand()
        self.eye = Eye(self.ring, self.hand, Gaze(fps=fps, patient=patient), awake=awake)

    def opens(self, info: StreamInfo) -> None:
        self.ring.open(info)

    def sees(self, *packets: Packet) -> None:
        """Each is looked at before the next one comes."""
        for packet in packets:
            self.ring.put(packet)
            self.settles()

    def settles(self) -> None:
        while self.eye.turn(0.0):
            pass

    @property
    def statistics(self) -> dict[str, float | None]:
        found = self.eye.statistics()
        return {
            name: getattr(found, name) for name in ("pictures", "glimpses", "analysed", "skipped", "spoilt")
        }


def bench(taken: Shot, fps: float = EVERY, *, awake: bool = True, patient: bool = False) -> Bench:
    made = Bench(fps, awake=awake, patient=patient)
    made.opens(taken.info)
    return made


def tenths(first: int, last: int) -> list[float]:
    return [number / 10 for number in range(first, last)]


def test_awake_it_hands_on_pictures_at_the_rate_of_the_analysis() -> None:
    taken = shot()
    made = bench(taken, fps=5)
    made.sees(*taken.packets)
    assert made.hand.seen == tenths(0, 40)[::2]
    assert made.statistics == {"pictures": 40, "glimpses": 0, "analysed": 20, "skipped": 0, "spoilt": 0}
    assert made.eye.info == taken.info


@pytest.mark.parametrize("bframes", [0, 2])
def test_resting_it_decodes_key_frames_alone(bframes: int) -> None:
    taken = shot(bframes=bframes)
    made = bench(taken, awake=False)
    made.sees(*taken.packets)
    keys = [round(packet.time - START, 3) for packet in taken.packets if packet.key]
    assert (made.hand.glimpsed, made.hand.seen) == (keys, [])
    assert made.statistics["pictures"] == made.statistics["glimpses"] == 4


def test_a_camera_of_nothing_but_key_frames_is_glimpsed_once_a_second() -> None:
    taken = shot(100, codec="mjpeg", fps=25)
    made = bench(taken, awake=False)
    made.sees(*taken.packets)
    assert made.hand.glimpsed == [0, 1, 2, 3]
    made.eye.wake(START + 2.5)
    made.settles()
    assert made.hand.seen == pytest.approx([2.52 + number / 25 for number in range(37)], abs=0.021)


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("bframes", [0, 2])
def test_a_wake_goes_back_to_the_key_frame_and_misses_nothing(codec: str, bframes: int) -> None:
    taken = shot(codec=codec, bframes=bframes)
    made = bench(taken, awake=False)
    made.sees(*taken.packets[:36])
    made.eye.wake(START + 1.55)
    made.sees(*taken.packets[36:])
    held = 2 if bframes else 0  # still in the decoder, for what may come before them
    shown = [round(moment - START, 3) for moment in taken.shown]
    wanted = [moment for moment in shown if moment >= 1.55]
    assert made.hand.seen == wanted[: len(made.hand.seen)]
    assert len(wanted) - len(made.hand.seen) <= held
    assert made.eye.statistics().wakes == 1
    assert made.statistics["skipped"] == 0


def test_a_wake_goes_back_no_further_than_the_analysis_has_not_looked() -> None:
    """Key frames every second: that of 2.0 was compared, and nothing moved in it."""
    taken = shot()
    made = bench(taken, awake=False)
    made.sees(*taken.packets[:24])
    made.eye.looked, before = made.hand.frames[-1].time, made.eye.statistics().pictures
    made.eye.wake(START + 1.4)
    made.settles()
    assert made.hand.seen == tenths(20, 24)
    assert made.eye.statistics().pictures - before == 4


def test_what_was_looked_at_before_the_box_s_clock_was_set_back_bounds_no_wake() -> None:
    taken = shot()
    made = bench(taken, awake=False)
    made.sees(*taken.packets[:24])
    made.eye.looked = START + 3600
    made.eye.wake(START + 1.4)
    made.settles()
    assert made.hand.seen == tenths(14, 24)


def test_a_wake_from_a_key_frame_s_own_time_begins_with_it() -> None:
    """Times of pictures are whole microseconds, those of packets are not: rounding must not cost a group of pictures."""
    taken = shot().after(1 / 3_000_000)
    made = bench(taken, awake=False)
    made.sees(*taken.packets[:24])
    assert made.hand.frames[-1].time < taken.packets[20].time
    before = made.eye.statistics().pictures
    made.eye.wake(made.hand.frames[-1].time)
    made.settles()
    assert made.eye.statistics().pictures - before == 4


def test_waking_who_is_awake_changes_nothing() -> None:
    taken = shot()
    made = bench(taken)
    made.sees(*taken.packets[:25])
    made.eye.wake(START)
    made.sees(*taken.packets[25:])
    assert made.hand.seen == tenths(0, 40)
    assert made.eye.statistics().wakes == 0


Step = tuple[str, int]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["feed", "wake", "rest"]), st.integers(0, 25)), max_size=14))
def test_nothing_is_missed_and_nothing_comes_twice_around_wakes_and_rests(steps: list[Step]) -> None:
    """wake n: from n pictures ago, or from what was looked at last, whichever is later."""
    taken, sent, wanted = shot(200), 0, list[int]()
    made = bench(taken, awake=False)
    for what, number in steps:
        if what == "feed":
            made.sees(*taken.packets[sent : sent + number])
            wanted += [] if made.eye.resting else range(sent, min(sent + number, 200))
            sent = min(sent + number, 200)
        elif what == "wake" and made.eye.resting:
            since = max(sent - number, 0, wanted[-1] + 1 if wanted else 0)
            if since < sent:
                made.eye.wake(START + since / 10)
                made.settles()
                wanted += range(since, sent)
        elif what == "rest":
            made.eye.rest()
    assert made.hand.seen == [number / 10 for number in wanted]
    assert made.statistics["skipped"] == 0


def test_a_wake_for_now_goes_on_with_the_newest_picture() -> None:
    taken = shot()
    made = bench(taken, awake=False)
    made.sees(*taken.packets[:35])
    made.eye.wake(float("inf"))
    made.settles()
    made.sees(*taken.packets[35:])
    assert made.hand.seen == tenths(34, 40)


def test_a_camera_that_comes_back_to_a_resting_eye_is_looked_at() -> None:
    first, second = shot(), shot().after(600)
    made = bench(first, awake=False)
    made.sees(*first.packets)
    made.opens(second.info)
    made.eye.wake(float("inf"))
    made.sees(*second.packets)
    assert [moment for moment in made.hand.seen if moment > 500] == [600 + moment for moment in tenths(0, 40)]


def test_the_box_s_clock_set_back_does_not_blind_it() -> None:
    taken = shot()
    made = bench(taken, awake=False)
    made.sees(*taken.packets)
    made.eye.wake(START + 3.5)
    made.settles()
    made.sees(*shot().after(-3600).packets)
    assert made.hand.seen[-40:] == [moment - 3600 for moment in tenths(0, 40)]


def test_hopelessly_behind_it_goes_on_from_the_newest_key_frame() -> None:
    taken = shot(300)
    made = bench(taken)
    made.sees(*taken.packets[:5])
    for packet in taken.packets[5:285]:
        made.ring.put(packet)
    made.settles()
    made.sees(*taken.packets[285:])
    assert made.hand.seen == [*tenths(0, 5), *tenths(280, 300)]
    assert made.statistics == {"pictures": 25, "glimpses": 0, "analysed": 25, "skipped": 275, "spoilt": 0}


def test_what_a_wake_went_back_for_is_no_lag() -> None:
    """A camera with 20 s between key frames: all of them are decoded, and none overwrites the other."""
    taken = shot(300, gop=200)
    made = bench(taken, awake=False)
    made.sees(*taken.packets[:195])
    made.eye.wake(START + 0.5)
    made.settles()
    assert made.hand.seen == tenths(5, 195)
    assert made.hand.waited > 150
    assert made.statistics["skipped"] == 0


def test_what_the_ring_no_longer_has_is_counted() -> None:
    taken = shot(300)
    made = Bench(ring=Ring(3.0))
    made.opens(taken.info)
    made.sees(*taken.packets[:5])
    for packet in taken.packets[5:]:
        made.ring.put(packet)
    made.settles()
    assert made.hand.seen[:5] == tenths(0, 5)
    assert made.hand.seen[5:] == tenths(260, 300)
    assert made.statistics["skipped"] == 255


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
@pytest.mark.parametrize("awake", [True, False])
def test_another_stream_gets_a_decoder_of_its_own(codec: str, awake: bool) -> None:
    first, second = shot(bframes=2), shot(codec=codec, size=(320, 240)).after(10)
    made = bench(first, awake=awake)
    made.sees(*first.packets)
    made.opens(replace(second.info, width=0, height=0))
    made.sees(*second.packets)
    later = [frame for frame in made.hand.frames if frame.time >= START + 10]
    assert {frame.size for frame in later} == {(320, 240)}
    assert len(later) == (40 if awake else 4)
    if awake:
        assert len(made.hand.frames) == 80, "what the first one still held is not lost"
    assert made.eye.info == second.info
    assert made.eye.pictured == made.ring.opening == 2
    assert made.statistics["spoilt"] == 0


def test_a_codec_that_nothing_decodes_fails_and_the_next_stream_is_seen() -> None:
    taken = shot()
    made = Bench()
    made.opens(StreamInfo("none-such", 0, 0, None))
    made.sees(*taken.packets[:5])
    assert made.eye.unsupported
    assert made.eye.failing is not None
    assert made.eye.pictured == 0
    made.opens(taken.info)
    made.sees(*taken.packets)
    assert made.eye.failing is None
    assert not made.eye.unsupported
    assert made.hand.seen == tenths(0, 40)


def test_spoilt_packets_are_counted_and_the_rest_is_seen() -> None:
    taken = shot()
    made = bench(taken)
    made.sees(
        *[
            replace(one, data=b"\0\0\1\x41" + b"\xff" * 9) if 12 <= n < 15 else one
            for n, one in enumerate(taken.packets)
        ]
    )
    assert made.statistics["spoilt"] == 3
    assert made.hand.seen[-20:] == tenths(20, 40)
    assert made.eye.failing is None


def test_a_glimpse_that_does_not_decode_is_a_failure_until_one_does() -> None:
    taken = shot()
    made = bench(taken, awake=False)
    made.sees(replace(taken.packets[0], data=b"\0\0\1\x65" + bytes(50)))
    assert made.eye.failing is not None
    made.sees(*taken.packets[1:11])
    assert made.eye.failing is None
    assert made.hand.glimpsed == [1.0]


def test_pictures_held_back_for_their_order_are_no_failure_of_a_camera_that_rests() -> None:
    taken = shot(bframes=2)
    made = bench(taken)
    made.sees(taken.packets[0])
    assert made.eye.failing is not None
    made.eye.rest()
    assert made.eye.failing is None


def test_without_a_key_frame_there_is_nothing_to_see() -> None:
    taken = shot()
    made = bench(taken)
    made.sees(*taken.packets[1:10])
    assert made.statistics["pictures"] == 0
    assert made.ring.statistics().headless == 9


def test_a_ring_that_gave_up_its_gop_is_waited_for() -> None:
    taken = shot(gop=40)
    made = Bench(ring=Ring(60.0, 60_000))
    made.opens(taken.info)
    for packet in taken.packets:
        made.ring.put(packet)
    assert made.ring.statistics().overflows == 1
    began = time.monotonic()
    assert not made.eye.turn(0.2)
    assert time.monotonic() - began > 0.1


def test_a_recording_that_is_over_is_not_asked_again_and_again() -> None:
    taken = shot(10)
    made = bench(taken)
    made.sees(*taken.packets)
    made.ring.end()
    made.settles()
    began = time.monotonic()
    assert not made.eye.turn(0.2)
    assert time.monotonic() - began > 0.1


class Busy(Hand):
    """An analysis that takes its time."""

    def put_when_free(self, item: Frame, patience: float) -> None:
        time.sleep(0.005)
        super().put_when_free(item, patience)


def test_every_picture_of_a_recording_counts() -> None:
    taken = shot(200, bframes=2)
    ring, hand = Ring(5.0), Busy()
    eye = Eye(ring, hand, Gaze(fps=EVERY, patient=True))
    thread = EyeThread("clip", eye, lambda: None)
    thread.start()
    ring.open(taken.info)
    for number, packet in enumerate(taken.packets):
        ring.put(packet)
        eye.keep_up()
        if number == 20:
            eye.rest()
    ring.end()
    eye.finish()
    assert hand.seen == [round(moment - START, 3) for moment in taken.shown]
    assert not eye.resting
    assert eye.statistics().skipped == 0
    eye.close()
    assert thread.join(PATIENCE)


def test_a_stop_lets_go_whoever_waits_for_the_eye() -> None:
    made = bench(shot(200), patient=True)

    def wait() -> None:
        made.eye.keep_up()
        made.eye.finish()

    waiting = threading.Thread(target=wait)
    for packet in shot(200).packets:
        made.ring.put(packet)
    waiting.start()
    made.eye.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    made = bench(shot())
    monkeypatch.setattr(made.eye, "turn", lambda patience: 1 // 0)
    thread = EyeThread("gate", made.eye, told.set)
    thread.start()
    eventually(told.is_set)
    assert thread.join(PATIENCE)
