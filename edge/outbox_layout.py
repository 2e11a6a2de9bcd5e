"""The tables of the outbox, and how those of an older file become these."""

import sqlite3

from edge.outbox_problems import OutboxBroken, newer

# events.stored: in ticks (edge.outbox_file). seen: ids of messages, and, bare, of cases that have ended.
# consumers.done: everything up to it is acknowledged; sent: everything up to it was taken by the broker once.
# marks: what a consumer has done beyond these two; due: in ticks, when to send it again.
# shortage: what was dropped and has not been told yet (edge.outbox_room).
_TABLES = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    created REAL NOT NULL, stored REAL NOT NULL, droppable INTEGER NOT NULL, boot_id TEXT NOT NULL) STRICT;
CREATE TABLE dead (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    created REAL NOT NULL, attempts INTEGER NOT NULL, boot_id TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE seen (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX seen_seq ON seen (seq);
CREATE TABLE open_events (event_id TEXT PRIMARY KEY, camera TEXT NOT NULL, occurrence TEXT NOT NULL) STRICT;
CREATE TABLE counter (last_seq INTEGER NOT NULL, ticks REAL NOT NULL DEFAULT 0) STRICT;
INSERT INTO counter VALUES (0, 0);
"""
_CONSUMERS = """
CREATE INDEX events_id ON events (id);
CREATE INDEX events_droppable ON events (seq) WHERE droppable;
CREATE TABLE consumers (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, done INTEGER NOT NULL, sent INTEGER NOT NULL) STRICT;
CREATE TABLE marks (
    consumer INTEGER NOT NULL, seq INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
    sends INTEGER NOT NULL DEFAULT 0, losses INTEGER NOT NULL DEFAULT 0, due REAL,
    PRIMARY KEY (consumer, seq)) STRICT, WITHOUT ROWID;
CREATE INDEX marks_due ON marks (consumer, due) WHERE due IS NOT NULL;
CREATE TABLE shortage (report TEXT NOT NULL) STRICT;
"""
# Layout 1 knew one centre: it is the first consumer, and what waited waits for it.
_WIDENED = """
ALTER TABLE events ADD COLUMN stored REAL NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN droppable INTEGER NOT NULL DEFAULT 0;
ALTER TABLE counter ADD COLUMN ticks REAL NOT NULL DEFAULT 0;
UPDATE events SET droppable = json_valid(CAST(payload AS TEXT))
    AND json_extract(CAST(payload AS TEXT), '$.data.phase') IS 'update';
"""
_GIVEN = """
INSERT INTO consumers VALUES (1, :first, 0, 0);
INSERT INTO marks (consumer, seq, losses) SELECT 1, seq, attempts FROM events WHERE attempts > 0;
ALTER TABLE events DROP COLUMN attempts;
"""
_VERSION = 2  # PRAGMA user_version


def migrate(db: sqlite3.Connection, first: str) -> None:
    """first: the consumer to whom an older file's rows belong. Raises OutboxBroken for a newer layout."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > _VERSION:
        raise OutboxBroken(newer(version))
    statements = {0: _TABLES + _CONSUMERS, 1: _WIDENED + _CONSUMERS + _GIVEN}.get(version, "")
    quoted = "'" + first.replace("'", "''") + "'"  # a script takes no parameters
    # Where there is nothing to do, this takes the lock now rather than at the first event.
    db.executescript(
        f"BEGIN IMMEDIATE; {statements.replace(':first', quoted)} PRAGMA user_version = {_VERSION}; COMMIT;"
    )
