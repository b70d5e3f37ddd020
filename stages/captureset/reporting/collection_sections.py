"""The collection as a whole: what it lacks, and which captures look alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from captureset.records.quality_rows import CollectionRow
from captureset.records.rows import DuplicateRow
from captureset.reporting.gauges import gauge
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.tables_html import Column, table
from captureset.reporting.wording import DUPLICATE_MEANS, counted, listed, number, percent

MOST_GAPS, MOST_PAIRS = 12, 8
REVIEW = "review"


def gap_section(gaps: Sequence[CollectionRow]) -> Markup:
    """Return what the collection lacks, the farthest from its target first."""
    if not gaps:
        return tag("p", "Nothing: every category has the captures, boxes and feedback wanted.")
    heads = [Column("what"), Column("reached", "wide"), Column("", "num")]
    return joined(
        tag("p", "Against the targets in params.yaml (section quality), the farthest from its target first."),
        table(heads, [_gap_row(row) for row in gaps[:MOST_GAPS]], css="rates"),
        _more(gaps[MOST_GAPS:]),
    )


def _gap_row(row: CollectionRow) -> list[object]:
    return [row.recommendation, gauge(row.share, f"{row.have:g} of {row.wanted:g}"), percent(row.have, row.wanted)]


def _more(gaps: Sequence[CollectionRow]) -> Markup | None:
    if not gaps:
        return None
    items = [tag("li", row.recommendation) for row in gaps]
    return tag("details", tag("summary", f"{number(len(gaps))} more"), tag("ul", *items))


def shown_pairs(pairs: Sequence[DuplicateRow]) -> list[DuplicateRow]:
    """Return the pairs to show with their photos: those a person should look at first, then the least alike."""
    alike = [row for row in pairs if row.kind in {REVIEW, "near"}]
    return sorted(alike, key=lambda row: (row.kind != REVIEW, -row.distance_bits, row.one_id, row.other_id))[
        :MOST_PAIRS
    ]


def duplicate_section(pairs: Sequence[DuplicateRow], photos: Mapping[str, Markup]) -> Markup:
    """Return how many pairs of captures look alike, and some of them side by side.

    Args:
        pairs: all of them.
        photos: small pictures of the captures of `shown_pairs`, by id.
    """
    if not pairs:
        return tag("p", "No two captures look alike.")
    found = Counter(row.kind for row in pairs)
    said = listed([f"{counted(found[kind], 'pair')} {means}" for kind, means in DUPLICATE_MEANS.items() if found[kind]])
    look = "" if found[REVIEW] else " None is left for a person to decide."
    cards = [_pair(row, photos) for row in shown_pairs(pairs)]
    return joined(tag("p", f"{said}.{look}"), tag("div", *cards, class_="sheet") if cards else None)


def _pair(row: DuplicateRow, photos: Mapping[str, Markup]) -> Markup:
    kind = "for a person to decide" if row.kind == REVIEW else "taken as one"
    caption = tag(
        "figcaption",
        tag("p", tag("b", kind), tag("span", f" · {row.distance_bits} of 256 bits differ", class_="muted")),
        tag("p", tag("code", row.one_id), " ", tag("code", row.other_id), class_="id"),
    )
    return tag(
        "figure", tag("div", photos[row.one_id], photos[row.other_id], class_="two-photos"), caption, class_="card"
    )
