"""The numbers DVC shows and compares: data/report/metrics.json."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from captureset.records.splits import SPLITS
from captureset.reporting import counts
from captureset.reporting.dataset import Dataset
from captureset.reporting.kpis import Kpi, Targets

DIGITS = 6


def metrics(dataset: Dataset, targets: Targets) -> dict[str, Any]:
    """Return counts, and shares (0 to 1, six digits); a share of nothing is left out.

    `kpi` has the four figures of reporting/kpis.py, `kpi_reached` 1 or 0 for each, in the same words.
    """
    captures = len(dataset.captures)
    grades = counts.grades(dataset.quality.values())
    states = counts.review_states(dataset.captures)
    places = [dataset.place_of(capture.capture_id) for capture in dataset.captures]
    shares = {
        "share_kept": _share(dataset.kept, captures),
        "share_confirmed": _share(states["confirmed"] + states["corrected"], captures),
        "mean_overall_score": _share(sum(row.overall_score for row in dataset.quality.values()), captures),
        **{f"share_{grade}": _share(number, captures) for grade, number in grades.items()},
    }
    return {
        "captures": captures,
        "kept": dataset.kept,
        "dropped": captures - dataset.kept,
        "masked": sum(row.masked is not None for row in dataset.splits.values()),
        "boxes": len(dataset.annotations),
        "categories": len(counts.categories(dataset)),
        "feedback": len(dataset.feedback),
        "grade": grades,
        "review_state": states,
        "split": {split: places.count(split) for split in SPLITS},
        "exported": _exported(dataset),
        **_kpis(dataset.kpis(targets)),
        "gates": {
            "checks_passed": sum(check.status == "passed" for check in dataset.gates.checks),
            "checks_failed": sum(check.status == "failed" for check in dataset.gates.checks),
            "verify_passed": int(dataset.gates.verify == "passed"),
            "smoke_train_passed": int(dataset.gates.smoke_train == "passed"),
        },
        **{name: share for name, share in shares.items() if share is not None},
    }


def _kpis(found: Iterable[Kpi]) -> dict[str, dict[str, float]]:
    known = [kpi for kpi in found if kpi.value is not None]
    return {
        "kpi": {kpi.code: float(kpi.value or 0) for kpi in known},
        "kpi_reached": {kpi.code: int(bool(kpi.met)) for kpi in known},
    }


def _exported(dataset: Dataset) -> dict[str, Any]:
    """Return images by split and boxes in all, for each format that is switched on."""
    return {
        export.name.split(" ")[0].lower().replace("-", "_"): {**export.images, "boxes": export.box_count}
        for export in dataset.exports
        if export.enabled
    }


def _share(part: float, whole: int) -> float | None:
    return round(part / whole, DIGITS) if whole else None
