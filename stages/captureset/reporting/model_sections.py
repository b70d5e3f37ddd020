"""Model against person: acceptance with its interval, what is taken for what, and whether the model knows itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from captureset.records.taxonomy import Taxonomy
from captureset.reporting import agreement
from captureset.reporting.agreement import ConfidenceBin, Confusion, Judged, Rate
from captureset.reporting.gauges import counted_share, gauge, interval_text
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.tables_html import Column, table
from captureset.reporting.wording import NOTHING, counted, number

MOST, FEWEST_JUDGED = 8, 3
SILENCE = "Only what people confirmed or corrected counts; silence is not agreement."


def model_section(judged: Sequence[Judged], taxonomy: Taxonomy, samples: Mapping[str, Markup]) -> Markup:
    """Return everything people left of what models said.

    Args:
        judged: what they judged.
        taxonomy: names of the categories.
        samples: a picture of some of the captures, by id; without any the pairs have none.
    """
    if not judged:
        return tag("p", f"Nobody has judged an answer of a model yet. {SILENCE}", class_="muted")
    by_category = agreement.rates(judged, lambda one: one.said)
    enough = [rate for rate in by_category if rate.whole >= FEWEST_JUDGED]
    best, worst = agreement.most_reliable(enough)[:MOST], agreement.least_reliable(by_category)[:MOST]
    return joined(
        tag("p", f"{counted(len(judged), 'answer')} of a model judged by people. {SILENCE} {_intervals()}"),
        tag("h3", "Answers that stand, by model"),
        rate_table("model", agreement.rates(judged, lambda one: one.model)),
        tag(
            "div",
            _ranking("Most reliable categories", best, taxonomy, "Too few answers judged yet."),
            _ranking("Least reliable categories", worst, taxonomy, "No mistake among them."),
            class_="columns two",
        ),
        tag("h3", "Most frequent mistakes"),
        _pairs(agreement.confusions(judged)[:MOST], taxonomy, samples),
        tag("h3", "Does the model know how sure to be?"),
        _calibration(agreement.calibration(judged)),
    )


def _intervals() -> str:
    return "The thin line is where the share lies with 95 % confidence (Wilson): long where little is known."


def _ranking(title: str, found: Sequence[Rate], taxonomy: Taxonomy, nothing: str) -> Markup:
    body = rate_table("category", found, taxonomy) if found else tag("p", nothing, class_="muted")
    return tag("div", tag("h3", title), body)


def rate_table(what: str, found: Iterable[Rate], taxonomy: Taxonomy | None = None) -> Markup:
    """Return rates with their bars; `taxonomy` names the categories they are about."""
    heads = [Column(what), Column("stand", "num"), Column("share", "wide"), Column("95 %", "num")]
    return table(heads, [_rate_row(rate, taxonomy) for rate in found], css="rates")


def _rate_row(rate: Rate, taxonomy: Taxonomy | None) -> list[object]:
    known, said = interval_text(rate.interval), counted_share(rate.count, rate.whole)
    named = tag("b", rate.name) if taxonomy is None else category_name(taxonomy, rate.name)
    return [named, said, gauge(rate.share, f"{said}; {known}", rate.interval), known]


def category_name(taxonomy: Taxonomy, code: str | None) -> Markup:
    """Return a category as people read it: its name, then its code."""
    if code is None:
        return tag("b", "nothing there")
    return joined(tag("b", taxonomy[code].name), " ", tag("code", code))


def _pairs(found: Sequence[Confusion], taxonomy: Taxonomy, samples: Mapping[str, Markup]) -> Markup:
    if not found:
        return tag("p", "None: every answer that was judged stands.")
    heads = [Column("the model said"), Column("a person says"), Column("captures", "num")]
    pictured = [*heads, Column("examples", "samples")] if samples else heads
    rows = []
    for pair in found:
        row: list[object] = [category_name(taxonomy, pair.said), category_name(taxonomy, pair.stands)]
        row.append(number(len(pair.capture_ids)))
        pictures = [samples[name] for name in pair.capture_ids if name in samples]
        rows.append([*row, joined(*pictures)] if samples else row)
    return table(pictured, rows, css="pairs")


def _calibration(bins: Sequence[ConfidenceBin]) -> Markup:
    error = agreement.calibration_error(bins)
    if error is None:
        return tag("p", "No answer that was judged came with a confidence.", class_="muted")
    heads = [Column("confidence"), Column("answers", "num"), Column("mean confidence", "num"), Column("stand", "num")]
    rows = [_bin_row(one) for one in bins if one.mean_confidence is not None]
    return joined(
        tag(
            "p",
            f"Expected calibration error {error:.3f}, from 0 (as many stand as it is confident) to 1. The tick is the "
            "mean confidence: a bar that ends before it is too sure of itself, one beyond it too modest.",
        ),
        table([*heads, Column("share that stands", "wide")], rows, css="rates"),
    )


def _bin_row(one: ConfidenceBin) -> list[object]:
    share = one.accepted / one.judged
    mean = NOTHING if one.mean_confidence is None else f"{one.mean_confidence:.2f}"
    said = f"{counted_share(one.accepted, one.judged)} stand at a mean confidence of {mean}"
    bar = gauge(share, said, mark=one.mean_confidence)
    counts = counted_share(one.accepted, one.judged)
    return [f"{one.low:.1f} to {one.high:.1f}", number(one.judged), mean, counts, bar]
