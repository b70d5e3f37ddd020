"""Raw numbers of one photo, of its boxes and of its foreground, all from one gray picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from captureset.pixels.foreground import read_foreground
from captureset.pixels.histograms import DIGITS, Counts, level_counts, mean, percentile
from captureset.pixels.noise import noise_sigma
from captureset.pixels.phash import phash
from captureset.pixels.picture import UNREADABLE, GrayImage, Picture, failure_of, read_picture
from captureset.pixels.sharpness import (
    Responses,
    laplacian,
    laplacian_variance,
    sharpness_mlv,
    sharpness_p99,
    strength_counts,
)
from captureset.records.rows import MaskRow, MeasurementRow, RegionRow

METRIC_VERSION = 2  # raise it when any number can come out differently
DARKEST, BRIGHTEST = 3, 252  # clipped below and above, gray levels

XYWH = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be measured of one photo; its bytes are read once whatever it is."""

    image_md5: str
    boxes: tuple[XYWH, ...]  # in pixels of the upright photo
    twins: tuple[str, ...]  # addresses of background-removed twins


@dataclass(frozen=True, slots=True)
class Measured:
    """The rows of one photo."""

    photo: MeasurementRow
    regions: tuple[RegionRow, ...]
    masks: tuple[MaskRow, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A gray picture and what several numbers need of it."""

    picture: Picture
    strengths: Responses  # |Laplacian|, of the pixels that have four neighbours
    strength_counts: Counts
    laplacian_sum: int


def measure(job: Job, read: Callable[[str], bytes]) -> Measured:
    """Return the rows of one photo; what cannot be decoded has no numbers and a reason.

    Args:
        job: the photo, its boxes and twins.
        read: gives bytes by their address.
    """
    data = read(job.image_md5)
    try:
        picture = read_picture(data)
    except UNREADABLE as error:
        return failed(job, failure_of(error))
    seen = _look(picture)
    return Measured(
        _photo_row(job.image_md5, seen),
        tuple(_region_row(job.image_md5, box, seen) for box in job.boxes),
        tuple(_mask_row(job.image_md5, twin, read(twin), seen) for twin in job.twins),
    )


def _look(picture: Picture) -> Seen:
    lap = laplacian(picture.gray)
    total = int(lap.sum(dtype=np.int32))  # at most 1020 times 1056x1056 pixels
    strengths = np.abs(lap, out=lap)
    return Seen(picture, strengths, strength_counts(strengths), total)


def measure_photo(image_md5: str, data: bytes) -> MeasurementRow:
    """Return the row of one photo, without boxes or twin."""
    return measure(Job(image_md5, (), ()), lambda _: data).photo


def failed(job: Job, reason: str) -> Measured:
    """Return the rows of a photo of which nothing could be measured."""
    md5 = job.image_md5
    return Measured(
        _without_numbers(MeasurementRow, (md5, METRIC_VERSION, 0, 0), reason),
        tuple(_without_numbers(RegionRow, (md5, *box, METRIC_VERSION, 0, 0), reason) for box in job.boxes),
        tuple(_without_numbers(MaskRow, (md5, twin, METRIC_VERSION), reason) for twin in job.twins),
    )


def _without_numbers(record: Any, first: tuple[Any, ...], failure: str | None) -> Any:
    """Return a row that has its first columns and its last."""
    return record(*first, *[None] * (len(fields(record)) - len(first) - 1), failure)


def _photo_row(image_md5: str, seen: Seen) -> MeasurementRow:
    gray = seen.picture.gray
    bits, texture = phash(gray)
    return MeasurementRow(
        image_md5=image_md5,
        metric_version=METRIC_VERSION,
        measured_width_px=gray.shape[1],
        measured_height_px=gray.shape[0],
        sharpness_p99=sharpness_p99(seen.strength_counts) or 0.0,
        sharpness_mlv=sharpness_mlv(gray),
        laplacian_variance=laplacian_variance(seen.laplacian_sum, seen.strength_counts),
        **brightness(gray),
        noise_sigma=noise_sigma(gray),
        jpeg_quality=seen.picture.jpeg_quality,
        phash=bits,
        phash_texture=texture,
        failure=None,
    )


def brightness(gray: GrayImage) -> dict[str, float]:
    """Return what the histogram of a gray picture says; brightness is 0 to 1."""
    counts = level_counts(gray)
    shares = counts / counts.sum()
    present = shares[shares > 0]
    return {
        "brightness_mean": mean(counts) / 255,
        "brightness_p05": percentile(counts, 0.05) / 255,
        "brightness_p95": percentile(counts, 0.95) / 255,
        "brightness_p99": percentile(counts, 0.99) / 255,
        "dark_fraction": float(shares[: DARKEST + 1].sum()),
        "bright_fraction": float(shares[BRIGHTEST:].sum()),
        "entropy_bits": round(abs(float((present * np.log2(present)).sum())), DIGITS),
    }


def _region_row(image_md5: str, box: XYWH, seen: Seen) -> RegionRow:
    left, top, right, bottom = _measured_box(box, seen.picture)
    inside = strength_counts(seen.strengths[max(top - 1, 0) : max(bottom - 1, 0), max(left - 1, 0) : max(right - 1, 0)])
    counts = level_counts(seen.picture.gray[top:bottom, left:right])
    return RegionRow(
        image_md5,
        *box,
        METRIC_VERSION,
        right - left,
        bottom - top,
        sharpness_p99(inside),
        sharpness_p99(seen.strength_counts - inside),
        mean(counts) / 255,
        percentile(counts, 0.99) / 255,
        None,
    )


def _measured_box(box: XYWH, picture: Picture) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom of a box in the gray picture: every pixel it touches, one at least."""
    high, wide = picture.gray.shape
    x, y, w, h = box
    left, right = _span(x, x + w, wide / picture.width_px, wide)
    top, bottom = _span(y, y + h, high / picture.height_px, high)
    return left, top, right, bottom


def _span(first: float, last: float, scale: float, side: int) -> tuple[int, int]:
    start = min(max(int(first * scale), 0), side - 1)
    return start, min(max(int(np.ceil(last * scale)), start + 1), side)


def _mask_row(image_md5: str, twin_md5: str, data: bytes, seen: Seen) -> MaskRow:
    nothing: Callable[[str | None], MaskRow] = partial(_without_numbers, MaskRow, (image_md5, twin_md5, METRIC_VERSION))
    try:
        found = read_foreground(data, seen.picture)
    except UNREADABLE as error:
        return nothing(failure_of(error))
    if found is None:
        return nothing(None)
    box: tuple[Any, Any, Any, Any] = found.box_px or (None, None, None, None)
    inside = strength_counts(seen.strengths[found.mask[1:-1, 1:-1]][None])
    return MaskRow(
        image_md5,
        twin_md5,
        METRIC_VERSION,
        found.fraction,
        *box,
        sharpness_p99(inside),
        sharpness_p99(seen.strength_counts - inside),
        None,
    )
