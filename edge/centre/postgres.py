"""PostgreSQL as the table of any number of consumers. Needs the extra `centre` (psycopg)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from edge.centre.record import Record
from edge.centre.table import Missing, TableFailed
from streams.problem import Problem, Text

# Any number will do; it has to be the same in all consumers. Two that start at once must not both create the table.
_LOCK = 0x53616E6477617463

# payload: json keeps the text as it came; jsonb refuses some of what JSON allows (\u0000).
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sandwatch_events (
    province text NOT NULL, city text NOT NULL, county text NOT NULL, site text NOT NULL,
    id text NOT NULL, seq bigint NOT NULL, boot_id text NOT NULL, type text NOT NULL, camera text NOT NULL,
    event_id text NOT NULL, phase text NOT NULL, severity text NOT NULL, time timestamptz NOT NULL,
    payload json NOT NULL, received timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (province, city, county, site, id));
CREATE INDEX IF NOT EXISTS sandwatch_events_seq ON sandwatch_events (province, city, county, site, seq);
CREATE INDEX IF NOT EXISTS sandwatch_events_time ON sandwatch_events (time);
CREATE INDEX IF NOT EXISTS sandwatch_events_case ON sandwatch_events (event_id);
"""
_INSERT = """
INSERT INTO sandwatch_events
    (province, city, county, site, id, seq, boot_id, type, camera, event_id, phase, severity, time, payload)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
# Between two neighbours of the last week; two minutes old, so that what is on its way has come. A neighbour that is an hour
# older although its number is higher is of a store that was lost: the numbers were begun anew (edge.centre.gaps).
_MISSING = """
WITH neighbours AS (
    SELECT province, city, county, site, seq, time,
        lead(seq) OVER next AS after, lead(time) OVER next AS time_after, lead(received) OVER next AS came
    FROM sandwatch_events WHERE received > now() - interval '7 days'
    WINDOW next AS (PARTITION BY province, city, county, site ORDER BY seq)),
explained AS (
    SELECT province, city, county, site,
        (range->>0)::bigint AS first, (range->>1)::bigint AS last
    FROM sandwatch_events, json_array_elements(payload->'data'->'ranges') AS range WHERE type = 'site.dropped')
SELECT concat_ws('/', 'sandwatch/v1', province, city, county, site), seq + 1, after - 1
FROM neighbours AS gap
WHERE after > seq + 1 AND came < now() - interval '2 minutes' AND time < time_after + interval '1 hour'
    AND (SELECT count(DISTINCT number) FROM explained AS told,
            generate_series(greatest(told.first, gap.seq + 1), least(told.last, gap.after - 1)) AS number
         WHERE (told.province, told.city, told.county, told.site)
             = (gap.province, gap.city, gap.county, gap.site)) < after - seq - 1
ORDER BY 1, 2
"""


class Postgres:
    """where: a connection string (postgresql://..., libpq's); passwords better stand in ~/.pgpass or PGPASSWORD.

    A lost connection is made anew by the next call.
    """

    def __init__(self, where: str) -> None:
        self._where = where
        self._db: psycopg.Connection | None = None
        with self._connection():
            pass

    def commit(self, records: Sequence[Record]) -> int:
        rows = [
            (
                *each.place,
                each.id,
                each.seq,
                each.boot_id,
                each.type,
                each.camera,
                each.event_id,
                each.phase,
                each.severity,
                each.time,
                each.payload,
            )
            for each in records
        ]
        with self._connection() as db, db.transaction(), db.cursor() as cursor:
            cursor.executemany(_INSERT, rows)
            return cursor.rowcount

    def missing(self) -> list[Missing]:
        with self._connection() as db, db.transaction():
            return [Missing(*row) for row in db.execute(_MISSING)]

    def close(self) -> None:
        if self._db is not None:
            self._db.close()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection]:
        try:
            if self._db is None or self._db.closed:
                self._db = psycopg.connect(self._where, autocommit=True, connect_timeout=15)
                _prepare(self._db)
            yield self._db
        except psycopg.Error as error:
            if self._db is not None:
                self._db.close()
            raise TableFailed(_failed(error)) from None  # its text may hold the connection string


def _prepare(db: psycopg.Connection) -> None:
    # Committed has to mean on disk, whatever the server's default.
    db.execute("SET synchronous_commit = on")
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        db.execute(_SCHEMA)


def _failed(error: psycopg.Error) -> Problem:
    code = error.sqlstate or type(error).__name__
    return Problem(
        "centre.postgres",
        Text(f"PostgreSQL failed ({code})", f"PostgreSQL 出错（{code}）"),
        Text(
            "check that it runs, the address, the login and the right to create a table",
            "请检查服务是否运行、地址、登录以及建表权限",
        ),
    )
