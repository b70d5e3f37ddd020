"""The threshold that tells blurred photos from sharp ones best, over all sizes and for each kind of size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from captureset.calibration.labelled import LABELS, Labelled
from captureset.calibration.roc import Roc, roc
from captureset.errors import CapturesetError
from captureset.pixels.picture import LONG_SIDE_PX, SIZE_TOLERANCE
from captureset.records.rows import MeasurementRow

FULL_SIZE, SMALLER = "measured at 1024 px", "smaller photos"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What labelled photos say of one number."""

    number: str
    overall: Roc
    by_size: tuple[tuple[str, Roc], ...]  # of the kinds that have both labels
    unreadable: tuple[str, ...]  # photos left out: they could not be measured


def calibrate(labelled: Sequence[Labelled], number: str) -> Calibration:
    """Return how well a number of the measurements tells the labels apart, and its best threshold.

    Args:
        labelled: from `read_labelled`.
        number: a column of MeasurementRow that is lower when blurred.

    Raises:
        CapturesetError: no readable photo has one of the labels.
    """
    readable = [each for each in labelled if getattr(each.row, number) is not None]
    overall = _curve(readable, number)
    if overall is None:
        counts = " and ".join(f"{sum(each.label == label for each in readable)} {label}" for label in LABELS)
        raise CapturesetError(f"there are {counts} photos; a threshold needs both, about 100 of each.")
    kinds = {FULL_SIZE: [each for each in readable if _is_full_size(each.row)]}
    kinds[SMALLER] = [each for each in readable if not _is_full_size(each.row)]
    by_size = tuple((kind, curve) for kind, members in kinds.items() if (curve := _curve(members, number)))
    unreadable = tuple(each.name for each in labelled if each.row.failure is not None)
    return Calibration(number, overall, by_size, unreadable)


def _curve(labelled: Sequence[Labelled], number: str) -> Roc | None:
    sharp, blurred = ([getattr(each.row, number) for each in labelled if each.label == label] for label in LABELS)
    return roc(sharp, blurred) if sharp and blurred else None


def _is_full_size(row: MeasurementRow) -> bool:
    return max(row.measured_width_px, row.measured_height_px) >= LONG_SIDE_PX * (1 - SIZE_TOLERANCE)
