"""The weekly or monthly quality report as a page a person reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from captureset.records.taxonomy import Taxonomy
from captureset.reporting import charts, counts
from captureset.reporting.charts import Columns, Part, parts_of
from captureset.reporting.collection import Collection
from captureset.reporting.gauges import counted_share, interval_text
from captureset.reporting.kpi_section import kpi_section
from captureset.reporting.kpis import Targets
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.model_sections import category_name, model_section
from captureset.reporting.periods import CalendarPeriod
from captureset.reporting.quality_report import period_kpis
from captureset.reporting.shell import html_page, navigation, sections
from captureset.reporting.tables_html import Column, table
from captureset.reporting.trust import Trust
from captureset.reporting.wording import FLAG_MEANS, NOTHING, counted, number, percent

KIND_NAMES = {"weekly": "week", "monthly": "month"}


def quality_page(
    now: Collection,
    document: Mapping[str, Any],
    period: CalendarPeriod,
    targets: Targets,
    samples: Mapping[str, Markup],
) -> str:
    """Return the page.

    Args:
        now: what of the collection falls into the period.
        document: the report in figures.
        period: the week or month it is about.
        targets: section `report` of params.yaml.
        samples: pictures of mistaken captures, by id.
    """
    parts = {
        "Targets": kpi_section(period_kpis(now, period, targets)),
        "What would help": _recommendations(document, period),
        "Intake": _intake(now, document),
        "Categories": _categories(document, now.taxonomy),
        "Model against person": model_section(Trust.of(now.cases), now.taxonomy, samples),
        "Feedback": _feedback(document),
        "Flags": _flags(document),
    }
    title = f"Quality report {period.name}"
    return html_page(title, _header(title, period, now), navigation(parts), _tiles(document), *sections(parts))


def _header(title: str, period: CalendarPeriod, now: Collection) -> Markup:
    days = f"{period.first.isoformat()} to {period.last.isoformat()} (UTC)"
    taken, spoken = counted(len(now.captures), "capture"), counted(len(now.feedback), "feedback record")
    said = f"{KIND_NAMES[period.kind]} {days}: {taken} taken, {spoken} given"
    return tag("header", tag("div", tag("h1", title), tag("p", said, class_="muted")))


def _tiles(document: Mapping[str, Any]) -> Markup:
    return tag("div", *_each_tile(document["summary"], document["trends"]), class_="tiles")


def _each_tile(summary: Mapping[str, Any], trends: Mapping[str, Any]) -> Iterator[Markup]:
    """Give the key figures, each beside what it was in the period before."""
    before, total = trends["previous_period"], summary["total_records"]
    grades = parts_of({grade: summary[f"{grade}_quality_count"] for grade in counts.GRADES})
    taken = _trend(trends["records_change"], f"{trends['records_change']:+,}", before)
    yield _tile("Captures taken", number(total), taken, grades)
    score, change = summary["average_quality_score"], trends["quality_improvement"]
    shown = NOTHING if score is None else f"{score:.2f}"
    moved = _trend(change, None if change is None else f"{change:+.2f}", before)
    yield _tile("Average quality, 0 to 1", shown, moved, grades)
    for title, key, trend in (
        ("Captures with feedback", "feedback_coverage", "feedback_coverage_trend"),
        ("Answers of the model with the right category", "category_right", "category_right_trend"),
    ):
        yield _rate_tile(title, summary[key], _points(trends[trend], before))


def _points(change: float | None, before: str) -> Markup:
    return _trend(change, None if change is None else f"{100 * change:+.1f} pp", before)


def _trend(change: float | None, shown: str | None, before: str) -> Markup:
    """Return a change in words, green up and red down; without one there is nothing to compare with."""
    if change is None:
        return tag("span", f"nothing in {before} to compare with")
    look = "up" if change > 0 else "down" if change < 0 else None
    return joined(tag("b", shown, class_=look), f" since {before}")


def _tile(title: str, figure: str, trend: Markup, parts: list[Part]) -> Markup:
    whole = sum(part.count for part in parts)
    bar = charts.stacked_bar(parts, whole, "capture")
    key = charts.legend([part for part in parts if part.count], whole)
    heading, shown = tag("h3", title), tag("p", figure, class_="figure")
    return tag("div", heading, shown, tag("p", trend, class_="muted"), bar, key, class_="tile")


def _rate_tile(title: str, rate: Mapping[str, Any], trend: Markup) -> Markup:
    figure = percent(rate["count"], rate["of"])
    known = interval_text((rate["low"], rate["high"])) if rate["of"] else NOTHING
    said = f"{counted_share(rate['count'], rate['of'])}; 95 % sure: {known}"
    parts = [Part("yes", rate["count"], "c-kept"), Part("no", rate["of"] - rate["count"], "c-none")]
    return tag(
        "div",
        tag("h3", title),
        tag("p", figure, class_="figure"),
        tag("p", trend, class_="muted"),
        charts.stacked_bar(parts, rate["of"], "capture"),
        tag("p", said, class_="muted"),
        class_="tile",
    )


def _recommendations(document: Mapping[str, Any], period: CalendarPeriod) -> Markup:
    advised = document["detailed_analysis"]["recommendations"]
    titles = {
        "targets": "Targets that are missed",
        "captures": f"Captures of this {KIND_NAMES[period.kind]}",
        "collection": "The whole collection, as it is now",
    }
    parts = [
        tag("div", tag("h3", title), tag("ul", *(tag("li", text) for text in advised[key])))
        for key, title in titles.items()
        if advised[key]
    ]
    if not parts:
        return tag("p", "Nothing: every target is reached and no capture needs anything.")
    return tag("div", *parts, class_="columns three")


def _intake(now: Collection, document: Mapping[str, Any]) -> Markup:
    """Return captures by day, in their grades, and by month."""
    intake = document["detailed_analysis"]["intake"]
    if not any(intake["monthly"].values()):
        return tag("p", "No capture in these twelve months.", class_="muted")
    by_day: dict[str, Counter[str]] = defaultdict(Counter)
    for row in now.captures:
        by_day[row.captured_at[:10]][_grade(now, row.capture_id)] += 1
    days, months = list(intake["daily"]), intake["monthly"]
    daily = Columns(
        [day[5:] for day in days],
        [parts_of({grade: by_day[day][grade] for grade in (*counts.GRADES, "none")}) for day in days],
        "capture",
        f"Captures per day from {days[0]} to {days[-1]}",
    )
    monthly = Columns(
        list(months),
        [[Part("captures", count, "c-kept")] for count in months.values()],
        "capture",
        "Captures per month, the twelve months up to the period",
    )
    return tag(
        "div",
        tag("div", tag("h3", "By day, in their grades"), charts.columns(daily)),
        tag("div", tag("h3", "By month"), charts.columns(monthly)),
        class_="columns two",
    )


def _grade(now: Collection, capture_id: str) -> str:
    row = now.quality.get(capture_id)
    return "none" if row is None else row.grade


def _categories(document: Mapping[str, Any], taxonomy: Taxonomy) -> Markup:
    """Return what each category got in the period, the most captures first."""
    found: Sequence[Mapping[str, Any]] = document["detailed_analysis"]["categories"]
    if not found:
        return tag("p", "No capture names a category yet.", class_="muted")
    ranked = sorted(found, key=lambda row: -row["captures"])
    most = max(1, *(row["captures"] for row in found))
    heads = [Column("category"), Column("captures", "wide"), Column("captures", "num"), Column("so far", "num")]
    heads += [Column("high", "num"), Column("with feedback", "num"), Column("model right", "num")]
    rows = [
        [
            category_name(taxonomy, row["category"]),
            charts.stacked_bar([Part("captures", row["captures"], "c-kept")], most, "capture"),
            *(number(row[key]) for key in ("captures", "captures_so_far", "high", "with_feedback")),
            counted_share(row["category_right"]["count"], row["category_right"]["of"]),
        ]
        for row in ranked
    ]
    unseen = len(taxonomy.categories) - len(found)
    return joined(
        tag("p", f"{counted(unseen, 'category')} of {number(len(taxonomy.categories))} not seen so far."),
        table(heads, rows, css="categories"),
    )


def _feedback(document: Mapping[str, Any]) -> Markup:
    said = document["detailed_analysis"]["feedback"]
    if not said["records"]:
        return tag("p", "Nobody has said anything in this time.", class_="muted")
    verdicts = ", ".join(f"{number(count)} {verdict}" for verdict, count in said["verdicts"].items())
    rate = said["confirmed"]
    sure = f" (95 % sure: {interval_text((rate['low'], rate['high']))})" if rate["of"] else ""
    return tag(
        "p",
        f"{counted(said['records'], 'feedback record')} given in this time, about captures of any time: {verdicts}. "
        f"Of those that confirm or correct, {counted_share(rate['count'], rate['of'])} confirm{sure}.",
    )


def _flags(document: Mapping[str, Any]) -> Markup:
    found, total = document["detailed_analysis"]["flags"], document["summary"]["total_records"]
    if not found:
        return tag("p", "No photo has a flag." if total else "No capture in this time.", class_="muted")
    heads = [Column("flag"), Column("captures", "num"), Column(f"of {number(total)}", "num")]
    rows = [
        [joined(tag("b", flag), tag("span", FLAG_MEANS.get(flag), class_="muted under")), number(n), percent(n, total)]
        for flag, n in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]
    return table(heads, rows)
