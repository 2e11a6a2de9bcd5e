"""The chain's file: what is in it stays, whatever happens to the process, the key or the disk."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path
from random import Random

import pytest
from pydantic import SecretStr

from edge.evidence import signing
from edge.evidence.drafts import Draft, of_message
from edge.evidence.entries import Kind
from edge.evidence.opening import anchor, open_chain
from edge.evidence.problems import KeyTrouble
from edge.evidence.reading import ChainReader
from edge.evidence.report import Pins, Report
from edge.evidence.signing import Algorithm, made
from edge.evidence.verify import verify
from edge.store import StoreFull
from tests.support.chained import Box, two_cases

ROOT = Path(__file__).parents[3]


def audited(storage: Path, key: str | None = None) -> Report:
    return verify(storage, Pins(key=key))


def found(report: Report) -> set[tuple[str, str]]:
    return {(each.fault.value, each.what) for each in report.findings}


def fingerprint(box: Box) -> str:
    key = box.ring.current()
    assert key is not None
    return key.public.fingerprint


def test_a_chain_that_nobody_touched_is_unchanged(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    report = audited(tmp_path, fingerprint(box))
    assert report.unchanged
    assert (report.entries, report.files) == (7, 10)  # with the first; six messages, four files


def test_a_message_that_comes_again_is_not_entered_twice(tmp_path: Path) -> None:
    box = Box(tmp_path)
    draft = box.event("a", 0, {"a.jpg": b"picture"})
    box.told(draft, draft)
    box.told(draft)
    with box.open() as file:
        assert file.head.n == 2


def test_nothing_can_be_changed_or_deleted_through_the_database(tmp_path: Path) -> None:
    two_cases(tmp_path)
    db = sqlite3.connect(tmp_path / "chain.sqlite")
    for statement in ("DELETE FROM entries WHERE n = 3", "UPDATE entries SET header = x'00' WHERE n = 3"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
    db.close()


def test_the_key_is_made_once_and_can_be_read_by_nobody_else(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    before = fingerprint(box)
    with box.open():
        pass
    assert fingerprint(box) == before
    assert (tmp_path / "device.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "chain.sqlite").stat().st_mode & 0o777 == 0o600


def test_birth_tells_the_key_and_the_head(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    told = anchor(tmp_path, box.ring, "sandwatch-01", box.clock)
    assert (told.key, told.n) == (fingerprint(box), 7)
    assert verify(tmp_path, Pins(key=told.key, head=(told.n, told.sha256))).unchanged


def test_a_new_key_takes_over_in_an_entry_that_both_sign(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    before = fingerprint(box)
    after = box.ring.prepare().public.fingerprint
    box.told(box.event("d", 0))
    report = audited(tmp_path)
    assert report.unchanged
    assert report.keys == (before, after)
    assert fingerprint(box) == after
    assert not (tmp_path / "device.next.key").exists()


def test_a_kill_between_the_entry_of_a_new_key_and_its_file_does_no_harm(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    old = (tmp_path / "device.key").read_bytes()
    fresh = box.ring.prepare()
    with box.open():
        pass
    (tmp_path / "device.key").write_bytes(old)  # as it was before the rename
    (tmp_path / "device.next.key").write_bytes(fresh.pem())
    box.told(box.event("d", 0))
    report = audited(tmp_path)
    assert report.unchanged
    assert len(report.keys) == 2


def test_another_algorithm_in_the_settings_is_a_change_of_keys(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    box.algorithm = Algorithm.SM2
    box.told(box.event("d", 0))
    report = audited(tmp_path)
    assert report.unchanged
    assert len(report.keys) == 2
    assert box.ring.first().public.algorithm is Algorithm.SM2


def test_a_key_given_as_a_secret_replaces_the_one_in_the_file(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    given = made(Algorithm.ED25519)
    box.given = SecretStr(given.pem().decode())
    box.told(box.event("d", 0))
    report = audited(tmp_path)
    assert report.unchanged
    assert report.keys[-1] == given.public.fingerprint


def test_a_lost_key_begins_a_new_chain_that_says_so(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    old = fingerprint(box)
    (tmp_path / "device.key").unlink()
    opened = open_chain(tmp_path, box.ring, "sandwatch-01", box.clock)
    opened.file.close()
    assert opened.problem is not None
    assert opened.problem.code == "evidence.key_lost"
    assert audited(tmp_path).unchanged
    (aside,) = tmp_path.glob("chain.sqlite.closed-*Z")
    assert verify(aside, Pins(key=old)).unchanged


def test_a_damaged_file_is_kept_and_a_new_chain_says_so(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    data = bytearray((tmp_path / "chain.sqlite").read_bytes())
    data[4096:8192] = Random(1).randbytes(4096)
    (tmp_path / "chain.sqlite").write_bytes(data)
    opened = open_chain(tmp_path, box.ring, "sandwatch-01", box.clock)
    assert opened.problem is not None
    assert opened.problem.code == "evidence.chain.corrupt"
    opened.file.close()
    (aside,) = tmp_path.glob("chain.sqlite.corrupt-*Z")
    assert aside.read_bytes() == bytes(data)
    assert audited(tmp_path).unchanged
    with sqlite3.connect(tmp_path / "chain.sqlite") as db:
        (body,) = db.execute("SELECT body FROM entries WHERE n = 1").fetchone()
    assert aside.name.encode() in body
    db.close()


def test_a_chain_that_is_none_though_sqlite_is_content_is_kept_and_begun_anew(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    with sqlite3.connect(tmp_path / "chain.sqlite") as db:
        db.execute("DROP TRIGGER entries_keep")
        db.execute("UPDATE entries SET body = x'00' WHERE n = 1")
    db.close()
    opened = open_chain(tmp_path, box.ring, "sandwatch-01", box.clock)
    opened.file.close()
    assert opened.problem is not None
    assert opened.problem.code == "evidence.damaged"
    assert list(tmp_path.glob("chain.sqlite.closed-*Z"))
    assert audited(tmp_path).unchanged


def test_a_chain_that_vanished_is_told_by_the_next(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    (tmp_path / "chain.sqlite").unlink()
    with box.open():
        pass
    with ChainReader(box.chain) as reader:
        (_, first) = next(iter(reader.entries(1, 1)))
    assert first.says["after"] == {"why": "missing", "file": None}


def test_a_key_that_is_none_is_refused_and_nothing_is_touched(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    (tmp_path / "device.key").write_text("rubbish")
    with pytest.raises(KeyTrouble), box.open():
        pass
    assert not list(tmp_path.glob("chain.sqlite.closed-*"))


def test_sm2_without_its_library_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> object:
        raise signing.NoSm2

    monkeypatch.setattr(signing, "_sm2", missing)
    with pytest.raises(KeyTrouble, match=r"sandwatch\[sm2\]"), Box(tmp_path, Algorithm.SM2).open():
        pass


WRITER = """
    import sys
    from pathlib import Path
    from tests.support.chained import Box

    storage, start = Path(sys.argv[1]), int(sys.argv[2])
    box = Box(storage)
    with box.open() as file:
        for number in range(start, 100_000):
            file.append([box.event(f"case{number}", 0, {f"{number}.jpg": b"x" * 100})])
            print(number, flush=True)
