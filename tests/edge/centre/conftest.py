from collections.abc import Iterator

import pytest

from tests.support.postgres import Postgres


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with Postgres() as running:
        yield running


@pytest.fixture
def postgres(server: Postgres) -> Postgres:
    """With no table yet."""
    server.rows("DROP TABLE IF EXISTS sandwatch_events")
    return server
