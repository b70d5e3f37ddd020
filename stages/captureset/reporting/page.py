"""The one page: self-contained HTML, no script, nothing from the network."""

from __future__ import annotations

from captureset.reporting import (
    content_sections,
    export_sections,
    head_section,
    parameters_section,
    quality_sections,
)
from captureset.reporting.dataset import Dataset
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.style import CSS
from captureset.reporting.wording import counted, number

TITLE = "Dataset report"
NO_NETWORK = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
BOX_LINES = "A solid box is a person's, a dashed one is nobody's but the model's or the source's."


def page(dataset: Dataset, sheet: Markup, shown: int) -> str:
    """Return the whole page.

    Args:
        dataset: what it is about.
        sheet: the contact sheet, already drawn.
        shown: how many captures are on it.
    """
    return "<!DOCTYPE html>\n" + tag("html", _head(), tag("body", _main(dataset, sheet, shown)), lang="en") + "\n"


def _head() -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=NO_NETWORK),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", TITLE),
        tag("style", Markup(CSS)),
    )


def _main(dataset: Dataset, sheet: Markup, shown: int) -> Markup:
    sections = {
        "Contact sheet": joined(tag("p", _sheet_sentence(dataset, shown)), sheet),
        "Categories": content_sections.category_section(dataset),
        "Quality": quality_sections.quality_section(dataset),
        "Dropped": quality_sections.dropped_section(dataset),
        "Splits": export_sections.split_section(dataset),
        "Exports": export_sections.export_section(dataset),
        "Gates": export_sections.gate_section(dataset),
        "Growth": content_sections.growth_section(dataset),
        "Reviews": content_sections.review_section(dataset),
        "Parameters": parameters_section.parameters_section(dataset),
    }
    return tag(
        "main",
        head_section.header(dataset, TITLE),
        _navigation(list(sections)),
        head_section.tiles(dataset),
        head_section.attention(dataset),
        *(tag("section", tag("h2", title), inner, id=_anchor(title)) for title, inner in sections.items()),
    )


def _navigation(titles: list[str]) -> Markup:
    return tag("nav", *(tag("a", title, href=f"#{_anchor(title)}") for title in titles))


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _sheet_sentence(dataset: Dataset, shown: int) -> str:
    if not shown:
        return "No picture to show."
    of = f"{number(shown)} of {counted(len(dataset.captures), 'capture')}"
    return f"{of}, spread over the categories; dropped ones come last. {BOX_LINES}"
