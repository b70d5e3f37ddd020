"""YOLO detection: images/<split>/<id>.jpg, labels/<split>/<id>.txt, data.yaml; `yolo_reading` reads it.

A row is `class cx cy w h`, fractions of the image; class = COCO category id - 1. Every corner lies inside [0, 1], also
after the trainer's own rounding to 32 bits. A verified-empty photo has an empty label file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import numpy as np

from captureset.errors import CapturesetError
from captureset.formats.exports.items import ExportItem, Naming
from captureset.records.rows import AnnotationRow
from captureset.records.splits import TEST_RECENT

DIGITS = 10
STEP = 2.0**-25  # a quarter of the distance of 32-bit floats from 1 to the next
MOST_STEPS = 64
ROUNDING = 1e-6  # more than ten digits and 32 bits can move an end
Row = Callable[[AnnotationRow, ExportItem, Naming], str]


def image_path(item: ExportItem) -> str:
    """Return where an image stands below the export."""
    return f"images/{item.split.split}/{item.file_name}"


def texts(items: Sequence[ExportItem], naming: Naming) -> dict[str, str]:
    """Return the label files and data.yaml by path."""
    return files(items, naming, label_row)


def files(items: Sequence[ExportItem], naming: Naming, row: Row) -> dict[str, str]:
    """Return one label file an item, a row a box, and data.yaml."""
    found = {
        f"labels/{item.split.split}/{item.stem}.txt": "".join([row(a, item, naming) for a in item.annotations])
        for item in items
    }
    present = {item.split.split for item in items}
    found["data.yaml"] = data_yaml(present, naming)
    if TEST_RECENT in present:
        found[f"{TEST_RECENT}.yaml"] = data_yaml((present - {TEST_RECENT}) | {"test"}, naming, test=TEST_RECENT)
    return found


def label_row(annotation: AnnotationRow, item: ExportItem, naming: Naming) -> str:
    """Return one line of a label file."""
    width, height = item.capture.width_px, item.capture.height_px
    cx, w = _axis(annotation.x_px / width, annotation.w_px / width)
    cy, h = _axis(annotation.y_px / height, annotation.h_px / height)
    return f"{naming.ids[annotation.category] - 1} {cx} {cy} {w} {h}\n"


def _axis(start: float, extent: float) -> tuple[str, str]:
    """Return centre and extent as text, the extent shortened until both ends stay in [0, 1] however it is read.

    Raises:
        CapturesetError: the box lies outside by more than rounding.
    """
    centre_text = f"{start + extent / 2:.{DIGITS}f}"
    if start > ROUNDING and start + extent < 1 - ROUNDING:
        return centre_text, f"{extent:.{DIGITS}f}"
    centre = float(centre_text)
    for shorter in range(MOST_STEPS):
        extent_text = f"{extent - shorter * STEP:.{DIGITS}f}"
        if _inside(centre, float(extent_text)):
            return centre_text, extent_text
    raise CapturesetError(
        f"a box from {start} to {start + extent} of its image lies outside it; run `dvc repro` again."
    )


def _inside(centre: float, extent: float) -> bool:
    if not 0 <= centre - extent / 2 <= centre + extent / 2 <= 1:
        return False
    short, half = np.float32(centre), np.float32(extent) / 2
    return bool(short - half >= 0 and short + half <= 1)


def data_yaml(present: set[str], naming: Naming, test: str = "test") -> str:
    """Return the trainer's map of the export: relative to its own folder, so it opens from anywhere.

    The trainer demands a `val`; while no capture is there, `val` shows the training photos. `test` stands only when it
    has photos, test_recent likewise; test_recent.yaml shows that as `test`, a name the trainer knows. Names are JSON
    strings, which YAML reads as text whatever they look like (`no`, `007`).
    """
    lines = ["train: images/train"]
    if "val" in present:
        lines.append("val: images/val")
    else:
        lines += ["# no capture is in val yet; the trainer demands one, so it is shown train", "val: images/train"]
    if "test" in present:
        lines.append(f"test: images/{test}")
    if TEST_RECENT in present:
        lines.append(f"{TEST_RECENT}: images/{TEST_RECENT}")
    lines.append("names:")
    lines += [f"  {c.id - 1}: {json.dumps(c.name, ensure_ascii=False)}" for c in naming.categories]
    return "\n".join(lines) + "\n"
