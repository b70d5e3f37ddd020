"""CVAT: its format "COCO 1.0", one JSON file; an image's file name is the capture id and a suffix.

The format cannot say which images a person looked at: every image in the file counts as reviewed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.exchange.tasks import NamedBox, Reviewed, ReviewedTask, Task
from captureset.formats.sources.coco import annotation_fault, categories_of, declared_frame, has_id, require_sections
from captureset.formats.sources.dataset import refuse
from captureset.records.box import Box
from captureset.records.taxonomy import Taxonomy


def document(tasks: Sequence[Task], taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the tasks as CVAT imports them onto images of the same file names."""
    names = [{"id": category.id, "name": category.name, "supercategory": ""} for category in taxonomy.categories]
    boxes = [(place, found) for place, task in enumerate(tasks, start=1) for found in task.boxes]
    return {
        "info": {"description": "captureset review"},
        "licenses": [{"id": 0, "name": "", "url": ""}],
        "categories": names,
        "images": [_image(place, task) for place, task in enumerate(tasks, start=1)],
        "annotations": [
            {
                "id": number,
                "image_id": image_id,
                "category_id": taxonomy[found.category].id,
                "bbox": list(found.box.xywh_px),
                "area": found.box.area_px2,
                "iscrowd": 0,
                "segmentation": [],
            }
            for number, (image_id, found) in enumerate(boxes, start=1)
        ],
    }


def _image(place: int, task: Task) -> dict[str, Any]:
    width, height = task.frame.width_px, task.frame.height_px
    return {"id": place, "file_name": task.image, "width": width, "height": height, "license": 0}


def labels(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    """Return the labels of a CVAT project, as its raw label editor takes them."""
    return [{"name": category.name, "type": "rectangle", "attributes": []} for category in taxonomy.categories]


def read(path: Path) -> Reviewed:
    """Return the images of a COCO file, each the capture its file name names.

    Raises:
        CapturesetError: the file is no COCO, or holds a crowd or a turned box; every fault is named.
    """
    sections, faults = require_sections(jsontext.read(path), path), list[str]()
    words = dict(categories_of(sections["categories"], faults))
    known = {entry["id"] for entry in sections["images"] if has_id(entry)}
    boxes = defaultdict(list)
    for place, entry in enumerate(sections["annotations"]):
        fault = annotation_fault(entry, known, words)
        if fault:
            faults.append(f"annotations[{place}] {fault}")
        else:
            boxes[entry["image_id"]].append(NamedBox(words[entry["category_id"]], Box(*map(float, entry["bbox"]))))
    tasks = tuple(_tasks(sections["images"], boxes, faults))
    refuse(path, faults, "mend the file, or export it again as COCO 1.0")
    return Reviewed(path.name, tasks, tells_category=False)


def _tasks(entries: list[Any], boxes: Mapping[Any, list[NamedBox]], faults: list[str]) -> Iterator[ReviewedTask]:
    seen = set()
    for place, entry in enumerate(entries):
        name = entry.get("file_name") if isinstance(entry, Mapping) else None
        if not has_id(entry) or not isinstance(name, str) or not name:
            faults.append(f"images[{place}] has no id or no file_name")
        elif entry["id"] in seen:
            faults.append(f"the image id {entry['id']!r} stands twice")
        else:
            seen.add(entry["id"])
            try:
                frame = declared_frame(entry, name)
            except CapturesetError as error:
                faults.append(str(error))
                continue
            capture_id = PurePosixPath(name.replace("\\", "/")).stem
            yield ReviewedTask(capture_id, frame, tuple(boxes.get(entry["id"], ())))
