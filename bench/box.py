"""A site file, a Mosquitto, and the real daemon on it: what the benches that look at the whole box share."""

import asyncio
import contextlib
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import psutil

from tests.support.mosquitto import Mosquitto

_START = 90.0  # s: a cold interpreter and a cold disk, and cameras that are dialled one after the other
_SAID = 20  # lines of its log
_STOP = 20.0  # s: the daemon promises 3; a busy machine may need more

_SITE = """\
site: {{id: bench, area: "410122"}}
broker: {{url: "mqtt://127.0.0.1:{port}", acknowledge: broker}}
storage: {{path: "{storage}"}}
workers: {workers}
detector: {{threads: 1}}
log: {{level: info, format: json}}
{more}
streams:
"""
_STREAM = """\
  - name: camera-{number}
    url: "{url}"
    allow_networks: ["127.0.0.0/8"]
    {settings}
"""
_QUIET = "rules: [{kind: zone}]"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one run lies. port: of the broker."""

    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def site(
        self, urls: Sequence[str], *, settings: Sequence[str] = (), workers: int = 1, more: str = ""
    ) -> Path:
        """A site file that watches every address as a camera of its own. settings: YAML of each stream, over again
        where there are fewer."""
        head = _SITE.format(port=self.port, storage=self.folder / "storage", workers=workers, more=more)
        streams = (
            _STREAM.format(number=number, url=url, settings=setting)
            for number, (url, setting) in enumerate(zip(urls, cycle(settings or [_QUIET]), strict=False), 1)
        )
        path = self.folder / "site.yaml"
        path.write_text(head + "".join(streams), encoding="utf-8")
        return path


@contextmanager
def desk() -> Iterator[Desk]:
    """A folder of its own and a broker. Raises FileNotFoundError without a Mosquitto."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "storage").mkdir()
        (folder / "broker").mkdir()
        with Mosquitto(folder / "broker") as broker:
            yield Desk(folder, broker.port)


@asynccontextmanager
async def daemon(
    desk: Desk, site: Path, *, module: str = "edge", more: Mapping[str, str] | None = None
) -> AsyncIterator[psutil.Process]:
    """`sandwatch run`, stopped at the end. module: another way in. more: of its environment."""
    command = (sys.executable, "-m", module, "run", "--config", str(site))
    with desk.log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=file, stderr=file, env={**os.environ, **(more or {})}
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP)
        except TimeoutError:
            process.kill()
            await process.wait()


def lives(desk: Desk) -> int:
    """How many times a camera was connected so far."""
    return desk.log.read_text(encoding="utf-8").count('"camera.live"')


async def connected(desk: Desk, cameras: int) -> None:
    """Until so many cameras were live. Raises TimeoutError, with what the daemon said last."""
    try:
        async with asyncio.timeout(_START):
            while lives(desk) < cameras:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.5)
    except TimeoutError as late:
        said = desk.log.read_text(encoding="utf-8").splitlines()[-_SAID:]
        raise TimeoutError("\n".join(("not all cameras are live; the daemon said last:", *said))) from late


def workers(main: psutil.Process) -> list[psutil.Process]:
    """Its vision workers that run now."""
    return [child for child in main.children() if _looks(child)]


def _looks(child: psutil.Process) -> bool:
    try:
        words = child.cmdline()
    except psutil.NoSuchProcess:
        return False
    return "edge.worker" in words or "bench.probe.worker" in words


def cpu(process: psutil.Process) -> float:
    """s so far, of the process alone."""
    times = process.cpu_times()
    return float(times.user + times.system)


def wakes(process: psutil.Process) -> int:
    """How often its threads waited and went on again, so far (proc(5): voluntary_ctxt_switches of each task)."""
    count = 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        with contextlib.suppress(OSError):  # a thread that has just ended
            found = re.search(
                r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE
            )
            count += int(found[1]) if found else 0
    return count
