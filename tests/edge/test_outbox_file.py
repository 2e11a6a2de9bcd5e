import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.outbox_database import open_database
from edge.outbox_file import Limits, OutboxFile, Outcome, Receipt
from edge.outbox_problems import OutboxBroken, OutboxFull
from inference.findings import Phase
from tests.support.occurrences import SEAL, message, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def file(path: Path) -> Iterator[OutboxFile]:
    with opened(path) as outbox:
        yield outbox


def seqs(file: OutboxFile) -> list[int]:
    return [row.seq for row in file.peek(0, 10_000)]


def test_events_are_numbered_in_order_and_carry_their_number(file: OutboxFile) -> None:
    assert file.append([message("a"), message("b")]) == [
        Receipt(Outcome.STORED, 1),
        Receipt(Outcome.STORED, 2),
    ]
    first, second = file.peek(0, 10)
    assert (first.id, first.boot_id, first.attempts) == ("a/0", "boot", 0)
    assert b'"seq":2' in second.payload
    assert second.topic.endswith("/ev/vehicle.zone/gate")


def test_numbers_go_on_after_everything_was_sent_and_the_daemon_restarted(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b")])
        file.acknowledge([1, 2])
    with opened(path, boot="later") as file:
        file.append([message("c")])
        assert [(row.seq, row.boot_id) for row in file.peek(0, 10)] == [(3, "later")]


def test_a_message_seen_again_is_not_stored_twice_even_after_it_was_sent(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("a")])
        file.acknowledge([1])
    with opened(path) as file:
        assert file.append([message("a")]) == [Receipt(Outcome.DUPLICATE)]
        assert seqs(file) == []
        assert file.statistics().duplicates == 1


def test_nothing_is_added_to_a_case_that_has_ended(file: OutboxFile) -> None:
    file.append([message("a"), message("a", 1, Phase.END)])
    late = file.append([message("a", 2, Phase.UPDATE), message("a", 3, Phase.END)])
    assert [receipt.outcome for receipt in late] == [Outcome.DUPLICATE, Outcome.DUPLICATE]


def test_peek_pages_through_what_waits(file: OutboxFile) -> None:
    file.append([message(str(i)) for i in range(5)])
    file.acknowledge([2])
    assert [row.seq for row in file.peek(0, 2)] == [1, 3]
    assert [row.seq for row in file.peek(3, 9)] == [4, 5]


