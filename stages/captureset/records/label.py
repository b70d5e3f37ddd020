"""The final label of a capture: what came with it, what the model answered, what people said since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from captureset.records.box import Box, Frame
from captureset.records.sidecar import Annotation, Answer, Feedback, SizeCm


@dataclass(frozen=True, slots=True)
class Label:
    """What a capture shows, as far as anybody has said; `annotations` are in their own frames."""

    origin: str  # person, model, source, none
    review_state: str  # unreviewed, confirmed, corrected, rejected
    category: str | None
    annotations: tuple[Annotation, ...] = ()
    empty: bool = False
    size: SizeCm = field(default_factory=SizeCm)
    rating: int | None = None

    @property
    def kind(self) -> str:
        """`boxes`, `category` (no box), `empty` (a person saw nothing there) or `none`."""
        if self.annotations:
            return "boxes"
        if self.empty:
            return "empty"
        return "category" if self.category else "none"


def resolve(sidecar: Mapping[str, Any], feedback: Iterable[Feedback]) -> Label:
    """Return the final label of a capture.

    A label that came with the capture goes before the model's answer. Feedback is applied in the order it was
    given, whatever order it arrived in: a correction replaces what it names, a confirmation keeps the label that
    stands, the latest rejection or confirmation decides whether the capture is usable. A note changes nothing
    but the rating. Silence is not agreement: without feedback the state stays `unreviewed`.
    """
    label = _first_label(sidecar)
    for said in sorted(feedback, key=lambda item: item.order):
        label = _apply(label, said)
    return label


def _first_label(sidecar: Mapping[str, Any]) -> Label:
    model = Answer.from_document(sidecar.get("model", {}))
    given = Answer.from_document(sidecar.get("label", {}))
    rating = sidecar.get("label", {}).get("rating")
    # a box list that a person left empty says as much as `empty`
    empty = given.reviewed and (given.empty or (given.annotations == () and not given.category))
    if given.category or given.annotations or given.empty or empty:
        origin, state = ("person", "confirmed") if given.reviewed else ("source", "unreviewed")
        return Label(
            origin, state, given.category, given.annotations or (), empty, given.size or model.size or SizeCm(), rating
        )
    origin = "model" if model.category or model.annotations else "none"
    size = given.size or model.size or SizeCm()
    return Label(origin, "unreviewed", model.category, model.annotations or (), size=size, rating=rating)


def _apply(label: Label, said: Feedback) -> Label:
    label = label if said.rating is None else replace(label, rating=said.rating)
    if said.verdict == "confirm":
        state = "corrected" if label.review_state == "corrected" else "confirmed"
        return replace(label, review_state=state, origin="none" if label.kind == "none" else "person")
    if said.verdict == "reject":
        return replace(label, review_state="rejected")
    return _corrected(label, said.answer) if said.verdict == "correct" else label


def _corrected(label: Label, answer: Answer) -> Label:
    size = _merged(label.size, answer.size)
    if answer.empty:
        return replace(
            label, origin="person", review_state="corrected", category=None, annotations=(), empty=True, size=size
        )
    category = answer.category or label.category
    annotations = label.annotations if answer.annotations is None else answer.annotations
    if answer.category and answer.annotations is None:
        annotations = _renamed(annotations, label.category, answer.category)
    elif answer.annotations and not answer.category and category not in {a.category for a in annotations}:
        category = None  # the boxes name what is there now; see `main_category`
    nothing_left = answer.annotations == () and category is None
    empty = nothing_left or (label.empty and answer.category is None and not answer.annotations)
    return replace(
        label,
        origin="person",
        review_state="corrected",
        category=category,
        annotations=annotations,
        empty=empty,
        size=size,
    )


def _renamed(annotations: Sequence[Annotation], old: str | None, new: str) -> tuple[Annotation, ...]:
    """Give the boxes of the old category the new one; a single box is what the correction is about."""
    if len(annotations) == 1:
        return (replace(annotations[0], category=new),)
    return tuple(replace(a, category=new) if a.category == old else a for a in annotations)


def _merged(old: SizeCm, new: SizeCm | None) -> SizeCm:
    if new is None:
        return old
    return SizeCm(
        new.width_cm if new.width_cm is not None else old.width_cm,
        new.height_cm if new.height_cm is not None else old.height_cm,
        new.depth_cm if new.depth_cm is not None else old.depth_cm,
    )


def main_category(label: Label) -> str | None:
    """Return the category of the capture as a whole: the one named, else the largest box's."""
    if label.empty:
        return None
    if label.category or not label.annotations:
        return label.category
    return max(label.annotations, key=lambda a: a.box.area_px2 / (a.frame.width_px * a.frame.height_px)).category


def with_alpha_box(label: Label, sidecar: Mapping[str, Any], image: Frame) -> Label:
    """Return the label with the extent of the twin's alpha as its box, if it names a category but no box.

    The box takes the category that stands, a person's correction too. A twin of another shape than the photo was
    cropped, so nobody knows where it lies.
    """
    twin = sidecar.get("background_removed", {})
    if "object_xywh_px" not in twin:
        return label
    frame = Frame(twin["width_px"], twin["height_px"])
    place = Box(*map(float, twin["object_xywh_px"]))
    usable = frame.same_shape(image) and place.fault_in(frame) is None
    return _with_derived(label, place, frame, "alpha") if usable else label


def with_whole_image_box(label: Label, image: Frame) -> Label:
    """Return the label with the photo's own frame as its box, if it names a category but no box."""
    whole = Box(0.0, 0.0, float(image.width_px), float(image.height_px))
    return _with_derived(label, whole, image, "whole_image")


def _with_derived(label: Label, place: Box, frame: Frame, source: str) -> Label:
    if label.kind != "category" or label.category is None:
        return label
    return replace(label, annotations=(Annotation(label.category, place, frame, derived_from=source),))
