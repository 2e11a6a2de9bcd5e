"""Who did what: the audit of orders and of accounts, in one list."""

import asyncio
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import APIRouter, Query
from pydantic import ValidationError

from edge.accounts.desk import AUDIT
from edge.accounts.roles import Act
from edge.api.gate import Box, Guarded, needs
from edge.orders.audit import AuditLine, Outcome

router = APIRouter(route_class=Guarded, tags=["audit"])
log = structlog.get_logger()

_FILES = ("audit.1.jsonl", "audit.jsonl", AUDIT)


@router.get("/audit", openapi_extra=needs(Act.AUDIT), summary="The newest first.")
async def audit(
    box: Box,
    who: Annotated[str | None, Query(max_length=128)] = None,
    command: Annotated[str | None, Query(max_length=64)] = None,
    outcome: Annotated[Outcome | None, Query()] = None,
    before: Annotated[str | None, Query(max_length=40)] = None,
    most: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AuditLine]:
    """who: any part of it. before: only lines older than that time (RFC 3339, as the last line of a page has it)."""
    lines = await asyncio.to_thread(_read, box.storage)
    wanted = [
        each
        for each in lines
        if (who is None or who in each.who)
        and command in (None, each.command)
        and outcome in (None, each.outcome)
        and (before is None or each.time < before)
    ]
    return sorted(wanted, key=lambda line: line.time, reverse=True)[:most]


def _read(storage: Path) -> list[AuditLine]:
    return [line for name in _FILES for line in _lines(storage / name)]


def _lines(path: Path) -> list[AuditLine]:
    """A line that a power failure cut short is left out, and said."""
    try:
        texts = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    found = []
    for text in texts:
        try:
            found.append(AuditLine.model_validate_json(text))
        except ValidationError:
            log.warning("audit.unreadable_line", file=path.name)
    return found
