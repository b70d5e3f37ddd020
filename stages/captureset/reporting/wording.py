"""The words of the report: numbers with their unit, and what every stable code means in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

DROPPED_BECAUSE = {
    "excluded": "A person set it aside; data/exclusions.csv has the reason.",
    "rejected": "The latest feedback of a person rejects it.",
    "no_label": "Neither a model nor a person has said what it shows.",
    "unreadable": "Its file cannot be decoded.",
    "date": "It was captured outside filter.date_range.",
    "confidence": "No person vouches for its label, and the model's confidence is below filter.min_confidence.",
    "no_feedback": "No person has confirmed or corrected it, and filter.feedback_only asks for that.",
    "category": "It shows a category that filter.categories leaves out.",
    "grade": "Its quality grade is below filter.min_quality_grade.",
    "not_usable": "Its overall score is below quality.usable_from, or its label fails the gate.",
    "duplicate": "It is the same photo, by bytes or by pixels, as a better capture that is kept.",
    "near_duplicate": "It looks like a better capture that is kept; their hashes differ in few bits.",
}
LEFT_OUT_BECAUSE = {
    "no_box": "Its label names a category but no box; this format needs boxes.",
    "no_category": "It is verified empty; this format needs a category.",
    "no_outline": "A box of it has no outline from a background-removed twin; this format needs outlines.",
    "category_not_mapped": "It shows a category that the map export.categories leaves out.",
    "background_over_ratio": "There are more photos without a box than export.background_ratio allows.",
    "bridges_frozen_splits": "It ties together captures that a release froze in different splits.",
    "copy_in_evaluation": "Its photo, or one that looks like it, is frozen in an evaluation split too.",
}
FLAG_MEANS = {
    "unreadable": "the file cannot be decoded",
    "blurred": "hardly any sharp edge",
    "subject_blurred": "hardly any sharp edge on the thing itself, though the rest is sharp",
    "dark": "even the brightest parts are dark",
    "subject_dark": "the thing is dark, though the rest is light",
    "overexposed": "even the darkest parts are bright",
    "low_contrast": "light and dark lie close together",
    "noisy": "grain all over",
    "low_information": "next to nothing to see",
    "compressed": "saved at a very low JPEG quality",
    "small": "below 400x300 px",
    "twin_spoilt": "the background-removed twin keeps next to nothing or everything, or cannot be read",
    "category_unknown": "the label names a category that the taxonomy lacks",
    "confidence_out_of_range": "a confidence is no share of 0 to 1",
    "box_not_finite": "a box has a number that is not finite",
    "box_empty": "a box has no area",
    "box_outside": "a box reaches outside the photo",
    "box_tiny": "a box is only a few pixels large",
    "box_covers_frame": "a box covers the whole photo",
    "box_elongated": "a box is a mere stripe",
    "box_repeated": "two boxes of one category lie on each other",
    "box_elsewhere": "the background-removed twin shows the thing elsewhere",
    "box_cuts_object": "the background-removed twin reaches beyond the box",
    "box_loose": "the box reaches far beyond the background-removed twin",
    "size_impossible": "a length in cm cannot be",
    "size_disagrees": "the box has another shape than the size in cm allows",
}
STATE_MEANS = {
    "confirmed": "a person agreed",
    "corrected": "a person changed it",
    "unreviewed": "no person has looked; silence is not agreement",
    "rejected": "a person said it is no use",
}
RULE_MEANS = {
    "minimised": "placed where they disturb the balance least",
    "oversized": "in groups too large for an evaluation split, so in train",
    "joined": "follow a released capture they belong to",
    "recent": "are of split.test_recent_from or later, with their whole group",
}
ORIGIN_MEANS = {
    "person": "a person's label",
    "model": "the model's answer",
    "source": "came with an import, nobody vouches for it",
    "none": "no label",
}
KIND_MEANS = {
    "boxes": "with bounding boxes",
    "category": "a category, no box",
    "empty": "verified empty",
    "none": "no label",
}
DUPLICATE_MEANS = {
    "review": "a person should look at, since they may be the same picture",
    "near": "of near-duplicates, in one group when split, the best one kept",
    "same_pixels": "of the same pixels",
    "same_bytes": "of the same file",
}
CHANGE_MEANS = {
    "made_upright": "turned upright",
    "alpha_composited": "transparency laid on a colour",
    "ended_at_end_of_image": "cut at the end of the image",
    "private_metadata_removed": "private metadata taken out",
}
PLURALS = {"category": "categories", "box": "boxes"}
NOTHING = "\u2013"


def number(count: int) -> str:
    """Return a count with thousands separated: 20,000."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """Return a count with its unit: `1 capture`, `2,000 captures`."""
    return f"{count:,} {noun if count == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """Return the plural of the last word of a noun."""
    head, _, last = noun.rpartition(" ")
    return f"{head} {PLURALS.get(last, last + 's')}".strip()


def percent(part: float, whole: float) -> str:
    """Return a share as `94.6 %`; of nothing there is none.

    Never says 0 or 100 of what is only nearly so.
    """
    if not whole:
        return NOTHING
    share = 100 * part / whole
    if 0 < share < 0.1:  # noqa: PLR2004 - one step of the digit shown
        return "< 0.1 %"
    if 99.9 < share < 100:  # noqa: PLR2004
        return "> 99.9 %"
    return f"{share:.0f} %" if part in {0, whole} else f"{share:.1f} %"


def share_of(part: int, whole: int, noun: str) -> str:
    """Return a share with its denominator: `94.6 % of 317 captures`."""
    return f"{percent(part, whole)} of {counted(whole, noun)}" if whole else f"of {counted(0, noun)}"


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def meaning(code: str, sentences: Mapping[str, str]) -> str:
    """Return the sentence of a code, or say that there is none."""
    return sentences.get(code, f"No sentence explains {code!r} yet; the examples have its details.")
