"""How good the captures are, and what was dropped and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
THRESHOLDS = (("usable", "usable_from"), ("medium", "medium_from"), ("high", "high_from"))


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
            tag("div", tag("h3", "Overall score, by grade"), charts.legend(grades, whole), _histogram(dataset)),
            tag("div", *_flags(dataset)),
            class_="columns two",
        ),
        *_advice(dataset),
    )


def _histogram(dataset: Dataset) -> Markup:
    bins = counts.histogram(dataset.quality.values(), dataset.verdicts)
    return charts.columns(
        Columns(
            labels=[f"{part.low:.2f}" for part in bins],
            stacks=[parts_of(part.by_grade) for part in bins],
            unit="capture",
            about="Captures by overall score, in steps of 0.05",
            end="1.00",
            marks=_thresholds(dataset.parameters["quality"]),
        )
    )


def _thresholds(settings: object) -> Sequence[Mark]:
    """Return the thresholds as marks; those at the same score share one."""
    at: dict[float, list[str]] = {}
    for name, key in THRESHOLDS:
        at.setdefault(float(settings[key]), []).append(name)  # type: ignore[index]
    return [Mark(f"{', '.join(at[score])} from {score:g}", score) for score in sorted(at)]


def _flags(dataset: Dataset) -> Iterator[Markup]:
    whole = len(dataset.quality)
    clean = sum(not row.flags for row in dataset.quality.values())
    found = counts.most_common(flag for row in dataset.quality.values() for flag in row.flags)
    yield tag("h3", "Flags of the photo")
    yield tag("p", f"{counted(clean, 'photo')} without a flag: {share_of(clean, whole, 'photo')}.")
    if found:
        heads = [Column("flag"), Column("captures", "num"), Column(f"of {number(whole)}", "num")]
        yield table(heads, [_flag_row(flag, captures, whole) for flag, captures in found])


def _flag_row(flag: str, captures: int, whole: int) -> list[object]:
    named = joined(tag("b", flag), tag("span", FLAG_MEANS.get(flag), class_="muted under"))
    return [named, number(captures), percent(captures, whole)]


def _advice(dataset: Dataset) -> Iterator[Markup]:
    found = counts.advice(dataset.quality.values())
    if found:
        items = [tag("li", f"{text}: ", tag("b", counted(count, "capture"))) for text, count in found[:MOST_ADVICE]]
        yield tag("h3", "What would help most")
        yield tag("ul", *items)


def dropped_section(dataset: Dataset) -> Markup:
    """Return every reason with its sentence, its captures and some examples."""
    gone, whole = len(dataset.captures) - dataset.kept, len(dataset.captures)
    if not gone:
        return tag(
            "p", f"Nothing: {number(whole)} of {counted(whole, 'capture')} kept." if whole else "No capture yet."
        )
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
