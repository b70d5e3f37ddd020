"""Is it true? Every export read back like a stranger and compared with the tables; any doubt fails.

COCO by pycocotools, YOLO by the trainer's own loader (extra `train`), ecoguide_v1 by its schema. Writes
data/verify/verify.json: counts and verdicts, one row a check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import jsontext, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.rows import AnnotationRow, CaptureRow, SplitRow
from captureset.store.repository import Repository
from captureset.verification.coco import check_coco
from captureset.verification.custom import check_custom
from captureset.verification.files import check_files
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth, expected
from captureset.verification.yolo import check_yolo

OUT = Path("data/verify/verify.json")
EXPORTS = Path("data/exports")
MOST_SAID = 3

Checker = Callable[[Gate, Path, Truth], None]
FORMATS: dict[str, tuple[str, Checker]] = {
    "coco_format": ("coco", check_coco),
    "yolo_format": ("yolo", check_yolo),
    "custom/ecoguide_v1": ("custom", check_custom),
}


@dataclass(frozen=True, slots=True)
class VerifyParams:
    """Section `verify` of params.yaml, pixels."""

    tolerance_px: float
    min_side_px: float


def verify_exports(exports: Path, truths: dict[str, Truth]) -> tuple[Gate, dict[str, Any]]:
    """Return the checks of every export below a folder, and the counts of each by split."""
    gate, counts = Gate(), {}
    for subject, (kind, checker) in FORMATS.items():
        manifest = jsontext.read(exports / subject / "manifest.json")
        if not manifest["enabled"]:
            gate.not_applicable(f"{kind}.all", subject, f"export.export_{kind} is false in params.yaml")
            continue
        check_files(gate, subject, exports / subject, manifest, truths[kind])
        checker(gate, exports / subject, truths[kind])
        counts[subject] = manifest["counts"]
    return gate, counts


def document(gate: Gate, counts: dict[str, Any]) -> dict[str, Any]:
    """Return verify.json."""
    return {"verdict": gate.verdict, "checks": [check.document() for check in gate.checks], "counts": counts}


def main() -> None:
    """Verify the three exports; refuse with the first faults when one is not true."""
    settings = VerifyParams(**params.load("verify"))
    taxonomy = load_taxonomy(Path("data/categories.yaml"))
    captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
    annotations = tables.read(Path("data/catalog/annotations.parquet"), AnnotationRow)
    splits = tables.read(Path("data/split/split.parquet"), SplitRow)
    truths = {
        kind: Truth(
            expected(captures, annotations, splits, taxonomy, detection=kind != "custom"),
            taxonomy,
            settings.tolerance_px,
            settings.min_side_px,
        )
        for kind, _ in FORMATS.values()
    }
    gate, counts = verify_exports(EXPORTS, truths)
    if gate.verdict != "passed":
        _refuse(gate, counts)
    with stage.output(OUT.parent) as folder:
        jsontext.write(folder / OUT.name, document(gate, counts))


def _refuse(gate: Gate, counts: dict[str, Any]) -> None:
    """Keep the whole report beside the pipeline's scratch files and say the first faults."""
    report = Repository(Path.cwd()).scratch / OUT.name
    report.parent.mkdir(parents=True, exist_ok=True)
    jsontext.write(report, document(gate, counts))
    said = [f"{check.check} ({check.subject}): {check.faults[0]}" for check in gate.failed[:MOST_SAID]]
    raise CapturesetError(
        f"{len(gate.failed)} of {len(gate.checks)} checks failed: {'; '.join(said) or 'no export is switched on'}; "
        f"all of them stand in {report.relative_to(Path.cwd())}."
    )


if __name__ == "__main__":
    stage.run(main, "verify")
