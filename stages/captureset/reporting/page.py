"""The one page of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from captureset.reporting import (
    collection_sections,
    content_sections,
    export_sections,
    head_section,
    parameters_section,
    quality_sections,
)
from captureset.reporting.dataset import Dataset
from captureset.reporting.kpi_section import kpi_section
from captureset.reporting.kpis import Targets
from captureset.reporting.markup import Markup, joined, tag
from captureset.reporting.model_sections import model_section
from captureset.reporting.shell import html_page, navigation, sections
from captureset.reporting.wording import counted, number

TITLE = "Dataset report"
BOX_LINES = "A solid box is a person's, a dashed one is nobody's but the model's or the source's."


@dataclass(frozen=True, slots=True)
class Pictures:
    """What of the page is drawn from photos."""

    sheet: Markup
    on_sheet: int  # captures
    mistaken: Mapping[str, Markup]  # by capture id, as the next
    alike: Mapping[str, Markup]


def page(dataset: Dataset, targets: Targets, pictures: Pictures) -> str:
    """Return the whole page of a dataset, its pictures already drawn."""
    return html_page(TITLE, *_main(dataset, targets, pictures))


def _main(dataset: Dataset, targets: Targets, pictures: Pictures) -> list[object]:
    sheet = joined(tag("p", _sheet_sentence(dataset, pictures.on_sheet)), pictures.sheet)
    parts = {
        "Targets": kpi_section(dataset.kpis(targets)),
        "Contact sheet": sheet,
        "Categories": content_sections.category_section(dataset),
        "Quality": quality_sections.quality_section(dataset),
        "What it lacks": collection_sections.gap_section(dataset.gaps),
        "Dropped": quality_sections.dropped_section(dataset),
        "Duplicates": collection_sections.duplicate_section(dataset.duplicates, pictures.alike),
        "Splits": export_sections.split_section(dataset),
        "Exports": export_sections.export_section(dataset),
        "Gates": export_sections.gate_section(dataset),
        "Growth": content_sections.growth_section(dataset),
        "Reviews": content_sections.review_section(dataset),
        "Model against person": model_section(dataset.trust, dataset.taxonomy, pictures.mistaken),
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
