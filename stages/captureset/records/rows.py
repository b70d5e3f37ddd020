"""One record per row of each table the pipeline writes; field names carry the units.

Text that may be unknown is None, never an empty string. `captureset.formats.tables` writes and reads them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """data/catalog/captures.parquet: one capture, feedback already resolved into its final label."""

    capture_id: str
    captured_at: str  # UTC, RFC 3339
    source_kind: str
    source_name: str
    image_md5: str
    image_sha256: str
    pixel_sha256: str
    image_format: str
    image_bytes: int
    width_px: int  # upright
    height_px: int
    twin_md5: str | None
    sidecar_md5: str
    session_key: str | None
    user_key: str | None
    item_key: str | None
    label_kind: str  # boxes, category, empty, none
    label_origin: str  # person, model, source (a label nobody vouches for), none
    category: str | None  # of the capture as a whole: the largest box's, or the image-level one
    review_state: str  # unreviewed, confirmed, corrected, rejected
    model_category: str | None
    model_confidence: float | None
    width_cm: float | None
    height_cm: float | None
    depth_cm: float | None
    feedback_count: int
    rating: int | None
    review_reasons: tuple[str, ...]  # why a person should still look, sorted codes of sidecar and feedback
    memo_key: str  # of every byte and version this row was made from


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """data/catalog/annotations.parquet: one bounding box of a final label, in pixels of the upright photo."""

    capture_id: str
    position: int  # 0 for the first box of the capture
    category: str
    x_px: float
    y_px: float
    w_px: float
    h_px: float
    origin: str  # person, model, source
    confidence: float | None
    derived_from: str | None


@dataclass(frozen=True, slots=True)
class FeedbackRow:
    """data/catalog/feedback.parquet: one thing a person said, without free text."""

    capture_id: str
    feedback_id: str
    given_at: str  # UTC, RFC 3339
    verdict: str
    category: str | None
    boxes: int | None  # how many were given; None: none were said
    rating: int | None
    has_note: bool
    note_categories: tuple[str, ...]  # codes whose words the note contains
    applies: bool  # false: its capture has not arrived


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """data/measure/measurements.parquet: raw numbers from the pixels of one photo, no judgement."""

    image_md5: str
    metric_version: int
    measured_width_px: int  # of the upright gray picture the numbers were taken from
    measured_height_px: int
    sharpness_p99: float | None  # 99th percentile of |Laplacian|, gray levels
    sharpness_mlv: float | None  # maximum local variation, gray levels
    laplacian_variance: float | None  # gray levels squared
    brightness_mean: float | None  # 0 to 1
    brightness_p05: float | None
    brightness_p95: float | None
    brightness_p99: float | None
    dark_fraction: float | None  # of pixels at or below 3
    bright_fraction: float | None  # of pixels at or above 252
    noise_sigma: float | None  # median Immerkær, gray levels
    entropy_bits: float | None  # 0 to 8
    jpeg_quality: int | None  # 1 to 100, from the quantisation tables; None: no JPEG
    phash: str | None  # 64 hexadecimal digits, of the upright picture
    phash_texture: float | None  # gray levels; the lower, the less the hash can be trusted
    failure: str | None  # why nothing could be measured


@dataclass(frozen=True, slots=True)
class RegionRow:
    """data/measure/regions.parquet: raw numbers from one box of a photo; equal boxes of a photo share a row."""

    image_md5: str
    x_px: float  # in pixels of the upright photo, as in the catalog
    y_px: float
    w_px: float
    h_px: float
    metric_version: int
    measured_width_px: int  # of the box in the gray picture
    measured_height_px: int
    sharpness_p99: float | None  # None: the box has no pixel with four neighbours
    background_sharpness_p99: float | None  # of all outside this box
    brightness_mean: float | None  # 0 to 1
    brightness_p99: float | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class MaskRow:
    """data/measure/masks.parquet: raw numbers from a photo under the foreground of its background-removed twin."""

    image_md5: str
    twin_md5: str
    metric_version: int
    foreground_fraction: float | None  # of the frame; None: the twin has no alpha
    x_px: float | None  # bounding box of the foreground in pixels of the upright photo; None: there is none
    y_px: float | None
    w_px: float | None
    h_px: float | None
    sharpness_p99: float | None  # inside the foreground
    background_sharpness_p99: float | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class DuplicateRow:
    """data/quality/duplicates.parquet: two captures that look alike.

    Of many copies not every pair stands here, but the pairs tie all of them together: the lowest id of the captures
    with the same bytes, pixels, or hash and shape, stands for the others.
    """

    one_id: str  # the smaller id
    other_id: str
    kind: str  # same_bytes, same_pixels, near, review
    distance_bits: int  # between the hashes, of 256; 0 for the first two kinds


@dataclass(frozen=True, slots=True)
class QualityRow:
    """data/quality/quality.parquet: what the numbers mean for one capture."""

    capture_id: str
    image_score: float  # 0 to 1
    analysis_score: float  # 0 to 1
    label_score: float | None  # 0 to 1, IoU of boxes and twin; 0: the gate refuses it; None: no evidence
    overall_score: float  # 0 to 1
    grade: str  # high, medium, low
    usable_for_training: bool
    flags: tuple[str, ...]  # stable codes of judgement/advice.py, the photo's first
    recommendation_codes: tuple[str, ...]  # stable; count these, sentences name numbers
    recommendations: tuple[str, ...]  # one sentence each, in the order of the codes


@dataclass(frozen=True, slots=True)
class FilterRow:
    """data/filter/filter.parquet: kept or dropped, with every reason."""

    capture_id: str
    kept: bool
    reasons: tuple[str, ...]  # stable codes; empty when kept
    details: tuple[str, ...]  # one sentence each, in the order of reasons


@dataclass(frozen=True, slots=True)
class SplitRow:
    """data/split/split.parquet: who goes where; a masked capture is kept but not exported."""

    capture_id: str
    group: str
    split: str  # train, val, test, test_recent
    rule: str  # minimised, oversized, joined, recent
    masked: str | None  # reason code


@dataclass(frozen=True, slots=True)
class FrozenSplit:
    """One row of data/splits.csv: a released capture never moves within its split set."""

    capture_id: str
    group: str
    split: str
    rule: str
    algorithm: str
    release: str
    split_set: str = "default"  # what ledgers of earlier versions, which lack the column, mean


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One row of data/exclusions.csv."""

    capture_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """One row of data/erasures.csv, the tombstone of a capture: its id may never come in again."""

    capture_id: str
    erased_on: str  # UTC day
    reason: str
