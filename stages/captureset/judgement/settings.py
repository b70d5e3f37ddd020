"""Thresholds and weights of section `quality` of params.yaml; all absolute, none relative to other captures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QualityParams:
    """Section `quality` of params.yaml; scores, shares and weights are 0 to 1, sharpness and noise in gray levels."""

    blurred_below: float
    blurred_below_small: float
    subject_blurred_below: float
    dark_below: float
    overexposed_above: float
    low_contrast_below: float
    noisy_above: float
    low_information_below: float  # bits
    compressed_below: int  # JPEG quality
    flag_penalty: float
    image_base: float
    size_bonus: float
    background_removed_bonus: float
    confidence_weight: float
    box_weight: float
    size_weight: float
    image_weight: float
    analysis_weight: float
    label_weight: float
    usable_from: float
    medium_from: float
    high_from: float
    high_confidence: float
    smallest_box_px2: float
    largest_box_share: float
    longest_box_aspect: float
    repeated_box_iou: float
    foreground_from: float
    foreground_to: float
    cut_above: float
    loose_above: float
    elsewhere_below: float
    largest_size_cm: float
    size_tolerance: float
    captures_wanted: int
    feedback_wanted: int
