"""Every endpoint the API tells of, asked as its own description allows and as it does not: nothing fails inside, and every
answer is as described."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from tests.support.console_alone import NAME
from tests.support.consoles import PASSWORD

EXAMPLES = 6  # of each operation
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
# The first never ends, by design; the others end the session that asks.
LEFT_OUT = ("/changes", "/logout", "/password")


@dataclass(frozen=True, slots=True)
class Console:
    url: str
    headers: dict[str, str]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    command = [sys.executable, "-m", "tests.support.console_alone", str(tmp_path), "20"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            url = f"http://127.0.0.1:{int(process.stdout.readline())}"
            entered = httpx.post(f"{url}/api/v1/login", json={"name": NAME, "password": PASSWORD}, timeout=60)
            cookie = entered.headers["set-cookie"].partition(";")[0]
            yield Console(url, {"Cookie": cookie, "X-Sandwatch-CSRF": entered.json()["csrf"]})
        finally:
            process.kill()


def test_the_api_is_as_it_describes_itself(console: Console) -> None:
    described = httpx.get(f"{console.url}/api/openapi.json", headers=console.headers, timeout=60).json()
    found = list(schemathesis.openapi.from_dict(described).get_all_operations())
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == len(found), "it describes itself in a way nobody can read"
    statuses: set[int] = set()
    for operation in operations:
        if operation.path.endswith(LEFT_OUT):
            continue

        @seed(1)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(operation.as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(base_url=console.url, headers=console.headers, timeout=60)
            statuses.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        ask()
    assert len(operations) > 20
    assert {200, 404, 422} <= statuses
