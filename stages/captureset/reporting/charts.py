"""Charts as inline SVG and HTML bars: readable in print, every mark with its number in a title."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.wording import counted, number, percent, plural

WIDTH, HEIGHT = 560, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 30, 34  # room for the axes and the unit
PLOT_W, PLOT_H = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
LEAST_ROOM = 0.22  # of the chart, for the name of a mark
MOST_COLUMN_PX, GAP = 44.0, 0.18
TICKS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole: what it is called, how many, and the CSS class of its colour."""

    name: str
    count: int
    css: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A dashed line across a chart, at a place from 0 to 1 along the x axis."""

    name: str
    place: float


@dataclass(frozen=True, slots=True)
class Columns:
    """A chart of stacked columns: `labels` below them, for each a list of parts, `unit` a noun in the singular."""

    labels: Sequence[str]
    stacks: Sequence[Sequence[Part]]
    unit: str
    about: str  # what the whole chart shows, for a reader who cannot see it
    end: str | None = None  # given: labels stand at the left edges of the columns, this one at the very end
    marks: Sequence[Mark] = ()


def stacked_bar(parts: Sequence[Part], whole: int, noun: str) -> Markup:
    """Return a horizontal bar of the parts of a whole; what the parts leave of it stays empty."""
    segments = [
        tag(
            "span",
            class_=f"seg {part.css}",
            style=f"width:{100 * part.count / whole:.3f}%",
            title=f"{part.name}: {counted(part.count, noun)} ({percent(part.count, whole)})",
        )
        for part in parts
        if whole and part.count
    ]
    return tag("div", *segments, class_="bar")


def legend(parts: Sequence[Part], whole: int | None = None) -> Markup:
    """Return the key to a bar's colours, with counts, and shares of `whole` if given."""
    items = [
        tag(
            "li",
            swatch(part.css),
            f"{part.name} ",
            tag("b", number(part.count)),
            None if whole is None else tag("span", f" {percent(part.count, whole)}", class_="muted"),
        )
        for part in parts
    ]
    return tag("ul", *items, class_="legend")


def swatch(css: str) -> Markup:
    """Return a small square of a colour."""
    return tag("span", class_=f"swatch {css}")


def steps(top: int) -> list[int]:
    """Return round whole numbers from 0 to at least `top`, about four steps of 1, 2 or 5 times a power of ten."""
    rough = max(top, 1) / TICKS
    power = 10 ** math.floor(math.log10(rough)) if rough > 1 else 1
    size = next(int(n * power) for n in (1, 2, 5, 10) if n * power >= rough)
    return list(range(0, math.ceil(max(top, 1) / size) * size + 1, size))


def columns(chart: Columns) -> Markup:
    """Return stacked columns with a y axis in whole numbers."""
    sums = [sum(part.count for part in stack) for stack in chart.stacks]
    axis = steps(max(sums, default=0))
    slot = PLOT_W / max(len(chart.labels), 1)
    drawn = [
        _column(label, stack, LEFT + place * slot, slot, axis[-1], chart.unit)
        for place, (label, stack) in enumerate(zip(chart.labels, chart.stacks, strict=True))
    ]
    below = _x_labels(chart.labels, slot) if chart.end is None else _x_labels([*chart.labels, chart.end], slot, 0.0)
    return _figure(chart.about, _y_axis(axis, chart.unit), *drawn, below, *_marks(chart))


def _column(label: str, stack: Sequence[Part], x: float, slot: float, top: int, unit: str) -> Markup:
    width = min(slot * (1 - GAP), MOST_COLUMN_PX)
    rects, below = [], 0
    for part in stack:
        if part.count:
            title = tag("title", f"{label} · {part.name}: {counted(part.count, unit)}")
            y, height = _y(below + part.count, top), PLOT_H * part.count / top
            at = {"x": _px(x + (slot - width) / 2), "y": _px(y), "width": _px(width), "height": _px(height)}
            rects.append(tag("rect", title, class_=part.css, **at))
            below += part.count
    return joined(*rects)


def rising_line(labels: Sequence[str], totals: Sequence[int], unit: str, about: str) -> Markup:
    """Return a line of running totals over periods, the last one written beside it."""
    axis = steps(max(totals, default=0))
    slot = PLOT_W / max(len(labels), 1)
    points = [(LEFT + (place + 0.5) * slot, _y(total, axis[-1])) for place, total in enumerate(totals)]
    path = " ".join(f"{_px(x)},{_px(y)}" for x, y in points)
    area = f"{_px(points[0][0])},{TOP + PLOT_H} {path} {_px(points[-1][0])},{TOP + PLOT_H}" if points else ""
    dots = [
        tag("circle", tag("title", f"{label}: {counted(total, unit)}"), cx=_px(x), cy=_px(y), r=3)
        for label, total, (x, y) in zip(labels, totals, points, strict=True)
    ]
    return _figure(
        about,
        _y_axis(axis, unit),
        tag("polygon", points=area, class_="area"),
        tag("polyline", points=path, class_="line"),
        tag("g", *dots, class_="dots"),
        _x_labels(labels, slot),
    )


def _figure(about: str, *inner: Markup) -> Markup:
    return tag("svg", *inner, viewBox=f"0 0 {WIDTH} {HEIGHT}", class_="chart", role="img", aria_label=about)


def _y_axis(axis: Sequence[int], unit: str) -> Markup:
    lines = [
        joined(
            tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=_px(_y(value, axis[-1])), y2=_px(_y(value, axis[-1]))),
            tag("text", number(value), x=LEFT - 8, y=_px(_y(value, axis[-1]) + 4), text_anchor="end"),
        )
        for value in axis
    ]
    return tag("g", *lines, tag("text", plural(unit), x=0, y=12, class_="unit"), class_="axis")


def _x_labels(labels: Sequence[str], slot: float, within: float = 0.5) -> Markup:
    """Return as many labels as fit, evenly spaced, the first one always among them; `within` is where in a slot."""
    widest = max(map(len, labels), default=1) * 6.5 + 14
    every = max(1, math.ceil(widest / slot))
    texts = [
        tag("text", label, x=_px(LEFT + (place + within) * slot), y=HEIGHT - 14, text_anchor="middle")
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    return tag("g", *texts, class_="axis")


def _marks(chart: Columns) -> Iterator[Markup]:
    """Give the marks; names stand left of the first line and right of the others, each a little lower."""
    for row, mark in enumerate(chart.marks):
        x, y = LEFT + mark.place * PLOT_W, TOP - 18 + 12 * row
        left = mark.place > LEAST_ROOM and (row == 0 or mark.place > 1 - LEAST_ROOM)
        yield tag("line", x1=_px(x), x2=_px(x), y1=y - 8, y2=TOP + PLOT_H, class_="mark")
        at = {"x": _px(x - 4 if left else x + 4), "y": y, "text_anchor": "end" if left else "start"}
        yield tag("text", mark.name, class_="mark", **at)


def _y(value: float, top: int) -> float:
    return TOP + PLOT_H * (1 - value / top)


def _px(value: float) -> str:
    return f"{value:.2f}"


def parts_of(counts: Mapping[str, int], prefix: str = "c-") -> list[Part]:
    """Return parts named and coloured after the keys."""
    return [Part(name, count, f"{prefix}{name}") for name, count in counts.items()]
