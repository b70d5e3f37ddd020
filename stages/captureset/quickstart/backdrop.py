"""Rooms and streets to stand furniture in, and the light, shadows and noise that make a drawing a photo."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from captureset.quickstart.drawing import Colour, Rng, chance, noise, pick_colour, shade

WALL_COLOURS: tuple[Colour, ...] = (
    (222, 212, 190), (196, 208, 192), (190, 204, 216), (216, 196, 186), (204, 200, 212), (178, 186, 176),
)  # fmt: skip
FLOOR_COLOURS: tuple[Colour, ...] = ((206, 172, 128), (182, 148, 112), (190, 184, 174), (162, 166, 172))
BRICK_COLOURS: tuple[Colour, ...] = ((192, 138, 116), (184, 172, 156), (208, 178, 148))
CONCRETE_COLOURS: tuple[Colour, ...] = ((190, 192, 190), (206, 200, 188), (174, 182, 186))
PAVEMENT_COLOURS: tuple[Colour, ...] = ((168, 168, 166), (148, 152, 156), (184, 176, 164))
DUSK_COLOURS: tuple[Colour, ...] = ((44, 30, 18), (24, 26, 38), (30, 28, 28))
STAIN: Colour = (64, 58, 52)
SKY: Colour = (206, 228, 244)


@dataclass(frozen=True, slots=True)
class Backdrop:
    """An empty place; the floor begins at `horizon_px` from the top."""

    image: Image.Image
    horizon_px: int


def draw_backdrop(size_px: tuple[int, int], rng: Rng) -> Backdrop:
    """Return a room or a street without anything standing in it."""
    width, height = size_px
    horizon = round(height * float(rng.uniform(0.5, 0.7)))
    image = Image.new("RGB", size_px)
    draw = ImageDraw.Draw(image)
    if chance(rng, 0.55):
        _room(draw, (width, height, horizon), rng)
    else:
        _street(draw, (width, height, horizon), rng)
    image.paste(STAIN, mask=_stains(size_px, rng))
    return Backdrop(image, horizon)


def _room(draw: ImageDraw.ImageDraw, frame: tuple[int, int, int], rng: Rng) -> None:
    width, height, horizon = frame
    wall = pick_colour(rng, WALL_COLOURS)
    draw.rectangle((0, 0, width, horizon), fill=wall)
    if chance(rng, 0.4):
        _wallpaper(draw, (width, horizon), wall, rng)
    if chance(rng, 0.55):
        _window(draw, (width, horizon), rng)
    _floor(draw, frame, pick_colour(rng, FLOOR_COLOURS, spread=6), rng)
    board = max(5, height // 34)
    draw.rectangle((0, horizon - board, width, horizon), fill=shade(wall, 1.14))
    draw.line((0, horizon, width, horizon), fill=shade(wall, 0.5), width=2)


def _wallpaper(draw: ImageDraw.ImageDraw, size_px: tuple[int, int], wall: Colour, rng: Rng) -> None:
    pitch = size_px[0] / float(rng.uniform(9, 20))
    tone = shade(wall, float(rng.choice((0.93, 1.06))))
    for x in np.arange(float(rng.uniform(0, pitch)), size_px[0], pitch):
        draw.rectangle((x, 0, x + pitch * 0.45, size_px[1]), fill=tone)


def _window(draw: ImageDraw.ImageDraw, size_px: tuple[int, int], rng: Rng) -> None:
    width, height = size_px[0] * float(rng.uniform(0.18, 0.3)), size_px[1] * float(rng.uniform(0.4, 0.6))
    x, y = float(rng.uniform(0, size_px[0] - width)), size_px[1] * float(rng.uniform(0.04, 0.16))
    bar = max(4, size_px[0] // 90)
    draw.rectangle((x - bar, y - bar, x + width + bar, y + height + bar), fill=(244, 242, 236))
    draw.rectangle((x, y, x + width, y + height), fill=SKY)
    for _ in range(3):
        left = x + width * float(rng.uniform(0.05, 0.5))
        top = y + height * float(rng.uniform(0.55, 0.8))
        draw.ellipse((left, top, left + width * 0.45, y + height), fill=pick_colour(rng, ((136, 172, 132),)))
    draw.rectangle((x, y + height, x + width, y + height + bar), fill=(244, 242, 236))
    draw.rectangle((x + width / 2 - bar / 2, y, x + width / 2 + bar / 2, y + height), fill=(244, 242, 236))
    draw.rectangle((x - 2 * bar, y + height + bar, x + width + 2 * bar, y + height + 2 * bar), fill=(214, 210, 202))


def _street(draw: ImageDraw.ImageDraw, frame: tuple[int, int, int], rng: Rng) -> None:
    width, height, horizon = frame
    if chance(rng, 0.6):
        _bricks(draw, (width, horizon), rng)
    else:
        _panels(draw, (width, horizon), rng)
    if chance(rng, 0.6):
        _doorway(draw, (width, horizon), rng)
    _floor(draw, frame, pick_colour(rng, PAVEMENT_COLOURS, spread=6), rng)
    draw.line((0, horizon, width, horizon), fill=(78, 76, 74), width=max(2, height // 200))


def _bricks(draw: ImageDraw.ImageDraw, size_px: tuple[int, int], rng: Rng) -> None:
    brick = pick_colour(rng, BRICK_COLOURS, spread=6)
    draw.rectangle((0, 0, *size_px), fill=shade(brick, 1.16))
    rows = int(rng.integers(13, 20))
    tall = size_px[1] / rows
    wide, gap = tall * 2.6, max(1, round(tall * 0.1))
    columns = int(size_px[0] / wide) + 2
    tones = rng.uniform(0.86, 1.08, (rows, columns)).tolist()
    for row in range(rows):
        top, shift = row * tall, wide * 0.5 * (row % 2)
        for column in range(columns):
            left = column * wide - shift
            box = (left, top, left + wide - gap, top + tall - gap)
            draw.rectangle(box, fill=shade(brick, tones[row][column]))


def _panels(draw: ImageDraw.ImageDraw, size_px: tuple[int, int], rng: Rng) -> None:
    concrete = pick_colour(rng, CONCRETE_COLOURS, spread=5)
    columns = int(rng.integers(2, 6))
    wide, tall = size_px[0] / columns, size_px[1] / 2
    for column in range(columns + 1):
        for row in range(2):
            box = (column * wide, row * tall, (column + 1) * wide - 2, (row + 1) * tall - 2)
            draw.rectangle(box, fill=shade(concrete, float(rng.uniform(0.9, 1.06))), outline=shade(concrete, 0.74))


def _doorway(draw: ImageDraw.ImageDraw, size_px: tuple[int, int], rng: Rng) -> None:
    width, top = size_px[0] * float(rng.uniform(0.16, 0.24)), size_px[1] * float(rng.uniform(0.08, 0.2))
    x = float(rng.uniform(0, size_px[0] - width))
    colour = pick_colour(rng, ((92, 110, 126), (112, 124, 112), (126, 112, 118)))
    draw.rectangle((x, top, x + width, size_px[1]), fill=colour, outline=shade(colour, 0.5), width=3)
    for y in np.arange(top + 8, size_px[1], max(6.0, size_px[1] / 30)):
        draw.line((x + 3, y, x + width - 3, y), fill=shade(colour, 0.8))


def _floor(draw: ImageDraw.ImageDraw, frame: tuple[int, int, int], colour: Colour, rng: Rng) -> None:
    width, height, horizon = frame
    depth = height - horizon
    for y in range(horizon, height):
        draw.line((0, y, width, y), fill=shade(colour, 0.84 + 0.24 * (y - horizon) / depth))
    seam = shade(colour, float(rng.uniform(0.64, 0.78)))
    vanish_x, vanish_y = width * float(rng.uniform(0.2, 0.8)), horizon - depth * float(rng.uniform(0.6, 1.4))
    pitch = width / float(rng.uniform(5, 11))
    stretch = (horizon - vanish_y) / (height - vanish_y)
    for x in np.arange(-3.0 * width, 4.0 * width, pitch):
        draw.line((vanish_x + (x - vanish_x) * stretch, horizon, x, height), fill=seam)
    if chance(rng, 0.6):
        for step in range(1, 14):
            draw.line((0, height - depth * step / (step + 3), width, height - depth * step / (step + 3)), fill=seam)


def _stains(size_px: tuple[int, int], rng: Rng) -> Image.Image:
    """Return how dirty the place is, blotch by blotch: a mask."""
    coarse = Image.fromarray(rng.uniform(0, 28, (9, 12)).astype(np.float32))
    blotches = np.asarray(coarse.resize((64, 48), Image.Resampling.BICUBIC)) + rng.uniform(0, 12, (48, 64))
    return Image.fromarray(blotches.clip(0, 255).astype(np.uint8)).resize(size_px, Image.Resampling.BILINEAR)


def cast_shadow(place: Image.Image, silhouette: Image.Image, corner_px: tuple[int, int], side: int) -> None:
    """Darken the place under and beside an object that will be pasted with its top left at `corner_px`.

    `silhouette` is the object's alpha; `side` is -1 or 1, where the light does not come from.
    """
    width, height = silhouette.size
    margin, quarter = max(24, width // 6), 4
    small = (max(1, width // quarter), max(1, height // quarter))
    sheet = Image.new("L", (small[0] + 2 * margin // quarter, small[1] + 2 * margin // quarter))
    near, foot = margin // quarter, max(2, small[0] // 24)
    soft = silhouette.resize(small, Image.Resampling.BOX).point(lambda level: level * 90 // 255)
    sheet.paste(soft, (near + side * near // 3, near), soft)
    bottom = near + small[1]
    ImageDraw.Draw(sheet).ellipse(
        (near - foot // 2, bottom - foot, near + small[0] + foot // 2, bottom + foot), fill=170
    )
    dark = sheet.filter(ImageFilter.GaussianBlur(max(1.5, near / 4)))
    full = dark.resize((sheet.width * quarter, sheet.height * quarter), Image.Resampling.BILINEAR)
    place.paste((18, 16, 20), (corner_px[0] - near * quarter, corner_px[1] - near * quarter), full)


def fall_of_light(picture: Image.Image, rng: Rng) -> None:
    """Darken the picture with the distance from a lamp, and add the grain of a camera."""
    lamp_x, lamp_y = float(rng.uniform(0, 1)), float(rng.uniform(-0.2, 0.4))
    rows, columns = np.mgrid[0:1:24j, 0:1:32j]
    dusk = 255 * float(rng.uniform(0.08, 0.26)) * np.hypot(columns - lamp_x, rows - lamp_y)
    smooth = Image.fromarray(dusk.clip(0, 255).astype(np.uint8)).resize(picture.size, Image.Resampling.BILINEAR)
    grainy = np.asarray(smooth) + noise(picture.size, rng, sigma=float(rng.uniform(2.5, 6.5)), mean=8.0)
    picture.paste(pick_colour(rng, DUSK_COLOURS), mask=Image.fromarray(grainy.clip(0, 255).astype(np.uint8)))
