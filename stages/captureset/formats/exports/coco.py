"""COCO detection: `<split>/<split>.json` beside the images of the split.

Ids are 1, 2, 3 … over all splits. Categories are the whole taxonomy, the same list in every file. Boxes only:
`segmentation` is an empty list, `iscrowd` 0, `area` that of the box.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from captureset.formats.exports.items import ExportItem, Naming
from captureset.records.splits import SPLITS


def image_path(item: ExportItem) -> str:
    """Return where an image stands below the export."""
    return f"{item.split.split}/{item.file_name}"


def documents(items: Sequence[ExportItem], naming: Naming) -> dict[str, dict[str, Any]]:
    """Return the JSON documents of the export by path; items come sorted by capture id."""
    found: dict[str, dict[str, Any]] = {
        name: {**_head(name, naming), "images": [], "annotations": []} for name in SPLITS
    }
    next_annotation = 1
    for image_id, item in enumerate(items, start=1):
        document = found[item.split.split]
        document["images"].append(_image(image_id, item))
        for annotation in item.annotations:
            document["annotations"].append(
                {
                    "id": next_annotation,
                    "image_id": image_id,
                    "category_id": naming.taxonomy[annotation.category].id,
                    "bbox": [annotation.x_px, annotation.y_px, annotation.w_px, annotation.h_px],
                    "area": annotation.w_px * annotation.h_px,
                    "iscrowd": 0,
                    "segmentation": [],
                }
            )
            next_annotation += 1
    return {f"{name}/{name}.json": document for name, document in found.items()}


def _head(split: str, naming: Naming) -> dict[str, Any]:
    mains = {main.code: main for main in naming.taxonomy.supercategories}
    return {
        "info": {"contributor": naming.contributor, "description": f"captureset COCO export, split {split}"},
        "licenses": [{"id": 1, "name": naming.license_name, "url": naming.license_url}],
        "categories": [
            {
                "id": category.id,
                "name": naming.name_of(category),
                "supercategory": str(getattr(mains[category.supercategory], naming.category_names)),
            }
            for category in naming.taxonomy.categories
        ],
    }


def _image(image_id: int, item: ExportItem) -> dict[str, Any]:
    return {
        "id": image_id,
        "file_name": item.file_name,
        "width": item.capture.width_px,
        "height": item.capture.height_px,
        "date_captured": item.capture.captured_at,
        "license": 1,
    }
