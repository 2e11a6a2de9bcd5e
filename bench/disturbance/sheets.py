"""What was told, drawn for people to look at: before, when it was first told, at the end; and every false alarm."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from bench.disturbance.contestant import Answer, Shown
from bench.disturbance.judging import drawn, touches
from bench.disturbance.scenario import Look, Outline, Scenario, Told
from bench.disturbance.survey import OURS, build, played
from inference.detections import Picture

_TILE = (640, 360)
_TRUTH, _TOLD, _FALSE, _WORDS = (60, 60, 255), (0, 220, 255), (255, 80, 255), (255, 255, 255)  # BGR
_MOST_FALSE = 6  # of one scenario
_LARGEST = 130_000  # bytes of a sheet: three of them fit what the documents may weigh


@dataclass(slots=True)
class Album:
    """Looks worth seeing, with what was told at each."""

    before: Look | None = None
    first: tuple[Look, Sequence[Shown]] | None = None
    last: tuple[Look, Sequence[Shown]] | None = None
    false: list[tuple[Look, Shown]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def keep(self, look: Look, answer: Answer) -> None:
        truth = drawn(look.digs)
        right = [each for each in answer.shown if touches(each.outline, truth)]
        if not look.digs:
            self.before = look
        if right and self.first is None:
            self.first = look, answer.shown
        if look.digs:
            self.last = look, answer.shown
        for each in answer.shown:
            if each.key not in self.keys and not any(each is other for other in right):
                self.false.append((look, each))
            self.keys.add(each.key)


def album(scenario: Scenario, desk: Path, name: str = OURS) -> Album:
    """One contestant's, of the whole scenario."""
    found = Album()
    contestant = build(name, desk, scenario.sight())
    for look, answer, counts in played(scenario, contestant):
        if counts:
            found.keep(look, answer)
    return found


def sheet(told: Told, found: Album) -> Picture | None:
    """Side by side: red what is dug, yellow what is told, violet what is told and false. None: nothing to see."""
    tiles = []
    if told.dig and found.before:
        tiles.append(_tile(found.before, (), "before"))
    for words, pair in (("first told", found.first), ("at the end", found.last)):
        if pair:
            minutes = (pair[0].time - told.dig.due) / 60 if told.dig else 0
            tiles.append(_tile(pair[0], pair[1], f"{words}: {minutes:.0f} min after 20 m2"))
    tiles += [_false(look, each) for look, each in found.false[:_MOST_FALSE]]
    return np.asarray(np.vstack(_rows(tiles)), np.uint8) if tiles else None


def jpeg(picture: Picture, largest: int = _LARGEST) -> bytes:
    """As good as fits. ValueError: it does not."""
    for quality in range(85, 20, -5):
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(packed) <= largest:
            return packed
    raise ValueError(f"{picture.shape} does not fit {largest} bytes")


def _rows(tiles: Sequence[Picture]) -> list[Picture]:
    blank = np.zeros_like(tiles[0])
    full = [*tiles, *[blank] * (-len(tiles) % 3)]
    return [np.asarray(np.hstack(full[first : first + 3]), np.uint8) for first in range(0, len(full), 3)]


def _tile(look: Look, shown: Iterable[Shown], words: str) -> Picture:
    tile = np.asarray(cv2.resize(look.picture, _TILE, interpolation=cv2.INTER_AREA), np.uint8)
    for outline in look.digs:
        _line(tile, outline, _TRUTH)
    for each in shown:
        _line(tile, each.outline, _TOLD)
    cv2.putText(tile, words, (8, _TILE[1] - 10), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _WORDS, 1, cv2.LINE_AA)
    return tile


def _false(look: Look, shown: Shown) -> Picture:
    tile = _tile(replace(look), (), f"false alarm {shown.key}")
    _line(tile, shown.outline, _FALSE)
    return tile


def _line(tile: Picture, outline: Outline, colour: tuple[int, int, int]) -> None:
    corners = np.rint(outline * _TILE * 16).astype(np.int32)
    cv2.polylines(tile, [corners], True, colour, 1, cv2.LINE_AA, shift=4)
