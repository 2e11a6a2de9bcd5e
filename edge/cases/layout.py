"""cases.sqlite: what is in it.

cases: as they are now. steps: what happened to them, told once the outbox has it; also refusals of words about cases that
are not there. words: ids of what was said, so that a repeat is known. muted: events that began while nobody wanted to know.
requests: of people at the box (edge.cases.requests).
"""

from edge.store import Layout
from streams.problem import Text

LAYOUT = Layout(
    "cases",
    Text("the case book", "案件库"),
    (
        """
CREATE TABLE cases (
    event_id TEXT PRIMARY KEY, camera TEXT NOT NULL, state TEXT NOT NULL, opened REAL NOT NULL, due REAL,
    settled REAL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX cases_due ON cases (due) WHERE due IS NOT NULL;
CREATE INDEX cases_settled ON cases (settled) WHERE settled IS NOT NULL;
CREATE TABLE steps (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, event_id TEXT NOT NULL, told INTEGER NOT NULL,
    note TEXT NOT NULL) STRICT;
CREATE INDEX steps_of_case ON steps (event_id, number);
CREATE INDEX steps_untold ON steps (number) WHERE told = 0;
CREATE TABLE words (
    centre TEXT NOT NULL, id TEXT NOT NULL, digest TEXT NOT NULL, event_id TEXT NOT NULL, heard REAL NOT NULL,
    PRIMARY KEY (centre, id)) STRICT, WITHOUT ROWID;
CREATE INDEX words_of_case ON words (event_id);
CREATE TABLE muted (event_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE requests (
    id TEXT PRIMARY KEY, written REAL NOT NULL, event_id TEXT NOT NULL, word TEXT NOT NULL, answer TEXT)
    STRICT, WITHOUT ROWID;
""",
    ),
)
