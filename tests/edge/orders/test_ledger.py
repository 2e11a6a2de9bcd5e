"""The record of orders under kill -9: what is begun is there, what is answered stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from edge.orders.ledger import Entry, Ledger, digest
from edge.orders.words import Done

WRITER = """
import sys
from pathlib import Path
from edge.orders.ledger import Entry, Ledger
from edge.orders.words import Done
ledger = Ledger(Path(sys.argv[1]))
for number in range(10**6):
    entry = Entry("mqtt:county", f"o{number}", "d", "look", float(number), 1e9)
    ledger.begin(entry, float(number))
    print("begun", number, flush=True)
    ledger.finish(entry, Done(id=f"o{number}", command="look", time="t"))
    print("done", number, flush=True)
"""


def test_whatever_was_begun_or_answered_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        said = [next(writer.stdout).split() for _ in range(41)]
        os.kill(writer.pid, signal.SIGKILL)
        said += [words.split() for words in writer.stdout if words.endswith("\n")]
    ledger = Ledger(path)
    for what, number in said:
        found = ledger.find("mqtt:county", f"o{number}")
        assert found is not None
        if what == "done":
            assert isinstance(found[1], Done)
    assert len(ledger.unfinished()) <= 1
    ledger.close()


def test_when_and_where_to_does_not_make_another_order() -> None:
    order = {"id": "a", "camera": "gate"}
    assert digest("look", order) == digest("look", {**order, "expires": 5.0, "reply_to": "x"})
    assert digest("look", order) != digest("clip", order)
    assert digest("look", order) != digest("look", {**order, "camera": "pit"})


def test_an_inline_picture_is_not_remembered(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "orders.sqlite")
    entry = Entry("mqtt:county", "a", "d", "snapshot", 1.0, 2.0)
    ledger.begin(entry, 1.0)
    ledger.finish(entry, Done(id="a", command="snapshot", time="t", result={"jpeg": "AAAA", "file": "x"}))
    found = ledger.find("mqtt:county", "a")
    assert found is not None
    assert isinstance(found[1], Done)
    assert found[1].result == {"jpeg": None, "file": "x"}
    ledger.close()
