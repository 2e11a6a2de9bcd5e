"""Commands by file name: `config.get` is edge/orders/kinds/config_get.py.

A command's file exports `Request` (an edge.orders.words.Order), `Response` (a pydantic model), `PERMISSION`, `READS`
(True: it changes nothing, so a repeat is simply done again) and `handle(request, box, call) -> Response`; the first
line of its docstring says what it does. `handle` raises OrderRefused where nothing was done, another ProblemError where
something was begun.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from edge.orders.words import Order
from edge.settings.orders import Permission
from streams import kinds

_FOLDER = "edge.orders.kinds"


@dataclass(frozen=True, slots=True)
class Command:
    """What one file of the folder exports."""

    name: str
    summary: str
    permission: Permission
    reads: bool
    request: type[Order]
    response: type[BaseModel]
    handle: Callable[..., Awaitable[BaseModel]]


@cache
def commands() -> Mapping[str, Command]:
    """All there are, by name."""
    return MappingProxyType({name: _command(name) for name in map(_named, kinds.known(_FOLDER))})


def _named(file: str) -> str:
    return file.replace("_", ".")


def _command(name: str) -> Command:
    made: Any = kinds.load(_FOLDER, name.replace(".", "_"))
    summary = (made.__doc__ or "").strip().splitlines()[0]
    return Command(name, summary, made.PERMISSION, made.READS, made.Request, made.Response, made.handle)
