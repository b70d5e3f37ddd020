"""Which box of one label is which box of another: the same, moved, renamed, added or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from captureset.comparison.snapshot import SeenBox
from captureset.records.box import iou

SAME_PX = 0.01  # edges this near are the same edge
MATCHING_IOU = 0.5  # below it two boxes are two things


@dataclass(frozen=True, slots=True)
class BoxChange:
    """One box that is not what it was; `iou` of old and new, None where one of them is missing."""

    kind: str  # added, removed, moved, renamed
    old: SeenBox | None
    new: SeenBox | None
    iou: float | None = None

    @property
    def category(self) -> str:
        """The category it counts for: the new one if there is one."""
        found = self.new or self.old
        return found.category if found else ""


def changes(old: Sequence[SeenBox], new: Sequence[SeenBox]) -> list[BoxChange]:
    """Return how the boxes of one photo changed; boxes are matched greedily, the best overlap first.

    A box of the same category goes before one of another, whatever the overlap.
    """
    left, right = list(range(len(old))), list(range(len(new)))
    found = []
    for i, j, overlap in _pairs(old, new):
        if i in left and j in right:
            left.remove(i)
            right.remove(j)
            found += _changed(old[i], new[j], overlap)
    found += [BoxChange("removed", old[i], None) for i in left]
    return [*found, *(BoxChange("added", None, new[j]) for j in right)]


def _pairs(old: Sequence[SeenBox], new: Sequence[SeenBox]) -> Iterator[tuple[int, int, float]]:
    candidates = [(i, j, iou(a.box, b.box)) for i, a in enumerate(old) for j, b in enumerate(new)]
    alike = [pair for pair in candidates if pair[2] >= MATCHING_IOU]
    yield from sorted(alike, key=lambda p: (old[p[0]].category != new[p[1]].category, -p[2], p[0], p[1]))


def _changed(old: SeenBox, new: SeenBox, overlap: float) -> list[BoxChange]:
    if old.category != new.category:
        return [BoxChange("renamed", old, new, round(overlap, 4))]
    apart = max(abs(a - b) for a, b in zip(old.box.xyxy_px, new.box.xyxy_px, strict=True))
    return [BoxChange("moved", old, new, round(overlap, 4))] if apart > SAME_PX else []
