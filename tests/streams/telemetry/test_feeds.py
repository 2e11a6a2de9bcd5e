"""The ways in, with real sockets, a real pseudo-terminal and a real broker."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from paho.mqtt import publish
from pydantic import SecretStr

from streams.errors import StreamError
from streams.problem import Problem
from streams.retry import Ladder
from streams.telemetry import spec
from streams.telemetry.book import PoseBook
from streams.telemetry.errors import Closed, Denied, Gone, NoTelemetry, PortTaken, Silent
from streams.telemetry.feed import Feed
from streams.telemetry.pose import Pose
from streams.telemetry.runner import FeedRunner
from tests.support.faults import closed_port
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.telemetry import about, nmea

PATIENCE = 30.0
SECRET = "hunter2"


def rmc(second: int) -> bytes:
    return nmea(f"GPRMC,1200{second:02},A,3112.0000,N,12136.0000,E,10.0,84.4,010526,,,A")


def feed(**settings: object) -> Feed:
    made = spec.build(spec.parse(settings), "patrol")
    assert isinstance(made, Feed)
    return made


class Running:
    """A feed on a thread of its own."""

    def __init__(self, it: Feed) -> None:
        self.poses: list[Pose] = []
        self.error: StreamError | None = None
        self.stop = threading.Event()
        self._feed = it
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._feed.run(self.poses.append, self.stop)
        except StreamError as error:
            self.error = error

    def ended(self) -> StreamError | None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.error

    def until(self, enough: Callable[[], bool], do: Callable[[], object] = lambda: None) -> None:
        deadline = time.monotonic() + PATIENCE
        while not enough():
            assert self._thread.is_alive(), self.error
            assert time.monotonic() < deadline, "nothing came"
            do()
            time.sleep(0.02)


@contextmanager
def running(it: Feed) -> Iterator[Running]:
    run = Running(it)
    yield run
    run.stop.set()
    run.ended()


class Sender:
    """Sends a second's sentence at each call."""

    def __init__(self, send: Callable[[bytes], object]) -> None:
        self._send, self._second = send, 0

    def __call__(self) -> None:
        self._send(rmc(self._second % 60))
        self._second += 1


def test_datagrams() -> None:
    port = free_port(socket.SOCK_DGRAM)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        running(feed(kind="nmea", listen=f"127.0.0.1:{port}")) as run,
    ):
        send = Sender(lambda data: sender.sendto(data, ("127.0.0.1", port)))
        run.until(lambda: len(run.poses) > 2, send)
    assert run.error is None
    assert run.poses[0].position == about((31.2, 121.6))


