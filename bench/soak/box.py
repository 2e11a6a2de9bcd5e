"""The gateway that is soaked, and what can be measured of it from outside."""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.soak.room import Room
from tests.support.daemon import Gateway

JUMPING = Path(__file__).with_name("jumping")
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Sample:
    """At s since the beginning. rss: MiB; workers: of each, by its process id. tasks: asyncio's, as of the last answer."""

    at: float
    rss: float
    fds: int
    threads: int
    tasks: int | None
    workers: Mapping[int, float]


class Box(Gateway):
    """In its room. port: of its HTTP. Each of its log lines has `heard`: s of time.monotonic when it was read."""

    def __init__(self, folder: Path, site: str, room: Room, port: int, **environment: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.room, self.site_file = room, folder / "site.yaml"
        self._shift, self._tasks = folder / "shift", folder / "tasks"
        self.shift(0.0)
        # From anywhere else, what is installed would run; and a tree that is edited under a gateway is no fault of ours.
        path = os.pathsep.join(map(str, (JUMPING, _ROOT)))
        places = {"SOAK_SHIFT": str(self._shift), "SOAK_TASKS": str(self._tasks), "PYTHONPATH": path}
        super().__init__(folder, site, **places, **environment)

    def start(self) -> None:
        command = [*self.room.prefix, sys.executable, "-m", "edge", "run", "--config", str(self.site_file)]
        self._process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env=self._environment, start_new_session=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()

    def kill(self) -> None:
        """Where a run is broken off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def live(self) -> set[str]:
        """Cameras that once were."""
        return {str(line["camera"]) for line in self.lines if line["event"] == "camera.live"}

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def shift(self, seconds: float) -> None:
        """Its wall clock is so far ahead from now on."""
        mode = "r+b" if self._shift.exists() else "wb"
        with self._shift.open(mode) as file:
            file.write(struct.pack("d", seconds))

    def sample(self, began: float) -> Sample:
        """Raises psutil.Error where it is gone."""
        main = psutil.Process(self.pid)
        os.kill(self.pid, signal.SIGUSR2)
        workers = {}
        for pid in self.workers():
            try:
                workers[pid] = psutil.Process(pid).memory_info().rss / 2**20
            except psutil.NoSuchProcess:  # killed just now, by us
                continue
        return Sample(
            time.monotonic() - began,
            main.memory_info().rss / 2**20,
            main.num_fds(),
            main.num_threads(),
            self._told_tasks(),
            workers,
        )

    def _told_tasks(self) -> int | None:
        """Of the sample before: it answers when its loop turns."""
        try:
            return int(self._tasks.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        for text in process.stderr:
            self.raw.append(text)
            if text.startswith("{"):
                self.lines.append({**json.loads(text), "heard": time.monotonic()})
