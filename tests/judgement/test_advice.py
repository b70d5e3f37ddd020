"""Every recommendation: the capture it comes from, and that following it raises the score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from captureset.judgement.advice import LABEL_ADVICE, NUMBERED, PHOTO_ADVICE
from captureset.judgement.evidence import Evidence
from captureset.judgement.scores import assess
from captureset.judgement.settings import QualityParams
from captureset.records.rows import QualityRow
from rows import annotation, capture, confirmed, known, mask, measurement, region, settings

OURS = settings(QualityParams, "quality")
CODES = frozenset({"FURN_SOFA"})
TWIN = "1" * 32
BOX = (100.0, 100.0, 200.0, 100.0)
OF_THE_LABEL = ("no_label", "no_box", "no_size", "unreviewed")


def sofa(**changes: Any) -> Evidence:
    """Return a good capture that a person confirmed, with a box, its region, its size and a twin that fits it."""
    row = confirmed(twin_md5=TWIN, width_cm=190.0, height_cm=95.0, depth_cm=90.0)
    here = replace(mask(row.image_md5, TWIN, BOX), foreground_fraction=0.1)
    found = {"boxes": (annotation(xywh_px=BOX),), "regions": (region(row.image_md5, BOX),), "mask": here}
    return replace(known(row, **found), **changes)


GOOD = sofa()


def photo(**numbers: Any) -> Evidence:
    """Return the sofa in a photo with these numbers."""
    return replace(GOOD, measured=measurement(GOOD.capture.image_md5, **numbers))


def label(**changes: Any) -> Evidence:
    """Return the sofa with another label."""
    return replace(GOOD, capture=replace(GOOD.capture, **changes))


def boxed(*boxes: tuple[float, float, float, float], **changes: Any) -> Evidence:
    """Return the sofa with other boxes and no twin to compare them with."""
    drawn = tuple(annotation(xywh_px=place, position=number, **changes) for number, place in enumerate(boxes))
    return replace(GOOD, boxes=drawn, mask=None)


def covered(*place: float, share: float = 0.1) -> Evidence:
    """Return the sofa with a foreground there, of this share of the photo."""
    return replace(GOOD, mask=replace(mask(xywh_px=place), foreground_fraction=share))


@dataclass(frozen=True)
class Case:
    """A capture, the sentence it gets, and the capture of whoever has followed it."""

    before: Evidence
    sentence: str
    after: Evidence = GOOD


WITHOUT_TWIN = replace(GOOD, mask=None)
BARE = replace(
    label(label_kind="none", label_origin="none", review_state="unreviewed", category=None), boxes=(), mask=None
)
CATEGORY = replace(label(label_kind="category"), boxes=(), mask=None)
CASES = {
    "unreadable": Case(photo(failure="cut off"), "fetch the photo again: its file cannot be decoded"),
    "blurred": Case(photo(sharpness_p99=5.0), PHOTO_ADVICE["blurred"]),
    "subject_blurred": Case(
        sofa(mask=replace(mask(xywh_px=BOX), foreground_fraction=0.1, sharpness_p99=5.0)),
        "retake: subject blurred, background sharp",
    ),
    "dark": Case(photo(brightness_p99=0.2, brightness_p95=0.3, brightness_p05=0.0), PHOTO_ADVICE["dark"]),
    "subject_dark": Case(
        sofa(regions=(region(xywh_px=BOX, brightness_p99=0.2),)),
        "retake with the light behind you: subject dark, background bright",
    ),
    "overexposed": Case(photo(brightness_p05=0.96, brightness_p95=1.0), PHOTO_ADVICE["overexposed"]),
    "low_contrast": Case(photo(brightness_p05=0.5, brightness_p95=0.6), PHOTO_ADVICE["low_contrast"]),
    "noisy": Case(photo(noise_sigma=40.0), PHOTO_ADVICE["noisy"]),
    "low_information": Case(photo(entropy_bits=1.0), PHOTO_ADVICE["low_information"]),
    "compressed": Case(photo(jpeg_quality=10), PHOTO_ADVICE["compressed"]),
    "small": Case(label(width_px=399, height_px=399), "send the photo at 400x300 px or more"),
    "twin_spoilt": Case(
        covered(0, 0, 800, 600, share=0.99), "remove the background again: the twin keeps 99.0 % of the photo"
    ),
    "category_unknown": Case(label(category="FURN_SOFFA"), "name a category of data/categories.yaml"),
    "confidence_out_of_range": Case(label(model_confidence=95.0), LABEL_ADVICE["confidence_out_of_range"]),
    "box_not_finite": Case(boxed((float("nan"), 0, 10, 10)), LABEL_ADVICE["box_not_finite"], WITHOUT_TWIN),
    "box_empty": Case(boxed((100, 100, 0, 100)), LABEL_ADVICE["box_empty"], WITHOUT_TWIN),
    "box_outside": Case(boxed((700, 100, 200, 100)), LABEL_ADVICE["box_outside"], WITHOUT_TWIN),
    "box_tiny": Case(boxed((100, 100, 3, 3)), LABEL_ADVICE["box_tiny"], WITHOUT_TWIN),
    "box_covers_frame": Case(boxed((1, 1, 797, 597)), LABEL_ADVICE["box_covers_frame"], WITHOUT_TWIN),
    "box_elongated": Case(boxed((100, 100, 420, 20)), LABEL_ADVICE["box_elongated"], WITHOUT_TWIN),
    "box_repeated": Case(boxed(BOX, (100, 100, 200, 95)), LABEL_ADVICE["box_repeated"], WITHOUT_TWIN),
    "box_elsewhere": Case(covered(500, 400, 200, 100), LABEL_ADVICE["box_elsewhere"]),
    "box_cuts_object": Case(covered(72, 100, 228, 100), "box cuts the object: mask reaches 14 % beyond it on the left"),
    "box_loose": Case(
        covered(100, 130, 130, 60),
        "box is loose: it reaches 35 % beyond the mask on the right, 30 % beyond the mask at the top",
    ),
    "size_impossible": Case(label(width_cm=1900.0), "measure again: a length of this size cannot be"),
    "size_disagrees": Case(
        label(width_cm=50.0, height_cm=200.0, depth_cm=50.0),
        "measure again: 50 x 200 x 50 cm cannot look as the box does, it is 5.7 times off",
    ),
    "no_label": Case(BARE, "give it a label: nobody has said what it shows", CATEGORY),
    "no_box": Case(CATEGORY, "draw a box: the label names a category only", WITHOUT_TWIN),
    "no_size": Case(label(width_cm=None), "measure it: width and height in cm are not known"),
    "unreviewed": Case(
        label(label_origin="model", review_state="unreviewed"), "ask a person to confirm or correct the label"
    ),
}


def judged(found: Evidence) -> QualityRow:
    """Return the quality of what is known."""
    return assess(found, OURS, CODES)


def test_a_good_capture_needs_nothing() -> None:
    """No advice, no flag, grade high."""
    row = judged(GOOD)
    assert (row.recommendation_codes, row.recommendations, row.flags, row.grade) == ((), (), (), "high")


@pytest.mark.parametrize("code", CASES)
def test_following_a_recommendation_raises_the_score(code: str) -> None:
    """The capture gets the sentence under its code; once it is followed the code is gone and the score higher."""
    case = CASES[code]
    before, after = judged(case.before), judged(case.after)
    assert dict(zip(before.recommendation_codes, before.recommendations, strict=True))[code] == case.sentence
    assert code not in after.recommendation_codes
    assert after.overall_score > before.overall_score


def test_every_recommendation_is_shown() -> None:
    """No code without a capture that shows it."""
    assert set(CASES) == {*PHOTO_ADVICE, *LABEL_ADVICE, *NUMBERED, *OF_THE_LABEL}


def test_a_rejected_capture_is_not_sent_round_again() -> None:
    """A person has decided; nobody is asked to confirm it."""
    assert "unreviewed" not in judged(label(review_state="rejected")).recommendation_codes


def test_the_photo_comes_first() -> None:
    """A retake makes the rest of the advice obsolete, so it stands first."""
    row = judged(known(capture(), measured=measurement(sharpness_p99=1.0), boxes=(annotation(xywh_px=(1, 1, 2, 2)),)))
    assert row.recommendation_codes == ("blurred", "box_tiny", "no_size", "unreviewed")
