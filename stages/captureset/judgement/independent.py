"""Label errors in ObjectLab's manner: the model's boxes as an opinion of its own about a person's or a source's label.

After "ObjectLab: Automated Diagnosis of Mislabeled Images in Object Detection Data" (Tkachenko, Thyagarajan, Mueller,
2023), with IoU as the similarity and the worst box instead of a soft minimum. 1 is agreement, 0 a likely error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from captureset.judgement.evidence import Evidence, box_of
from captureset.records.answer_rows import ModelBoxRow
from captureset.records.box import iou
from captureset.records.rows import AnnotationRow

SURE = 0.5  # confidence from which a model's box counts as an opinion


@dataclass(frozen=True, slots=True)
class Doubts:
    """The worst box of each kind of error; None where no box could be judged."""

    overlooked: float | None = None
    badly_located: float | None = None
    swapped: float | None = None


def doubts(known: Evidence) -> Doubts:
    """Return the scores of a capture.

    None are known when the label is the model's own answer, or a person's correction of it: whoever corrects has seen
    the model's boxes and disagrees.
    """
    capture = known.capture
    sure = [box for box in known.model_boxes if box.confidence is None or box.confidence >= SURE]
    own_opinion = capture.label_origin in {"person", "source"} and capture.review_state != "corrected"
    if not own_opinion or capture.label_kind not in {"boxes", "empty"} or not sure:
        return Doubts()
    located = [_nearest(box, _same(box.category, sure)) for box in known.boxes if _same(box.category, sure)]
    return Doubts(
        _worst(_overlooked(box, known.boxes) for box in sure),
        _worst(located),
        _worst(_swapped(box, sure) for box in known.boxes),
    )


def _same(category: str, boxes: Iterable[ModelBoxRow]) -> list[ModelBoxRow]:
    return [box for box in boxes if box.category == category]


def _nearest(box: AnnotationRow | ModelBoxRow, others: Iterable[AnnotationRow | ModelBoxRow]) -> float:
    return max((iou(box_of(box), box_of(other)) for other in others), default=0.0)


def _overlooked(said: ModelBoxRow, boxes: Iterable[AnnotationRow]) -> float:
    """Return 1 where the label has something at this place, whatever it calls it; less the surer the model is."""
    return 1 - _confidence(said) * (1 - _nearest(said, boxes))


def _swapped(box: AnnotationRow, sure: list[ModelBoxRow]) -> float:
    """Return 0 where a sure model has the very box under another name, and none under this."""
    mine = _nearest(box, _same(box.category, sure))
    others = (_confidence(o) * iou(box_of(box), box_of(o)) for o in sure if o.category != box.category)
    return 1 - max(0.0, max(others, default=0.0) - mine)


def _confidence(said: ModelBoxRow) -> float:
    return 1.0 if said.confidence is None else min(max(said.confidence, 0.0), 1.0)


def _worst(scores: Iterable[float]) -> float | None:
    worst = min(scores, default=None)
    return None if worst is None else round(worst, 6)
