import threading

import pytest

from edge.centre.postgres import Postgres as Table
from edge.centre.record import Record, record
from edge.centre.table import Missing, TableFailed
from edge.letter import Dropped, Letter, SiteNote
from tests.support.occurrences import SEAL, message
from tests.support.postgres import Postgres


def row(number: int, letter: Letter | None = None) -> Record:
    sealed = SEAL(letter or message(f"case{number}"), number)
    return record(sealed.topic, sealed.payload)


def aged(postgres: Postgres) -> None:
    """All that is there came three minutes ago."""
    postgres.rows("UPDATE sandwatch_events SET received = received - interval '3 minutes'")


def test_each_message_once_and_readable_in_sql(postgres: Postgres) -> None:
    table = Table(postgres.url)
    assert table.commit([row(1), row(2), row(1)]) == 2
    assert table.commit([row(2), row(3)]) == 1
    found = postgres.rows(
        "SELECT county, site, id, seq, type, phase, payload->'data'->>'camera' FROM sandwatch_events ORDER BY seq"
    )
    assert found[0] == ("410122", "site", "case1/0", 1, "vehicle.zone", "new", "gate")
    assert len(found) == 3
    table.close()


def test_numbers_that_never_came_are_named_unless_the_box_explained_them(postgres: Postgres) -> None:
    table = Table(postgres.url)
    table.commit([row(1), row(2), row(5), row(9)])
    assert table.missing() == []  # they may be on their way
    aged(postgres)
    site = row(1).site
    assert table.missing() == [Missing(site, 3, 4), Missing(site, 6, 8)]
    table.commit([row(10, SiteNote.of("site.dropped", 1.0, Dropped(updates=2, ranges=((3, 4), (6, 7)))))])
    assert table.missing() == [Missing(site, 6, 8)]
    table.commit([row(6)])
    aged(postgres)
    assert table.missing() == [Missing(site, 7, 8)]
    table.close()


def test_numbers_begun_anew_are_not_missing(postgres: Postgres) -> None:
    table = Table(postgres.url)
    later = [
        row(number, message(f"later{number}").model_copy(update={"time": 90_000.0})) for number in (1, 2)
    ]
    table.commit([row(500), row(501), *later])
    aged(postgres)
    assert table.missing() == []
    table.close()


def test_consumers_that_start_at_once_share_one_table(postgres: Postgres) -> None:
    stored: list[int] = []

    def consume() -> None:
        table = Table(postgres.url)
        stored.append(sum(table.commit([row(number)]) for number in range(20)))
        table.close()

    threads = [threading.Thread(target=consume) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == 20
    assert len(stored) == 4


def test_a_database_that_goes_away_and_comes_back_has_what_was_committed(postgres: Postgres) -> None:
    table = Table(postgres.url)
    table.commit([row(1)])
    postgres.kill()
    with pytest.raises(TableFailed) as failed:
        table.commit([row(2)])
    assert failed.value.problem.code == "centre.postgres"
    postgres.start()
    assert table.commit([row(1), row(2)]) == 1
    table.close()


def test_what_json_allows_and_tables_do_not_is_kept_all_the_same(postgres: Postgres) -> None:
    table = Table(postgres.url)
    strange = message("case").model_copy(update={"reason": "a\0b\u2028黄庄"})
    assert table.commit([row(1, strange)]) == 1
    table.close()
    assert postgres.rows("SELECT payload::text LIKE '%黄庄%' FROM sandwatch_events") == [(True,)]


def test_the_password_is_in_no_problem() -> None:
    with pytest.raises(TableFailed) as failed:
        Table("postgresql://me:of-mine@127.0.0.1:1/none")
    assert "of-mine" not in failed.value.problem.say("en")
