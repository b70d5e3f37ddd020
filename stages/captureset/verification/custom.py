"""Checks on the custom export ecoguide_v1: its schema, and every capture against the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captureset.formats import jsontext, schema
from captureset.records.box import Box
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth, box_faults, id_faults

SUBJECT = "custom/ecoguide_v1"
FILE = "ecoguide_v1.json"


def check_custom(gate: Gate, root: Path, truth: Truth) -> None:
    """Check the custom export against the truth."""
    document = jsontext.read(root / FILE)
    problems = [f"{FILE}{problem}" for problem in schema.problems("custom_export", document)]
    if gate.check("custom.schema", SUBJECT, "the document satisfies schemas/custom_export.schema.json", problems):
        gate.check("custom.captures", SUBJECT, "captures and boxes are the catalog's", _faults(document, truth))


def _faults(document: dict[str, Any], truth: Truth) -> Iterator[str]:
    rows = {row["capture_id"]: row for row in document["captures"]}
    yield from id_faults(rows, truth.captures, FILE)
    for name, row in rows.items():
        capture = truth.captures.get(name)
        if capture is None:
            continue
        if (row["split"], row["width_px"], row["height_px"]) != (
            capture.split,
            capture.frame.width_px,
            capture.frame.height_px,
        ):
            yield f"{FILE} gives {name} another split or size than the tables"
        boxes = [(box["category_id"], Box(*box["xywh_px"])) for box in row["label"]["boxes"]]
        yield from box_faults(name, boxes, capture, truth)
