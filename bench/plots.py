"""Plots as SVG 1.1, without a library: lines with a band of uncertainty, and bars that are stacked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 360  # px
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 190, 34, 46  # px around the plot; the legend is on the right
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#8c564b", "#555555", "#b0b000")
"""Told apart by the colour-blind as well (Okabe and Ito 2008), as far as they go."""
_TICKS = 6  # at most about so many


@dataclass(frozen=True, slots=True)
class Point:
    """low, high: the band; None: there is none."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


def lines(
    title: str, across: str, up: str, courses: Mapping[str, Sequence[Point]], *, dashed: Sequence[str] = ()
) -> str:
    """across, up: what the axes say, with units. dashed: courses that are compared with. From zero up."""
    points = [point for course in courses.values() for point in course]
    if not points:
        raise ValueError("nothing to plot")
    right = max(point.x for point in points)
    top = max(point.y if point.high is None else max(point.y, point.high) for point in points)
    frame = _Frame(min(0.0, *(point.x for point in points)), right or 1.0, top or 1.0)
    body = []
    for number, (name, course) in enumerate(courses.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        body += _band(frame, course, colour)
        body.append(_line(frame, course, colour, dashed=name in dashed))
        body += _legend(number, name, colour)
    return _svg(title, [*frame.axes(across, up), *body])


def bars(title: str, along: str, stacks: Mapping[str, Mapping[str, float]]) -> str:
    """One lying bar per name, of parts in order. along: what the axis says, with its unit."""
    parts = list(dict.fromkeys(part for stack in stacks.values() for part in stack))
    if not parts:
        raise ValueError("nothing to plot")
    frame = _Frame(0.0, max(sum(stack.values()) for stack in stacks.values()) or 1.0, 1.0, left=200)
    deep = (frame.bottom - _TOP) / len(stacks)
    body = []
    for row, (name, stack) in enumerate(stacks.items()):
        top, start = _TOP + deep * (row + 0.15), 0.0
        body.append(_text(frame.left - 8, top + deep * 0.4, name, anchor="end"))
        for part in parts:
            if value := stack.get(part, 0.0):
                x, width = frame.x(start), frame.x(start + value) - frame.x(start)
                colour = _COLOURS[parts.index(part) % len(_COLOURS)]
                body.append(
                    f'<rect x="{x:.1f}" y="{top:.1f}" width="{max(width, 0.5):.1f}" height="{deep * 0.7:.1f}"'
                    f' fill="{colour}"><title>{escape(part)}: {value:.4g}</title></rect>'
                )
                start += value
    for number, part in enumerate(parts):
        body += _legend(number, part, _COLOURS[number % len(_COLOURS)])
    return _svg(title, [*frame.axes(along, None), *body])


def ticks(top: float) -> list[float]:
    """0 and round numbers up to `top` (> 0)."""
    rough = top / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= rough * (1 - 1e-9))
    return [number * step for number in range(math.floor(top / step * (1 + 1e-9)) + 1)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """From values to px. first, last: of the axis across; top: of the other, which begins at 0."""

    first: float
    last: float
    top: float
    left: int = _LEFT

    @property
    def bottom(self) -> int:
        return _HEIGHT - _BOTTOM

    def x(self, value: float) -> float:
        share = (value - self.first) / (self.last - self.first)
        return self.left + share * (_WIDTH - _RIGHT - self.left)

    def y(self, value: float) -> float:
        return self.bottom - value / self.top * (self.bottom - _TOP)

    def axes(self, across: str, up: str | None) -> list[str]:
        drawn = []
        for value in ticks(self.last):
            drawn.append(_rule(self.x(value), _TOP, self.x(value), self.bottom))
            drawn.append(_text(self.x(value), self.bottom + 16, f"{value:g}"))
        for value in ticks(self.top) if up else ():
            drawn.append(_rule(self.left, self.y(value), _WIDTH - _RIGHT, self.y(value)))
            drawn.append(_text(self.left - 8, self.y(value) + 4, f"{value:g}", anchor="end"))
        drawn.append(_text((self.left + _WIDTH - _RIGHT) / 2, _HEIGHT - 10, across))
        if up:
            turn = f'transform="rotate(-90 14 {(_TOP + self.bottom) / 2:.0f})"'
            drawn.append(_text(14, (_TOP + self.bottom) / 2, up, more=turn))
        return drawn


def _line(frame: _Frame, course: Sequence[Point], colour: str, *, dashed: bool) -> str:
    places = " ".join(f"{frame.x(point.x):.1f},{frame.y(point.y):.1f}" for point in course)
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _band(frame: _Frame, course: Sequence[Point], colour: str) -> list[str]:
    known = [
        (point.x, point.low, point.high)
        for point in course
        if point.low is not None and point.high is not None
    ]
    if len(known) < 2:
        return []
    edge = [(x, high) for x, _, high in known] + [(x, low) for x, low, _ in reversed(known)]
    places = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in edge)
    return [f'<polygon points="{places}" fill="{colour}" fill-opacity="0.15"/>']


def _legend(number: int, name: str, colour: str) -> list[str]:
    x, y = _WIDTH - _RIGHT + 14, _TOP + 8 + 20 * number
    return [
        f'<rect x="{x}" y="{y - 5}" width="14" height="6" fill="{colour}"/>',
        _text(x + 20, y + 2, name, anchor="start"),
    ]


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "middle", more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'.replace(
        " >", ">"
    )


def _svg(title: str, body: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" fill="#333">'
    )
    ground = f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
    named = f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>'
    return "\n".join([head, ground, named, *body, "</svg>", ""])
