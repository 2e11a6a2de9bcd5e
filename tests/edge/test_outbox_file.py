import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from edge.letter import SiteData, SiteNote
from edge.outbox_database import open_database
from edge.outbox_file import Limits, Notes, OutboxFile, Outcome, Receipt
from edge.outbox_problems import OutboxBroken, OutboxFull
from inference.findings import Phase
from tests.support.occurrences import message, opened


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite"


@pytest.fixture
def file(path: Path) -> Iterator[OutboxFile]:
    with opened(path) as outbox:
        yield outbox


def seqs(file: OutboxFile) -> list[int]:
    return [row.seq for row in file.peek("centre", 0, 10_000)]


def test_events_are_numbered_in_order_and_carry_their_number(file: OutboxFile) -> None:
    assert file.append([message("a"), message("b")]) == [
        Receipt(Outcome.STORED, 1),
        Receipt(Outcome.STORED, 2),
    ]
    first, second = file.peek("centre", 0, 10)
    assert (first.id, first.boot_id, first.attempts) == ("a/0", "boot", 0)
    assert b'"seq":2' in second.payload
    assert second.topic.endswith("/ev/vehicle.zone/gate")


def test_numbers_go_on_after_everything_was_sent_and_the_daemon_restarted(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b")])
        file.acknowledge("centre", [1, 2])
    with opened(path, boot="later") as file:
        file.append([message("c")])
        assert [(row.seq, row.boot_id) for row in file.peek("centre", 0, 10)] == [(3, "later")]


def test_a_message_seen_again_is_not_stored_twice_even_after_it_was_sent(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("a")])
        file.acknowledge("centre", [1])
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
    file.acknowledge("centre", [2])
    assert [row.seq for row in file.peek("centre", 0, 2)] == [1, 3]
    assert [row.seq for row in file.peek("centre", 3, 9)] == [4, 5]


