"""What must never be reached: a server on this box that counts who comes, and a resolver that lies."""

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.faults import Server, hangs_up


@contextmanager
def trap() -> Iterator[Server]:
    """On 127.0.0.1; `connections` says whether anybody was led there."""
    with Server(hangs_up) as server:
        yield server


class Resolver:
    """Answers for names from a list, one answer after the other, the last for ever; others as the system does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **answers: list[list[str]]) -> None:
        self.asked: Counter[str] = Counter()
        self._answers = {name.replace("_", "."): turns for name, turns in answers.items()}
        self._system = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        turns = self._answers.get(name.rstrip(".").lower())
        if turns is None:
            return self._system(host, port, *rest, **options)
        number = min(self.asked[name], len(turns) - 1)
        self.asked[name] += 1
        return [row for address in turns[number] for row in self._system(address, port, *rest, **options)]
