"""What an export must hold, taken from the tables and not from the export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from captureset.records.box import Box, Frame
from captureset.records.rows import AnnotationRow, CaptureRow, SplitRow
from captureset.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ExpectedCapture:
    """One capture that must be in an export: where, from which photo, how large, which boxes by category id."""

    capture_id: str
    split: str
    group: str
    image_md5: str
    frame: Frame
    category: str | None
    boxes: tuple[tuple[int, Box], ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """Everything an export must hold, by capture id."""

    captures: Mapping[str, ExpectedCapture]
    taxonomy: Taxonomy
    tolerance_px: float
    min_side_px: float

    def of_split(self, name: str) -> list[ExpectedCapture]:
        """Return the captures of one split, by id."""
        return [capture for _, capture in sorted(self.captures.items()) if capture.split == name]


def expected(
    captures: Iterable[CaptureRow],
    annotations: Iterable[AnnotationRow],
    splits: Iterable[SplitRow],
    taxonomy: Taxonomy,
    *,
    detection: bool,
) -> dict[str, ExpectedCapture]:
    """Return what must be in an export; a detection export holds no capture that has a category but no box."""
    rows = {capture.capture_id: capture for capture in captures}
    boxes: dict[str, list[tuple[int, Box]]] = defaultdict(list)
    for a in annotations:
        boxes[a.capture_id].append((taxonomy[a.category].id, Box(a.x_px, a.y_px, a.w_px, a.h_px)))
    return {
        row.capture_id: _expected(rows[row.capture_id], row, boxes[row.capture_id])
        for row in splits
        if row.masked is None and not (detection and rows[row.capture_id].label_kind == "category")
    }


def _expected(capture: CaptureRow, row: SplitRow, boxes: Iterable[tuple[int, Box]]) -> ExpectedCapture:
    frame = Frame(capture.width_px, capture.height_px)
    return ExpectedCapture(
        row.capture_id, row.split, row.group, capture.image_md5, frame, capture.category, tuple(boxes)
    )


def name_faults(names: Sequence[object], taxonomy: Taxonomy, where: str) -> Iterator[str]:
    """Give the fault of a list of category names that is not the taxonomy's codes, names or English names."""
    known = [[getattr(c, key) for c in taxonomy.categories] for key in ("code", "name", "name_en")]
    if list(names) not in known:
        yield f"{where} does not name the taxonomy's {len(known[0])} categories in order; run `dvc repro --force`"


def box_faults(
    capture_id: str, found: Sequence[tuple[int, Box]], capture: ExpectedCapture, truth: Truth
) -> Iterator[str]:
    """Give what is wrong with the boxes of one image, read back in the order they were written."""
    if len(found) != len(capture.boxes):
        yield f"{capture_id} has {len(found)} boxes, the catalog {len(capture.boxes)}; run `dvc repro --force export`"
        return
    for place, ((category, box), (wanted_category, wanted)) in enumerate(zip(found, capture.boxes, strict=True)):
        if category != wanted_category:
            yield f"{capture_id} box {place} has category id {category}, the catalog {wanted_category}"
        apart = max(abs(a - b) for a, b in zip(box.xyxy_px, wanted.xyxy_px, strict=True))
        if not apart <= truth.tolerance_px:
            yield f"{capture_id} box {place} lies {apart:.4f} px off; {truth.tolerance_px} px are allowed"
        fault = box.fault_in(capture.frame)
        if fault:
            yield f"{capture_id} box {place} {fault}; correct it with feedback or exclude the capture"
        elif min(box.w_px, box.h_px) < truth.min_side_px - truth.tolerance_px:
            yield (
                f"{capture_id} box {place} has a side under {truth.min_side_px:g} px; correct it with feedback, "
                "exclude the capture, or lower verify.min_side_px"
            )


def id_faults(found: Iterable[str], wanted: Iterable[str], where: str) -> Iterator[str]:
    """Give the captures that are missing from, or have no business in, one place."""
    have, need = set(found), set(wanted)
    yield from (f"{where} lacks capture {name}; run `dvc repro --force export`" for name in sorted(need - have))
    yield from (f"{where} holds {name}, which is no capture of it; remove it" for name in sorted(have - need))
