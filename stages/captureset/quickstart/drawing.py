"""Colours, noise, and a pen that draws smoothly in unit coordinates: what our pictures are made with."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]
UnitBox = tuple[float, float, float, float]
Rng = np.random.Generator

FloatArray = npt.NDArray[np.float32]

SUPERSAMPLING = 2
FAINTEST_ALPHA = 48
NORMAL_LEVELS: FloatArray = np.array([NormalDist().inv_cdf((i + 0.5) / 256) for i in range(256)], np.float32)


def shade(colour: Colour, factor: float) -> Colour:
    """Return the colour darkened (factor < 1) or lightened (factor > 1), at most 255 a channel."""
    red, green, blue = colour
    return min(255, round(red * factor)), min(255, round(green * factor)), min(255, round(blue * factor))


def pick_colour(rng: Rng, palette: Sequence[Colour], spread: int = 10) -> Colour:
    """Return one colour of the palette, each channel moved by at most `spread` levels."""
    base = palette[int(rng.integers(len(palette)))]
    red, green, blue = (min(255, max(0, c + int(rng.integers(-spread, spread + 1)))) for c in base)
    return red, green, blue


def chance(rng: Rng, probability: float) -> bool:
    """Return True with the given probability."""
    return bool(rng.random() < probability)


def noise(size_px: tuple[int, int], rng: Rng, sigma: float, mean: float) -> FloatArray:
    """Return normal noise of shape (height, width) in 256 steps; a byte each makes it fast."""
    width, height = size_px
    steps = np.frombuffer(rng.bytes(width * height), np.uint8).reshape(height, width)
    levels: FloatArray = NORMAL_LEVELS * np.float32(sigma) + np.float32(mean)
    return levels[steps]


class Pen:
    """Draws on a transparent sheet whose corners are (0, 0) and (1, 1).

    The sheet is drawn at twice its size, so `sheet()` has smooth edges.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        """Take an empty sheet of the given final size."""
        self._size = (width_px * SUPERSAMPLING, height_px * SUPERSAMPLING)
        self._image = Image.new("RGBA", self._size)
        self._draw = ImageDraw.Draw(self._image)
        self._thin_px = max(1, round(min(self._size) * 0.006))

    def slab(self, box: UnitBox, colour: Colour, radius: float = 0.0, edge: float = 0.72) -> None:
        """Draw a filled rectangle with a darker edge; `radius` is a share of its shorter side."""
        x0, y0, x1, y1 = self._pixels(box)
        self._draw.rounded_rectangle(
            (x0, y0, x1, y1),
            radius=radius * min(x1 - x0, y1 - y0),
            fill=colour,
            outline=shade(colour, edge),
            width=self._thin_px,
        )

    def disc(self, box: UnitBox, colour: Colour) -> None:
        """Draw a filled ellipse."""
        self._draw.ellipse(self._pixels(box), fill=colour)

    def face(self, corners: Sequence[Point], colour: Colour) -> None:
        """Draw a filled polygon."""
        self._draw.polygon([self._pixel(corner) for corner in corners], fill=colour)

    def stroke(self, points: Sequence[Point], colour: Colour, thickness: float = 1.0) -> None:
        """Draw a line through the points; thickness 1 is a hair line at any size."""
        width = max(1, round(self._thin_px * thickness))
        self._draw.line([self._pixel(point) for point in points], fill=colour, width=width)

    def sheet(self) -> Image.Image:
        """Return the RGBA drawing at its final size."""
        return self._image.reduce(SUPERSAMPLING)

    def _pixel(self, point: Point) -> Point:
        return point[0] * (self._size[0] - 1), point[1] * (self._size[1] - 1)

    def _pixels(self, box: UnitBox) -> UnitBox:
        (x0, y0), (x1, y1) = self._pixel(box[:2]), self._pixel(box[2:])
        return round(x0), round(y0), round(x1), round(y1)


def lit(sheet: Image.Image, rng: Rng, grain: float = 0.018) -> Image.Image:
    """Return the sheet with light from above and from one side, and a grain on its surface."""
    pixels = np.array(sheet, dtype=np.float32)
    height, width = pixels.shape[:2]
    down = np.linspace(1.14, 0.88, height, dtype=np.float32)[:, None]
    slant = float(rng.uniform(-0.08, 0.08))
    across = np.linspace(1 - slant, 1 + slant, width, dtype=np.float32)[None, :]
    pixels[..., :3] *= (down * across * noise((width, height), rng, grain, 1.0))[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8), "RGBA")


def trimmed(sheet: Image.Image) -> Image.Image:
    """Return the sheet cut to the tight extent of its pixels; edges too faint to see are removed first."""
    alpha = sheet.getchannel("A").point(lambda level: level if level >= FAINTEST_ALPHA else 0)
    sheet.putalpha(alpha)
    return sheet.crop(alpha.getbbox())
