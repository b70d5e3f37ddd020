"""COCO detection and segmentation: `<split>/<split>.json` beside the images of the split; `coco_reading` reads it.

Ids are 1, 2, 3 … over all splits. Categories are the whole list, the same in every file. `segmentation` holds the
polygons of the background-removed twin where it shows the photo's one box, else it is an empty list; `area` is that of
the polygons, else of the box; `iscrowd` is 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from captureset.formats import jsontext
from captureset.formats.exports.items import ExportItem, Naming
from captureset.formats.jsontext import Line
from captureset.records.splits import splits_of


def image_path(item: ExportItem) -> str:
    """Return where an image stands below the export."""
    return f"{item.split.split}/{item.file_name}"


def texts(items: Sequence[ExportItem], naming: Naming) -> dict[str, str]:
    """Return the JSON documents of the export by path, a row a line; items come sorted by capture id."""
    splits = splits_of(item.split.split for item in items)
    images: dict[str, list[Any]] = {name: [] for name in splits}
    boxes: dict[str, list[Any]] = {name: [] for name in splits}
    next_annotation = 1
    for image_id, item in enumerate(items, start=1):
        split = item.split.split
        images[split].append(_image(image_id, item))
        boxes[split].extend(_annotations(next_annotation, image_id, item, naming))
        next_annotation += len(item.annotations)
    return {f"{name}/{name}.json": _document(name, images[name], boxes[name], naming) for name in splits}


def _document(split: str, images: list[Any], boxes: list[Any], naming: Naming) -> str:
    return jsontext.dump_rows(
        {
            "info": {"contributor": naming.contributor, "description": f"captureset COCO export, split {split}"},
            "licenses": [{"id": 1, "name": naming.license_name, "url": naming.license_url}],
            "categories": [_category(category) for category in naming.categories],
            "images": images,
            "annotations": boxes,
        }
    )


def _category(category: Any) -> dict[str, Any]:
    return {"id": category.id, "name": category.name, "supercategory": category.supercategory}


def _annotations(first: int, image_id: int, item: ExportItem, naming: Naming) -> Iterator[Line]:
    """Give the rows of an image; as text, since a dictionary a box takes as long as all the rest of the export.

    Raises:
        ValueError: a number is not finite, which JSON has no word for.
    """
    outline = jsontext.dump_line(item.outline) if item.outline else "[]"
    for number, a in enumerate(item.annotations, start=first):
        x, y, w, h = float(a.x_px), float(a.y_px), float(a.w_px), float(a.h_px)
        area = float(item.outline_area_px2) if item.outline else w * h
        if not math.isfinite(x + y + w + h + area):
            raise ValueError(f"box {number} of {item.capture.capture_id} has a number that is not finite")
        yield Line(
            f'{{"area":{area!r},"bbox":[{x!r},{y!r},{w!r},{h!r}],"category_id":{naming.ids[a.category]},'
            f'"id":{number},"image_id":{image_id},"iscrowd":0,"segmentation":{outline}}}'
        )


def _image(image_id: int, item: ExportItem) -> dict[str, Any]:
    return {
        "id": image_id,
        "file_name": item.file_name,
        "width": item.capture.width_px,
        "height": item.capture.height_px,
        "date_captured": item.capture.captured_at,
        "license": 1,
    }
