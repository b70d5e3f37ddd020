"""Model against person: what stands with its interval, what is taken for what, and whether the model knows itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from captureset.judgement.reliability import EMPTY
from captureset.records.quality_rows import CalibrationRow, ConfusionRow, ReliabilityRow
from captureset.records.taxonomy import Taxonomy
from captureset.reporting.gauges import counted_share, gauge, interval_text
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.tables_html import Column, table
from captureset.reporting.trust import Trust, model_name, several
from captureset.reporting.wording import NOTHING, counted, number

MOST = 8
SILENCE = "Only what people confirmed or corrected counts; silence is not agreement."
INTERVAL = "The thin line is where the share lies with 95 % confidence (Wilson): long where little is known."
TICK = (
    "The tick is the mean confidence: a bar that ends left of it is too sure of itself, one that passes it too modest. "
    "The expected calibration error is their mean distance, 0 at best."
)
HEADS = (Column("category right", "num"), Column("share", "wide"), Column("95 %", "num"))


def model_section(trust: Trust, taxonomy: Taxonomy, samples: Mapping[str, Markup]) -> Markup:
    """Return everything people made of what models said.

    Args:
        trust: what they made of it.
        taxonomy: names of the categories.
        samples: a picture of some of the captures, by id; without any the pairs have none.
    """
    if not trust.judged:
        return tag("p", f"Nobody has judged an answer of a model yet. {SILENCE}", class_="muted")
    return joined(
        tag("p", f"{counted(trust.judged, 'answer')} of a model judged by people. {SILENCE} {INTERVAL}"),
        _models(trust.models),
        tag(
            "div",
            _ranking("Most reliable categories", trust.most_reliable, taxonomy, "Too few answers judged yet."),
            _ranking("Least reliable categories", trust.least_reliable, taxonomy, "No mistake among them."),
            class_="columns two",
        ),
        tag("h3", "Most frequent mistakes"),
        _pairs(trust.mistakes[:MOST], taxonomy, samples),
        tag("h3", "Does the model know how sure to be?"),
        _calibration(trust.calibration),
    )


def _models(found: Sequence[ReliabilityRow]) -> Markup:
    heads = [Column("model"), *HEADS, Column("category and boxes stand", "num"), Column("calibration error", "num")]
    rows = [
        [
            tag("b", model_name(row)),
            *_right(row),
            counted_share(row.accepted, row.judged),
            NOTHING if row.calibration_error is None else f"{row.calibration_error:.3f}",
        ]
        for row in found
    ]
    return table(heads, rows, css="rates")


def _right(row: ReliabilityRow) -> list[object]:
    """Return the cells under HEADS."""
    known = (row.category_right_low or 0.0, row.category_right_high or 1.0)
    said = counted_share(row.category_right, row.judged)
    return [said, gauge(row.category_right_share, f"{said}; {interval_text(known)}", known), interval_text(known)]


def _ranking(title: str, found: Sequence[ReliabilityRow], taxonomy: Taxonomy, nothing: str) -> Markup:
    if not found:
        return tag("div", tag("h3", title), tag("p", nothing, class_="muted"))
    named = several(found)
    rows = [[category_name(taxonomy, row.category, model_name(row) if named else None), *_right(row)] for row in found]
    return tag("div", tag("h3", title), table([Column("the model said"), *HEADS], rows[:MOST], css="rates"))


def category_name(taxonomy: Taxonomy, code: str | None, under: str | None = None) -> Markup:
    """Return a category as people read it: its name, then its code, and below it what else there is to say."""
    below = tag("span", under, class_="muted under") if under else None
    if code is None or code == EMPTY:
        return joined(tag("b", "nothing there"), below)
    if code not in taxonomy:
        return joined(tag("code", code), below)
    return joined(tag("b", taxonomy[code].name), " ", tag("code", code), below)


def _pairs(found: Sequence[ConfusionRow], taxonomy: Taxonomy, samples: Mapping[str, Markup]) -> Markup:
    if not found:
        return tag("p", "None: the category of every answer that was judged stands.")
    heads = [Column("the model said"), Column("a person says"), Column("captures", "num")]
    rows: list[list[object]] = [
        [category_name(taxonomy, row.said), category_name(taxonomy, row.person), number(row.captures)] for row in found
    ]
    if not samples:
        return table(heads, rows, css="pairs")
    pictured = [
        [*cells, joined(*(samples[name] for name in row.sample_ids if name in samples))]
        for cells, row in zip(rows, found, strict=True)
    ]
    return table([*heads, Column("examples", "samples")], pictured, css="pairs")


def _calibration(bins: Sequence[CalibrationRow]) -> Markup:
    if not bins:
        return tag("p", "No answer that was judged came with a confidence.", class_="muted")
    heads = [Column("confidence"), Column("answers", "num"), Column("mean confidence", "num")]
    heads += [Column("category right", "num"), Column("share", "wide")]
    rows = [_bin_row(one) for one in bins]
    if several(bins):
        heads = [Column("model"), *heads]
        rows = [[model_name(one), *row] for one, row in zip(bins, rows, strict=True)]
    return joined(tag("p", TICK), table(heads, rows, css="rates"))


def _bin_row(one: CalibrationRow) -> list[object]:
    right = round(one.category_right_share * one.judged)
    counts, mean = counted_share(right, one.judged), f"{one.mean_confidence:.2f}"
    known = (one.category_right_low, one.category_right_high)
    bar = gauge(one.category_right_share, f"{counts} at a mean confidence of {mean}", known, one.mean_confidence)
    return [f"{one.confidence_from:.1f} to {one.confidence_to:.1f}", number(one.judged), mean, counts, bar]
