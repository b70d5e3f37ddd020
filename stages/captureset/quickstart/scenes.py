"""Synthetic photos of large household waste with exactly known boxes: the quickstart's raw material.

They are drawings that a detector can learn from in a few epochs, and no evidence about real waste.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from captureset.quickstart.arrangement import Placed, arrange
from captureset.quickstart.backdrop import cast_shadow, draw_backdrop, fall_of_light
from captureset.quickstart.drawing import Rng, chance
from captureset.quickstart.furniture import FURNITURE

FRAMES_PX = (*[(640, 480)] * 3, *[(480, 640)] * 2, (800, 600), (1024, 768))
CATEGORIES = tuple(FURNITURE)
JPEG_QUALITY = 88
COPY_JPEG_QUALITY = 62
DARK_P99 = 58
OVEREXPOSED_P5 = 246


class Trait(StrEnum):
    """What is special about a scene."""

    PLAIN = "plain"
    BLURRED = "blurred"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    CUTOUT = "cutout"


TRAIT_AT = {
    3: Trait.CUTOUT,
    6: Trait.BLURRED,
    9: Trait.DUPLICATE,
    12: Trait.DARK,
    15: Trait.EMPTY,
    18: Trait.OVEREXPOSED,
}
TRAIT_CYCLE = 20
# Beside a dark object, a pale one would vanish in an overexposed photo.
MOST_OBJECTS = {Trait.EMPTY: 0, Trait.OVEREXPOSED: 1}


@dataclass(frozen=True, slots=True)
class DrawnObject:
    """One object and the tight extent of its drawn pixels, also of those that a nearer object covers.

    `xywh_px` is left, top, width and height in the photo's frame; the values are whole pixels.
    """

    category: str
    xywh_px: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Scene:
    """One synthetic photo and the truth about it.

    `jpeg` is RGB without metadata. `duplicate_of` names the scene a duplicate copies.
    `background_removed_png` (trait cutout only) is RGBA of the same size, alpha 0 outside the objects.
    """

    name: str
    jpeg: bytes
    width_px: int
    height_px: int
    objects: tuple[DrawnObject, ...]
    trait: Trait
    duplicate_of: str | None
    background_removed_png: bytes | None


@dataclass(frozen=True, slots=True)
class _Drawing:
    photo: Image.Image
    placed: tuple[Placed, ...]


def draw_scenes(count: int, seed: int = 0) -> Iterator[Scene]:
    """Return `count` scenes; scene i depends on (seed, i) only, so fewer scenes are a prefix of more.

    Every trait occurs in the first 20 scenes, and 14 of every 20 are plain.

    Args:
        count: 0 or more.
        seed: 0 or more.
    """
    return (_scene(index, seed) for index in range(count))


def trait_of(index: int) -> Trait:
    """Return the trait of the scene with this index (from 0); it does not depend on the seed."""
    return TRAIT_AT.get(index % TRAIT_CYCLE, Trait.PLAIN)


def _scene(index: int, seed: int) -> Scene:
    trait = trait_of(index)
    source = _plain_before(index) if trait is Trait.DUPLICATE else index
    drawing = _drawing(source, seed)
    photo = _spoilt(drawing.photo, trait)
    return Scene(
        name=_name(index),
        jpeg=_jpeg(photo, COPY_JPEG_QUALITY if trait is Trait.DUPLICATE else JPEG_QUALITY),
        width_px=photo.width,
        height_px=photo.height,
        objects=tuple(_drawn_object(placed) for placed in drawing.placed),
        trait=trait,
        duplicate_of=_name(source) if trait is Trait.DUPLICATE else None,
        background_removed_png=_background_removed(drawing) if trait is Trait.CUTOUT else None,
    )


def _name(index: int) -> str:
    return f"scene-{index + 1:04d}"


def _plain_before(index: int) -> int:
    return next(earlier for earlier in range(index - 1, -1, -1) if trait_of(earlier) is Trait.PLAIN)


def _drawn_object(placed: Placed) -> DrawnObject:
    x, y = placed.corner_px
    return DrawnObject(placed.category, (float(x), float(y), float(placed.sheet.width), float(placed.sheet.height)))


def _drawing(index: int, seed: int) -> _Drawing:
    rng = np.random.Generator(np.random.PCG64((seed, index)))
    size_px = FRAMES_PX[int(rng.integers(len(FRAMES_PX)))]
    backdrop = draw_backdrop(size_px, rng)
    categories = _categories(index, rng)[: MOST_OBJECTS.get(trait_of(index))]
    placed = arrange(categories, size_px, backdrop.horizon_px, rng) if categories else ()
    picture, side = backdrop.image, 1 if chance(rng, 0.5) else -1
    for each in placed:
        cast_shadow(picture, each.sheet.getchannel("A"), each.corner_px, side)
        picture.paste(each.sheet, each.corner_px, each.sheet)
    fall_of_light(picture, rng)
    return _Drawing(picture, placed)


def _categories(index: int, rng: Rng) -> list[str]:
    """Return one to three categories; the first goes round, so that few scenes already show all six."""
    others = rng.choice(len(CATEGORIES), size=int(rng.choice(3, p=(0.4, 0.4, 0.2)))).tolist()
    return [CATEGORIES[index % len(CATEGORIES)], *(CATEGORIES[other] for other in others)]


def _spoilt(photo: Image.Image, trait: Trait) -> Image.Image:
    """Return the photo with the fault its trait names, strong enough for an absolute threshold."""
    if trait is Trait.BLURRED:
        return photo.filter(ImageFilter.GaussianBlur(max(photo.size) / 150))
    if trait is Trait.DARK:
        gain = DARK_P99 / _luma_percentile(photo, 99)
        return photo.point(lambda level: level * gain)
    if trait is Trait.OVEREXPOSED:
        return _lifted(photo, _overexposing_lift(photo))
    return photo


def _luma_percentile(photo: Image.Image, percent: float) -> float:
    return float(np.percentile(np.asarray(photo.convert("L")), percent))


def _lifted(photo: Image.Image, lift: int) -> Image.Image:
    return photo.point(lambda level: min(255, level + lift))


def _overexposing_lift(photo: Image.Image) -> int:
    """Return the smallest lift (in steps of 4) that brings the 5th percentile up; clipping needs the search."""
    sample = photo.resize((photo.width // 4, photo.height // 4), Image.Resampling.NEAREST)
    lifts = range(0, OVEREXPOSED_P5, 4)
    return next((lift for lift in lifts if _luma_percentile(_lifted(sample, lift), 5) >= OVEREXPOSED_P5), 255)


def _background_removed(drawing: _Drawing) -> bytes:
    kept = Image.new("L", drawing.photo.size)
    for each in drawing.placed:
        alpha = Image.new("L", drawing.photo.size)
        alpha.paste(each.sheet.getchannel("A"), each.corner_px)
        kept = ImageChops.lighter(kept, alpha)
    twin = Image.new("RGBA", drawing.photo.size)
    opaque = drawing.photo.copy()
    opaque.putalpha(kept)
    twin.paste(opaque, mask=kept.point(lambda level: 255 if level else 0))
    buffer = BytesIO()
    twin.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _jpeg(photo: Image.Image, quality: int) -> bytes:
    buffer = BytesIO()
    photo.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