def test_attempts_are_remembered(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b")])
        file.attempted([2])
    with opened(path) as file:
        assert [row.attempts for row in file.peek(0, 9)] == [0, 1]


def test_a_buried_event_is_out_of_the_way_but_not_gone(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b")])
        file.bury(1, "too large")
        assert seqs(file) == [2]
        assert (file.statistics().dead, file.statistics().pending) == (1, 1)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT id, reason FROM dead").fetchall() == [("a/0", "too large")]


def test_statistics(path: Path) -> None:
    now = [100.0]
    with OutboxFile(path, SEAL, "boot", clock=lambda: now[0]) as file:
        file.append([message("a"), message("b")])
        size = sum(len(row.payload) for row in file.peek(0, 9))
        now[0] = 130.0
        assert (file.statistics().pending, file.statistics().bytes) == (2, size)
        assert file.statistics().oldest_age_s == 30.0
        file.acknowledge([1, 2, 99])
        after = file.statistics()
        assert (after.pending, after.bytes, after.oldest_age_s) == (0, 0, 0.0)
        assert (after.appended, after.acknowledged) == (2, 2)


def test_a_commit_waits_for_the_disk(path: Path) -> None:
    db, _ = open_database(path, 1 << 20)
    with closing(db):
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: power loss cannot be tested here
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_only_the_owner_can_read_what_waits(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a")])
        assert {part.stat().st_mode & 0o777 for part in path.parent.iterdir()} == {0o600}


def test_open_cases_are_those_without_an_end(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b", camera="yard"), message("c"), message("c", 1, Phase.END)])
        file.append([message("a", 1, Phase.UPDATE)])
    with opened(path) as file:
        assert [case.id for case in file.open_events()] == ["a/1", "b/0"]
        assert [case.id for case in file.open_events("yard")] == ["b/0"]


def test_a_case_that_goes_on_is_spared(file: OutboxFile) -> None:
    file.append([message("a"), message("b")])
    file.close_orphans("restart", None, lambda case: case.event_id == "a")
    assert [case.event_id for case in file.open_events(None)] == ["a"]


def test_orphans_are_ended_once_with_the_reason(file: OutboxFile) -> None:
    file.append([message("a"), message("b", camera="yard")])
    assert file.close_orphans("worker_lost", "yard") == [Receipt(Outcome.STORED, 3)]
    last = file.peek(2, 9)[0].payload
    assert b'"phase":"end"' in last
    assert b'"reason":"worker_lost"' in last
    assert file.close_orphans("worker_lost", "yard") == []
    assert [case.event_id for case in file.open_events()] == ["a"]


@pytest.mark.parametrize("limits", [Limits(rows=2), Limits(bytes=1500)])
def test_a_full_outbox_refuses_updates_but_keeps_beginnings_and_ends(path: Path, limits: Limits) -> None:
    with opened(path, limits) as file:
        file.append([message("a"), message("b")])
        receipts = file.append([message("a", 1, Phase.UPDATE), message("c"), message("a", 2, Phase.END)])
        assert receipts == [Receipt(Outcome.REFUSED), Receipt(Outcome.STORED, 3), Receipt(Outcome.STORED, 4)]
        assert file.statistics().refused == 1
        file.acknowledge([1, 2, 3, 4])
        assert file.append([message("c", 1, Phase.UPDATE)]) == [Receipt(Outcome.STORED, 5)]


def test_a_full_disk_stores_nothing_by_halves_and_room_mends_it(path: Path) -> None:
    with opened(path, Limits(file_bytes=160 * 1024)) as file:
        with pytest.raises(OutboxFull) as caught:
            fill(file)
        assert caught.value.problem.code == "outbox.disk_full"
        stored = file.statistics().last_seq
        assert stored % 2 == 0
        assert seqs(file) == list(range(1, stored + 1))
        file.acknowledge(seqs(file))
        assert file.append([message("after")])[0].seq == stored + 1


def fill(file: OutboxFile) -> None:
    """Append in pairs, 10 MB of them."""
    for i in range(10_000):
        file.append([message(f"{i}a"), message(f"{i}b")])


def test_a_damaged_file_is_moved_aside_and_said_so(path: Path) -> None:
    path.write_bytes(b"no database at all " * 100)
    with opened(path) as file:
        assert file.recovered is not None
        assert file.recovered.code == "outbox.corrupt"
        assert file.append([message("a")]) == [Receipt(Outcome.STORED, 1)]
    aside = [part for part in path.parent.iterdir() if ".corrupt-" in part.name]
    assert [part.read_bytes()[:11] for part in aside] == [b"no database"]
    assert aside[0].name in file.recovered.do.en


def test_damage_in_the_middle_is_found_when_opening(path: Path) -> None:
    with opened(path) as file:
        file.append([message(str(i)) for i in range(200)])
    content = bytearray(path.read_bytes())
    content[8192:40960] = b"\xff" * 32768
    path.write_bytes(content)
    with opened(path) as file:
        assert file.recovered is not None
        assert seqs(file) == []


def test_two_daemons_cannot_share_a_file(file: OutboxFile, path: Path) -> None:
    with pytest.raises(OutboxBroken) as caught:
        opened(path)
    assert caught.value.problem.code == "outbox.locked"


def test_a_file_of_a_newer_layout_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxBroken) as caught:
        opened(path)
    assert caught.value.problem.code == "outbox.newer"


def test_a_folder_that_cannot_be_written_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("a file where a folder should be")
    with pytest.raises(OutboxBroken) as caught:
        opened(tmp_path / "plain" / "outbox.sqlite")
    assert caught.value.problem.code == "outbox.read_only"
