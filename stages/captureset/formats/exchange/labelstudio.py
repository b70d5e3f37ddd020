"""Label Studio: JSON tasks whose boxes are `rectanglelabels` in percent of the upright photo.

Boxes go out as predictions, so that only what a person submits comes back as an annotation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.exchange.tasks import NamedBox, Reviewed, ReviewedTask, Task
from captureset.formats.sources.dataset import refuse
from captureset.records.box import Box, Frame
from captureset.records.taxonomy import Taxonomy

IMAGE, BOXES, CATEGORY = "image", "label", "category"  # names of the controls in the labelling configuration
LOCAL_FILES = "/data/local-files/?d="
MODEL_VERSION = "captureset"
SIDES = ("x", "y", "width", "height")


def document(tasks: Sequence[Task], taxonomy: Taxonomy, image_url: str) -> list[dict[str, Any]]:
    """Return the tasks as Label Studio imports them.

    Args:
        tasks: the captures.
        taxonomy: gives the words people read.
        image_url: what stands before each image's file name.
    """
    return [
        {
            "data": {IMAGE: image_url + quote(task.image), "capture_id": task.capture_id},
            "predictions": [{"model_version": MODEL_VERSION, "result": _regions(task, taxonomy)}],
        }
        for task in tasks
    ]


def image_url(folder: Path | None, wanted: str | None = None) -> str:
    """Return what stands before each file name: as wanted, else local files below the folder's parent."""
    name = folder.resolve().name if folder else "images"
    return LOCAL_FILES + quote(name) + "/" if wanted is None else wanted


def _regions(task: Task, taxonomy: Taxonomy) -> list[dict[str, Any]]:
    regions = [
        {**_region(task, BOXES, str(place)), "type": "rectanglelabels", "value": _percent(task.frame, found, taxonomy)}
        for place, found in enumerate(task.boxes)
    ]
    if task.category is not None:
        value = {"choices": [taxonomy[task.category].name]}
        regions.append({**_region(task, CATEGORY, CATEGORY), "type": "choices", "value": value})
    return regions


def _region(task: Task, control: str, mark: str) -> dict[str, Any]:
    return {
        "id": f"{task.capture_id}-{mark}",
        "from_name": control,
        "to_name": IMAGE,
        "original_width": task.frame.width_px,
        "original_height": task.frame.height_px,
        "image_rotation": 0,
    }


def _percent(frame: Frame, found: NamedBox, taxonomy: Taxonomy) -> dict[str, Any]:
    x, y, w, h = found.box.xywh_px
    sides = (x / frame.width_px, y / frame.height_px, w / frame.width_px, h / frame.height_px)
    numbers = {side: 100 * share for side, share in zip(SIDES, sides, strict=True)}
    return {**numbers, "rotation": 0, "rectanglelabels": [taxonomy[found.category].name]}


def labels(taxonomy: Taxonomy) -> str:
    """Return the labelling configuration of a Label Studio project that takes these tasks."""
    names = [quoteattr(category.name) for category in taxonomy.categories]
    lines = [
        "<View>",
        f'  <Image name="{IMAGE}" value="${IMAGE}"/>',
        f'  <RectangleLabels name="{BOXES}" toName="{IMAGE}" canRotate="false">',
        *(f"    <Label value={name}/>" for name in names),
        "  </RectangleLabels>",
        f'  <Choices name="{CATEGORY}" toName="{IMAGE}" choice="single" layout="select">',
        *(f"    <Choice value={name}/>" for name in names),
        "  </Choices>",
        "</View>",
    ]
    return "\n".join(lines) + "\n"


def read(path: Path) -> Reviewed:
    """Return the tasks of a Label Studio export (JSON, not JSON-MIN) that a person submitted.

    Tasks without an annotation, or with a skipped one, count as untouched. Of several annotations of a task the one
    marked as ground truth holds.

    Raises:
        CapturesetError: a task is none of ours, or holds anything but upright boxes; every such task is named.
    """
    found = jsontext.read(path)
    if not isinstance(found, list):
        raise CapturesetError(f"{path} is no list of tasks; export it from Label Studio as JSON.")
    tasks, faults, untouched = [], [], 0
    for place, entry in enumerate(found):
        try:
            task = _reviewed(entry, place)
        except CapturesetError as error:
            faults.append(str(error))
        else:
            untouched += task is None
            tasks += [task] if task else []
    refuse(path, faults, "mend the tasks, or export the project as JSON")
    return Reviewed(path.name, tuple(tasks), tells_category=True, untouched=untouched)


