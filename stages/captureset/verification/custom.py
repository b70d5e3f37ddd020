"""Checks on the custom export ecoguide_v1: its schema, and every capture against the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captureset.formats import jsontext, schema
from captureset.records.box import Box
from captureset.verification.gate import Gate
from captureset.verification.truth import ExpectedCapture, Truth, box_faults, id_faults

SUBJECT = "custom/ecoguide_v1"
FILE = "ecoguide_v1.json"


def check_custom(gate: Gate, root: Path, truth: Truth) -> None:
    """Check the custom export against the truth."""
    document = jsontext.read(root / FILE)
    problems = [f"{FILE}{problem}" for problem in schema.problems("custom_export", document)]
    if gate.check("custom.schema", SUBJECT, "the document satisfies schemas/custom_export.schema.json", problems):
        gate.check("custom.captures", SUBJECT, "captures and boxes are the catalog's", _faults(root, document, truth))


def _faults(root: Path, document: dict[str, Any], truth: Truth) -> Iterator[str]:
    rows = {row["capture_id"]: row for row in document["captures"]}
    yield from id_faults(rows, truth.captures, FILE)
    if len(rows) != len(document["captures"]):
        yield f"{FILE} lists a capture twice"
    listed = [[category[key] for category in document["categories"]] for key in ("id", "code", "name", "name_en")]
    if listed != [[getattr(c, key) for c in truth.taxonomy.categories] for key in ("id", "code", "name", "name_en")]:
        yield f"{FILE} does not list the categories of data/categories.yaml"
    for name, row in rows.items():
        if name in truth.captures:
            yield from _row_faults(root, row, truth.captures[name], truth)


def _row_faults(root: Path, row: dict[str, Any], capture: ExpectedCapture, truth: Truth) -> Iterator[str]:
    name, label, frame = capture.capture_id, row["label"], capture.frame
    told = (row["split"], row["group"], row["width_px"], row["height_px"], label["category"])
    if told != (capture.split, capture.group, frame.width_px, frame.height_px, capture.category):
        yield f"{FILE} gives {name} another split, group, size or category than the tables"
    if not (root / row["file"]).is_file():
        yield f"{FILE} names {row['file']}, which is not there"
    for part in (label, *label["boxes"]):
        code = part["category"]
        if part["category_id"] != (truth.taxonomy[code].id if code in truth.taxonomy else None):
            yield f"{FILE} gives {name} the category {code} with the id {part['category_id']}"
    boxes = [(box["category_id"], Box(*box["xywh_px"])) for box in label["boxes"]]
    yield from box_faults(name, boxes, capture, truth)
