"""Does the foreground of the background-removed twin agree with the boxes?

The foreground's bounding box is compared with the box it fits best: all boxes together, or one of them, since a
background removal may keep one thing of several.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from captureset.judgement.evidence import Evidence, box_of
from captureset.judgement.settings import QualityParams
from captureset.records.box import Box, iou
from captureset.records.rows import MaskRow

SIDES = ("left", "right", "top", "bottom")


@dataclass(frozen=True, slots=True)
class MaskAgreement:
    """The foreground against the box it fits best; `beyond` in the order of SIDES, as shares of the box's sides."""

    iou: float
    beyond: tuple[float, float, float, float]  # negative: the box reaches outside the foreground


def usable_foreground(mask: MaskRow, settings: QualityParams) -> bool:
    """Say whether a twin's foreground can be the thing: not next to nothing, not next to everything."""
    share = mask.foreground_fraction
    return share is not None and mask.x_px is not None and settings.foreground_from <= share <= settings.foreground_to


def spoilt_twin(mask: MaskRow | None, settings: QualityParams) -> bool:
    """Say whether a twin is there and good for nothing; one without alpha says nothing either way."""
    if mask is None or (mask.failure is None and mask.foreground_fraction is None):
        return False
    return mask.failure is not None or not usable_foreground(mask, settings)


def mask_agreement(known: Evidence, settings: QualityParams) -> MaskAgreement | None:
    """Return how a capture's boxes agree with its foreground; None without boxes or without a usable foreground.

    A box that was made from the twin's alpha agrees with it in any case, so it is none of these.
    """
    mask = known.mask
    boxes = [box for box in (box_of(row) for row in known.boxes if row.derived_from != "alpha") if box.is_solid]
    if mask is None or not boxes or not usable_foreground(mask, settings):
        return None
    place = Box(float(mask.x_px or 0), float(mask.y_px or 0), float(mask.w_px or 0), float(mask.h_px or 0))
    fitting = max([_hull(boxes), *boxes], key=lambda box: iou(box, place))
    x1, y1, x2, y2 = fitting.xyxy_px
    left, top, right, bottom = place.xyxy_px
    across, down = fitting.w_px, fitting.h_px
    beyond = ((x1 - left) / across, (right - x2) / across, (y1 - top) / down, (bottom - y2) / down)
    return MaskAgreement(round(iou(fitting, place), 6), tuple(round(share, 6) for share in beyond))  # type: ignore[arg-type] # four


def _hull(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*(box.xyxy_px for box in boxes), strict=True)
    return Box.from_xyxy_px(min(lefts), min(tops), max(rights), max(bottoms))


def mask_flags(found: MaskAgreement | None, settings: QualityParams) -> Iterator[str]:
    """Give what the foreground says about the boxes: elsewhere altogether, or cut, or loose."""
    if found is None:
        return
    if found.iou < settings.elsewhere_below:
        yield "box_elsewhere"
        return
    if max(found.beyond) > settings.cut_above:
        yield "box_cuts_object"
    if min(found.beyond) < -settings.loose_above:
        yield "box_loose"
