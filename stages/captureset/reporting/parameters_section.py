"""Which parameters made this dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from captureset.formats import jsontext
from captureset.reporting.dataset import Dataset
from captureset.reporting.markup import Markup, joined, tag


def parameters_section(dataset: Dataset) -> Markup:
    """Return every value of params.yaml, section by section, and the file itself with its comments."""
    cards = [_card(section, values) for section, values in dataset.parameters.items()]
    return joined(
        tag("div", *cards, class_="parameters"),
        tag("details", tag("summary", "params.yaml, word for word"), tag("pre", dataset.parameters_text)),
    )


def _card(section: str, values: Mapping[str, Any]) -> Markup:
    rows = [
        tag("tr", tag("th", key, scope="row"), tag("td", jsontext.dump_line(value))) for key, value in values.items()
    ]
    return tag("div", tag("h3", section), tag("table", tag("tbody", *rows)), class_="parameter")