"""


def test_whatever_moment_it_is_killed_at_the_chain_opens_and_holds(tmp_path: Path) -> None:
    """What was reported as entered is there, nothing is there twice, and every signature and link holds."""
    storage, random, start = tmp_path / "storage", Random(7), 0
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(storage), str(start)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        reported = [int(writer.stdout.readline()) for _ in range(random.randint(1, 40))]
        writer.send_signal(signal.SIGKILL)
        reported += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        report = audited(storage)
        assert report.unchanged, report.findings
        assert report.entries - 2 >= reported[-1]
        start = report.entries - 1


def test_a_tampered_row_of_the_live_chain_is_named(tmp_path: Path) -> None:
    two_cases(tmp_path)
    db = sqlite3.connect(tmp_path / "chain.sqlite")
    db.execute("DROP TRIGGER entries_stay")
    db.execute("DROP TRIGGER entries_keep")
    db.execute("DELETE FROM entries WHERE n = 4")
    db.execute(
        "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'gate', 'yard') AS BLOB) WHERE n = 2"
    )
    db.execute("UPDATE entries SET payload = x'7b7d' WHERE n = 6")
    db.commit()
    db.close()
    names = found(audited(tmp_path))
    assert ("missing", "entry 4") in names
    assert ("changed", "entry 2") in names
    assert ("changed", "messages/6.json") in names


def test_two_rows_that_changed_places_are_named(tmp_path: Path) -> None:
    two_cases(tmp_path)
    db = sqlite3.connect(tmp_path / "chain.sqlite")
    db.execute("DROP TRIGGER entries_keep")
    rows = db.execute("SELECT header, signature, body FROM entries WHERE n IN (3, 4) ORDER BY n").fetchall()
    for n, row in zip((4, 3), rows, strict=True):
        db.execute("UPDATE entries SET header = ?, signature = ?, body = ? WHERE n = ?", (*row, n))
    db.commit()
    db.close()
    names = found(audited(tmp_path))
    assert {("reordered", "entry 3"), ("reordered", "entry 4")} <= names


def test_a_chain_whose_end_was_cut_off_needs_an_anchor_to_be_found_out(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    told = anchor(tmp_path, box.ring, "sandwatch-01", box.clock)
    db = sqlite3.connect(tmp_path / "chain.sqlite")
    db.execute("DROP TRIGGER entries_stay")
    db.execute("DELETE FROM entries WHERE n = 7")
    db.commit()
    db.close()
    assert audited(tmp_path).unchanged
    report = verify(tmp_path, Pins(head=(told.n, told.sha256)))
    assert ("missing", "entry 7") in found(report)


def test_files_of_the_live_storage_are_checked(tmp_path: Path) -> None:
    two_cases(tmp_path)
    (tmp_path / "evidence/gate/2026/05/01/a.jpg").write_bytes(b"another picture")
    (tmp_path / "evidence/gate/2026/05/01/a.mp4").unlink()
    assert found(audited(tmp_path)) == {
        ("changed", "items/gate/2026/05/01/a.jpg"),
        ("missing", "items/gate/2026/05/01/a.mp4"),
    }


def test_a_file_that_was_changed_before_it_was_entered_is_told(tmp_path: Path) -> None:
    """Between the worker's hash and ours."""
    box = Box(tmp_path)
    event = box.event("a", 0, {"a.jpg": b"as the worker wrote it"})
    box.item("a.jpg", b"as somebody left it")
    assert event.payload is not None
    box.told(of_message(tmp_path, 1, "a/0", event.payload, "c" * 64))
    assert ("changed", "items/a.jpg") in found(audited(tmp_path))


