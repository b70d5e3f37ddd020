"""params.yaml: one section per stage, every key checked against schemas/params.schema.json before a stage runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from captureset.errors import InvalidDocumentError, Problem
from captureset.formats import schema

PARAMS_FILE = Path("params.yaml")
RATIO_TOLERANCE = 0.01

Record = TypeVar("Record")


def load(section: str, path: Path = PARAMS_FILE) -> Mapping[str, Any]:
    """Return one section of params.yaml; the whole file is checked, so a misspelt key anywhere is refused.

    Raises:
        InvalidDocumentError: an unknown section or key, or a value out of range; every problem at once.
        CapturesetError: the file is missing or no YAML.
    """
    document = schema.read_yaml(path)
    require(document, str(path))
    values: Mapping[str, Any] = document[section]
    return values


def require(document: Any, source: str) -> None:
    """Return when a document may stand in params.yaml.

    Raises:
        InvalidDocumentError: as `load`; `source` names the file.
    """
    found = schema.problems("params", document) or tuple(_contradictions(document))
    if found:
        raise InvalidDocumentError(source, found)


def record(kind: type[Record], section: str, path: Path = PARAMS_FILE) -> Record:
    """Return the keys of a section that a params record has fields for; one section may fill several records."""
    values = load(section, path)
    return kind(**{field.name: values[field.name] for field in fields(kind)})  # type: ignore[arg-type]


def _contradictions(document: Mapping[str, Any]) -> Iterator[Problem]:
    """Give what no single key is wrong about, in a document that satisfies its schema."""
    split, quality, days = document["split"], document["quality"], document["filter"]["date_range"]
    ratios = [split[key] for key in ("train_ratio", "val_ratio", "test_ratio")]
    if abs(sum(ratios) - 1) > RATIO_TOLERANCE + 1e-9:
        yield Problem("/split", f"the ratios {ratios} sum to {sum(ratios):g}", "make them sum to 1")
    if quality["medium_from"] > quality["high_from"]:
        shown = f"medium_from {quality['medium_from']} is above high_from {quality['high_from']}"
        yield Problem("/quality", shown, "lower medium_from or raise high_from")
    if quality["image_weight"] + quality["analysis_weight"] == 0:
        yield Problem("/quality", "image_weight and analysis_weight are both 0", "give one of them a weight")
    if quality["near_bits"] > quality["review_bits"]:
        shown = f"near_bits {quality['near_bits']} is above review_bits {quality['review_bits']}"
        yield Problem("/quality", shown, "lower near_bits or raise review_bits")
    if quality["foreground_from"] > quality["foreground_to"]:
        shown = f"foreground_from {quality['foreground_from']} is above foreground_to {quality['foreground_to']}"
        yield Problem("/quality", shown, "lower foreground_from or raise foreground_to")
    if days and days[0] > days[1]:
        yield Problem("/filter/date_range", f"{days[0]} is after {days[1]}", "put the earlier day first")
