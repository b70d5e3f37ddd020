"""Rows of what the stage quality finds beside a capture's scores, and of the ledger of checks.

Shares and scores are 0 to 1; None is "not known", never 0. A category of None stands for all categories together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelRow:
    """data/quality/labels.parquet: how far independent evidence agrees with one capture's final label.

    `beyond` is how far the foreground of the twin reaches outside the box, as a share of the box's side; negative
    where the box reaches outside the foreground. The last three are in ObjectLab's manner, low is bad, and known only
    for a source's label or one that a person gave or confirmed; where the model's boxes were confirmed they are 1.
    """

    capture_id: str
    mask_iou: float | None
    beyond_left: float | None
    beyond_right: float | None
    beyond_top: float | None
    beyond_bottom: float | None
    size_disagreement: float | None  # how many times the box's shape is outside what the size in cm allows; 1: inside
    overlooked_score: float | None  # the model is sure of something that the label lacks
    badly_located_score: float | None  # the label has a box where the model has another one
    swapped_score: float | None  # the model is sure of another category at the same place


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """data/quality/reliability.parquet: what people made of one model version's answers, per category it named.

    Nothing here reads silence as agreement: only captures that a person confirmed or corrected are judged.
    """

    model_name: str | None
    model_version: str | None
    category: str | None  # that the model named; `empty` where it saw nothing
    captures: int
    answered: int  # a person confirmed, corrected or rejected the capture
    answered_share: float
    judged: int  # confirmed or corrected; a rejection says nothing about the answer
    accepted: int  # judged, and category and boxes stand as the model gave them
    acceptance: float | None  # accepted of judged
    acceptance_low: float | None  # 95 % Wilson interval
    acceptance_high: float | None
    category_right: int  # judged, and the category stands
    category_right_share: float | None
    category_right_low: float | None
    category_right_high: float | None
    rejected: int
    corrected_boxes: int  # captures whose boxes a person changed
    mean_box_iou: float | None  # of the model's boxes with the person's, matched one to one; unmatched ones count 0
    resized: int  # captures whose size in cm a person changed
    median_size_error: float | None  # |estimated - corrected| / corrected, over the axes of these
    mean_confidence: float | None  # of judged answers that gave one
    calibration_error: float | None  # expected: mean distance of confidence and share of right categories over ten bins


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """data/quality/confusions.parquet: one cell of the matrix from what the model named to what people said it is."""

    model_name: str | None
    model_version: str | None
    said: str  # the model's category, or `empty`
    person: str  # a person's category, or `empty`
    captures: int
    sample_ids: tuple[str, ...]  # of these captures, at most twelve, by id


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """data/quality/calibration.parquet: how often a model version was right when it was this sure."""

    model_name: str | None
    model_version: str | None
    confidence_from: float
    confidence_to: float
    judged: int
    mean_confidence: float
    category_right_share: float
    category_right_low: float  # 95 % Wilson interval
    category_right_high: float


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """data/quality/collection.parquet: what the collection as a whole lacks, the farthest from its target first."""

    code: str
    category: str | None
    have: float
    wanted: float
    share: float  # of the target that is reached, 0 to 1
    recommendation: str


@dataclass(frozen=True, slots=True)
class Check:
    """One row of data/checks.csv: what a check found, all text. A capture has a row for each change of its score."""

    capture_id: str
    check_type: str  # initial, periodic, manual
    checked: str  # the release, or the UTC day of a manual check
    overall_score: str
    grade: str
    flags: str  # codes, one space between
    version: str  # of what judged: a changed score with the same version has changed data