@pytest.mark.parametrize(
    "uri", ["evidence/../device.key", "/etc/passwd", "file:///etc/passwd", "evidence/x\\y"]
)
def test_a_message_cannot_have_other_files_read(tmp_path: Path, uri: str) -> None:
    box = Box(tmp_path)
    payload = box.payload("a", 0).replace(
        b'"proof":[]', f'"proof":[{{"kind":"clip","uri":"{uri}","sha256":""}}]'.replace("\\", "\\\\").encode()
    )
    assert uri.replace("\\", "\\\\").encode() in payload
    draft = of_message(tmp_path, 1, "a/0", payload, "c" * 64)
    assert draft.lying == ()
    assert '"sha256"' not in str(draft.body["items"])


def test_a_message_of_an_unknown_form_is_entered_all_the_same(tmp_path: Path) -> None:
    box = Box(tmp_path)
    box.told(of_message(tmp_path, 1, "x/0", b"\xff\x00 no JSON", "c" * 64))
    box.told(of_message(tmp_path, 2, "x/1", b'{"data":[]}', "c" * 64))
    assert audited(tmp_path).unchanged


def test_a_full_disk_changes_nothing_and_it_goes_on_later(tmp_path: Path) -> None:
    box = two_cases(tmp_path)
    with box.open() as file:
        file._db.execute("PRAGMA max_page_count = 1")  # SQLite keeps what is in use
        head = file.head
        with pytest.raises(StoreFull):
            file.append([Draft(Kind.FOUND, "big", {"items": []}, payload=b"x" * 1_000_000)])
        assert file.head == head
        file._db.execute("PRAGMA max_page_count = 1000000")
        file.append([box.event("e", 0)])
        assert file.head.n == head.n + 1
    assert audited(tmp_path).unchanged
