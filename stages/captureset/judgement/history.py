"""What a ledger of checks gets: a row per capture and change of its score, so that a change can be explained.

The version of a row says what judged: `m` the metric of the measurements, `p` a digest of section `quality`, `c` one
of the code in this room. A score that changed between rows of one version changed because the capture did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from captureset.judgement.settings import QualityParams
from captureset.records.quality_rows import Check
from captureset.records.rows import QualityRow

CHECK_TYPES = ("initial", "periodic", "manual")
HERE = Path(__file__).parent


def version_of(settings: QualityParams, metric_version: int, code: Path = HERE) -> str:
    """Return what judges: `m2-p3fa9c1d2-c77ab01cd`.

    Args:
        settings: section `quality` of params.yaml.
        metric_version: of the measurements.
        code: the folder of this room in the repository that is judged.
    """
    sources = hashlib.sha256()
    for path in sorted(code.glob("*.py")):
        sources.update(path.read_bytes())
    thresholds = hashlib.sha256(repr(settings).encode()).hexdigest()
    return f"m{metric_version}-p{thresholds[:8]}-c{sources.hexdigest()[:8]}"


def check_of(row: QualityRow, check_type: str, checked: str, version: str) -> Check:
    """Return the quality of one capture as a row of the ledger."""
    score = f"{row.overall_score:.6f}"
    return Check(row.capture_id, check_type, checked, score, row.grade, " ".join(row.flags), version)


def changes(ledger: Iterable[Check], quality: Sequence[QualityRow], checked: str, version: str) -> list[Check]:
    """Return the rows to append: `initial` for a capture's first, `periodic` where score, grade or flags changed.

    Args:
        ledger: what is written already, the latest row of a capture last.
        quality: what the stage says now.
        checked: the release that asks.
        version: see `version_of`.
    """
    latest = {row.capture_id: row for row in ledger}
    found = []
    for row in quality:
        before = latest.get(row.capture_id)
        now = check_of(row, "initial" if before is None else "periodic", checked, version)
        if before is None or _verdict(before) != _verdict(now):
            found.append(now)
    return found


def _verdict(check: Check) -> tuple[str, str, str]:
    return check.overall_score, check.grade, check.flags


def problem_of(check: Check) -> str | None:
    """Return what is wrong with a row of the ledger, None when nothing is."""
    if check.check_type not in CHECK_TYPES:
        return f"has the check type {check.check_type!r}; {', '.join(CHECK_TYPES)} exist"
    try:
        score = float(check.overall_score)
    except ValueError:
        score = -1.0
    return None if 0 <= score <= 1 else f"has the score {check.overall_score!r}, which is no number of 0 to 1"
