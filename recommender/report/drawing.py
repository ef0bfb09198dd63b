"""Pictures as SVG text: points, lines, bars. They need no library, load nothing, and say in words what they show.

Every text goes through `html.escape`: names of parameters and choices come from whoever made the study.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from recommender.report.numbers import shown

#: Size of a picture, and its margins: left for the numbers of the axis, below for its name.
WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BELOW = 70, 16, 12, 46
_INK, _GRID, _BLUE, _GREY = "#1b1f24", "#d8dee4", "#0b5fa5", "#6e7781"
#: Characters of a name, and of the name of an axis, that are drawn; the table beside the picture has all of it.
_LONGEST, _LONGEST_LABEL = 24, 70


@dataclass(frozen=True)
class Axis:
    """One axis of a picture.

    Attributes:
        label: What it is, with its unit.
        low: Its least value.
        high: Its greatest value.
        log: Whether it is logarithmic.
        names: Texts at 0, 1, 2, ... instead of numbers.
    """

    label: str
    low: float
    high: float
    log: bool = False
    names: tuple[str, ...] = ()

    @classmethod
    def over(cls, label: str, values: Sequence[float], *, log: bool = False) -> Axis:
        """Return an axis that all finite `values` lie on, with a little room."""
        finite = [value for value in values if math.isfinite(value)] or [0.0]
        low, high = min(finite), max(finite)
        if log and low > 0:
            return cls(label, low, high if high > low else low * 10, log=True)
        room = 0.05 * (high - low) or max(abs(high), 1.0) * 0.05
        return cls(label, low - room, high + room)

    def place(self, value: float) -> float:
        """Return where `value` is, between 0 and 1."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return min(1.0, max(0.0, (at - low) / (high - low))) if high > low else 0.5

    def ticks(self) -> list[tuple[float, str]]:
        """Return some values to mark, and their texts."""
        if self.names:
            return [(float(index), name) for index, name in enumerate(self.names)]
        if self.log:
            parts = [self.low * (self.high / self.low) ** (k / 4) for k in range(5)]
        else:
            step = _round_up((self.high - self.low) / 5)
            first, last = math.ceil(self.low / step), math.floor(self.high / step)
            parts = [number * step for number in range(first, last + 1)]
        return [(value, f"{value:.3g}") for value in parts]


def _round_up(step: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, ... (and their tenths) that is not below `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= step * (1 - 1e-9))


@dataclass
class Picture:
    """A picture with two axes, drawn on from back to front.

    Attributes:
        title: What it shows, for those who cannot see it.
        x: The horizontal axis.
        y: The vertical one.
    """

    title: str
    x: Axis
    y: Axis
    _parts: list[str] = field(default_factory=list, init=False)

    def points(self, at: Sequence[tuple[float, float]], *, colour: str = _GREY, radius: float = 3) -> None:
        """Draw a dot at each (x, y)."""
        for x, y in at:
            h, v = self._at(x, y)
            self._parts.append(f'<circle cx="{h:.1f}" cy="{v:.1f}" r="{radius:g}" fill="{colour}"/>')

    def line(self, at: Sequence[tuple[float, float]], *, colour: str = _BLUE) -> None:
        """Draw a line through the points, in their order."""
        path = " ".join("{:.1f},{:.1f}".format(*self._at(x, y)) for x, y in at)
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')

    def svg(self) -> str:
        """Return the picture as an ``svg`` element."""
        return _svg(self.title, HEIGHT, "".join((*self._axes(), *self._parts)))

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (
            _LEFT + self.x.place(x) * (WIDTH - _LEFT - _RIGHT),
            HEIGHT - _BELOW - self.y.place(y) * (HEIGHT - _TOP - _BELOW),
        )

    def _axes(self) -> list[str]:
        parts = []
        for value, text in self.y.ticks():
            _, v = self._at(self.x.low, value)
            parts.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{v:.1f}" y2="{v:.1f}" stroke="{_GRID}"/>')
            parts.append(_text(_LEFT - 6, v + 4, text, anchor="end"))
        for value, text in self.x.ticks():
            h, _ = self._at(value, self.y.low)
            parts.append(_text(h, HEIGHT - _BELOW + 16, text))
        parts.append(_text((WIDTH + _LEFT) / 2, HEIGHT - 8, self.x.label, longest=_LONGEST_LABEL))
        middle = (HEIGHT - _BELOW + _TOP) / 2
        turned = f' transform="rotate(-90 14 {middle:.0f})"'
        parts.append(_text(14, middle, self.y.label, more=turned, longest=_LONGEST_LABEL))
        return parts


def bars(title: str, rows: Sequence[tuple[str, float]], *, unit: str) -> str:
    """Return horizontal bars as an ``svg`` element.

    Args:
        title: What it shows, for those who cannot see it.
        rows: Name and length of each; lengths are not below zero.
        unit: Of the lengths; stands behind each number.
    """
    longest, left, step = max((length for _, length in rows), default=0.0) or 1.0, 190, 24
    parts = []
    for index, (name, length) in enumerate(rows):
        top, width = 8 + index * step, (WIDTH - left - 90) * length / longest
        parts.append(_text(left - 8, top + 13, name, anchor="end"))
        parts.append(f'<rect x="{left}" y="{top}" width="{width:.1f}" height="16" fill="{_BLUE}"/>')
        parts.append(_text(left + width + 6, top + 13, f"{shown(length)} {unit}", anchor="start"))
    return _svg(title, 16 + step * len(rows), "".join(parts))


def _svg(title: str, height: int, inside: str) -> str:
    words = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{words}" font-family="sans-serif" font-size="12"><title>{words}</title>'
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{inside}</svg>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle", more: str = "", longest: int = _LONGEST) -> str:
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{_INK}"{more}>{escape(_plain(short))}</text>'


def _plain(text: str) -> str:
    """Return `text` without the control characters that XML does not allow."""
    return "".join(char if char.isprintable() else " " for char in text)
