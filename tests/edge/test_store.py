"""SQLite files that others read while the gateway runs."""

import sqlite3
from pathlib import Path

import pytest

from edge.store import (
    Damaged,
    Layout,
    StoreBroken,
    StoreFull,
    StoreMissing,
    mapped,
    open_beside,
    open_store,
    transaction,
)
from streams.problem import Text

FIRST = Layout(
    "things", Text("the things", "物品库"), ("CREATE TABLE things (name TEXT PRIMARY KEY) STRICT;",)
)
SECOND = Layout("things", FIRST.what, (*FIRST.schema, "ALTER TABLE things ADD COLUMN colour TEXT;"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "things.sqlite"


def write(path: Path, name: str, layout: Layout = FIRST) -> None:
    db, problem = open_store(path, layout)
    assert problem is None
    with transaction(db, layout):
        db.execute("INSERT INTO things (name) VALUES (?)", (name,))
    db.close()


def names(path: Path, layout: Layout = FIRST) -> list[str]:
    db = open_beside(path, layout)
    found = [name for (name,) in db.execute("SELECT name FROM things ORDER BY name")]
    db.close()
    return found


def test_it_is_private_and_durable(path: Path) -> None:
    db, _ = open_store(path, FIRST)
    assert path.stat().st_mode & 0o777 == 0o600
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    db.close()


def test_others_read_it_while_it_is_written(path: Path) -> None:
    db, _ = open_store(path, FIRST)
    with transaction(db, FIRST):
        db.execute("INSERT INTO things VALUES ('one')")
        assert names(path) == []
    assert names(path) == ["one"]
    db.close()
    assert names(path) == ["one"]


def test_a_reader_writes_only_where_it_says_so(path: Path) -> None:
    write(path, "one")
    db = open_beside(path, FIRST)
    with pytest.raises(StoreBroken) as refused, transaction(db, FIRST):
        db.execute("INSERT INTO things VALUES ('two')")
    assert refused.value.problem.code == "things.unwritable"
    db.close()
    db = open_beside(path, FIRST, write=True)
    with transaction(db, FIRST):
        db.execute("INSERT INTO things VALUES ('two')")
    db.close()
    assert names(path) == ["one", "two"]


def test_an_older_file_is_brought_up_to_date_and_a_newer_one_left_alone(path: Path) -> None:
    write(path, "one")
    write(path, "two", SECOND)
    assert names(path, SECOND) == ["one", "two"]
    for opens in (open_store, open_beside):
        with pytest.raises(StoreBroken) as refused:
            opens(path, FIRST)
        assert refused.value.problem.code == "things.version"


def test_what_fails_in_a_transaction_was_never_done(path: Path) -> None:
    db, _ = open_store(path, FIRST)
    with pytest.raises(StoreBroken), transaction(db, FIRST):
        db.executemany("INSERT INTO things VALUES (?)", [("one",), ("one",)])
    with transaction(db, FIRST):
        db.execute("INSERT INTO things VALUES ('two')")
    db.close()
    assert names(path) == ["two"]


def test_a_layout_in_words_that_are_no_text_is_damage(path: Path) -> None:
    """SQLite quotes them in its complaint, and Python cannot read that."""
    write(path, "one")
    path.write_bytes(path.read_bytes().replace(b"PRIMARY KEY", b"PRIM\xd2RY KEY"))
    with pytest.raises(Damaged) as refused, mapped(FIRST):
        names(path)
    assert refused.value.problem.code == "things.broken"


@pytest.mark.parametrize("where", [0, 60, 4096])
def test_a_damaged_file_is_moved_aside(path: Path, where: int) -> None:
    db, _ = open_store(path, FIRST)
    with transaction(db, FIRST):
        db.executemany("INSERT INTO things VALUES (?)", [(f"{n:040}",) for n in range(500)])
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(path.read_bytes())
    data[where : where + 2000] = b"\xa5" * 2000
    path.write_bytes(data)
    db, problem = open_store(path, FIRST)
    assert problem is not None
    assert problem.code == "things.corrupt"
    assert db.execute("SELECT count(*) FROM things").fetchone() == (0,)
    db.close()
    (aside,) = path.parent.glob("things.sqlite.corrupt-*[0-9]Z")
    assert aside.read_bytes() == data


def test_where_there_is_none_that_is_said(path: Path) -> None:
    with pytest.raises(StoreMissing):
        open_beside(path, FIRST)


def test_a_full_disk_is_told_from_a_broken_one(path: Path) -> None:
    db, _ = open_store(path, FIRST)
    db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreFull) as full, transaction(db, FIRST):
        db.executemany("INSERT INTO things VALUES (?)", [(f"{n:0400}",) for n in range(500)])
    assert full.value.problem.code == "things.disk_full"
    db.close()
    with pytest.raises(StoreBroken), mapped(FIRST):
        raise sqlite3.OperationalError("something else")
