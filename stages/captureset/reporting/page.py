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
from captureset.reporting.shell import html_page, navigation, sections
from captureset.reporting.wording import counted, number

TITLE = "Dataset report"
BOX_LINES = "A solid box is a person's, a dashed one is nobody's but the model's or the source's."


def page(dataset: Dataset, sheet: Markup, shown: int) -> str:
    """Return the whole page.

    Args:
        dataset: what it is about.
        sheet: the contact sheet, already drawn.
        shown: how many captures are on it.
    """
    return html_page(TITLE, *_main(dataset, sheet, shown))


def _main(dataset: Dataset, sheet: Markup, shown: int) -> list[object]:
    parts = {
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
    return [
        head_section.header(dataset, TITLE),
        navigation(parts),
        head_section.tiles(dataset),
        head_section.attention(dataset),
        *sections(parts),
    ]


def _sheet_sentence(dataset: Dataset, shown: int) -> str:
    if not shown:
        return "No picture to show."
    of = f"{number(shown)} of {counted(len(dataset.captures), 'capture')}"
    return f"{of}, spread over the categories; dropped ones come last. {BOX_LINES}"