def _reviewed(entry: Any, place: int) -> ReviewedTask | None:
    """Return a task as a person left it, None when nobody submitted it."""
    data = entry.get("data") if isinstance(entry, Mapping) else None
    capture_id = data.get("capture_id") if isinstance(data, Mapping) else None
    if not isinstance(capture_id, str):
        raise CapturesetError(f"tasks[{place}] has no `capture_id` in its `data`")
    result = _result(entry, capture_id)
    if result is None:
        return None
    boxes = [_box(region, capture_id) for region in result if region.get("type") == "rectanglelabels"]
    words = [_category(region, capture_id) for region in result if region.get("type") != "rectanglelabels"]
    frames = {frame for _, frame in boxes}
    if len(frames) > 1 or len(words) > 1:
        raise CapturesetError(f"the task of {capture_id} has two {'categories' if words[1:] else 'sizes'}")
    frame = next(iter(frames), None)
    return ReviewedTask(capture_id, frame, tuple(box for box, _ in boxes), next(iter(words), None))


def _result(task: Mapping[str, Any], capture_id: str) -> list[Mapping[str, Any]] | None:
    entries = task.get("annotations") or []
    wrong = CapturesetError(f"the annotations of {capture_id} are no list of objects with a `result`")
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise wrong
    submitted = [entry for entry in entries if not entry.get("was_cancelled")]
    submitted = [entry for entry in submitted if entry.get("ground_truth")] or submitted
    if len(submitted) > 1:
        raise CapturesetError(
            f"the task of {capture_id} has {len(submitted)} annotations; mark one of them as ground truth"
        )
    if not submitted:
        return None
    result = submitted[0].get("result")
    if not isinstance(result, list) or not all(isinstance(region, Mapping) for region in result):
        raise wrong
    return result


def _box(region: Mapping[str, Any], capture_id: str) -> tuple[NamedBox, Frame]:
    value = _value(region, capture_id)
    numbers = [value.get(side) for side in SIDES]
    size = [region.get(side) for side in ("original_width", "original_height")]
    if not all(map(_is_number, numbers)) or not all(isinstance(side, int) and side > 0 for side in size):
        raise CapturesetError(f"a box of {capture_id} lacks {', '.join(SIDES)}, original_width or original_height")
    if value.get("rotation") or region.get("image_rotation"):
        raise CapturesetError(f"a box of {capture_id} is turned, which an upright box cannot hold")
    frame = Frame(*map(int, size))  # type: ignore[arg-type]
    x, y, w, h = (float(number) / 100 for number in numbers)  # type: ignore[arg-type]
    box = Box(x * frame.width_px, y * frame.height_px, w * frame.width_px, h * frame.height_px)
    return NamedBox(_word(value, "rectanglelabels", capture_id), box), frame


def _category(region: Mapping[str, Any], capture_id: str) -> str:
    if region.get("type") != "choices":
        raise CapturesetError(f"the task of {capture_id} holds a {region.get('type')!r}, which is no upright box")
    return _word(_value(region, capture_id), "choices", capture_id)


def _value(region: Mapping[str, Any], capture_id: str) -> Mapping[str, Any]:
    value = region.get("value")
    if not isinstance(value, Mapping):
        raise CapturesetError(f"a region of {capture_id} has no `value`")
    return value


def _word(value: Mapping[str, Any], key: str, capture_id: str) -> str:
    words = value.get(key)
    if not isinstance(words, list) or len(words) != 1 or not isinstance(words[0], str):
        raise CapturesetError(f"a region of {capture_id} has the {key} {words!r}, where one word is due")
    return words[0]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
