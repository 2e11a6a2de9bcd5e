"""One gateway, one worker, many cameras: each with a fault of its own, and one that must not notice."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.support.daemon import PATIENT, Gateway, site
from tests.support.daemon import Line as LogLine
from tests.support.mosquitto import Mosquitto
from tests.support.remade import CLIP
from tests.support.rtsp import RtspServer

GOOD = "good"  # the camera that is well

# What a test picture gets that has been black behind its ball for a minute, whenever that is over.
DARK = ("camera.dark", "picture.recovered")

# The rows of the table, with what was measured: pytest -o log_cli=true --log-cli-level=INFO
log = logging.getLogger("matrix")


def camera(name: str, url: str, more: str = "") -> str:
    """A stream of the site file on loopback that asks for every heavy vehicle, and says every second that it is there.

    more: further keys, one line each.
    """
    keys = [f'url: "{url}"', 'allow_networks: ["127.0.0.0/8"]', "fps: 2", *more.splitlines()]
    rule = "{kind: zone, objects: [heavy_vehicle], dwell: 0.4s, repeat: 1s}"
    return "\n".join([f"  - name: {name}", *(f"    {key}" for key in keys), f"    rules: [{rule}]\n"])


@dataclass(frozen=True)
class Watch:
    """The running gateway, and what may be said of it."""

    gateway: Gateway
    pid: int

    @property
    def mark(self) -> int:
        """Log lines so far."""
        return len(self.gateway.lines)

    def live(self, *names: str, after: int = 0) -> LogLine:
        return [self.gateway.wait("camera.live", camera=name, after=after) for name in names][-1]

    def said(self, name: str, after: int) -> list[str]:
        """What the technician reads about a camera: codes of problems, and states without one."""
        lines = [line for line in self.gateway.lines[after:] if line.get("camera") == name]
        said = [str(line.get("code") or line["event"]) for line in lines if "event_id" not in line]
        return [each for each in said if each not in DARK]

    def sees_trucks(self, name: str, after: int) -> LogLine:
        return self.gateway.wait("event.stored", type="vehicle.zone", camera=name, after=after)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """What happens inside is no affair of the good camera, the worker or the daemon."""
        mark, workers = self.mark, self.gateway.workers()
        yield
        self.sees_trucks(GOOD, after=self.mark)
        assert self.said(GOOD, after=mark) == []
        assert self.gateway.workers() == workers
        assert self.gateway.pid == self.pid
        os.kill(self.pid, 0)


@contextmanager
def watched(folder: Path, *streams: str, **environment: str) -> Iterator[Watch]:
    """A broker, the good camera and these streams, under one gateway with one worker. environment: of the gateway."""
    (folder / "broker").mkdir()
    with Mosquitto(folder / "broker") as broker, RtspServer(files=[CLIP]) as good:
        text = site(
            broker=broker.port,
            storage=folder / "storage",
            streams="".join([camera(GOOD, good.url, PATIENT), *streams]),
        )
        with Gateway(folder, text, **environment) as gateway:
            watch = Watch(gateway, gateway.pid)
            watch.sees_trucks(GOOD, after=0)
            yield watch
        stray = [line for line in gateway.raw if not line.startswith("{") or "Traceback" in line]
        assert not stray, "".join(stray)


def moment(line: LogLine) -> float:
    """When it was logged, s since 1970."""
    return datetime.fromisoformat(line["timestamp"]).timestamp()


def row(fault: str, reads: str, seconds: float | None, happens: str) -> None:
    """One line of the table in docs/failures.md. seconds: None where nothing is to be seen."""
    seen = "-" if seconds is None else f"{seconds:.1f} s"
    log.info("| %s | %s | %s | %s |", fault, reads, seen, happens)
