"""How the box was of late, for plots; and what the doctor says of it now."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import JsonValue

from edge.accounts import problems
from edge.accounts.roles import Act, Asker
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.parts import Parts
from edge.api.samples import Sample, Span
from edge.doctor.examination import Line, examine
from edge.doctor.question import Box as Patient

router = APIRouter(route_class=Guarded, tags=["health"])

# Those that ask nobody outside the box, and open no camera a second time.
_CHECKS = frozenset({"clock", "disk", "evidence", "memory", "permissions"})
_OWN = frozenset({"clock", "memory"})  # of these, what asks nothing of a site file
_DECIMALS = 4


@router.get(
    "/health/samples", openapi_extra=needs(Act.SEE), summary="How the box and its cameras were, for plots."
)
async def samples(asker: Asks, box: Box, span: Annotated[Span, Query()] = Span.HOUR) -> dict[str, JsonValue]:
    """A column of values for each quantity, the oldest first; null: not known. Of the box itself only to those who see
    all of it."""
    return _columns(box.samples.over(span), [name for name in box.cameras if asker.sees(name)], asker)


@router.get("/health/doctor", openapi_extra=needs(Act.CONFIG), summary="The doctor's quick checks, done now.")
async def doctor(asker: Asks, box: Box) -> list[dict[str, JsonValue]]:
    """`sandwatch doctor` has all of them."""
    if not asker.everywhere:
        raise problems.not_yours()
    async with box.examining:
        lines = await asyncio.to_thread(_examined, box)
    return [_told(line) for line in lines]


def _examined(box: Parts) -> list[Line]:
    if box.site_file is None:
        return list(examine(Patient(box.storage, None), _OWN))
    return list(examine(Patient.of(box.site_file.path), _CHECKS))


def _columns(held: tuple[Sample, ...], cameras: list[str], asker: Asker) -> dict[str, JsonValue]:
    boxes = [each.box for each in held]
    names = boxes[-1] if asker.everywhere and boxes else {}
    return {
        "times": [round(each.time) for each in held],
        "box": {name: [_short(each.get(name)) for each in boxes] for name in names},
        "cameras": {name: {key: _column(held, name, key) for key in ("fps", "stalls")} for name in cameras},
    }


def _column(held: tuple[Sample, ...], camera: str, key: str) -> list[JsonValue]:
    return [_short(each.cameras.get(camera, {}).get(key)) for each in held]


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)


def _told(line: Line) -> dict[str, JsonValue]:
    verdict = line.verdict
    do: dict[str, JsonValue] | None = {"en": verdict.do.en, "zh": verdict.do.zh} if verdict.do else None
    return {
        "check": line.check,
        "subject": line.subject,
        "level": verdict.level.value,
        "code": verdict.code,
        "what": {"en": verdict.what.en, "zh": verdict.what.zh},
        "do": do,
    }
