"""What is in the dataset: categories, reviews, growth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from captureset.records.splits import SPLITS
from captureset.reporting import charts, counts
from captureset.reporting.charts import Columns, Part
from captureset.reporting.counts import PLACES, CategoryCount
from captureset.reporting.dataset import Dataset
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.tables_html import Column, table
from captureset.reporting.wording import KIND_MEANS, ORIGIN_MEANS, STATE_MEANS, counted, number, percent, share_of

PLACE_NAMES = {**{split: split for split in SPLITS}, "none": "no split"}


def category_section(dataset: Dataset) -> Markup:
    """Return captures and boxes of every category that occurs, by split."""
    found = counts.categories(dataset)
    if not found:
        return tag("p", "No capture names a category yet.", class_="muted")
    return joined(
        tag(
            "p",
            f"{number(len(found))} of {counted(len(dataset.taxonomy.categories), 'category')} occur. "
            "A capture counts once for each category it shows; the dataset has "
            f"{counted(len(dataset.captures), 'capture')} with {counted(len(dataset.annotations), 'box')}.",
        ),
        _place_legend(),
        _category_table(found, dataset.colours()),
        _absent(dataset, found),
    )


def _place_legend() -> Markup:
    items = [tag("li", charts.swatch(f"c-{place}"), name) for place, name in PLACE_NAMES.items()]
    return tag("ul", *items, tag("li", "no split: dropped, or masked", class_="muted"), class_="legend")


def _category_table(found: Sequence[CategoryCount], colours: Mapping[str, str]) -> Markup:
    longest = max(row.capture_count for row in found)
    heads = [Column("category"), Column("captures, by split", "wide"), Column("captures", "num")]
    heads += [Column(PLACE_NAMES[place], "num sub") for place in PLACES]
    heads += [Column("boxes", "num")] + [Column(PLACE_NAMES[place], "num sub") for place in PLACES]
    return table(heads, [_category_row(row, longest, colours[row.category.code]) for row in found], css="categories")


def _category_row(row: CategoryCount, longest: int, colour: str) -> list[object]:
    parts = [Part(PLACE_NAMES[place], row.captures.get(place, 0), f"c-{place}") for place in PLACES]
    named = joined(
        tag("span", class_="swatch", style=f"background:{colour}"),
        tag("b", row.category.name),
        " ",
        tag("code", row.category.code),
        tag("span", row.category.name_en, class_="muted under") if row.category.name_en != row.category.name else None,
    )
    bar = charts.stacked_bar(parts, longest, "capture")
    captures = [number(row.captures.get(place, 0)) for place in PLACES]
    boxes = [number(row.boxes.get(place, 0)) for place in PLACES]
    return [named, bar, number(row.capture_count), *captures, number(row.box_count), *boxes]


def _absent(dataset: Dataset, found: Sequence[CategoryCount]) -> Markup | None:
    seen = {row.category.code for row in found}
    missing = [category for category in dataset.taxonomy.categories if category.code not in seen]
    if not missing:
        return None
    names = ", ".join(f"{category.name} {category.code}" for category in missing)
    return tag("details", tag("summary", f"{counted(len(missing), 'category')} without a capture"), tag("p", names))


def review_section(dataset: Dataset) -> Markup:
    """Return who looked at the captures, where their labels come from and what feedback said."""
    captures = dataset.captures
    return joined(
        tag(
            "div",
            _tally("Review state", counts.review_states(captures), STATE_MEANS, len(captures)),
            _tally("Label from", Counter(c.label_origin for c in captures), ORIGIN_MEANS, len(captures)),
            _tally("Kind of label", Counter(c.label_kind for c in captures), KIND_MEANS, len(captures)),
            class_="columns three",
        ),
        tag("p", _feedback_sentence(dataset)),
    )


def _tally(title: str, found: Mapping[str, int], meanings: Mapping[str, str], whole: int) -> Markup:
    """Return the codes of one kind with counts and shares, in the order of their meanings."""
    order = [*meanings, *sorted(set(found) - set(meanings))]
    rows = [_tally_row(code, found[code], meanings.get(code), whole) for code in order if found.get(code)]
    if not rows:
        return tag("div", tag("h3", title), tag("p", "No capture yet.", class_="muted"))
    heads = [Column(title.lower()), Column("captures", "num"), Column(f"of {number(whole)}", "num")]
    return tag("div", tag("h3", title), table(heads, rows))


def _tally_row(code: str, count: int, means: str | None, whole: int) -> list[object]:
    named = joined(tag("b", code), tag("span", means, class_="muted under") if means else None)
    return [named, number(count), percent(count, whole)]


def _feedback_sentence(dataset: Dataset) -> str:
    if not dataset.feedback:
        return "No feedback record has come in yet: what is confirmed came in as confirmed."
    verdicts = counts.most_common(said.verdict for said in dataset.feedback)
    listed = ", ".join(f"{number(count)} {verdict}" for verdict, count in verdicts)
    given = len({said.capture_id for said in dataset.feedback if said.applies})
    return (
        f"{counted(len(dataset.feedback), 'feedback record')} ({listed}), about "
        f"{counted(given, 'capture')}: {share_of(given, len(dataset.captures), 'capture')}."
    )


def growth_section(dataset: Dataset) -> Markup:
    """Return how many captures each period brought, by review state, and their running total."""
    unit, periods = counts.growth(dataset.captures)
    if not periods:
        return tag("p", "No capture yet.", class_="muted")
    return joined(
        _busiest(unit, periods),
        charts.legend(charts.parts_of(counts.review_states(dataset.captures)), len(dataset.captures)),
        tag("div", *_growth_charts(unit, periods), class_="columns two"),
    )


def _growth_charts(unit: str, periods: Sequence[counts.Period]) -> Iterator[Markup]:
    """Give the columns of new captures and, when there is more than one, the line of all of them."""
    labels = [period.name for period in periods]
    stacks = [charts.parts_of(period.by_state) for period in periods]
    about = f"Captures per {unit} from {labels[0]} to {labels[-1]}"
    new = charts.columns(Columns(labels, stacks, "capture", about))
    yield tag("div", tag("h3", f"New captures per {unit} (UTC)"), new)
    if len(periods) > 1:
        totals = list(accumulate(period.captures for period in periods))
        rising = charts.rising_line(labels, totals, "capture", f"Captures in all, {unit} by {unit}")
        yield tag("div", tag("h3", f"Captures in all, by {unit} (UTC)"), rising)


def _busiest(unit: str, periods: Sequence[counts.Period]) -> Markup:
    if len(periods) == 1:
        return tag("p", f"All of one {unit}, {periods[0].name}: {counted(periods[0].captures, 'capture')}.")
    most = max(periods, key=lambda period: period.captures)
    busy = sum(1 for period in periods if period.captures)
    return tag(
        "p",
        f"{number(busy)} of {counted(len(periods), unit)} brought captures; "
        f"the most came in {most.name}: {counted(most.captures, 'capture')}.",
    )
