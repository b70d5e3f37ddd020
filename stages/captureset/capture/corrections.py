"""What came back from an annotation tool, compared with the label that stands: one feedback a capture.

The id of a feedback is made from the capture, the time and what the file says, not from the comparison, so a file that
comes in twice changes nothing, whatever became of the label in between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from captureset.capture.remarks import feedback_id
from captureset.catalog import Catalog
from captureset.errors import CapturesetError
from captureset.formats.exchange.tasks import NamedBox, Reviewed, ReviewedTask
from captureset.formats.sources.dataset import refuse
from captureset.records.box import Box, Frame
from captureset.records.rows import CaptureRow
from captureset.records.sidecar import utc, utc_text
from captureset.records.taxonomy import Taxonomy

EQUAL_PX = 0.05  # tools write two decimals or percents; edges this near are the same edge
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Standing:
    """The label of a capture as the catalog has it; boxes in pixels of the upright photo, by category code."""

    capture_id: str
    frame: Frame
    kind: str  # boxes, category, empty, none
    category: str | None
    boxes: tuple[NamedBox, ...]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who reviewed, as a pseudonym or not at all, and when (RFC 3339)."""

    given_at: str
    user_key: str | None = None


def standing(catalog: Catalog) -> dict[str, Standing]:
    """Return the label of every capture of a catalog, by capture id."""
    boxes: dict[str, list[NamedBox]] = defaultdict(list)
    for row in catalog.annotations:
        boxes[row.capture_id].append(NamedBox(row.category, Box(row.x_px, row.y_px, row.w_px, row.h_px)))
    return {row.capture_id: _standing(row, boxes[row.capture_id]) for row in catalog.captures}


def _standing(row: CaptureRow, boxes: Sequence[NamedBox]) -> Standing:
    return Standing(row.capture_id, Frame(row.width_px, row.height_px), row.label_kind, row.category, tuple(boxes))


def correction(label: Standing, told: ReviewedTask, *, tells_category: bool) -> dict[str, Any]:
    """Return what a person changed, as the answer of a `correct` feedback; empty when nothing.

    A photo left without boxes is verified-empty, unless its label is a category without boxes and the format has no
    word for that. `told` is in our codes and the pixels of the upright photo; boxes that did not move keep the
    catalog's numbers.
    """
    if not told.boxes and told.category is None:
        silent = label.kind == "empty" or (label.kind == "category" and not tells_category)
        return {} if silent else {"empty": True}
    boxes = settled(label.boxes, told.boxes)
    answer: dict[str, Any] = {}
    if sorted(map(repr, boxes)) != sorted(map(repr, label.boxes)):
        answer["boxes"] = [_box_document(found, label.frame) for found in boxes]
    if told.category is not None and (answer or told.category != label.category):
        answer["category"] = told.category
    return answer


def settled(label: Sequence[NamedBox], told: Sequence[NamedBox]) -> list[NamedBox]:
    """Return the boxes a person left; each within EQUAL_PX of one that stands, with its category, is that one."""
    left, result = list(label), []
    for found in dict.fromkeys(told):
        alike = [box for box in left if box.category == found.category and _apart_px(box, found) <= EQUAL_PX]
        same = min(alike, key=lambda box: _apart_px(box, found), default=None)
        if same is not None:
            left.remove(same)
        result.append(same or found)
    return result


def _apart_px(one: NamedBox, other: NamedBox) -> float:
    return max(abs(a - b) for a, b in zip(one.box.xyxy_px, other.box.xyxy_px, strict=True))


def _box_document(found: NamedBox, frame: Frame) -> dict[str, Any]:
    size = {"width_px": frame.width_px, "height_px": frame.height_px}
    return {"category": found.category, "xywh_px": list(found.box.xywh_px), "frame": size}


def in_our_words(told: ReviewedTask, frame: Frame, taxonomy: Taxonomy) -> ReviewedTask:
    """Return what a person left in our codes and in the pixels of the upright photo.

    Raises:
        CapturesetError: an unknown category, another picture, or boxes outside the photo.
    """
    drawn_on = told.frame or frame
    if not drawn_on.same_shape(frame):
        raise CapturesetError(
            f"{told.capture_id} was reviewed as {drawn_on.width_px}x{drawn_on.height_px} px, but the upright photo has "
            f"{frame.width_px}x{frame.height_px}, so it is another picture"
        )
    boxes = tuple(
        NamedBox(_code(found.category, told, taxonomy), _placed(found, drawn_on, frame, told)) for found in told.boxes
    )
    category = None if told.category is None else _code(told.category, told, taxonomy)
    return ReviewedTask(told.capture_id, frame, boxes, category)


def _code(word: str, told: ReviewedTask, taxonomy: Taxonomy) -> str:
    category = taxonomy.find(word)
    if category is None:
        raise CapturesetError(f"{told.capture_id} has the unknown category {word!r}{taxonomy.hint(word)}")
    return category.code


def _placed(found: NamedBox, drawn_on: Frame, frame: Frame, told: ReviewedTask) -> Box:
    place = found.box.scaled(drawn_on, frame)
    fault = place.fault_in(frame, EQUAL_PX)
    if fault:
        shown = [round(number, 2) for number in place.xywh_px]
        raise CapturesetError(f"{told.capture_id}: the box {shown} ({found.category}) {fault}")
    return Box(*(round(number, DECIMALS) for number in place.snapped(frame).xywh_px)).snapped(frame)


def feedback_documents(
    reviewed: Reviewed, labels: Mapping[str, Standing], taxonomy: Taxonomy, speaker: Speaker
) -> list[dict[str, Any]]:
    """Return one feedback per reviewed capture: `confirm` where nothing differs, else `correct`.

    Raises:
        CapturesetError: an unknown capture, one that stands twice, or a task that cannot be read; all are named.
    """
    faults, said = list[str](), dict[str, dict[str, Any]]()
    for told in reviewed.tasks:
        try:
            label = _label_of(told, labels, said)
            tidy = in_our_words(told, label.frame, taxonomy)
            said[told.capture_id] = _document(label, tidy, speaker, tells_category=reviewed.tells_category)
        except CapturesetError as error:
            faults.append(str(error).rstrip("."))
    refuse(reviewed.name, faults, "nothing was imported; mend the file and import it again")
    return [said[capture_id] for capture_id in sorted(said)]


def _label_of(told: ReviewedTask, labels: Mapping[str, Standing], said: Container[str]) -> Standing:
    if told.capture_id not in labels:
        raise CapturesetError(f"no committed capture is called {told.capture_id!r}")
    if told.capture_id in said:
        raise CapturesetError(f"{told.capture_id} stands twice")
    return labels[told.capture_id]


def _document(label: Standing, told: ReviewedTask, speaker: Speaker, *, tells_category: bool) -> dict[str, Any]:
    answer = correction(label, told, tells_category=tells_category)
    by = {"by": {"user_key": speaker.user_key}} if speaker.user_key else {}
    left = sorted([found.category, *(round(number, 2) for number in found.box.xywh_px)] for found in told.boxes)
    content = {
        "capture_id": told.capture_id,
        "given_at": utc_text(utc(speaker.given_at)),
        "left": left,
        "category": told.category,
        **by,
    }
    return {
        "schema_version": 1,
        "feedback_id": feedback_id(content),
        "capture_id": told.capture_id,
        "given_at": speaker.given_at,
        "verdict": "correct" if answer else "confirm",
        **answer,
        **by,
    }
