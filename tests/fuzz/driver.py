"""Runs cases in children, and finds out which case a child died of."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Part = Literal["rtsp", "tame", "units", "words"]

_SILENT = 60.0  # s without a case that ends: no case takes longer than the sum of its time-outs, 5 s
_BATCH = 250  # cases in one child, so that what one leaves behind shows in the next, but not for ever
_HEAP = 700  # MiB in one process: a worker of 24 cameras has that, and one camera must not take it alone


@dataclass
class Tally:
    """What came of all cases."""

    cases: int = 0
    endings: "Counter[str]" = field(default_factory=Counter)
    crashes: dict[int, str] = field(default_factory=dict)
    """Case and how the process ended, each found again by running it alone."""
    elusive: list[str] = field(default_factory=list)
    """Crashes that did not come again."""
    hangs: dict[int, str] = field(default_factory=dict)
    defects: dict[int, str] = field(default_factory=dict)
    greedy: dict[int, int] = field(default_factory=dict)
    """Cases that needed more memory than they may, in MiB."""
    peak: int = 0

    @property
    def clean(self) -> bool:
        return not (self.crashes or self.elusive or self.hangs or self.defects or self.greedy)

    def __str__(self) -> str:
        lines = [f"{self.cases} cases, peak {self.peak} MiB"]
        lines += [f"  {count:6} {ending}" for ending, count in self.endings.most_common()]
        lines += [f"  CRASH  case {case}: {why}" for case, why in self.crashes.items()]
        lines += [f"  CRASH  not found again: {why}" for why in self.elusive]
        lines += [f"  HANG   case {case}: {where}" for case, where in self.hangs.items()]
        lines += [f"  DEFECT case {case}: {why}" for case, why in self.defects.items()]
        lines += [f"  MEMORY case {case}: {size} MiB" for case, size in self.greedy.items()]
        return "\n".join(lines)


def run(part: Part, cases: Sequence[int], *, seed: int, folder: Path, port: int = 0) -> Tally:
    """port: of the hostile camera, for `rtsp`; of the tame one, for `tame`."""
    tally = Tally()
    for at in range(0, len(cases), _BATCH):
        left = list(cases[at : at + _BATCH])
        while left:
            left = _batch(tally, part, left, seed, folder, port)
    return tally


def _batch(tally: Tally, part: Part, cases: list[int], seed: int, folder: Path, port: int) -> list[int]:
    """Run them until they are through or the child dies. What is still to be done."""
    child = _Child(part, cases, seed, folder, port)
    for said in child.lines():
        _note(tally, said)
    if child.code == 0:
        return []
    suspects = sorted(child.under_way)
    if not (suspects or child.done):
        raise RuntimeError(f"no case began: {child.how}")
    if len(suspects) == 1:
        _blame(tally, suspects[0], child)
    else:
        _accuse(tally, part, suspects, child, seed, folder, port)
    tally.cases += len(suspects)
    return [case for case in cases if case not in child.done | child.under_way]


def _accuse(
    tally: Tally, part: Part, suspects: list[int], died: "_Child", seed: int, folder: Path, port: int
) -> None:
    """Each alone: whoever was only near is innocent."""
    found = False
    for case in suspects:
        alone = _Child(part, [case], seed, folder, port)
        for said in alone.lines():
            _note(tally, said)
        if alone.code != 0:
            found = True
            _blame(tally, case, alone)
    if not found:
        tally.elusive.append(f"{died.how} in one of {suspects}")


def _blame(tally: Tally, case: int, child: "_Child") -> None:
    if child.hung:
        tally.hangs[case] = child.how
    else:
        tally.crashes[case] = child.how


def _note(tally: Tally, said: dict[str, Any]) -> None:
    if "ended" not in said:
        return
    case, ended, peak = said["case"], str(said["ended"]), int(said["peak"])
    tally.cases += 1
    tally.endings[ended.partition(":")[0]] += 1
    tally.peak = max(tally.peak, peak)
    if ended.startswith("defect"):
        tally.defects[case] = ended
    if peak > _HEAP:
        tally.greedy[case] = peak


class _Child:
    def __init__(self, part: Part, cases: Sequence[int], seed: int, folder: Path, port: int) -> None:
        command = [sys.executable, "-m", "tests.fuzz.child", part, str(seed), str(folder), str(port)]
        self._process = subprocess.Popen(
            [*command, *map(str, cases)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.done: set[int] = set()
        self.under_way: set[int] = set()
        self.hung = False
        self.code = 0
        self.how = ""

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends; a child that says nothing for long is ended."""
        said: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(said,), daemon=True).start()
        words: list[str] = []
        errors = threading.Thread(target=self._complain, args=(words,), daemon=True)
        errors.start()
        with contextlib.suppress(queue.Empty):
            while (line := said.get(timeout=_SILENT)) is not None:
                yield self._understood(json.loads(line))
        self.hung = self._process.poll() is None and not self._ends()
        self.code = self._process.wait()
        errors.join(5)
        self.hung = self.hung or any(line.startswith("Timeout (") for line in words)  # its own, see child
        self.how = f"exit {self.code}: " + " | ".join(words[:12])

    def _ends(self) -> bool:
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return False
        return True

    def _understood(self, said: dict[str, Any]) -> dict[str, Any]:
        if "begin" in said:
            self.under_way.add(said["case"])
        else:
            self.under_way.discard(said["case"])
            self.done.add(said["case"])
        return said

    def _read(self, said: "queue.Queue[str | None]") -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said.put(line)
        said.put(None)

    def _complain(self, words: list[str]) -> None:
        assert self._process.stderr is not None
        words += [line.strip() for line in self._process.stderr]
