"""Which packets go to whom, of the cameras that are watched."""

from structlog.testing import capture_logs

from edge.fleet import Fleet
from edge.live import PacketFeed
from edge.worker.messages import FromWorker, ToWorker, View
from edge.worker.parent import VisionWorker
from streams.crossing import Content
from streams.packet import Packet
from streams.sound import Sound
from streams.source import StreamInfo
from tests.support.encoded import shot
from tests.support.watching import camera, job

SHOT = shot(5)


class Told(VisionWorker):
    """A worker of which only the orders are of interest."""

    def __init__(self) -> None:
        super().__init__(job(), self._hear)
        self.orders: list[ToWorker] = []

    def order(self, order: ToWorker) -> None:
        self.orders.append(order)

    async def _hear(self, _: FromWorker) -> None:
        raise AssertionError


class Seen:
    def __init__(self) -> None:
        self.all: list[Content] = []

    def opened(self, info: StreamInfo) -> None:
        self.all.append(info)

    def packet(self, packet: Packet) -> None:
        self.all.append(packet)

    def sound(self, sound: Sound) -> None:
        self.all.append(sound)


class Broken(Seen):
    def packet(self, packet: Packet) -> None:
        raise ValueError("a defect")


class Site:
    """Two cameras on one worker."""

    def __init__(self) -> None:
        self.fleet = Fleet((job(camera("gate", "rtsp://127.0.0.1/a"), camera("road", "rtsp://127.0.0.1/b")),))
        self.feed = PacketFeed(self.fleet)
        self.worker = self.start()

    def start(self) -> Told:
        worker = Told()
        self.fleet.started(0, worker)
        self.fleet.ready(0)
        return worker

    def channels(self) -> list[tuple[str, int | None]]:
        return [(order.camera, order.channel) for order in self.worker.orders if isinstance(order, View)]


def test_each_viewer_gets_its_cameras_packets_and_nothing_after_it_has_left() -> None:
    site, gate, road = Site(), Seen(), Seen()
    site.feed.begin("gate", gate)
    site.feed.begin("road", road)
    (_, of_gate), (_, of_road) = site.channels()
    assert of_gate is not None
    assert of_road is not None
    site.feed.take(of_gate, SHOT.info)
    site.feed.take(of_road, SHOT.packets[0])
    site.feed.take(of_gate, Sound(b"a", 1.0))
    site.feed.end("gate", gate)
    site.feed.take(of_gate, SHOT.packets[1])
    assert gate.all == [SHOT.info, Sound(b"a", 1.0)]
    assert road.all == [SHOT.packets[0]]
    assert site.channels()[-1] == ("gate", None)


def test_what_was_still_on_its_way_to_a_former_viewer_is_not_taken_for_the_next_ones() -> None:
    site, first, second = Site(), Seen(), Seen()
    site.feed.begin("gate", first)
    site.feed.begin("gate", second)
    (_, old), (_, new) = site.channels()
    assert old is not None
    assert new is not None
    site.feed.take(old, SHOT.packets[3])
    site.feed.take(new, SHOT.packets[0])
    assert (first.all, second.all) == ([], [SHOT.packets[0]])


def test_a_viewer_that_leaves_late_does_not_end_the_next_ones_view() -> None:
    site, first, second = Site(), Seen(), Seen()
    site.feed.begin("gate", first)
    site.feed.begin("gate", second)
    site.feed.end("gate", first)
    assert [channel for _, channel in site.channels() if channel is None] == []
    site.feed.end("gate", second)
    assert site.channels()[-1] == ("gate", None)


def test_a_new_worker_is_told_who_watches() -> None:
    site, gate = Site(), Seen()
    site.feed.begin("gate", gate)
    before = site.channels()
    site.worker = site.start()
    assert site.channels() == before


def test_a_defect_in_one_view_is_logged_and_does_not_reach_the_worker() -> None:
    site = Site()
    site.feed.begin("gate", Broken())
    ((_, channel),) = site.channels()
    assert channel is not None
    with capture_logs() as logged:
        site.feed.take(channel, SHOT.packets[0])
    assert [entry["event"] for entry in logged] == ["live.defect"]
