"""HTML tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from captureset.reporting.markup import Markup, tag


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column and the CSS classes of its cells (`num` for numbers)."""

    head: str
    css: str | None = None


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], css: str | None = None) -> Markup:
    """Return a table that scrolls by itself where the page is too narrow for it."""
    head = tag("tr", *(tag("th", column.head, class_=column.css, scope="col") for column in columns))
    body = [
        tag("tr", *(tag("td", cell, class_=column.css) for column, cell in zip(columns, row, strict=True)))
        for row in rows
    ]
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body), class_=css), class_="scroll")
