"""Which of the captures that look alike is kept, and why the others give way to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from captureset.records.rows import CaptureRow, DuplicateRow, QualityRow

Near = Mapping[str, Mapping[str, int]]  # for each capture that stands for its copies: others like it, bits apart


@dataclass(frozen=True, slots=True)
class Candidate:
    """A capture that nothing but a better copy speaks against."""

    capture: CaptureRow
    quality: QualityRow

    @property
    def is_reviewed(self) -> bool:
        """Say whether a person stands behind its label."""
        return self.capture.review_state in {"confirmed", "corrected"}

    @property
    def rank(self) -> tuple[float, bool, str, str]:
        """What orders candidates, the best first: score, review, time of capture, id."""
        capture = self.capture
        return -self.quality.overall_score, not self.is_reviewed, capture.captured_at, capture.capture_id


@dataclass(frozen=True, slots=True)
class GivesWay:
    """Why a capture gives way to another."""

    code: str  # duplicate, near_duplicate
    sentence: str


def give_way(candidates: Iterable[Candidate], pairs: Iterable[DuplicateRow]) -> dict[str, GivesWay]:
    """Return, by id, the captures that give way to a better one that is kept.

    From the best to the worst, each is kept unless a kept one is the same photo or its near-duplicate. So none gives
    way to a capture that is itself dropped or only like a like one: of a chain A~B~C whose best is A, C stays.

    Args:
        candidates: what is wanted otherwise.
        pairs: data/quality/duplicates.parquet; pairs for review do not count.
    """
    counted = sorted((row for row in pairs if row.kind != "review"), key=lambda row: (row.one_id, row.other_id))
    stands_for = _representatives(counted)
    near = _near(counted, stands_for)
    kept: dict[str, Candidate] = {}
    found = {}
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        name = candidate.capture.capture_id
        own = stands_for.get(name, name)
        rivals = [(bits, kept[other].rank, other) for other, bits in {own: 0, **near[own]}.items() if other in kept]
        if rivals:
            bits, _, other = min(rivals)
            found[name] = _gives_way(candidate, kept[other], bits)
        else:
            kept[own] = candidate
    return found


def _representatives(pairs: Iterable[DuplicateRow]) -> dict[str, str]:
    """Return the lowest id of the copies of each capture; pairs come sorted, so that of the lower id is known."""
    found: dict[str, str] = {}
    for row in pairs:
        if row.distance_bits == 0:
            found.setdefault(row.other_id, found.get(row.one_id, row.one_id))
    return found


def _near(pairs: Iterable[DuplicateRow], stands_for: Mapping[str, str]) -> Near:
    near: dict[str, dict[str, int]] = defaultdict(dict)
    for row in pairs:
        one, other = (stands_for.get(name, name) for name in (row.one_id, row.other_id))
        if row.distance_bits:
            near[one][other] = near[other][one] = row.distance_bits
    return near


def _gives_way(candidate: Candidate, to: Candidate, bits: int) -> GivesWay:
    one, other = candidate.capture, to.capture
    if one.image_sha256 == other.image_sha256 or one.pixel_sha256 == other.pixel_sha256:
        return GivesWay("duplicate", f"same photo as {other.capture_id}, {_why(candidate, to)}")
    apart = f"{bits} {'bit' if bits == 1 else 'bits'} apart"
    return GivesWay("near_duplicate", f"near-duplicate of {other.capture_id} ({apart}), {_why(candidate, to)}")


def _why(candidate: Candidate, to: Candidate) -> str:
    """Say what the kept one has over the other; the first difference in rank."""
    worse, better = candidate.quality, to.quality
    if better.overall_score != worse.overall_score:
        digits = 2 if round(better.overall_score, 2) != round(worse.overall_score, 2) else 6
        scores = f"score {better.overall_score:.{digits}f} against {worse.overall_score:.{digits}f}"
        return f"{_advantage(worse, better)}: {scores}"
    if to.is_reviewed and not candidate.is_reviewed:
        return "whose label a person has reviewed"
    if to.capture.captured_at != candidate.capture.captured_at:
        return "which is as good and was captured first"
    return "which is as good and has the lower id"


def _advantage(worse: QualityRow, better: QualityRow) -> str:
    if "blurred" in worse.flags and "blurred" not in better.flags:
        return "which is sharper"
    return "whose photo is better" if better.image_score > worse.image_score else "whose label is better founded"
