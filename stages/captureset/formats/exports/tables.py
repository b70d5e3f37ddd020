"""The trainer's view as Parquet: images.parquet and annotations.parquet, splits and training categories joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.formats.exports.items import ExportItem, Naming
from captureset.records.box import Frame
from captureset.records.reading import ReadBox, ReadFault, ReadImage, Reading

IMAGES, ANNOTATIONS = "images.parquet", "annotations.parquet"


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One capture that is in a split; `training_id` and `training_name` are None where the map leads nowhere."""

    capture_id: str
    split: str
    group: str
    captured_at: str
    image_md5: str
    width_px: int
    height_px: int
    label_kind: str
    label_origin: str
    review_state: str
    category: str | None
    training_id: int | None
    training_name: str | None
    overall_score: float
    grade: str


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box of such a capture, pixels of the upright photo."""

    capture_id: str
    split: str
    position: int
    category: str
    training_id: int | None
    training_name: str | None
    x_px: float
    y_px: float
    w_px: float
    h_px: float
    confidence: float | None
    derived_from: str | None


def files(items: Sequence[ExportItem], naming: Naming) -> dict[str, bytes]:
    """Return both tables by path."""
    boxes = [row for item in items for row in _boxes(item, naming)]
    return {
        IMAGES: tables.to_bytes(ImageRow, [_image(item, naming) for item in items]),
        ANNOTATIONS: tables.to_bytes(BoxRow, boxes),
    }


def _trained(code: str | None, naming: Naming) -> tuple[int | None, str | None]:
    number = naming.ids.get(code or "")
    return (None, None) if number is None else (number, naming.categories[number - 1].name)


def _image(item: ExportItem, naming: Naming) -> ImageRow:
    c = item.capture
    return ImageRow(
        *(c.capture_id, item.split.split, item.split.group, c.captured_at, c.image_md5, c.width_px, c.height_px),
        *(c.label_kind, c.label_origin, c.review_state, c.category, *_trained(c.category, naming)),
        *(item.quality.overall_score, item.quality.grade),
    )


def _boxes(item: ExportItem, naming: Naming) -> Iterator[BoxRow]:
    for a in item.annotations:
        trained = _trained(a.category, naming)
        place = (a.x_px, a.y_px, a.w_px, a.h_px)
        yield BoxRow(
            a.capture_id, item.split.split, a.position, a.category, *trained, *place, a.confidence, a.derived_from
        )


def read(root: Path) -> Reading:
    """Return both tables as they stand; they name photos by md5 and hold none."""
    try:
        images, boxes = tables.read(root / IMAGES, ImageRow), tables.read(root / ANNOTATIONS, BoxRow)
    except CapturesetError as error:
        return Reading("tables", root, (), {}, faults=(ReadFault("strict_json", IMAGES, str(error)),))
    found: dict[str, list[BoxRow]] = defaultdict(list)
    for row in boxes:
        found[row.capture_id].append(row)
    rows = tuple(_read_image(row, found.pop(row.capture_id, [])) for row in images)
    lost = tuple(_read_box(box) for left in found.values() for box in left)
    pairs = [
        *((row.training_id, row.training_name) for row in images),
        *((b.training_id, b.training_name) for b in boxes),
    ]
    named = {pair for pair in pairs if pair[0] is not None}
    return Reading("tables", root, rows, {ANNOTATIONS: tuple(sorted(named))}, orphans=lost)


def _read_image(row: ImageRow, boxes: list[BoxRow]) -> ReadImage:
    frame = Frame(row.width_px, row.height_px)
    return ReadImage(
        row.capture_id, row.split, row.capture_id, tuple(map(_read_box, boxes)), row.capture_id, frame, IMAGES
    )


def _read_box(row: BoxRow) -> ReadBox:
    numbers = (row.x_px, row.y_px, row.w_px, row.h_px)
    return ReadBox(ANNOTATIONS, f"{row.capture_id} box {row.position}", row.training_id, numbers)
