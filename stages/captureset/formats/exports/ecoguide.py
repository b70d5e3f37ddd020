"""`ecoguide_v1`, our own export: what COCO cannot carry. schemas/custom_export.schema.json documents every field.

Physical size, provenance, quality, review state; captures without a box included, so classification can train on it.
No free text and no identifier of a person or session.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema
from captureset.formats.exports import places
from captureset.formats.exports.items import ExportItem, Naming
from captureset.records.box import Frame
from captureset.records.reading import ReadBox, ReadFault, ReadImage, Reading
from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow
from captureset.records.taxonomy import Taxonomy

FILE = "ecoguide_v1.json"


def image_path(item: ExportItem) -> str:
    """Return where an image stands below the export."""
    return f"images/{item.split.split}/{item.file_name}"


def texts(items: Sequence[ExportItem], naming: Naming) -> dict[str, str]:
    """Return the one document of the export by path."""
    return {FILE: jsontext.dump(document(items, naming))}


def read(root: Path) -> Reading:
    """Return an ecoguide_v1 folder as it stands; a document that breaks its schema is a fault of strict_json."""
    try:
        found = jsontext.read(root / FILE)
        problems = [str(problem) for problem in schema.problems("custom_export", found)]
    except CapturesetError as error:
        found, problems = None, [str(error)]
    if problems:
        faults = tuple(ReadFault("strict_json", FILE, problem) for problem in problems)
        return Reading("custom", root, (), {}, {FILE: found}, faults=faults)
    images = tuple(map(_read_image, found["captures"]))
    named = tuple((category["id"], category["code"]) for category in found["categories"])
    stray = tuple(places.unspoken(places.files_below(root), (image.file for image in images)))
    return Reading("custom", root, images, {FILE: named}, {FILE: found}, stray=stray)


def _read_image(row: dict[str, Any]) -> ReadImage:
    boxes = tuple(
        ReadBox(FILE, f"{row['capture_id']} box {at}", box["category_id"], tuple(map(float, box["xywh_px"])))
        for at, box in enumerate(row["label"]["boxes"])
    )
    frame = Frame(row["width_px"], row["height_px"])
    return ReadImage(row["file"], row["split"], row["file"], boxes, row["capture_id"], frame, FILE)


def document(items: Sequence[ExportItem], naming: Naming) -> dict[str, Any]:
    """Return the one JSON document of the export."""
    return {
        "format": "ecoguide_v1",
        "contributor": naming.contributor,
        "license": {"name": naming.license_name, "url": naming.license_url},
        "categories": [
            {
                "id": category.id,
                "code": category.code,
                "name": category.name,
                "name_en": category.name_en,
                "supercategory": category.supercategory,
            }
            for category in naming.taxonomy.categories
        ],
        "captures": [_capture(item, naming.taxonomy) for item in items],
    }


def _capture(item: ExportItem, taxonomy: Taxonomy) -> dict[str, Any]:
    capture = item.capture
    return {
        "capture_id": capture.capture_id,
        "file": image_path(item),
        "split": item.split.split,
        "group": item.split.group,
        "captured_at": capture.captured_at,
        "width_px": capture.width_px,
        "height_px": capture.height_px,
        "source": {"kind": capture.source_kind, "name": capture.source_name},
        "label": _label(capture, item.annotations, taxonomy),
        "model": {"category": capture.model_category, "confidence": capture.model_confidence},
        "feedback": {"count": capture.feedback_count, "rating": capture.rating},
        "quality": _quality(item.quality),
        "size_cm": {"width_cm": capture.width_cm, "height_cm": capture.height_cm, "depth_cm": capture.depth_cm},
    }


def _label(capture: CaptureRow, annotations: Sequence[AnnotationRow], taxonomy: Taxonomy) -> dict[str, Any]:
    return {
        "kind": capture.label_kind,
        "origin": capture.label_origin,
        "review_state": capture.review_state,
        "category": capture.category,
        "category_id": taxonomy[capture.category].id if capture.category else None,
        "boxes": [
            {
                "category": annotation.category,
                "category_id": taxonomy[annotation.category].id,
                "xywh_px": [annotation.x_px, annotation.y_px, annotation.w_px, annotation.h_px],
                "confidence": annotation.confidence,
                "derived_from": annotation.derived_from,
            }
            for annotation in annotations
        ],
    }


def _quality(quality: QualityRow) -> dict[str, Any]:
    return {
        "overall_score": quality.overall_score,
        "image_score": quality.image_score,
        "analysis_score": quality.analysis_score,
        "grade": quality.grade,
        "flags": list(quality.flags),
    }
