"""What the bytes of an image say, read once: size, mode, depth, orientation, end, digest."""

from __future__ import annotations

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from captureset.capture.images import BROKEN, SIDEWAYS, orientation_of
from captureset.pixels.depth import is_deep
from captureset.records.box import Frame
from captureset.store.objects import md5_of

THREADS = 4
END_OF_JPEG = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class Picture:
    """One image file; `upright` is None and `fault` says why when it cannot be opened."""

    md5: str
    stored: Frame | None
    upright: Frame | None
    format: str
    mode: str
    deep: bool
    transparent: bool
    orientation: int
    whole: bool  # a JPEG that ends with FFD9; any other format is
    fault: str | None = None


def pictures_of(root: Path, files: Iterable[str]) -> dict[str, Picture]:
    """Return the picture of every file that exists."""
    there = [name for name in dict.fromkeys(files) if (root / name).is_file()]
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(there, pool.map(lambda name: picture_of((root / name).read_bytes()), there), strict=True))


def picture_of(data: bytes) -> Picture:
    """Return what a header says; pixels are not decoded."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            turned = orientation_of(image)
            stored = Frame(*image.size)
            upright = Frame(stored.height_px, stored.width_px) if turned in SIDEWAYS else stored
            clear = "A" in image.getbands() or "transparency" in image.info
            kind, mode = str(image.format), image.mode
    except BROKEN as error:
        return Picture(md5_of(data), None, None, "", "", False, False, 1, True, f"is no image: {error}")  # noqa: FBT003 - a record's fields in order
    whole = not data.startswith(b"\xff\xd8") or data.endswith(END_OF_JPEG)
    return Picture(md5_of(data), stored, upright, kind, mode, is_deep(data), clear, turned, whole)
