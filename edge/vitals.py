"""How the box itself is: processor, memory, warmth, disk. From proc(5), sysfs and the file system."""

import shutil
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_THERMAL = Path("/sys/class/thermal")
_IDLE = (3, 4)  # of /proc/stat's first line: idle, and idle waiting for a disk


@dataclass(frozen=True, slots=True)
class Vitals:
    """cpu: share of all cores that worked since the last look. memory, disk: shares that are used. celsius: of the
    warmest sensor. None: this box does not tell, or not yet."""

    cpu: float | None
    memory: float | None
    disk: float | None
    celsius: float | None


class Gauge:
    """storage: on the disk that is meant. proc, thermal: where the kernel tells."""

    def __init__(self, storage: Path, proc: Path = _PROC, thermal: Path = _THERMAL) -> None:
        self._storage, self._proc, self._thermal = storage, proc, thermal
        self._ticks: tuple[int, int] | None = None

    def read(self) -> Vitals:
        """Never raises."""
        return Vitals(self._cpu(), self._memory(), self._disk(), self._celsius())

    def _cpu(self) -> float | None:
        before, self._ticks = self._ticks, _ticks(_text(self._proc / "stat"))
        if before is None or self._ticks is None or self._ticks[1] <= before[1]:
            return None
        busy, all_of_it = (now - then for now, then in zip(self._ticks, before, strict=True))
        return min(1.0, max(0.0, busy / all_of_it))

    def _memory(self) -> float | None:
        told = dict(line.partition(":")[::2] for line in _text(self._proc / "meminfo").splitlines())
        try:
            total, left = (int(told[name].split()[0]) for name in ("MemTotal", "MemAvailable"))
        except (KeyError, ValueError, IndexError):
            return None
        return 1 - left / total if total else None

    def _disk(self) -> float | None:
        try:
            usage = shutil.disk_usage(self._storage)
        except OSError:
            return None
        return 1 - usage.free / usage.total if usage.total else None

    def _celsius(self) -> float | None:
        """The kernel's thermal zones, in thousandths (Documentation/driver-api/thermal/sysfs-api.rst)."""
        found = []
        for zone in self._thermal.glob("thermal_zone*/temp"):
            try:
                found.append(int(_text(zone)) / 1000)
            except ValueError:  # a sensor that is asleep says nothing
                continue
        return max(found, default=None)


def _ticks(stat: str) -> tuple[int, int] | None:
    """Busy ones and all, of all cores."""
    try:
        numbers = [int(each) for each in stat.splitlines()[0].split()[1:9]]
    except (IndexError, ValueError):
        return None
    idle = sum(numbers[place] for place in _IDLE if place < len(numbers))
    return sum(numbers) - idle, sum(numbers)


def _text(path: Path) -> str:
    """ "" where it cannot be read: containers hide some of these."""
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
