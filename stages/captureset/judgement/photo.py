"""What is wrong with a photo, and with its subject in it: flags by absolute thresholds."""

from __future__ import annotations

from collections.abc import Iterator

from captureset.judgement.evidence import Evidence, box_of
from captureset.judgement.foreground import usable_foreground
from captureset.judgement.settings import QualityParams
from captureset.records.rows import CaptureRow, MaskRow, MeasurementRow, RegionRow

FULL_SIZE_PX, HALF_SIZE_PX = (800, 600), (400, 300)  # long side, short side
CALIBRATED_SIDE_PX = 992  # a photo is measured at 1024 px, or 992 to 1056; a smaller one at its own size


def photo_flags(known: Evidence, settings: QualityParams) -> Iterator[str]:
    """Give the codes of what is wrong with the photo, gravest first; what was not measured is not wrong."""
    measured = known.measured
    if measured is not None and measured.failure is not None:
        yield "unreadable"
        return
    if measured is not None:
        yield from _blur_flags(known, measured, settings)
        yield from _light_flags(known, measured, settings)
        yield from _signal_flags(measured, settings)
    if not at_least(known.capture, HALF_SIZE_PX):
        yield "small"


def at_least(capture: CaptureRow, sides: tuple[int, int]) -> bool:
    """Say whether a photo is this large, lying or standing."""
    long, short = max(capture.width_px, capture.height_px), min(capture.width_px, capture.height_px)
    return long >= sides[0] and short >= sides[1]


def blur_threshold(measured: MeasurementRow, settings: QualityParams) -> float:
    """Return the sharpness below which this photo is blurred."""
    long_side = max(measured.measured_width_px, measured.measured_height_px)
    return settings.blurred_below if long_side >= CALIBRATED_SIDE_PX else settings.blurred_below_small


def _blur_flags(known: Evidence, measured: MeasurementRow, settings: QualityParams) -> Iterator[str]:
    sharp_from = blur_threshold(measured, settings)
    if (measured.sharpness_p99 or 0.0) < sharp_from:
        yield "blurred"
        return
    subject = _subject(known, settings)
    if subject is None or subject.sharpness_p99 is None or subject.background_sharpness_p99 is None:
        return
    if subject.sharpness_p99 < settings.subject_blurred_below and subject.background_sharpness_p99 >= sharp_from:
        yield "subject_blurred"


def _subject(known: Evidence, settings: QualityParams) -> MaskRow | RegionRow | None:
    """Return the numbers of what the photo is about: under the foreground, else in the largest box."""
    if known.mask is not None and usable_foreground(known.mask, settings):
        return known.mask
    return _main_region(known)


def _main_region(known: Evidence) -> RegionRow | None:
    whole = [row for row in known.regions if row.failure is None]
    return max(whole, key=lambda row: box_of(row).area_px2, default=None)


def _light_flags(known: Evidence, measured: MeasurementRow, settings: QualityParams) -> Iterator[str]:
    low, high, highest = measured.brightness_p05 or 0.0, measured.brightness_p95 or 0.0, measured.brightness_p99 or 0.0
    region = _main_region(known)
    if highest < settings.dark_below:
        yield "dark"
    elif region is not None and region.brightness_p99 is not None and region.brightness_p99 < settings.dark_below:
        yield "subject_dark"
    if low > settings.overexposed_above:
        yield "overexposed"
    if high - low < settings.low_contrast_below:
        yield "low_contrast"


def _signal_flags(measured: MeasurementRow, settings: QualityParams) -> Iterator[str]:
    if measured.noise_sigma is not None and measured.noise_sigma > settings.noisy_above:
        yield "noisy"
    if measured.entropy_bits is not None and measured.entropy_bits < settings.low_information_below:
        yield "low_information"
    if measured.jpeg_quality is not None and measured.jpeg_quality < settings.compressed_below:
        yield "compressed"
