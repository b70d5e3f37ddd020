"""Checks of quality that are kept: at a release what changed since the last one, and by hand one capture."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from captureset import params
from captureset.errors import CapturesetError
from captureset.formats import tables
from captureset.judgement import history
from captureset.judgement.settings import QualityParams
from captureset.records.quality_rows import Check
from captureset.records.rows import MeasurementRow, QualityRow
from captureset.store import checks
from captureset.store.repository import Repository

JUDGEMENT = Path("stages/captureset/judgement")


def judged_by(repository: Repository) -> str:
    """Return the version of what made data/quality; see `judgement.history.version_of`."""
    measured = tables.read(repository.root / "data/measure/measurements.parquet", MeasurementRow)
    metric = max((row.metric_version for row in measured), default=0)
    own = repository.root / JUDGEMENT
    settings = params.record(QualityParams, "quality", repository.root / params.PARAMS_FILE)
    return history.version_of(settings, metric, own if own.is_dir() else history.HERE)


def record_release(repository: Repository, tag: str) -> int:
    """Append what changed since the last check to the ledger and return how many captures that are.

    Raises:
        CapturesetError: the tables are missing or the ledger is broken.
    """
    quality = tables.read(repository.root / "data/quality/quality.parquet", QualityRow)
    rows = history.changes(checks.read(repository), quality, tag, judged_by(repository))
    return checks.append(repository, rows)


def record_manual(repository: Repository, capture_id: str, now: datetime | None = None) -> Check:
    """Append a person's own check of one capture to the ledger and return it; the same one twice a day is one row.

    Args:
        repository: whose ledger takes it.
        capture_id: the capture.
        now: the moment, by default this one; its UTC day is written.

    Raises:
        CapturesetError: nobody knows the capture, or the tables are missing.
    """
    quality = tables.read(repository.root / "data/quality/quality.parquet", QualityRow)
    row = next((row for row in quality if row.capture_id == capture_id), None)
    if row is None:
        raise CapturesetError(
            f"capture {capture_id!r} is not in data/quality; run `captureset commit` and `dvc repro` first."
        )
    day = (now or datetime.now(UTC)).astimezone(UTC).date().isoformat()
    check = history.check_of(row, "manual", day, judged_by(repository))
    checks.append(repository, [check])
    return check
