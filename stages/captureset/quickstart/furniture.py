"""Six kinds of large household waste, drawn as recognisable things."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PIL import Image, ImageOps

from captureset.quickstart.drawing import Colour, Pen, Rng, chance, lit, pick_colour, shade, trimmed

SOFA_COLOURS: tuple[Colour, ...] = ((172, 52, 48), (150, 44, 78), (196, 84, 52))
FRIDGE_COLOURS: tuple[Colour, ...] = ((226, 230, 234), (186, 194, 202), (206, 220, 226))
MATTRESS_COLOURS: tuple[Colour, ...] = ((118, 152, 218), (136, 166, 226), (104, 142, 200))
STRIPE_COLOURS: tuple[Colour, ...] = ((238, 240, 246), (246, 238, 214), (226, 234, 244))
CHAIR_COLOURS: tuple[Colour, ...] = ((60, 146, 92), (226, 176, 46), (44, 148, 140))
WARDROBE_COLOURS: tuple[Colour, ...] = ((128, 82, 46), (104, 64, 38), (154, 104, 60))
SCREEN_COLOURS: tuple[Colour, ...] = ((20, 24, 32), (26, 28, 30), (18, 26, 40))
ACCENT_COLOURS: tuple[Colour, ...] = ((238, 206, 120), (210, 220, 226), (84, 120, 140), (240, 232, 220))
LEANING_SHARE = 0.5
METAL: Colour = (150, 154, 160)
BLACK: Colour = (30, 30, 33)


@dataclass(frozen=True, slots=True)
class Furniture:
    """How one category is drawn, and how large the real thing is."""

    width_cm: tuple[float, float]
    height_cm: tuple[float, float]
    lean_degrees: float
    draw: Callable[[Pen, Rng], None]


def draw_sofa(pen: Pen, rng: Rng) -> None:
    """Draw a sofa: back, arms, two or three cushions, short legs, sometimes a pillow."""
    colour = pick_colour(rng, SOFA_COLOURS)
    seats = int(rng.integers(2, 4))
    for left in (0.07, 0.88):
        pen.slab((left, 0.88, left + 0.05, 1.0), BLACK)
    pen.slab((0.05, 0.0, 0.95, 0.75), shade(colour, 0.8), radius=0.2)
    _cushions(pen, seats, (0.06, 0.56), shade(colour, 1.0), radius=0.25)
    pen.slab((0.06, 0.66, 0.94, 0.92), shade(colour, 0.72), radius=0.15)
    _cushions(pen, seats, (0.5, 0.74), shade(colour, 1.18), radius=0.35)
    for left in (0.0, 0.86):
        pen.slab((left, 0.26, left + 0.14, 0.93), shade(colour, 0.92), radius=0.45)
        pen.slab((left + 0.015, 0.28, left + 0.125, 0.44), shade(colour, 1.12), radius=0.5, edge=1.0)
    if chance(rng, 0.6):
        _pillow(pen, rng)


def _cushions(pen: Pen, count: int, top_bottom: tuple[float, float], colour: Colour, radius: float) -> None:
    pitch = 0.74 / count
    for place in range(count):
        left = 0.13 + place * pitch
        pen.slab((left, top_bottom[0], left + pitch, top_bottom[1]), colour, radius=radius)


def _pillow(pen: Pen, rng: Rng) -> None:
    colour = pick_colour(rng, ACCENT_COLOURS)
    x = float(rng.uniform(0.17, 0.6))
    pen.face(((x, 0.3), (x + 0.13, 0.2), (x + 0.19, 0.5), (x + 0.05, 0.58)), colour)
    pen.stroke(((x + 0.02, 0.33), (x + 0.16, 0.47)), shade(colour, 0.8))


def draw_fridge(pen: Pen, rng: Rng) -> None:
    """Draw a fridge: two doors with handles, a visible side, sometimes notes held by magnets."""
    colour = pick_colour(rng, FRIDGE_COLOURS, spread=6)
    for left in (0.06, 0.74):
        pen.slab((left, 0.95, left + 0.1, 1.0), BLACK)
    pen.face(((0.84, 0.012), (1.0, 0.035), (1.0, 0.955), (0.84, 0.985)), shade(colour, 0.66))
    pen.slab((0.0, 0.0, 0.86, 0.985), shade(colour, 0.85), radius=0.06)
    if chance(rng, 0.65):
        _stacked_doors(pen, colour, split=float(rng.uniform(0.28, 0.38)))
    else:
        _double_doors(pen, colour)
    for _ in range(int(rng.integers(0, 4))):
        x, y = float(rng.uniform(0.2, 0.6)), float(rng.uniform(0.4, 0.6))
        pen.slab((x, y, x + 0.13, y + 0.06), pick_colour(rng, ACCENT_COLOURS))


def _stacked_doors(pen: Pen, colour: Colour, split: float) -> None:
    for top, bottom, grip_top, grip_bottom in (
        (0.012, split - 0.006, split - 0.15, split - 0.03),
        (split + 0.006, 0.965, split + 0.04, split + 0.26),
    ):
        pen.slab((0.02, top, 0.84, bottom), colour, radius=0.05, edge=0.6)
        pen.slab((0.07, grip_top, 0.125, grip_bottom), METAL, radius=0.5, edge=0.6)
    pen.slab((0.34, 0.05, 0.52, 0.068), shade(METAL, 0.8))


def _double_doors(pen: Pen, colour: Colour) -> None:
    for left, grip in ((0.02, 0.36), (0.435, 0.46)):
        pen.slab((left, 0.012, left + 0.405, 0.965), colour, radius=0.05, edge=0.6)
        pen.slab((grip, 0.3, grip + 0.045, 0.66), METAL, radius=0.5, edge=0.6)
    pen.slab((0.09, 0.3, 0.3, 0.47), BLACK, radius=0.1)
    pen.slab((0.13, 0.32, 0.26, 0.36), (96, 150, 190))


def draw_mattress(pen: Pen, rng: Rng) -> None:
    """Draw a striped mattress, leaning on its long side, with its thickness and its seams."""
    cover, stripe = pick_colour(rng, MATTRESS_COLOURS, spread=6), pick_colour(rng, STRIPE_COLOURS)
    pen.slab((0.02, 0.0, 1.0, 0.94), shade(cover, 0.78), radius=0.12)
    pen.slab((0.0, 0.08, 0.96, 1.0), cover, radius=0.1, edge=0.6)
    count = int(rng.integers(6, 11))
    for place in range(count):
        x = 0.05 + 0.87 * (place + 0.5) / count
        pen.slab((x - 0.018, 0.085, x + 0.018, 0.995), stripe, edge=1.0)
    pen.slab((0.02, 0.105, 0.94, 0.115), shade(cover, 0.6), edge=1.0)
    pen.slab((0.02, 0.965, 0.94, 0.975), shade(cover, 0.6), edge=1.0)
    _buttons(pen, count, shade(cover, 0.62))


def _buttons(pen: Pen, count: int, colour: Colour) -> None:
    for row in (0.3, 0.54, 0.78):
        for place in range(1, count):
            x = 0.05 + 0.87 * place / count
            pen.disc((x - 0.007, row - 0.011, x + 0.007, row + 0.011), colour)


def draw_chair(pen: Pen, rng: Rng) -> None:
    """Draw a chair: a back of slats or of one panel, a seat, four legs one can look through."""
    colour = pick_colour(rng, CHAIR_COLOURS)
    for left in (0.2, 0.7):
        pen.slab((left, 0.55, left + 0.08, 0.93), shade(colour, 0.55))
    if chance(rng, 0.5):
        pen.slab((0.14, 0.0, 0.86, 0.4), colour, radius=0.25, edge=0.6)
    else:
        for top in (0.02, 0.16, 0.3):
            pen.slab((0.14, top, 0.86, top + 0.1), colour, radius=0.3, edge=0.6)
    for left in (0.12, 0.78):
        pen.slab((left, 0.0, left + 0.1, 0.56), shade(colour, 0.85), radius=0.4)
    pen.face(((0.12, 0.5), (0.88, 0.5), (1.0, 0.63), (0.0, 0.63)), shade(colour, 1.15))
    pen.slab((0.0, 0.62, 1.0, 0.69), shade(colour, 0.8), radius=0.2)
    for left in (0.03, 0.86):
        pen.slab((left, 0.67, left + 0.11, 1.0), shade(colour, 0.9), radius=0.2)


def draw_wardrobe(pen: Pen, rng: Rng) -> None:
    """Draw a wooden wardrobe: cornice, two or three doors with knobs, a drawer, sometimes a mirror."""
    colour = pick_colour(rng, WARDROBE_COLOURS)
    pen.face(((0.9, 0.03), (1.0, 0.05), (1.0, 0.965), (0.9, 1.0)), shade(colour, 0.6))
    pen.slab((0.01, 0.02, 0.92, 1.0), shade(colour, 0.85))
    doors = int(rng.integers(2, 4))
    mirrored = int(rng.integers(doors)) if chance(rng, 0.4) else -1
    pitch = 0.87 / doors
    for place in range(doors):
        left = 0.03 + place * pitch
        _door(pen, rng, (left, 0.06, left + pitch - 0.008, 0.78), colour)
        if place == mirrored:
            _mirror(pen, (left + 0.2 * pitch, 0.11, left + 0.8 * pitch, 0.72))
        knob = left + pitch * (0.12 if place else 0.84)
        pen.disc((knob - 0.014, 0.415, knob + 0.014, 0.44), (214, 180, 104))
    pen.slab((0.03, 0.795, 0.892, 0.95), colour, edge=0.55)
    pen.slab((0.4, 0.86, 0.52, 0.88), (214, 180, 104), radius=0.5)
    pen.slab((0.0, 0.0, 0.95, 0.04), shade(colour, 1.2))


def _door(pen: Pen, rng: Rng, box: tuple[float, float, float, float], colour: Colour) -> None:
    x0, y0, x1, y1 = box
    pen.slab(box, colour, edge=0.5)
    for _ in range(9):
        x = float(rng.uniform(x0 + 0.02, x1 - 0.02))
        grain = shade(colour, float(rng.uniform(0.84, 1.12)))
        pen.stroke(((x, y0 + 0.02), (x + float(rng.uniform(-0.01, 0.01)), y1 - 0.02)), grain)
    inset = 0.12 * (x1 - x0)
    corners = (
        (x0 + inset, y0 + 0.04),
        (x1 - inset, y0 + 0.04),
        (x1 - inset, y1 - 0.04),
        (x0 + inset, y1 - 0.04),
    )
    pen.stroke((*corners, corners[0]), shade(colour, 0.68), thickness=1.5)


def _mirror(pen: Pen, box: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = box
    pen.slab(box, (176, 196, 204), edge=0.5)
    for low in (0.3, 0.5):
        corners = (
            (x0, y0 + low * (y1 - y0)),
            (x1, y0 + 0.03),
            (x1, y0 + 0.12),
            (x0, y0 + (low + 0.12) * (y1 - y0)),
        )
        pen.face(corners, (206, 222, 228))


def draw_television(pen: Pen, rng: Rng) -> None:
    """Draw a flat television on its stand: a bezel, a dark screen with a reflection, sometimes a crack."""
    screen = pick_colour(rng, SCREEN_COLOURS, spread=5)
    pen.disc((0.24, 0.9, 0.76, 1.0), shade(BLACK, 1.5))
    pen.slab((0.44, 0.8, 0.56, 0.96), shade(BLACK, 1.2))
    pen.slab((0.0, 0.0, 1.0, 0.87), BLACK, radius=0.04, edge=1.9)
    pen.slab((0.03, 0.045, 0.97, 0.79), screen, edge=1.6)
    pen.face(((0.12, 0.05), (0.36, 0.05), (0.2, 0.785), (0.035, 0.785), (0.035, 0.45)), shade(screen, 1.9))
    pen.face(((0.42, 0.05), (0.48, 0.05), (0.32, 0.785), (0.26, 0.785)), shade(screen, 1.6))
    pen.slab((0.46, 0.82, 0.54, 0.84), METAL)
    if chance(rng, 0.4):
        _crack(pen, rng)


def _crack(pen: Pen, rng: Rng) -> None:
    x, y = float(rng.uniform(0.4, 0.75)), float(rng.uniform(0.25, 0.6))
    for _ in range(int(rng.integers(5, 9))):
        end = (float(rng.uniform(0.05, 0.95)), float(rng.uniform(0.07, 0.77)))
        bend = (x + 0.4 * (end[0] - x) + 0.02, y + 0.4 * (end[1] - y) - 0.03)
        pen.stroke(((x, y), bend, end), (178, 190, 200), thickness=0.7)


FURNITURE: Mapping[str, Furniture] = MappingProxyType(
    {
        "FURN_SOFA": Furniture((150, 210), (78, 95), 1.5, draw_sofa),
        "APPL_FRIDGE": Furniture((64, 92), (160, 185), 1.5, draw_fridge),
        "FURN_BED": Furniture((165, 205), (95, 130), 3.0, draw_mattress),
        "FURN_CHAIR": Furniture((46, 58), (86, 102), 3.0, draw_chair),
        "FURN_WARD": Furniture((100, 150), (180, 210), 1.0, draw_wardrobe),
        "APPL_TV": Furniture((100, 140), (68, 88), 3.0, draw_television),
    }
)


def furniture_sheet(category: str, size_px: tuple[int, int], rng: Rng) -> Image.Image:
    """Return one object of the category as an RGBA image whose every edge touches a drawn pixel.

    Some lean a little, so the size differs from `size_px` by a few per cent.
    """
    furniture = FURNITURE[category]
    pen = Pen(*size_px)
    furniture.draw(pen, rng)
    sheet = lit(pen.sheet(), rng)
    if chance(rng, 0.5):
        sheet = ImageOps.mirror(sheet)
    if chance(rng, LEANING_SHARE):
        lean = float(rng.uniform(-furniture.lean_degrees, furniture.lean_degrees))
        sheet = sheet.rotate(lean, Image.Resampling.BILINEAR, expand=True)
    return trimmed(sheet)
