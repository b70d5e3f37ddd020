"""What a person can do to make a capture better: a stable code and a sentence for each.

Whoever does what a sentence says raises the capture's overall score, or its grade where the score is full already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from captureset.judgement.evidence import Evidence
from captureset.judgement.foreground import SIDES, MaskAgreement
from captureset.judgement.sizes import size_counts, size_is_whole, sizes_cm
from captureset.records.rows import CaptureRow


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a capture: flags, and the numbers that sentences name."""

    known: Evidence
    flags: Sequence[str]
    agreement: MaskAgreement | None
    size_disagreement: float | None


PHOTO_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "unreadable": "fetch the photo again: its file cannot be decoded",
        "blurred": "retake: hold still and let the camera focus before pressing",
        "subject_blurred": "retake: subject blurred, background sharp",
        "dark": "retake with more light, or with the light behind you",
        "subject_dark": "retake with the light behind you: subject dark, background bright",
        "overexposed": "retake away from direct light: the highlights are burnt out",
        "low_contrast": "retake: the photo is flat, wipe the lens and mind fog and backlight",
        "noisy": "retake with more light: the photo is grainy",
        "low_information": "retake: the photo shows next to nothing",
        "compressed": "send the camera's own file: this one was saved at a very low JPEG quality",
        "small": "send the photo at 400x300 px or more",
    }
)
LABEL_ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "category_unknown": "name a category of data/categories.yaml",
        "confidence_out_of_range": "send the model's confidence as a share of 0 to 1",
        "box_not_finite": "draw the box again: a number of it is not finite",
        "box_empty": "draw the box again: it has no area",
        "box_outside": "draw the box again: it reaches outside the photo",
        "box_tiny": "draw the box again: it is only a few pixels large",
        "box_covers_frame": "draw the box around the object, or step back and retake: it covers the whole photo",
        "box_elongated": "draw the box again: it is a mere stripe",
        "box_repeated": "delete a box: two of the same category lie on each other",
        "box_elsewhere": "draw the box again: the object is elsewhere, as the background-removed twin shows",
        "size_impossible": "measure again: a length of this size cannot be",
    }
)


def recommendations(found: Findings) -> dict[str, str]:
    """Return the sentences by their codes, the photo's first, gravest first."""
    return dict([*_by_flag(found), *_by_label(found.known.capture)])


def _by_flag(found: Findings) -> Iterator[tuple[str, str]]:
    for flag in found.flags:
        yield flag, NUMBERED[flag](found) if flag in NUMBERED else {**PHOTO_ADVICE, **LABEL_ADVICE}[flag]


def _twin(found: Findings) -> str:
    mask = found.known.mask
    share = 0.0 if mask is None else mask.foreground_fraction or 0.0
    why = mask.failure if mask and mask.failure else f"the twin keeps {share * 100:.1f} % of the photo"
    return f"remove the background again: {why}"


def _cuts(found: Findings) -> str:
    return f"box cuts the object: mask reaches {_sides(found, 1, 'beyond it')}"


def _loose(found: Findings) -> str:
    return f"box is loose: it reaches {_sides(found, -1, 'beyond the mask')}"


def _sides(found: Findings, sign: int, beyond: str) -> str:
    """Return `14 % beyond it on the left`, the farthest side first; sides of less than half of that are left out."""
    shares = found.agreement.beyond if found.agreement else ()
    reach = sorted(((sign * share, side) for share, side in zip(shares, SIDES, strict=True)), reverse=True)
    return ", ".join(f"{share * 100:.0f} % {beyond} {ON[side]}" for share, side in reach if share >= reach[0][0] / 2)


def _size(found: Findings) -> str:
    lengths = " x ".join(f"{value:g}" for value in sizes_cm(found.known.capture))
    return f"measure again: {lengths} cm cannot look as the box does, it is {found.size_disagreement:.1f} times off"


ON = {"left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom"}
NUMBERED: Mapping[str, Callable[[Findings], str]] = MappingProxyType(
    {"twin_spoilt": _twin, "box_cuts_object": _cuts, "box_loose": _loose, "size_disagrees": _size}
)


def _by_label(capture: CaptureRow) -> Iterator[tuple[str, str]]:
    if capture.label_kind == "none":
        yield "no_label", "give it a label: nobody has said what it shows"
    elif capture.label_kind == "category":
        yield "no_box", "draw a box: the label names a category only"
    if size_counts(capture) and not size_is_whole(capture):
        yield "no_size", "measure it: width and height in cm are not known"
    if capture.review_state == "unreviewed" and capture.label_kind != "none":
        yield "unreviewed", "ask a person to confirm or correct the label"
