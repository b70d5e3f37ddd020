"""How far a model can be trusted: what people made of its answers, per model version and category it named.

Silence is never read as agreement: shares are of captures that a person confirmed or corrected, with 95 % Wilson
intervals, and the answered share stands beside them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import fmean, median
from typing import TypeVar

from captureset.judgement.evidence import Evidence, box_of
from captureset.judgement.matching import matched_ious
from captureset.judgement.proportions import calibration_error, confidence_bins, wilson
from captureset.records.answer_rows import AnswerRow
from captureset.records.box import Box
from captureset.records.quality_rows import CalibrationRow, ConfusionRow, ReliabilityRow

EMPTY = "empty"  # what a model says that saw nothing, and a person who verified it
SAMPLES = 12
BY_PERSON = frozenset({"confirmed", "corrected"})
SAME_PLACE_PX = 0.01  # farther apart than rounding is another box

Model = tuple[str | None, str | None]
Key = TypeVar("Key", bound=tuple[str | None, ...])


@dataclass(frozen=True, slots=True)
class Case:
    """One answer of a model beside what became of it."""

    known: Evidence
    answer: AnswerRow
    said: str
    person: str | None  # what a person says it is; None: nobody decided

    @property
    def model(self) -> Model:
        """Name and version."""
        return self.answer.model_name, self.answer.model_version

    @property
    def answered(self) -> bool:
        """A person confirmed, corrected or rejected the capture."""
        return self.person is not None or self.known.capture.review_state == "rejected"

    @property
    def right(self) -> bool:
        """The category stands."""
        return self.person == self.said

    @property
    def boxes_stand(self) -> bool:
        """The boxes are the model's, whatever they are called now, or it looked for none and the person drew none."""
        final = [box_of(row) for row in self.known.boxes if row.derived_from is None]
        given = [box_of(row) for row in self.known.model_boxes]
        return _all_in(final, given) and _all_in(given, final)


def _all_in(some: Iterable[Box], others: Sequence[Box]) -> bool:
    return all(any(_same_place(box, other) for other in others) for box in some)


def _same_place(one: Box, other: Box) -> bool:
    return all(abs(a - b) <= SAME_PLACE_PX for a, b in zip(one.xywh_px, other.xywh_px, strict=True))


def cases(everything: Iterable[Evidence], answers: Iterable[AnswerRow]) -> list[Case]:
    """Return every answer a model gave beside what people said; an answer that names nothing at all is none."""
    given = {row.capture_id: row for row in answers}
    found = []
    for known in everything:
        answer = given.get(known.capture.capture_id)
        if answer is None or (answer.category is None and answer.boxes is None):
            continue
        found.append(Case(known, answer, answer.category or EMPTY, _person(known)))
    return found


def _person(known: Evidence) -> str | None:
    capture = known.capture
    if capture.review_state not in BY_PERSON:
        return None
    return EMPTY if capture.label_kind == EMPTY else capture.category


def reliability(found: Sequence[Case]) -> list[ReliabilityRow]:
    """Return a row per model version and category it named, and before these one of the model version as a whole."""
    whole = _grouped(found, lambda case: (*case.model, None))
    parts = _grouped(found, lambda case: (*case.model, case.said))
    return [_row(key, group) for key, group in sorted([*whole, *parts], key=lambda item: _order(item[0]))]


def _grouped(found: Iterable[Case], key: Callable[[Case], Key]) -> list[tuple[Key, list[Case]]]:
    groups: dict[Key, list[Case]] = defaultdict(list)
    for case in found:
        groups[key(case)].append(case)
    return sorted(groups.items(), key=lambda item: _order(item[0]))


def _order(key: Iterable[str | None]) -> tuple[str, ...]:
    return tuple("" if part is None else part for part in key)


def _row(key: tuple[str | None, str | None, str | None], group: Sequence[Case]) -> ReliabilityRow:
    judged = [case for case in group if case.person is not None]
    accepted = sum(case.right and case.boxes_stand for case in judged)
    right = sum(case.right for case in judged)
    answered = sum(case.answered for case in group)
    moved = [case for case in judged if not case.boxes_stand and case.known.boxes and case.known.model_boxes]
    ious = [value for case in moved for value in matched_ious(case.known.model_boxes, case.known.boxes)]
    errors = [errors for case in judged if (errors := list(_size_errors(case)))]
    told = [(case.answer.confidence, case.right) for case in judged if case.answer.confidence is not None]
    return ReliabilityRow(
        *key,
        captures=len(group),
        answered=answered,
        answered_share=round(answered / len(group), 6),
        judged=len(judged),
        accepted=accepted,
        acceptance=_share(accepted, judged),
        acceptance_low=wilson(accepted, len(judged))[0],
        acceptance_high=wilson(accepted, len(judged))[1],
        category_right=right,
        category_right_share=_share(right, judged),
        category_right_low=wilson(right, len(judged))[0],
        category_right_high=wilson(right, len(judged))[1],
        rejected=answered - len(judged),
        corrected_boxes=len(moved),
        mean_box_iou=_mean(ious),
        resized=len(errors),
        median_size_error=round(median(chain(*errors)), 6) if errors else None,
        mean_confidence=_mean([confidence for confidence, _ in told]),
        calibration_error=calibration_error(told),
    )


def _share(part: int, whole: Sequence[Case]) -> float | None:
    return round(part / len(whole), 6) if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return round(fmean(values), 6) if values else None


def _size_errors(case: Case) -> Iterator[float]:
    """Give the relative error of every length that a person changed."""
    for axis in ("width_cm", "height_cm", "depth_cm"):
        estimated, final = getattr(case.answer, axis), getattr(case.known.capture, axis)
        if estimated is not None and final and estimated != final:
            yield abs(estimated - final) / abs(final)


def confusions(found: Iterable[Case]) -> list[ConfusionRow]:
    """Return the flip matrix of every model version, right answers included, the most frequent cell first."""
    judged = (case for case in found if case.person is not None)
    groups = _grouped(judged, lambda case: (*case.model, case.said, case.person))
    rows = [
        ConfusionRow(
            name,
            version,
            str(said),
            str(person),
            len(group),
            tuple(sorted(case.known.capture.capture_id for case in group)[:SAMPLES]),
        )
        for (name, version, said, person), group in groups
    ]
    return sorted(
        rows, key=lambda row: (_order((row.model_name, row.model_version)), -row.captures, row.said, row.person)
    )


def calibration(found: Iterable[Case]) -> list[CalibrationRow]:
    """Return ten bins of confidence per model version; bins that nobody judged are left out."""
    return [
        CalibrationRow(name, version, *bounds, judged, confidence, share, *wilson(round(share * judged), judged))  # type: ignore[arg-type]  # judged > 0
        for (name, version), group in _grouped(found, lambda case: case.model)
        for bounds, judged, confidence, share in confidence_bins(
            (case.answer.confidence, case.right) for case in group if case.person is not None
        )
    ]
