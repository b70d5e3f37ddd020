"""Copies of real photographs are found, and no photograph is taken for another."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter

from captureset.duplicates.pairs import DuplicateParams, find_duplicates
from captureset.pixels.phash import phash
from captureset.pixels.picture import read_picture
from captureset.records.rows import CaptureRow, MeasurementRow
from rows import capture, measurement, settings

COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "again": lambda image: image,
    "quarter": lambda image: image.resize((image.width // 4, image.height // 4)),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
}


def rows_of(name: str, image: Image.Image, quality: int = 95) -> tuple[CaptureRow, MeasurementRow]:
    """Return the rows of an image saved as JPEG."""
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=quality)
    bits, texture = phash(read_picture(sink.getvalue()).gray)
    row = capture(name, width_px=image.width, height_px=image.height)
    return row, measurement(row.image_md5, phash=bits, phash_texture=texture)


def test_copies_of_real_photos_are_found_and_nothing_else(shared_data: Path) -> None:
    """24 phone photos, each saved at quality 20, at a quarter, darker, brighter, blurred: 120 copies, 24 groups."""
    rows: list[tuple[CaptureRow, MeasurementRow]] = []
    paths = sorted(
        (shared_data / "waste_litter" / "images").iterdir(), key=lambda path: (path.stat().st_size, path.name)
    )
    for path in paths[:24]:
        image = Image.open(path).convert("RGB")
        rows.append(rows_of(path.name, image))
        for what, change in COPIES.items():
            rows.append(rows_of(f"{path.name}/{what}", change(image), 20 if what == "again" else 90))
    found = find_duplicates([r for r, _ in rows], [m for _, m in rows], [], settings(DuplicateParams, "quality"))
    near = {(row.one_id, row.other_id) for row in found.pairs if row.kind == "near"}
    tied = {other: one for one, other in sorted(near, reverse=True)}
    assert len(tied) == 24 * len(COPIES)
    assert all(one.partition("/")[0] == other.partition("/")[0] for one, other in near)
    assert found.summary["not_compared"] == {"no_hash": 0, "low_texture": 0}
