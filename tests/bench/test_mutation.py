"""What is broken, and that a broken module is told from a whole one without being written anywhere."""

import json
import subprocess
import sys
from pathlib import Path

from bench.mutation.__main__ import equivalent
from bench.mutation.mutants import mutants
from bench.mutation.subjects import SUBJECTS

ROOT = Path(__file__).parents[2]

SHOP = '''\
"""A shop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Till:
    sum: int | None = None


def price(count: int | None, known: dict[str, int]) -> int | None:
    """1 + 1."""
    if count is None or "truck" not in known:
        return None
    known["truck"] += 3
    return count * known["truck"]
'''

TESTS = """\
from shop import price

def test_price() -> None:
    assert price(2, {"truck": 1}) == 8
"""

TRIED = """\
import json, sys
from bench.mutation.__main__ import equivalent
from bench.mutation.mutants import mutants
from bench.mutation.trial import Trial, outcomes, whole
source = open("shop.py").read()
seconds = whole("shop.py", ("test_shop.py",))
ways = {each.source: f"{each.line} {each.becomes}" for each in mutants(source)}
ways[source.replace("    if count", "    while True: pass\\n    if count")] = "endless"
trials = [Trial("shop.py", ("test_shop.py",), source) for source in ways]
found = {ways[trial.source]: outcome for trial, outcome in outcomes(trials, seconds, 2)}
print(json.dumps([found, "shop" in sys.modules]))
"""


def test_a_module_is_broken_in_every_way_but_in_its_types_decorators_and_words() -> None:
    assert [(each.line, each.becomes) for each in mutants(SHOP)] == [
        (13, 'if count is None and "truck" not in known:'),
        (13, 'if count is None or "truck" in known:'),
        (13, 'if count is not None or "truck" not in known:'),
        (13, 'if not count is None or "truck" not in known:'),
        (14, "pass"),
        (15, 'known["truck"] += 2'),
        (15, 'known["truck"] += 4'),
        (15, "pass"),
        (16, "pass"),
        (16, 'return count / known["truck"]'),
    ]


def test_what_tests_notice_what_they_do_not_and_what_never_ends_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(SHOP, "utf-8")
    (tmp_path / "test_shop.py").write_text(TESTS, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", TRIED],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found, imported_here = json.loads(done.stdout)
    assert found.pop("endless") == "endless"
    survived = {becomes for becomes, outcome in found.items() if outcome == "survived"}
    assert survived == {'13 if count is None and "truck" not in known:', "14 pass"}
    assert not imported_here
    assert (tmp_path / "shop.py").read_text("utf-8") == SHOP


def test_every_module_and_every_test_that_is_named_is_there() -> None:
    named = [
        path for subject in SUBJECTS for file, tests in subject.modules.items() for path in (file, *tests)
    ]
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_what_nobody_could_notice_is_said_of_lines_that_are_there() -> None:
    """Where a line was changed, its mutants are others: they are tried, or explained, anew."""
    gone = [
        (module, was)
        for module, was, _ in equivalent()
        if was not in {line.strip() for line in (ROOT / module).read_text("utf-8").splitlines()}
    ]
    assert gone == []
