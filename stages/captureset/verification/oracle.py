"""pycocotools asked whether a COCO document detects itself."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import Any

from captureset.errors import CapturesetError


@dataclass(frozen=True, slots=True)
class Worst:
    """The category that scores least, and its score."""

    category: Any
    score: float


def lowest_precision(document: dict[str, Any]) -> Worst:
    """Return the lowest precision of the ground truth against itself, over categories with a box that is no crowd.

    Every row goes in as a detection but crowds, which pycocotools takes out of the count. A document without such a
    row is not asked: `loadRes` fails on an empty list.

    Raises:
        CapturesetError: nothing was evaluated.
    """
    from pycocotools.cocoeval import COCOeval  # noqa: PLC0415 - it prints at import and at every step

    with contextlib.redirect_stdout(io.StringIO()):
        coco = loaded(document)
        rows = [row for row in coco.dataset["annotations"] if not row.get("iscrowd")]
        if not rows:
            return Worst(None, 1.0)
        detections = [{key: row[key] for key in ("image_id", "category_id", "bbox")} | {"score": 1.0} for row in rows]
        evaluation = COCOeval(coco, coco.loadRes(detections), "bbox")
        categories = sorted({row["category_id"] for row in rows})
        evaluation.params.catIds = categories
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [max(map(len, coco.imgToAnns.values()))]
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"]  # IoU, recall, category, area, most detections
    if precision.size == 0:
        raise CapturesetError("pycocotools evaluated nothing; this check could not run.")
    lowest = precision.min(axis=(0, 1, 3, 4))
    return Worst(categories[int(lowest.argmin())], float(lowest.min()))


def loaded(document: dict[str, Any]) -> Any:
    """Return a document as pycocotools holds it."""
    from pycocotools.coco import COCO  # noqa: PLC0415 - see above

    coco = COCO()
    coco.dataset = document
    coco.createIndex()
    return coco
