"""A colour for every category that occurs, dark enough for white letters."""

from __future__ import annotations

from collections.abc import Iterable

PALETTE = (
    *("#1f6fb5", "#b5501b", "#1d7a4b", "#a3348f", "#806000", "#5b4bb5", "#b3273f", "#0b7783"),
    *("#7b4a2e", "#4d7310", "#8546a8", "#3d5a80", "#c2185b", "#00594e", "#4f5b66", "#8a1c1c"),
)
STRIDE = 5  # neighbours in the taxonomy are no neighbours in the palette


def colours(category_ids: Iterable[int]) -> dict[int, str]:
    """Return `#rrggbb` by category id: no two share one while there are colours left.

    Each id has its own place in the palette and gives way, in the order of the ids, to one that took it before; so
    a category that is new seldom changes the colour of another.
    """
    given: dict[int, str] = {}
    free: list[str] = []
    for category_id in sorted(set(category_ids)):
        free = free or list(PALETTE)
        start = category_id * STRIDE % len(PALETTE)
        turned = PALETTE[start:] + PALETTE[:start]
        given[category_id] = next(colour for colour in turned if colour in free)
        free.remove(given[category_id])
    return given