def test_datagrams_from_strangers_are_dropped() -> None:
    port = free_port(socket.SOCK_DGRAM)
    it = feed(kind="nmea", listen=f"127.0.0.1:{port}", allow=["10.0.0.0/8"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, running(it) as run:
        send = Sender(lambda data: sender.sendto(data, ("127.0.0.1", port)))
        run.until(lambda: getattr(it, "strangers", 0) > 5, send)
    assert run.poses == []


def test_a_port_in_use() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert isinstance(Running(feed(kind="mavlink", listen=f"127.0.0.1:{port}")).ended(), PortTaken)


def test_silence() -> None:
    run = Running(feed(kind="nmea", listen=f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}", timeout="100ms"))
    assert isinstance(run.ended(), Silent)


def test_a_receiver_that_serves_tcp_and_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        run = Running(feed(kind="nmea", connect=f"127.0.0.1:{server.getsockname()[1]}"))
        connection, _ = server.accept()
        run.until(lambda: len(run.poses) > 2, Sender(connection.sendall))
        connection.close()
        assert isinstance(run.ended(), Closed)


def test_nobody_listens() -> None:
    with closed_port() as port:
        assert isinstance(Running(feed(kind="nmea", connect=f"127.0.0.1:{port}")).ended(), Closed)


def test_a_serial_port_that_is_pulled_out() -> None:
    ours, theirs = os.openpty()
    try:
        run = Running(feed(kind="nmea", path=os.ttyname(theirs), baud=4800))
        run.until(lambda: len(run.poses) > 2, Sender(lambda data: os.write(ours, data)))
    finally:
        os.close(theirs)
        os.close(ours)
    assert isinstance(run.ended(), Closed)


def test_a_recording_ends_by_itself_and_has_no_arrival(tmp_path: Path) -> None:
    path = tmp_path / "track.nmea"
    path.write_bytes(b"".join(rmc(second) for second in range(10)))
    run = Running(feed(kind="nmea", path=str(path)))
    assert run.ended() is None
    assert len(run.poses) == 10
    assert {pose.arrival for pose in run.poses} == {None}
    book = PoseBook()
    assert {book.add(pose) for pose in run.poses} == {None}
    assert book.at(run.poses[0].time + 3.5).fresh


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert isinstance(Running(feed(kind="nmea", path=str(tmp_path / "ttyUSB9"))).ended(), Gone)


def test_a_subtitle_file(tmp_path: Path) -> None:
    path = tmp_path / "DJI_0001.SRT"
    cue = "00:00:0{0},000 --> 00:00:0{0},900\r\n2026-05-01 20:00:0{0}.500\r\n[latitude: 31.{0}] [longitude: 121.6]\r\n\r\n"
    path.write_bytes(("\ufeff" + "".join(f"{n + 1}\r\n" + cue.format(n) for n in range(5))).encode())
    run = Running(feed(kind="dji_srt", path=str(path), zone="Asia/Shanghai", start="2026-05-01T12:00:00Z"))
    assert run.ended() is None
    assert [pose.position and pose.position.lat for pose in run.poses] == [31.0, 31.1, 31.2, 31.3, 31.4]
    began = run.poses[0].time
    assert [pose.time - began for pose in run.poses] == [0, 1, 2, 3, 4]
    assert run.poses[0].device_time == began + 0.5
    assert isinstance(Running(feed(kind="dji_srt", path=str(tmp_path / "no.srt"), zone="UTC")).ended(), Gone)
    path.write_text("not a subtitle")
    assert isinstance(Running(feed(kind="dji_srt", path=str(path), zone="UTC")).ended(), NoTelemetry)


OSD = b'{"timestamp":1700000000250,"data":{"latitude":31.2,"longitude":121.6,"height":116.2}}'


def osd(broker: Mosquitto, password: str = SECRET) -> Feed:
    return feed(
        kind="dji_osd",
        broker=f"127.0.0.1:{broker.port}",
        sn="1ZNB",
        username="box",
        password=SecretStr(password),
    )


def fly(broker: Mosquitto) -> None:
    """One message of the aircraft."""
    login = {"username": "box", "password": SECRET}
    publish.single("thing/product/1ZNB/osd", OSD, hostname="127.0.0.1", port=broker.port, auth=login)  # type: ignore[arg-type]


def test_osd_from_a_broker_with_a_login(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, users={"box": SECRET}) as broker:
        with running(osd(broker)) as run:
            run.until(lambda: len(run.poses) > 1, lambda: fly(broker))
            assert run.poses[0].position == (31.2, 121.6)
        assert run.error is None


def test_a_broker_that_refuses_and_one_that_dies(tmp_path: Path) -> None:
    with Mosquitto(tmp_path, users={"box": SECRET}) as broker:
        refused = Running(osd(broker, "wrong")).ended()
        assert isinstance(refused, Denied)
        assert "wrong" not in str(refused)
        run = Running(osd(broker))
        run.until(lambda: len(run.poses) > 0, lambda: fly(broker))
        broker.kill()
        assert isinstance(run.ended(), Closed)
    assert isinstance(Running(osd(broker)).ended(), Closed)


def test_a_runner_tries_again_and_says_what_is_wrong() -> None:
    """A patrol vehicle's receiver that is switched off and on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        place = f"127.0.0.1:{server.getsockname()[1]}"
        told: list[Problem | None] = []
        book = PoseBook()
        runner = FeedRunner(
            "patrol-1",
            lambda: feed(kind="nmea", connect=place),
            book,
            report=lambda problem, _: told.append(problem),
            ladder=Ladder(Random(1), first=0.05, cap=0.05),
        )
        runner.start()
        server.settimeout(PATIENCE)
        for visit in range(2):
            connection, _ = server.accept()
            with connection:
                send, deadline = Sender(connection.sendall), time.monotonic() + PATIENCE
                while told.count(None) <= visit:
                    assert time.monotonic() < deadline
                    with contextlib.suppress(OSError):
                        send()
                    time.sleep(0.02)
        runner.stop()
        assert runner.join(PATIENCE)
    assert [problem.code if problem else None for problem in told][:3] == [None, "telemetry.closed", None]
    assert book.latest() is not None
    assert told[1] is not None
    assert told[1].what.en.startswith("patrol-1: ")
