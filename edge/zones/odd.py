"""What is odd about zones that a site file may hold: warnings, each with its place in the file."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edge.settings.finding import Finding, Level
from edge.settings.ground import grounds, pairs
from edge.settings.loader import Loaded
from edge.settings.model import StreamSettings
from edge.zones.outlines import Kind, Outline, outlines, place
from inference.geometry import inside
from inference.ground import Ground
from inference.terrain.calibration import calibrated
from inference.terrain.points import GroundRefused
from streams.problem import Text

Floats = NDArray[np.float64]

# Of the picture's width and height: the foot of a box trembles by a pixel or two of the 640 it is found in, and a
# lorry at 15 m/s, 50 m away, goes this far between two analysed pictures.
_SLIM = 0.02
# Of the height: the smallest box that is found (some 12 px of 640 x 360) has its other end so far away.
_BOX = 0.03
_STEPS = 60  # of the grid that shares are counted on, each way


def odd(loaded: Loaded, number: int, stream: StreamSettings) -> Iterator[Finding]:
    """Warnings about one stream. Loads what calibrates the ground."""
    drawn = outlines(stream)
    ground = _ground(loaded, stream)
    masks = [each.points for each in drawn if each.kind is Kind.IGNORE]
    for each in drawn:
        for text in _about(stream, each, masks, ground):
            yield loaded.finding(place(number, each), text, Level.WARNING)
    for turn, rule in enumerate(stream.rules):
        if getattr(rule, "zones", None) == () and getattr(rule, "line", None) is None and stream.zones:
            yield loaded.finding(("streams", number, "rules", turn), _NO_ZONE, Level.WARNING)


def _about(
    stream: StreamSettings, each: Outline, masks: list[Floats], ground: Ground | None
) -> Iterator[Text]:
    if each.kind in (Kind.ZONE, Kind.LINE) and stream.rules and not each.rules:
        yield _UNUSED
    if each.kind is Kind.LINE:
        return
    if np.ptp(each.points, axis=0).min() < _SLIM:
        yield _TINY
    if each.kind is Kind.IGNORE:
        return
    spots = _spots(each.points)
    if each.kind is Kind.ZONE and (anchor := _out_of_reach(stream, each)) is not None:
        yield _anchor(anchor)
    if (share := _covered(spots, masks)) > 0.5:
        yield _ignored(share)
    if ground is not None and (beyond := float(np.isnan(ground.metres(spots)).any(axis=1).mean())) > 0.05:
        yield _sky(beyond)


def _spots(polygon: Floats) -> Floats:
    """[N, 2] within it, evenly; its middle where it is too slim for the grid."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    steps = (np.arange(_STEPS) + 0.5) / _STEPS
    grid = np.stack(np.meshgrid(*(low + steps[:, None] * (high - low)).T), axis=-1).reshape(-1, 2)
    found = grid[inside(grid, polygon)]
    return found if len(found) else polygon.mean(axis=0, keepdims=True)


def _out_of_reach(stream: StreamSettings, zone: Outline) -> str | None:
    """The anchor of a rule whose boxes, being within the picture, never have it in this zone."""
    top, bottom = float(zone.points[:, 1].min()), float(zone.points[:, 1].max())
    for rule in stream.rules:
        anchor = str(getattr(rule, "anchor", ""))
        if rule.name not in zone.rules:
            continue
        if (anchor.startswith("bottom") and bottom < _BOX) or (anchor.startswith("top") and top > 1 - _BOX):
            return anchor
    return None


def _covered(spots: Floats, masks: list[Floats]) -> float:
    hidden = np.zeros(len(spots), np.bool_)
    for mask in masks:
        hidden |= inside(spots, mask)
    return float(hidden.mean())


def _ground(loaded: Loaded, stream: StreamSettings) -> Ground | None:
    """Of a camera that does not turn, and has one; `sandwatch check` and `calibrate` say why it has none."""
    held = grounds(stream.ground).get(None)
    if not held:
        return None
    try:
        return calibrated(pairs(held, loaded.site.site.position)).ground
    except GroundRefused:
        return None


_UNUSED = Text("no rule names it", "没有规则使用")
_TINY = Text(
    "is very small: objects pass it between two analysed pictures; draw it larger",
    "太小：目标会在两次分析之间越过；请画大一些",
)
_NO_ZONE = Text(
    "names no zone, and so looks at the whole picture; name zones: if that is not meant",
    "未指定区域，因此检查整个画面；若非本意请填写 zones:",
)


def _anchor(anchor: str) -> Text:
    return Text(
        f"the rule's anchor ({anchor}) of a box never gets there, at the edge of the picture; move the zone",
        f"位于画面边缘，目标框的锚点（{anchor}）到不了；请移动区域",
    )


def _ignored(share: float) -> Text:
    return Text(
        f"{share:.0%} of it lie under ignore: nothing moves there",
        f"{share:.0%} 被 ignore 遮盖：其中的运动不会被发现",
    )


def _sky(share: float) -> Text:
    return Text(
        f"{share:.0%} of it lie beyond the horizon of the ground points: no place, no area, no speed there",
        f"{share:.0%} 位于标定地面的地平线之外：无法给出位置、面积和速度",
    )
