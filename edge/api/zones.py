"""What is drawn on a camera's picture, and the rules that use it."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from edge import aside
from edge.accounts import problems
from edge.accounts.roles import Act
from edge.api.camera_item import Sha256
from edge.api.cameras import Named, stream_of
from edge.api.gate import Asks, Box, Guarded, needs
from edge.api.saving import reading, save, sha256
from edge.api.stills import fetched
from edge.orders.problems import OrderRefused, no_camera
from edge.orders.sitefile import SiteFile
from edge.settings.edit import Value, edit, remove
from edge.settings.finding import DocumentPath
from edge.settings.loader import Loaded
from edge.settings.masks import read
from edge.settings.model import StreamSettings
from inference.findings import Severity
from inference.geometry import Anchor
from inference.rule import RuleSpec

router = APIRouter(route_class=Guarded, tags=["zones"])

_BACK = 15.0  # s of the camera that are tried out: what its ring holds
_PATIENCE = 100.0  # s: 75 pictures on one slow core that has four cameras to look at
_DECIMALS = 4  # of a share of the picture: a third of a pixel of 4K
_CLOCKS = re.compile(r"\s*(.+?)\s*[-–~至]\s*((?:\d|sun|日).+?)\s*")

Label = Annotated[str, Field(min_length=1, max_length=64)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Points = Annotated[tuple[tuple[Share, Share], ...], Field(min_length=2, max_length=100)]
Drawn = Annotated[dict[Label, Points], Field(max_length=100)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Window(_Asked):
    """start, end: as in a site file: "19:00", "sunset+30min"."""

    model_config = ConfigDict(populate_by_name=True, frozen=True, extra="forbid")

    days: Annotated[str, Field(max_length=40)] = "daily"
    start: Annotated[str, Field(max_length=20, alias="from")]
    end: Annotated[str, Field(max_length=20, alias="to")]


class Rule(_Asked):
    """was: its name in the file; null: it is new. What a kind does not have is left out. dwell: s."""

    was: Label | None = None
    name: Label
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    objects: Annotated[tuple[Label, ...], Field(min_length=1, max_length=40)]
    severity: Severity
    schedule: Annotated[tuple[Window, ...], Field(max_length=20)] = ()
    zones: Annotated[tuple[Label, ...], Field(max_length=100)] | None = None
    line: Label | None = None
    anchor: Anchor | None = None
    dwell: Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)] | None = None


class Drawing(_Asked):
    """All there is to be, as shares of the picture from its top left. based_on: sha256 of the site file as it was
    seen."""

    zones: Drawn = {}
    lines: Drawn = {}
    ignore: Drawn = {}
    presets: Annotated[dict[Label, tuple[Label, ...]], Field(max_length=100)] = {}
    rules: Annotated[tuple[Rule, ...], Field(max_length=40)] = ()
    based_on: Sha256 | None = None


class Trial(Drawing):
    """rule: the one that is tried out, by its name in the drawing."""

    rule: Label


@router.get(
    "/setup/zones/{name}", openapi_extra=needs(Act.CONFIG), summary="Zones, lines and rules of a camera."
)
async def drawn(name: Named, asker: Asks, box: Box) -> dict[str, JsonValue]:
    file = reading(box, asker)
    text = await asyncio.to_thread(file.text)
    loaded = await asyncio.to_thread(file.checked, text)
    number, stream = stream_of(loaded, name)
    rules = _raw(text, number)
    turned = sorted({*stream.presets, *(stream.onvif.presets if stream.onvif else ())})
    return {
        "sha256": sha256(text),
        "zones": _shown(stream.zones),
        "lines": _shown(stream.lines),
        "ignore": _shown(stream.ignore),
        "presets": {preset: [*stream.presets.get(preset, ())] for preset in turned},
        "rules": [_rule(rule, raw) for rule, raw in zip(stream.rules, rules, strict=True)],
    }


@router.post(
    "/setup/zones/{name}", openapi_extra=needs(Act.SETUP), status_code=204, summary="Draw them anew."
)
async def draw(name: Named, asked: Drawing, asker: Asks, box: Box) -> None:
    """Only what differs is written."""
    await save(box, asker, lambda loaded, text: redrawn(loaded, text, name, asked), asked.based_on)


def redrawn(loaded: Loaded, text: str, name: str, asked: Drawing) -> str:
    """The site file with that drawing. Raises HttpRefused, EditRefused."""
    number, stream = stream_of(loaded, name)
    at: DocumentPath = ("streams", number)
    text = _rules(text, at, stream, asked.rules)
    for key, new in (("zones", asked.zones), ("lines", asked.lines), ("ignore", asked.ignore)):
        text = _named(text, (*at, key), _shown(getattr(stream, key)), _shown(new))
    old = {preset: [*held] for preset, held in stream.presets.items()}
    wanted = {preset: [*held] for preset, held in asked.presets.items() if held or preset in old}
    return _named(text, (*at, "presets"), old, wanted)


def _named(text: str, at: DocumentPath, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    for name in old.keys() - new.keys():
        text = remove(text, (*at, name))
    for name, value in new.items():
        if old.get(name) != value:
            text = edit(text, (*at, name), value)
    return text


def _rules(text: str, at: DocumentPath, stream: StreamSettings, asked: tuple[Rule, ...]) -> str:
    """Those that stay are changed where they stand, new ones come last, then the others go."""
    names = [rule.name for rule in stream.rules]
    raw = _raw(text, int(at[1]))
    stay = {rule.was for rule in asked}
    for rule in asked:
        if rule.was in names:
            place = names.index(rule.was)
            before = _rule(stream.rules[place], raw[place])
            text = _changed(text, (*at, "rules", place), before, rule)
    more = [_item(rule) for rule in asked if rule.was not in names]
    for count, item in enumerate(more, len(names)):
        text = edit(text, (*at, "rules"), [item]) if not count else edit(text, (*at, "rules", count), item)
    for place in reversed(range(len(names))):
        if names[place] not in stay:
            text = remove(text, (*at, "rules", place))
    return text


def _changed(text: str, at: DocumentPath, before: Mapping[str, JsonValue], rule: Rule) -> str:
    told = rule.model_dump(mode="json", by_alias=True, exclude={"was", "kind"}, exclude_none=True)
    written = dict(_fields(rule))
    for key, value in told.items():
        if key in before and before[key] != value:
            text = edit(text, (*at, key), written[key])
    return text


def _item(rule: Rule) -> Mapping[str, Value]:
    return {"kind": rule.kind, **dict(_fields(rule))}


def _fields(rule: Rule) -> Iterator[tuple[str, Value]]:
    """As they are written."""
    yield "name", rule.name
    yield "objects", list(rule.objects)
    yield "severity", rule.severity.value
    if rule.schedule or rule.was:
        yield "schedule", [_window(each) for each in rule.schedule]
    if rule.zones is not None:
        yield "zones", list(rule.zones)
    if rule.line is not None:
        yield "line", rule.line
    if rule.anchor is not None:
        yield "anchor", rule.anchor.value
    if rule.dwell is not None:
        yield "dwell", f"{rule.dwell:g}s"


def _window(window: Window) -> Value:
    if window.days == "daily":
        return f"{window.start}-{window.end}"
    days: Value = window.days.split(",") if "," in window.days else window.days
    return {"days": days, "from": window.start, "to": window.end}


def _rule(rule: RuleSpec, raw: JsonValue) -> dict[str, JsonValue]:
    """What a page shows of it, with what it is when left out."""
    kept = rule.model_dump(mode="json")
    told: dict[str, JsonValue] = {
        key: kept[key]
        for key in ("name", "kind", "objects", "severity", "zones", "line", "anchor", "dwell")
        if key in kept
    }
    if not isinstance(told.get("line", ""), str):  # drawn in the rule itself: that stays in the file
        del told["line"]
    schedule = raw.get("schedule") if isinstance(raw, dict) else None
    held = schedule if isinstance(schedule, list) else [schedule] if schedule else []
    return {**told, "was": rule.name, "schedule": [_told(each) for each in held]}


def _told(window: JsonValue) -> JsonValue:
    if isinstance(window, str):
        found = _CLOCKS.fullmatch(window)
        return {"days": "daily", "from": found[1] if found else window, "to": found[2] if found else ""}
    if not isinstance(window, dict):
        return {"days": "daily", "from": "", "to": ""}
    days = window.get("days", "daily")
    named = ",".join(map(str, days)) if isinstance(days, list) else str(days)
    return {"days": named, "from": str(window.get("from", "")), "to": str(window.get("to", ""))}


def _shown(drawn: Mapping[str, tuple[tuple[float, ...], ...]]) -> dict[str, JsonValue]:
    return {
        name: [[round(part, _DECIMALS) for part in point] for point in points]
        for name, points in drawn.items()
    }


def _raw(text: str, number: int) -> list[JsonValue]:
    """Its rules as they are written."""
    stream = read(text).data["streams"][number]
    return list(stream.get("rules") or [])


@router.post(
    "/setup/zones/{name}/try", openapi_extra=needs(Act.SETUP), summary="The last 15 s through one rule."
)
async def attempt(name: Named, asked: Trial, asker: Asks, box: Box) -> dict[str, JsonValue]:
    """tracks: what was seen, whether it would have raised an event, and why. Nothing is written."""
    file = reading(box, asker)
    if box.errands is None or name not in box.errands.cameras:
        raise OrderRefused(no_camera(name))
    if box.opening.locked():
        raise problems.busy()
    async with box.opening:
        text = await asyncio.to_thread(_drawn_text, file, name, asked)
        clip = await fetched(box.errands, box.storage, name, _BACK)
        try:
            question: dict[str, JsonValue] = {
                "text": text,
                "file": str(file.path),
                "camera": name,
                "rule": asked.rule,
                "clip": str(clip.path),
                "began": clip.began,
            }
            return await aside.asked("edge.zones.trying", question, _PATIENCE)
        finally:
            clip.path.unlink(missing_ok=True)


def _drawn_text(file: SiteFile, name: str, asked: Drawing) -> str:
    """Raises OrderRefused with findings where it would not be right."""
    old = file.text()
    new = redrawn(file.checked(old), old, name, asked)
    file.checked(new)
    return new
