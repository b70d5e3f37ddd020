"""CVAT: its format "COCO 1.0", one JSON file; an image's file name is the capture id and a suffix.

The format cannot say which images a person looked at: every image in the file counts as reviewed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from captureset.formats import jsontext
from captureset.formats.exchange.tasks import NamedBox, Reviewed, ReviewedTask, Task
from captureset.formats.sources import coco_box, numbers
from captureset.formats.sources.coco import require_sections, words_of
from captureset.formats.sources.coco_box import own_id
from captureset.formats.sources.dataset import refuse
from captureset.formats.sources.fates import DirtError, Fates
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
        CapturesetError: the file is no COCO, or anything in it is not as CVAT writes it; every fault is named.
    """
    sections, fates = require_sections(jsontext.read(path), path), Fates()
    words = words_of(sections["categories"], fates)
    known = {identity for entry in sections["images"] if (identity := own_id(entry)) is not None}
    boxes = defaultdict(list)
    for place, entry in enumerate(sections["annotations"]):
        row = f"annotations[{place}]"
        try:
            coco_box.require_object(entry)
            image_id = coco_box.known_id(entry, "image_id", known, "orphan")
            found, repairs = coco_box.read(entry, words)
        except DirtError as error:
            fates.fail(error, row)
            continue
        for repair in repairs:
            fates.fail(repair, row)
        boxes[image_id].append(NamedBox(found.category, found.box))
    tasks = tuple(_tasks(sections["images"], boxes, fates))
    refuse(path, [fate.sentence for fate in fates.found], "mend the file, or export it again as COCO 1.0")
    return Reviewed(path.name, tasks, tells_category=False)


def _tasks(entries: list[Any], boxes: Mapping[Any, list[NamedBox]], fates: Fates) -> Iterator[ReviewedTask]:
    seen = set()
    for place, entry in enumerate(entries):
        identity, name = own_id(entry), entry.get("file_name") if isinstance(entry, Mapping) else None
        if identity is None or not isinstance(name, str) or not name:
            fates.add("image_entry", f"images[{place}]", "has no id or no file_name")
        elif identity in seen:
            fates.add("image_id_twice", f"the image id {identity!r}", "stands twice")
        else:
            seen.add(identity)
            try:
                frame = numbers.size([entry.get(side) for side in ("width", "height")])
            except DirtError as error:
                fates.fail(error, f"images[{place}]")
                continue
            capture_id = PurePosixPath(name.replace("\\", "/")).stem
            yield ReviewedTask(capture_id, frame, tuple(boxes.get(identity, ())))
