"""Shares as bars from 0 to 1, with the interval they are known in and the value they should have."""

from __future__ import annotations

from captureset.reporting.markup import Markup, tag
from captureset.reporting.wording import NOTHING, number, percent

WIDTH, HEIGHT = 100, 12


def gauge(
    share: float | None, said: str, interval: tuple[float, float] | None = None, mark: float | None = None
) -> Markup:
    """Return a bar.

    Args:
        share: 0 to 1; None leaves the bar empty.
        said: the title, for who points at it or cannot see it.
        interval: drawn as a thin line over the bar.
        mark: drawn as a tick, such as a target or the confidence of a model.
    """
    filled = None if share is None else tag("rect", class_="filled", width=_at(share), height=HEIGHT)
    line = None
    if interval is not None and share is not None:
        middle = HEIGHT / 2
        line = tag("line", class_="known", x1=_at(interval[0]), x2=_at(interval[1]), y1=middle, y2=middle)
    tick = None if mark is None else tag("line", class_="wanted", x1=_at(mark), x2=_at(mark), y1=0, y2=HEIGHT)
    shape = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "preserveAspectRatio": "none", "class_": "gauge"}
    return tag("svg", tag("title", said), filled, line, tick, role="img", aria_label=said, **shape)


def interval_text(interval: tuple[float, float]) -> str:
    """Return an interval as `84 to 99 %`."""
    low, high = (f"{100 * side:.0f}" for side in interval)
    return f"{low} to {high} %"


def counted_share(count: int, whole: int) -> str:
    """Return `19 of 20, 95.0 %`."""
    return f"{number(count)} of {number(whole)}, {percent(count, whole)}" if whole else NOTHING


def _at(share: float) -> str:
    return f"{WIDTH * share:.2f}"
