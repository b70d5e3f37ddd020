"""Raw numbers from one photo, from one DCT-scaled gray decode with the long side at 1024 px at most.

Scaling matters: sharpness depends on it and the thresholds are calibrated there. A smaller photo is never enlarged;
it is measured at its own size, which stands beside the value.
"""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from captureset.pixels.depth import eight_bit

GrayImage = NDArray[np.uint8]

METRIC_VERSION = 1  # raise it when any number below can come out differently
LONG_SIDE_PX = 1024
MAX_PIXELS = 89_478_485  # where Pillow begins to warn of a decompression bomb
DARKEST, BRIGHTEST = 3, 252  # clipped below and above, gray levels
FORMATS = ("JPEG", "PNG", "WEBP")
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    struct.error,
    TypeError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class Measures:
    """The numbers of one gray picture; brightness is 0 to 1."""

    measured_width_px: int
    measured_height_px: int
    sharpness_p99: float
    laplacian_variance: float
    brightness_mean: float
    brightness_p05: float
    brightness_p95: float
    brightness_p99: float
    dark_fraction: float
    bright_fraction: float
    entropy_bits: float


def gray_picture(data: bytes) -> GrayImage:
    """Return a photo as gray levels, uint8, shape (H, W), the long side 1024 px or its own if smaller.

    Transparent pixels are composited on mid gray. Orientation is not applied: no number here depends on it.

    Raises:
        OSError, ValueError and other UNREADABLE: the bytes are no whole image.
    """
    image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:  # Pillow only warns, and a warning filter is not safe among threads
        raise ValueError(f"{image.width}x{image.height} px are more than {MAX_PIXELS} pixels")
    scale = min(1.0, LONG_SIDE_PX / max(image.size))
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    image.draft("L", size)
    image = eight_bit(image)
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, (128, 128, 128, 255)), rgba)
    gray = image.convert("L")
    if gray.size != size:
        gray = gray.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(gray)


def failure_of(error: BaseException) -> str:
    """Return why a photo could not be read, the same words in every run: Pillow names addresses in memory."""
    return re.sub(r" ?<[^<>]* at 0x[0-9a-f]+>", "", str(error)) or type(error).__name__


def laplacian(gray: GrayImage) -> NDArray[np.int16]:
    """Return the four-neighbour Laplacian of a gray image, shape (H - 2, W - 2), -1020 to 1020 gray levels."""
    g = gray.astype(np.int16)
    result: NDArray[np.int16] = g[:-2, 1:-1] + g[2:, 1:-1]
    result += g[1:-1, :-2]
    result += g[1:-1, 2:]
    result -= 4 * g[1:-1, 1:-1]
    return result


def sharpness_p99(lap: NDArray[np.int16]) -> float:
    """Return the 99th percentile of |Laplacian|, 0 (flat) to 1020 gray levels; 0 for a picture under 3 px.

    One threshold at any photo size separates blur best of what was compared (AUC .986).
    """
    return _percentile(np.bincount(np.abs(lap).ravel(), minlength=1), 0.99)


def _percentile(counts: NDArray[Any], share: float) -> float:
    """Return the smallest level that a share of the counted pixels does not exceed."""
    cumulative = np.cumsum(counts)
    total = int(cumulative[-1])
    return float(np.searchsorted(cumulative, share * total)) if total else 0.0


def measure(gray: GrayImage) -> Measures:
    """Return every number of a gray picture, uint8, shape (H, W)."""
    lap = laplacian(gray)
    counts = np.bincount(gray.ravel(), minlength=256)
    shares = counts / counts.sum()
    present = shares[shares > 0]
    return Measures(
        measured_width_px=gray.shape[1],
        measured_height_px=gray.shape[0],
        sharpness_p99=sharpness_p99(lap),
        laplacian_variance=float(lap.var(dtype=np.float64)) if lap.size else 0.0,
        brightness_mean=float((shares * np.arange(256)).sum()) / 255,
        brightness_p05=_percentile(counts, 0.05) / 255,
        brightness_p95=_percentile(counts, 0.95) / 255,
        brightness_p99=_percentile(counts, 0.99) / 255,
        dark_fraction=float(shares[: DARKEST + 1].sum()),
        bright_fraction=float(shares[BRIGHTEST:].sum()),
        entropy_bits=abs(float(-(present * np.log2(present)).sum())),
    )
