"""The case book is killed at every write there is, its own and the outbox's, and started again."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_kill_at_any_write_loses_no_step_and_tells_none_twice() -> None:
    command = [sys.executable, "-m", "tests.support.case_kills"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=900)
    found = json.loads(done.stdout)
    assert found["whole"]["kinds"] == ["opened", "ended", "received", "dispatched", "refused", "closed"]
    assert found["whole"]["ids"] == ["e1/0", "e1/1", *(f"e1/case/{n}" for n in range(2, 6))]
    assert len(found["killed"]) > 50  # writes of one life
    assert all(outcome == found["whole"] for outcome in found["killed"])
