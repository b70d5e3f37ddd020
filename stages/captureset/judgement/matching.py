"""Which box of one side is which of the other."""

from __future__ import annotations

from collections.abc import Sequence

from captureset.judgement.evidence import box_of
from captureset.records.answer_rows import ModelBoxRow
from captureset.records.box import iou
from captureset.records.rows import AnnotationRow


def matched_ious(said: Sequence[ModelBoxRow], person: Sequence[AnnotationRow]) -> list[float]:
    """Return the IoU of boxes matched one to one, best pairs first, whatever their category; unmatched ones give 0."""
    pairs = sorted(
        ((iou(box_of(a), box_of(b)), -i, -j) for i, a in enumerate(said) for j, b in enumerate(person)), reverse=True
    )
    taken_said, taken_person, found = set[int](), set[int](), list[float]()
    for value, i, j in pairs:
        if value > 0 and i not in taken_said and j not in taken_person:
            taken_said.add(i)
            taken_person.add(j)
            found.append(value)
    return found + [0.0] * (len(said) + len(person) - 2 * len(found))
