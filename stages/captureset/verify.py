"""Is it true? Every export read back like a stranger and asked 31 rules; any doubt fails.

COCO by pycocotools, YOLO by the trainer's own loader (extra `train`), every byte by writing it a second time. Writes
data/verify/verify.json: counts and verdicts, one row a rule and export. `captureset verify` runs the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from captureset.verification.case import Policy
from captureset.verification.gate import failures
from captureset.verification.proving import Background, Proof, require_any, verify_exports
from captureset.verification.sources import sources

OUT = Path("data/verify/verify.json")
MOST_SAID = 3


@dataclass(frozen=True, slots=True)
class VerifyParams:
    """Section `verify` of params.yaml, pixels."""

    tolerance_px: float
    min_side_px: float


def proof(root: Path, kinds: list[str], status: Callable[[], list[str]] | None = None) -> Proof:
    """Return what the gate finds in the exports of a repository; `status` gives its stale stages."""
    settings = VerifyParams(**params.load("verify", root / params.PARAMS_FILE))
    return verify_exports(root, kinds, Policy(settings.tolerance_px, settings.min_side_px), background(root, status))


def background(root: Path, status: Callable[[], list[str]] | None) -> Background:
    """Return what a repository knows about its exports."""
    settings = ExportParams(**params.load("export", root / params.PARAMS_FILE))
    rows, store = Tables.read(root / "data"), ObjectStore(root)
    told = sources(root, store, (row.capture_id for row in rows.splits))
    naming = settings.naming(load_taxonomy(root / "data/categories.yaml"))
    return Background(rows, settings, naming, told, store.read, status)


def main() -> None:
    """Verify every export; refuse with the first faults when one is not true."""
    found = proof(Path(), list(LAYOUTS))
    require_any(found)
    if found.gate.verdict != "passed":
        _refuse(found)
    with stage.output(OUT.parent) as folder:
        jsontext.write(folder / OUT.name, found.document())


def _refuse(found: Proof) -> None:
    """Keep the whole report beside the pipeline's scratch files and say the first faults."""
    report = Repository(Path.cwd()).scratch / OUT.name
    report.parent.mkdir(parents=True, exist_ok=True)
    jsontext.write(report, found.document())
    said = list(failures(found.gate))
    raise CapturesetError(
        f"{len(said)} of {len(found.gate.checks)} checks failed: {'; '.join(said[:MOST_SAID])}; "
        f"all of them stand in {report.relative_to(Path.cwd())}."
    )


if __name__ == "__main__":
    stage.run(main, "verify")