def test_attempts_are_remembered(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b")])
        file.lost("centre", [2])
    with opened(path) as file:
        assert [row.attempts for row in file.peek("centre", 0, 9)] == [0, 1]


def test_a_buried_event_is_out_of_the_way_but_not_gone(path: Path) -> None:
    with opened(path) as file:
        file.append([message("a"), message("b")])
        file.bury("centre", 1, "too large")
        assert seqs(file) == [2]
        assert (file.statistics().dead, file.statistics().pending) == (1, 1)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT id, reason FROM dead").fetchall() == [("a/0", "centre: too large")]


def test_statistics(path: Path) -> None:
    now = [100.0]
    with opened(path, ticks=lambda: now[0]) as file:
        file.append([message("a"), message("b")])
        size = sum(len(row.payload) for row in file.peek("centre", 0, 9))
        now[0] = 130.0
        assert (file.statistics().pending, file.statistics().bytes) == (2, size)
        assert file.statistics().oldest_age_s == 30.0
        file.acknowledge("centre", [1, 2, 99])
        after = file.statistics()
        assert (after.pending, after.bytes, after.oldest_age_s) == (0, 0, 0.0)
        assert (after.appended, after.acknowledged) == (2, 2)


def test_a_commit_waits_for_the_disk(path: Path) -> None:
    db, _ = open_database(path, 1 << 20, "centre")
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
    last = file.peek("centre", 2, 9)[0].payload
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
        file.acknowledge("centre", [1, 2, 3, 4])
        assert told(file) == {"superseded": 0, "updates": 0, "refused": 1, "ranges": []}
        assert file.append([message("c", 1, Phase.UPDATE)]) == [Receipt(Outcome.STORED, 6)]


def told(file: OutboxFile) -> dict[str, Any]:
    """The one `site.dropped` that waits."""
    events = [json.loads(row.payload) for row in file.peek("centre", 0, 1000)]
    [data] = [event["data"] for event in events if event["type"] == "site.dropped"]
    return {name: data[name] for name in ("superseded", "updates", "refused", "ranges")}


def test_when_it_is_full_what_a_later_message_says_better_goes_first(path: Path) -> None:
    with opened(path, Limits(rows=10)) as file:
        cases = [message("a"), message("b"), message("c")]
        updates = [
            message("a", 1, Phase.UPDATE),
            message("b", 1, Phase.UPDATE),
            message("a", 2, Phase.UPDATE),
        ]
        file.append([*cases, *updates, *(message(str(i)) for i in range(4))])  # a1 is superseded by a2
        file.append([message("d")])
        assert seqs(file) == [1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
        file.append([message("e")])  # now any update, since none is superseded
        assert seqs(file) == [1, 2, 3, 7, 8, 9, 10, 11, 12]
        file.acknowledge("centre", [1])  # there is room again, and time to tell
        assert told(file) == {"superseded": 1, "updates": 2, "refused": 0, "ranges": [[4, 6]]}
        assert file.statistics().dropped == 3


def test_what_was_dropped_is_told_even_if_the_daemon_dies_before_it_could(path: Path) -> None:
    with opened(path, Limits(rows=3)) as file:
        file.append(
            [message("a"), message("a", 1, Phase.UPDATE), message("a", 2, Phase.UPDATE), message("b")]
        )
        assert seqs(file) == [1, 3, 4]
    with opened(path, Limits(rows=3)) as file:
        file.acknowledge("centre", [1, 3])
        assert told(file)["ranges"] == [[2, 2]]


def test_updates_older_than_the_limit_go_and_their_cases_stay(path: Path) -> None:
    now = [0.0]
    with opened(path, Limits(age=3600.0), ticks=lambda: now[0]) as file:
        file.append([message("a"), message("a", 1, Phase.UPDATE)])
        now[0] = 3000.0
        file.append([message("b", 0, Phase.UPDATE)])
        now[0] = 3700.0
        file.append([message("c")])
        assert [row.id for row in file.peek("centre", 0, 9)][:3] == ["a/0", "b/0", "c/0"]
        assert told(file)["updates"] == 1


def test_ages_go_on_over_restarts_and_do_not_go_by_the_wall_clock(path: Path) -> None:
    now = [500.0]
    with opened(path, ticks=lambda: now[0]) as file:
        file.append([message("a")])
        now[0] = 560.0
        file.append([message("b")])
    now[0] = 7.0  # a new boot: its clock begins anew, and the wall clock may say anything
    with opened(path, ticks=lambda: now[0]) as file:
        now[0] = 17.0
        assert file.statistics().oldest_age_s == 70.0


def test_a_row_goes_when_everybody_has_had_it_in_whatever_order(path: Path) -> None:
    with opened(path, consumers=("centre", "city", "cases")) as file:
        file.append([message(str(i)) for i in range(6)])
        file.acknowledge("centre", [1, 2, 3, 4, 5, 6])
        file.acknowledge("cases", [6, 2])
        file.acknowledge("city", [2, 5])
        assert file.statistics().pending == 5
        assert [row.seq for row in file.peek("city", 0, 9)] == [1, 3, 4, 6]
        assert [row.seq for row in file.peek("cases", 0, 9)] == [1, 3, 4, 5]
    with opened(path, consumers=("centre", "city", "cases")) as file:
        file.acknowledge("cases", range(10))
        file.acknowledge("city", range(10))
        assert file.statistics().pending == 0


def test_a_row_that_was_only_sent_to_one_does_not_go_when_the_others_have_it(path: Path) -> None:
    with opened(path, consumers=("centre", "city")) as file:
        file.append([message("a"), message("b")])
        file.append([], Notes(sent={"centre": {2: 60.0}}))
        file.acknowledge("city", [2])
        assert [row.seq for row in file.peek("centre", 0, 9)] == [1, 2]


def test_a_new_consumer_begins_now_and_one_that_is_gone_holds_nothing_up(path: Path) -> None:
    with opened(path, consumers=("centre", "city")) as file:
        file.append([message("a"), message("b")])
        file.acknowledge("centre", [1])
    with capture_logs() as logs, opened(path, consumers=("centre", "province")) as file:
        assert [row.id for row in file.peek("centre", 0, 9)] == ["b/0"]
        assert file.peek("province", 0, 9) == []
        assert file.statistics().pending == 1
        file.append([message("c")])
        assert [row.id for row in file.peek("province", 0, 9)] == ["c/0"]
    [line] = [line for line in logs if line["event"] == "outbox.consumer_removed"]
    assert (line["consumer"], line["unacknowledged"]) == ("city", 2)


def test_what_is_not_acknowledged_in_time_is_due_again_over_restarts_too(path: Path) -> None:
    now = [0.0]
    with opened(path, ticks=lambda: now[0]) as file:
        file.append([message("a"), message("b"), message("c")])
        file.append([], Notes(sent={"centre": {1: 60.0, 2: 70.0, 3: 60.0}}, upto={"centre": 3}))
        file.acknowledge("centre", [3])
        now[0] = 61.0
        assert [(row.id, row.sends) for row in file.due("centre", 9)] == [("a/0", 1)]
        file.append([], Notes(sent={"centre": {1: 180.0}}))
        assert file.due("centre", 9) == []
    now[0] = 0.0
    with opened(path, ticks=lambda: now[0]) as file:
        assert file.standing("centre").sent == 3
        now[0] = 130.0
        assert [(row.id, row.sends) for row in file.due("centre", 9)] == [("a/0", 2), ("b/0", 1)]
        file.acknowledge("centre", [1, 2])
        assert file.due("centre", 9) == []
        file.append([], Notes(sent={"centre": {1: 0.0}}))  # the broker's answer comes after the centre's
        assert file.due("centre", 9) == []


def test_numbers_are_found_by_the_messages_ids(file: OutboxFile) -> None:
    file.append([message("a"), message("b"), message("a", 1, Phase.UPDATE)])
    assert sorted(file.seqs(["a/1", "b/0", "a/9", "no such thing", ""])) == [2, 3]


def test_a_case_goes_on_after_its_event_has_ended(file: OutboxFile) -> None:
    file.append([message("a"), message("a", 1, Phase.END)])
    note = SiteNote(id="a/case/0", type="site.note", time=1.0, data=SiteData())
    assert file.append([note, note]) == [Receipt(Outcome.STORED, 3), Receipt(Outcome.DUPLICATE)]
    assert file.open_events() == []


LAYOUT_1 = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    created REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, boot_id TEXT NOT NULL) STRICT;
CREATE TABLE dead (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    created REAL NOT NULL, attempts INTEGER NOT NULL, boot_id TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE seen (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_seq ON seen (seq);
CREATE TABLE open_events (event_id TEXT PRIMARY KEY, camera TEXT NOT NULL, occurrence TEXT NOT NULL) STRICT;
CREATE TABLE counter (last_seq INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES (7);
INSERT INTO seen VALUES ('a/1', 6);
INSERT INTO events VALUES (6, 'a/1', 't', CAST('{"data":{"phase":"update"}}' AS BLOB), 1.0, 2, 'old');
INSERT INTO events VALUES (7, 'b/0', 't', CAST('{"data":{"phase":"new"}}' AS BLOB), 2.0, 0, 'old');
PRAGMA user_version = 1;
"""


def test_what_waits_in_a_file_of_the_first_layout_belongs_to_the_first_centre(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(LAYOUT_1)
    with opened(path, consumers=("town's", "cases")) as file:
        waiting = file.peek("town's", 0, 9)
        assert [(row.seq, row.id, row.attempts, row.created, row.boot_id) for row in waiting] == [
            (6, "a/1", 2, 1.0, "old"),
            (7, "b/0", 0, 2.0, "old"),
        ]
        assert file.peek("cases", 0, 9) == []
        assert file.append([message("a", 1, Phase.UPDATE), message("c")]) == [
            Receipt(Outcome.DUPLICATE),
            Receipt(Outcome.STORED, 8),
        ]
    with opened(path, Limits(rows=3), consumers=("town's", "cases")) as file:
        file.append([message("d")])
        assert [row.seq for row in file.peek("town's", 0, 9)] == [7, 8, 9]  # the update was recognised as one


def test_a_full_disk_stores_nothing_by_halves_and_room_mends_it(path: Path) -> None:
    with opened(path, Limits(file_bytes=160 * 1024)) as file:
        with pytest.raises(OutboxFull) as caught:
            fill(file)
        assert caught.value.problem.code == "outbox.disk_full"
        stored = file.statistics().last_seq
        assert stored % 2 == 0
        assert seqs(file) == list(range(1, stored + 1))
        file.acknowledge("centre", seqs(file))
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
