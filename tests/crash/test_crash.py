"""kill -9 under load, again and again, with a fixed seed: nothing that was committed is lost, the stores open, and the
chain of evidence verifies.

SANDWATCH_KILLS: how often; `make crash` asks for 200.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from edge.evidence.reading import ChainReader
from edge.evidence.report import Pins
from edge.evidence.verify import verify
from tests.crash.victim import CONSUMERS
from tests.support.occurrences import opened

KILLS = int(os.environ.get("SANDWATCH_KILLS", "5"))


def killed(path: Path, run: int, chance: Random) -> list[list[str]]:
    """The promises of one run: killed while it opens the file, at the first events, or well under way."""
    lines, delay = chance.choice((0, 1, 20, 100, 400)), chance.uniform(0.0, 0.05)
    command = [sys.executable, "-m", "tests.crash.victim", str(path), str(run)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        head = [victim.stdout.readline() for _ in range(lines)]
        time.sleep(delay if lines else 10 * delay)
        victim.kill()
        rest = list(victim.stdout)
    assert all(head), f"run {run} ended by itself"
    # A last line may be cut in the middle: only a whole one is a promise.
    return [line.split() for line in head + rest if line.endswith("\n")]


def test_nothing_committed_is_lost_however_often_it_is_killed(tmp_path: Path) -> None:
    chance = Random(20251122)
    path = tmp_path / "outbox.sqlite"
    promised: dict[str, int] = {}
    had: list[str] = []
    for run in range(KILLS):
        for word, *rest in killed(path, run, chance):
            if word == "open":
                assert rest == ["sound"]
            elif word == "stored":
                promised[rest[0]] = int(rest[1])
            else:
                had.append(rest[0])
    assert promised
    with opened(path, consumers=CONSUMERS) as file:
        assert file.recovered is None
        kept = {row.id: row.seq for row in file.peek("centre", 0, 1_000_000)}
        waiting = {row.id for row in file.peek("cases", 0, 1_000_000)}
        unchained = {row.id for row in file.peek("evidence", 0, 1_000_000)}
        last = file.statistics().last_seq
    assert promised.items() <= kept.items()
    assert sorted(kept.values()) == list(range(1, last + 1))
    # Whoever works them off has each once: done, or still to do.
    worked = path.with_suffix(".had").read_text().split()
    assert len(worked) == len(set(worked))
    assert set(had) <= set(worked)
    assert set(kept) == set(worked) | waiting
    chained = entered(tmp_path)
    assert len(chained) == len(set(chained))
    assert set(kept) == set(chained) | unchained
    assert chained


def entered(storage: Path) -> list[str]:
    """Ids of the messages in the chain, which is as it was written."""
    report = verify(storage, Pins())
    assert report.unchanged, report.findings
    with ChainReader(storage / "chain.sqlite") as reader:
        return [str(entry.says["id"]) for _, entry in reader.entries() if "id" in entry.says]
