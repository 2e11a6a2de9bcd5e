"""The audit: appended, bounded, and never in the way."""

from pathlib import Path

import pytest
from pydantic import JsonValue

from edge.orders import audit as auditing
from edge.orders.audit import Audit, AuditLine, files_of


def line(number: int) -> AuditLine:
    return AuditLine(time="t", who="mqtt:county", command="look", id=f"o{number}", outcome="done")


def test_it_is_turned_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "_LARGEST", 400)
    told: list[AuditLine] = []
    audit = Audit(tmp_path / "audit.jsonl", told.append)
    for number in range(100):
        audit.write(line(number))
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["audit.1.jsonl", "audit.2.jsonl", "audit.3.jsonl", "audit.4.jsonl", "audit.jsonl"]
    kept = [
        AuditLine.model_validate_json(text).id
        for name in [*sorted(names[:4], reverse=True), "audit.jsonl"]
        for text in (tmp_path / name).read_text().splitlines()
    ]
    assert kept == [f"o{number}" for number in range(100 - len(kept), 100)]
    assert all((tmp_path / name).stat().st_size <= 400 for name in names)
    assert len(told) == 100
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o077 == 0


def test_a_disk_that_refuses_holds_nothing_up_and_nobody_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told: list[AuditLine] = []
    Audit(tmp_path / "file" / "audit.jsonl", told.append).write(line(0))
    assert told == []


def test_files_are_found_wherever_a_result_names_them() -> None:
    named: JsonValue = {"uri": "evidence/a", "sha256": "1"}
    assert [each.uri for each in files_of({"files": [named, {"x": named}], "n": 1})] == ["evidence/a"] * 2
