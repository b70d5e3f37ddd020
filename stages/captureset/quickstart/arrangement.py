"""Where the objects of a scene stand: to scale, inside the frame, hiding little of each other."""

from dataclasses import dataclass

from PIL import Image

from captureset.quickstart.drawing import Rng
from captureset.quickstart.furniture import FURNITURE, furniture_sheet

MARGIN_PX = 3
MOST_HIDDEN = 0.2
PLACING_TRIES = 24


@dataclass(frozen=True, slots=True)
class Placed:
    """One drawn object and where its sheet's top left stands in the photo."""

    category: str
    sheet: Image.Image
    corner_px: tuple[int, int]

    @property
    def box_px(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in the photo."""
        return (*self.corner_px, self.corner_px[0] + self.sheet.width, self.corner_px[1] + self.sheet.height)


def arrange(categories: list[str], size_px: tuple[int, int], horizon_px: int, rng: Rng) -> tuple[Placed, ...]:
    """Return the objects that found room, the farthest first.

    All share one scale, so a chair is smaller than a wardrobe; the nearer are larger.
    The first always finds room. Of two boxes at most a fifth of the smaller is shared.
    """
    sizes_cm = [_size_cm(category, rng) for category in categories]
    px_per_cm = _px_per_cm(sizes_cm, size_px, rng)
    placed: list[Placed] = []
    for category, size_cm in zip(categories, sizes_cm, strict=True):
        depth = float(rng.uniform(0.1, 0.9))
        width_px, height_px = (round(side_cm * px_per_cm * (0.74 + 0.26 * depth)) for side_cm in size_cm)
        sheet = furniture_sheet(category, (width_px, height_px), rng)
        foot_px = round(horizon_px + (size_px[1] - MARGIN_PX - horizon_px) * depth)
        top_px = max(MARGIN_PX, foot_px - sheet.height)
        place = _free_place(Placed(category, sheet, (0, top_px)), placed, size_px[0], rng)
        placed += [place] if place else []
    return tuple(sorted(placed, key=lambda each: each.box_px[3]))


def _size_cm(category: str, rng: Rng) -> tuple[float, float]:
    furniture = FURNITURE[category]
    return float(rng.uniform(*furniture.width_cm)), float(rng.uniform(*furniture.height_cm))


def _px_per_cm(sizes_cm: list[tuple[float, float]], size_px: tuple[int, int], rng: Rng) -> float:
    """Return the scale of the nearest place, where the widest and the tallest object fit into the frame."""
    widest, tallest = max(width for width, _ in sizes_cm), max(height for _, height in sizes_cm)
    nearest = min(0.86 * size_px[0] / widest, 0.86 * size_px[1] / tallest)
    return nearest * float(rng.uniform(0.6, 0.85 if len(sizes_cm) > 1 else 1.0))


def _free_place(candidate: Placed, placed: list[Placed], width_px: int, rng: Rng) -> Placed | None:
    """Return the candidate moved sideways to where it and the others hide little of each other, or None."""
    rightmost = width_px - candidate.sheet.width - MARGIN_PX
    for _ in range(PLACING_TRIES):
        corner_px = (int(rng.integers(MARGIN_PX, rightmost + 1)), candidate.corner_px[1])
        moved = Placed(candidate.category, candidate.sheet, corner_px)
        if all(_hidden_share(moved, other) <= MOST_HIDDEN for other in placed):
            return moved
    return None


def _hidden_share(one: Placed, other: Placed) -> float:
    """Return how much of the smaller box lies in the other box, 0 to 1."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = one.box_px, other.box_px
    shared = max(0, min(ax1, bx1) - max(ax0, bx0)) * max(0, min(ay1, by1) - max(ay0, by0))
    return shared / min((ax1 - ax0) * (ay1 - ay0), (bx1 - bx0) * (by1 - by0))
