"""Another site file for a gateway that runs: only what changed restarts, and the other camera never notices."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from edge import assets
from tests.support.daemon import PATIENT, Gateway, site, stream
from tests.support.mosquitto import Mosquitto, until, witness
from tests.support.ports import free_port
from tests.support.proxy import FaultyLine
from tests.support.rtsp import RtspServer

pytestmark = pytest.mark.e2e


def put(folder: Path, text: str) -> None:
    """As editors save it: another file takes its place, and nobody reads half of it."""
    part = folder / "site.yaml~"
    part.write_text(text, encoding="utf-8")
    part.replace(folder / "site.yaml")


class Site:
    """A gateway whose site file is written again and again. `line` lies between it and camera "one"."""

    def __init__(self, stack: ExitStack, folder: Path, broker: int) -> None:
        clip = assets.folder() / "demo" / "clip.mp4"
        camera = stack.enter_context(RtspServer(files=[clip]))
        self.other = stack.enter_context(RtspServer(files=[clip]))
        self.line = stack.enter_context(FaultyLine(camera.port))
        self.broker, self._folder = broker, folder
        self.one = stream("one", f"rtsp://127.0.0.1:{self.line.port}/cam", PATIENT)
        self.gateway = stack.enter_context(Gateway(folder, self.text()))
        self.gateway.wait("camera.live", camera="one")
        self.connections = self.line.connections

    def text(self, streams: str = "", more: str = "", broker: int | None = None) -> str:
        whole = site(
            broker=broker or self.broker, storage=self._folder / "storage", streams=self.one + streams
        )
        return f"{whole}{more}"

    def write(self, text: str) -> int:
        """And say so; the number of the log line from which on something of it may be said."""
        mark = len(self.gateway.lines)
        put(self._folder, text)
        os.kill(self.gateway.pid, signal.SIGHUP)
        return mark

    def change(self, text: str, **what: object) -> int:
        """And wait until it is in force."""
        mark = self.write(text)
        self.gateway.wait("config.reload", after=mark, **what)
        self.gateway.wait("config.in_force", after=mark)
        return mark

    def undisturbed(self) -> None:
        """Camera "one" is on its first connection, and its worker on its first process."""
        assert self.line.connections == self.connections
        said = [line for line in self.gateway.lines if line.get("camera") == "one"]
        states = [line["event"] for line in said if str(line["event"]).startswith("camera.")]
        assert states == ["camera.connecting", "camera.live"]
        assert not [line for line in self.gateway.lines if line["event"] == "worker.died"]


@pytest.fixture
def running(broker: Mosquitto, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack, tmp_path, broker.port)


def last_counts(gateway: Gateway) -> Any:
    return next(line for line in reversed(gateway.lines) if line["event"] == "daemon.stopping")["cameras"]


async def test_cameras_come_change_and_go_beside_one_that_never_notices(
    running: Site, broker: Mosquitto
) -> None:
    gateway, two = running.gateway, stream("two", running.other.url, PATIENT)
    async with witness(broker.port) as seen:
        running.change(running.text(two), added=["two"])
        gateway.wait("event.stored", camera="two", phase="new")

        mark = running.change(running.text(two.replace("0.4s", "0.5s")), rules=["two"])
        gateway.wait("event.stored", after=mark, camera="two", phase="end")
        gateway.wait("event.stored", after=mark, camera="two", phase="new")
        assert not [each for each in gateway.lines[mark:] if _state(each, "two")]  # on the same connection

        for changed in (
            two.replace("127.0.0.1", "localhost", 1),
            two.replace("rules:", "fps: 3\n    rules:"),
        ):
            mark = running.change(running.text(changed), anew=["two"])
            gateway.wait("camera.live", after=mark, camera="two")
            gateway.wait("event.stored", after=mark, camera="two", phase="new")

        mark = running.change(running.text(), removed=["two"])
        gateway.wait("worker.ready", after=mark, cameras=["one"])
        gateway.wait("event.stored", after=mark, camera="one", phase="new")
        await until(lambda: "removed" in _reasons(seen.events(), "two"), "the end of its events")
    running.undisturbed()
    gateway.stop()
    counts = last_counts(gateway)
    assert set(counts) == {"one"}
    assert (counts["one"]["reconnects"], counts["one"]["stalls_per_hour"]) == (0, 0)
    assert {"changed", "removed"} <= _reasons(seen.events(), "two")


async def test_what_is_of_no_camera_changes_without_a_camera_noticing(
    running: Site, broker: Mosquitto, tmp_path: Path
) -> None:
    """Each of the services that its section makes up works afterwards, and no event is lost on the way."""
    gateway = running.gateway
    held = {"cases": "{keep: 30d}"}
    sections = [
        ("rosters", '[{name: night, shifts: [{days: daily, from: "00:00", to: "24:00", officers: [Wang]}]}]'),
        ("http", f'{{listen: "127.0.0.1:{free_port()}"}}'),
        ("talk", "{groups: [{name: patrol, members: [{name: duty, role: operator}]}]}"),
        ("upload", f'{{url: "http://127.0.0.1:{free_port()}/files/"}}'),
        ("evidence", "{keep: 400d}"),
    ]
    async with witness(broker.port) as seen:
        mark = len(gateway.lines)  # what was published before, nobody witnessed
        running.change(_with(running, held), sections=["cases"])
        for name, value in sections:
            held[name] = value
            changed = running.change(_with(running, held), sections=[name])
            gateway.wait("event.stored", after=changed, camera="one", phase="new")
        running.change(_with(running, {}), sections=sorted(held))
        told = [line["seq"] for line in gateway.lines[mark:] if line["event"] == "event.stored"]
        await until(lambda: set(told) <= {event["data"]["seq"] for event in seen.events()}, "every event")
    assert len(set(told)) == len(told)
    running.undisturbed()


async def test_another_broker_is_gone_to_without_a_camera_noticing(
    running: Site, broker: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    with Mosquitto(tmp_path / "elsewhere") as elsewhere:
        async with witness(elsewhere.port) as seen:
            mark = running.change(running.text(broker=elsewhere.port), sections=["broker"])
            running.gateway.wait("mqtt.online", after=mark)
            running.gateway.wait("event.stored", after=mark, camera="one", phase="new")
            await until(seen.events, "an event at the other broker")
        running.undisturbed()
        running.gateway.stop()  # while it can say good-bye


async def test_a_bad_file_is_said_in_both_languages_and_the_old_one_goes_on(running: Site) -> None:
    gateway = running.gateway
    bad = running.text().replace("workers: 1", "workers: none")
    mark = running.write(bad)
    said = gateway.wait("config.trouble", after=mark)
    assert said["code"] == "config.invalid"
    assert "site.yaml:4: workers" in said["problem"]
    gateway.wait("event.stored", after=mark, camera="one", phase="new")
    moved = running.text().replace('/storage"', '/elsewhere"')
    mark = running.write(moved)
    assert "restart" in gateway.wait("config.trouble", after=mark)["problem"]
    mark = running.write(running.text())
    gateway.wait("config.recovered", after=mark)
    gateway.wait("config.same", after=mark)
    running.undisturbed()


async def test_a_file_that_is_saved_is_seen_by_itself(running: Site, tmp_path: Path) -> None:
    mark = len(running.gateway.lines)
    put(tmp_path, running.text(stream("two", running.other.url)))
    running.gateway.wait("camera.live", after=mark, camera="two")
    copies = sorted((tmp_path / "storage" / "config").glob("*.yaml"))
    assert [copy.read_text() for copy in copies] == [running.text(), part_text(tmp_path)]
    running.undisturbed()


async def test_settings_that_are_whole_and_do_not_run_are_left_again(running: Site) -> None:
    """A graphics card that is not there."""
    mark = running.write(running.text(more="detector: {kind: onnx, device: cuda}\n"))
    assert running.gateway.wait("config.trouble", after=mark)["code"] == "config.does_not_run"
    running.gateway.wait("event.stored", after=mark, camera="one", phase="new")


def part_text(folder: Path) -> str:
    return (folder / "site.yaml").read_text(encoding="utf-8")


def _with(running: Site, sections: dict[str, str]) -> str:
    return running.text(more="".join(f"{name}: {value}\n" for name, value in sections.items()))


def _state(line: dict[str, Any], camera: str) -> bool:
    return str(line["event"]).startswith("camera.") and line.get("camera") == camera


def _reasons(events: list[dict[str, Any]], camera: str) -> set[str | None]:
    return {event["data"]["reason"] for event in events if event["subject"] == camera}
