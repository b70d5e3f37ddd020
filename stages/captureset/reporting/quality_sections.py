"""How good the captures are, and what was dropped and why."""

from __future__ import annotations

from collections.abc import Sequence

from captureset.reporting import charts, counts
from captureset.reporting.charts import Columns, Mark, parts_of
from captureset.reporting.dataset import Dataset
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.tables_html import Column, table
from captureset.reporting.wording import (
    DROPPED_BECAUSE,
    FLAG_MEANS,
    counted,
    meaning,
    number,
    percent,
    share_of,
)

MOST_ADVICE = 6
THRESHOLDS = (("usable from", "usable_from"), ("medium from", "medium_from"), ("high from", "high_from"))


def quality_section(dataset: Dataset) -> Markup:
    """Return the distribution of the overall score, the grades, the flags and the commonest advice."""
    whole = len(dataset.quality)
    if not whole:
        return tag("p", "No capture has been judged yet.", class_="muted")
    mean = sum(row.overall_score for row in dataset.quality.values()) / whole
    grades = parts_of(counts.grades(dataset.quality.values()))
    return joined(
        tag(
            "p",
            f"The overall score runs from 0 to 1; its mean over {counted(whole, 'capture')} is {mean:.2f}. "
            "The grade follows the score, capped by what is known about the label: only a capture that a person "
            "confirmed or corrected can be high.",
        ),
        tag(
            "div",
            tag(
                "div", tag("h3", "Overall score, coloured by grade"), charts.legend(grades, whole), _histogram(dataset)
            ),
            tag("div", _flags(dataset), _advice(dataset)),
            class_="columns two",
        ),
    )


def _histogram(dataset: Dataset) -> Markup:
    bins = counts.histogram(dataset.quality.values(), dataset.verdicts)
    return charts.columns(
        Columns(
            labels=[f"{part.low:.2f}" for part in bins],
            stacks=[parts_of(part.by_grade) for part in bins],
            unit="capture",
            about="Captures by overall score, in steps of 0.05",
            edges=True,
            marks=_thresholds(dataset.parameters["quality"]),
        )
    )


def _thresholds(settings: object) -> Sequence[Mark]:
    """Return the thresholds as marks; those at the same score share one."""
    at: dict[float, list[str]] = {}
    for name, key in THRESHOLDS:
        at.setdefault(float(settings[key]), []).append(name)  # type: ignore[index]
    return [
        Mark(f"{', '.join(name.removesuffix(' from') for name in at[score])} from {score:g}", score, row % 2)
        for row, score in enumerate(sorted(at))
    ]


def _flags(dataset: Dataset) -> Markup:
    whole = len(dataset.quality)
    flagged = sum(bool(row.flags) for row in dataset.quality.values())
    rows = [
        [joined(tag("b", code), tag("span", FLAG_MEANS.get(code), class_="muted under")), number(n), percent(n, whole)]
        for code, n in counts.most_common(flag for row in dataset.quality.values() for flag in row.flags)
    ]
    heads = [Column("flag"), Column("captures", "num"), Column(f"of {number(whole)}", "num")]
    said = f"{counted(whole - flagged, 'photo')} without a flag: {share_of(whole - flagged, whole, 'photo')}."
    return joined(tag("h3", "Flags of the photo"), tag("p", said), table(heads, rows) if rows else None)


def _advice(dataset: Dataset) -> Markup | None:
    found = counts.most_common(text for row in dataset.quality.values() for text in row.recommendations)
    if not found:
        return None
    items = [tag("li", f"{text} ", tag("b", counted(count, "capture"))) for text, count in found[:MOST_ADVICE]]
    return joined(tag("h3", "What would help"), tag("ul", *items, class_="advice"))


def dropped_section(dataset: Dataset) -> Markup:
    """Return every reason with its sentence, its captures and some examples."""
    gone, whole = len(dataset.captures) - dataset.kept, len(dataset.captures)
    if not gone:
        return tag("p", f"Nothing: all {counted(whole, 'capture')} are kept." if whole else "There is no capture yet.")
    reasons = counts.dropped(dataset.verdicts.values())
    heads = [
        Column("reason"),
        Column("what it means", "wide"),
        Column("captures", "num"),
        Column(f"of {number(whole)}", "num"),
        Column("for this alone", "num"),
        Column("examples", "examples"),
    ]
    return joined(
        tag(
            "p",
            f"{counted(gone, 'capture')} dropped, {share_of(gone, whole, 'capture')}. A capture may have several "
            "reasons; “for this alone” is how many would be kept if this one reason fell away.",
        ),
        table(heads, [_reason_row(row, whole) for row in reasons], css="reasons"),
    )


def _reason_row(row: counts.ReasonCount, whole: int) -> list[object]:
    examples = [tag("li", tag("code", name), " ", tag("span", said, class_="muted")) for name, said in row.examples]
    return [
        tag("code", row.code),
        meaning(row.code, DROPPED_BECAUSE),
        number(row.captures),
        percent(row.captures, whole),
        number(row.alone),
        tag("ul", *examples),
    ]
