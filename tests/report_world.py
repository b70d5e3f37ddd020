"""Datasets for the report: built from rows, and the same written as the stages write them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import rows
from captureset import split
from captureset.exporting import selecting
from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.exporting.writing import manifest as export_manifest
from captureset.formats import jsontext, ledgers, schema, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.quality_rows import CalibrationRow, CollectionRow, ConfusionRow, ReliabilityRow
from captureset.records.rows import (
    AnnotationRow,
    CaptureRow,
    DuplicateRow,
    FeedbackRow,
    FilterRow,
    FrozenSplit,
    QualityRow,
    SplitRow,
)
from captureset.reporting.dataset import MANIFESTS, OPTIONAL, Dataset, Gates, export_facts
from captureset.reporting.trust import Trust
from captureset.smoke_train import verdict
from captureset.splits import placing
from captureset.splits.summary import summary
from captureset.trainer.training import TrainResult
from captureset.verification.case import Fault
from captureset.verification.gate import Check, Gate
from captureset.verification.proving import Proof
from captureset.verification.rules import RULES

ROOT = Path(__file__).resolve().parents[1]
KINDS = dict(zip(MANIFESTS, ("coco", "yolo", "custom", "yolo_segment", "classification", "tables"), strict=True))

Reasons = Sequence[tuple[str, str]]  # code, sentence


def feedback(capture_id: str = "a", verdict: str = "confirm", *, applies: bool = True) -> FeedbackRow:
    """Return one thing a person said."""
    given_at = "2024-01-16T00:00:00.000000Z"
    return FeedbackRow(
        capture_id,
        f"f-{capture_id}",
        given_at,
        verdict,
        None,
        None,
        None,
        has_note=False,
        note_categories=(),
        applies=applies,
    )


def dataset(
    captures: Sequence[CaptureRow],
    annotations: Sequence[AnnotationRow] = (),
    *,
    quality: Iterable[QualityRow] = (),
    dropped: Mapping[str, Reasons] | None = None,
    splits: Mapping[str, SplitRow] | None = None,
    said: Sequence[FeedbackRow] = (),
    **changes: Any,
) -> Dataset:
    """Return a dataset in which every capture is good, kept and in train, but for what is said."""
    gone, own = dropped or {}, splits or {}
    kept = [c.capture_id for c in captures if c.capture_id not in gone]
    places = {name: own.get(name, rows.placed(name)) for name in kept}
    shown = split.categories_shown(captures, annotations)
    settings = rows.settings(placing.SplitParams, "split")
    divided = placing.Dataset(captures, frozenset(kept), shown, [], {})
    good = {c.capture_id: rows.quality(c.capture_id) for c in captures}
    whole = Dataset(
        taxonomy=load_taxonomy(ROOT / "data/categories.yaml"),
        captures=captures,
        annotations=annotations,
        feedback=said,
        quality={**good, **{row.capture_id: row for row in quality}},
        verdicts={c.capture_id: _verdict(c.capture_id, gone.get(c.capture_id, ())) for c in captures},
        splits=places,
        released=frozenset(),
        trust=Trust([], [], []),
        gaps=[],
        duplicates=[],
        balance=summary(list(places.values()), divided, settings),
        exports=[
            export_facts(name, manifest(kind, captures, annotations, places))
            for name, kind in KINDS.items()
            if name not in OPTIONAL
        ],
        gates=gates(),
        parameters=schema.read_yaml(ROOT / "params.yaml"),
        parameters_text=(ROOT / "params.yaml").read_text(encoding="utf-8"),
    )
    return replace(whole, **changes)


def _verdict(capture_id: str, reasons: Reasons) -> FilterRow:
    return FilterRow(capture_id, not reasons, tuple(r for r, _ in reasons), tuple(said for _, said in reasons))


def manifest(
    kind: str, captures: Sequence[CaptureRow], annotations: Sequence[AnnotationRow], places: Mapping[str, SplitRow]
) -> dict[str, Any]:
    """Return the manifest the export stage makes of it; every image keeps its bytes."""
    settings = rows.settings(ExportParams, "export", background_ratio=None)
    naming = settings.naming(load_taxonomy(ROOT / "data/categories.yaml"))
    judged = [rows.quality(capture.capture_id) for capture in captures]
    placed = selecting.placed(Tables(captures, annotations, judged, list(places.values())))
    skipped = selecting.left_out(placed, LAYOUTS[kind], naming, settings.background_ratio)
    items = [item for item in placed if item.capture.capture_id not in skipped]
    entries = [{"capture_id": item.capture.capture_id, "split": item.split.split, "changes": []} for item in items]
    return export_manifest(kind, items, entries, skipped, settings, naming)


def training(**changes: Any) -> dict[str, Any]:
    """Return verdict.json as smoke_train writes it, with changes."""
    result = TrainResult(
        images_given=3,
        labels_given=4,
        images_seen=3,
        labels_seen=4,
        backgrounds_seen=1,
        corrupt=0,
        losses=(),
        shuffled=(),
        finite=True,
        fell=True,
        seconds=1.0,
        map50=0.0,
    )
    return {**verdict(result, images_in_train=5, margin=0.15), **changes}


def verification(faults: Sequence[str] = ()) -> dict[str, Any]:
    """Return verify.json as verify writes it: one check that finds these faults, and one not applicable."""
    oracle, corners = RULES[7], RULES[11]
    told = tuple(Fault("train.json", "", fault) for fault in faults)
    gate = Gate()
    gate.checks.append(Check(oracle, "coco_format", "failed" if told else "passed", told, len(told)))
    gate.checks.append(Check(corners, "coco_format", "not_applicable", why="it is about yolo"))
    return Proof(gate, {}, []).document()


def gates(faults: Sequence[str] = (), **changes: Any) -> Gates:
    """Return what the gates say."""
    return Gates.of(verification(faults), training(**changes))


def write(root: Path, whole: Dataset) -> None:
    """Write a dataset below a repository's root as the stages before the report do."""
    shutil.copy(ROOT / "params.yaml", root / "params.yaml")
    data = root / "data"
    for name, record, found in (
        ("catalog/captures", CaptureRow, whole.captures),
        ("catalog/annotations", AnnotationRow, whole.annotations),
        ("catalog/feedback", FeedbackRow, whole.feedback),
        ("quality/quality", QualityRow, whole.quality.values()),
        ("filter/filter", FilterRow, whole.verdicts.values()),
        ("split/split", SplitRow, whole.splits.values()),
        ("quality/reliability", ReliabilityRow, whole.trust.reliability),
        ("quality/confusions", ConfusionRow, whole.trust.confusions),
        ("quality/calibration", CalibrationRow, whole.trust.calibration),
        ("quality/collection", CollectionRow, whole.gaps),
        ("quality/duplicates", DuplicateRow, whole.duplicates),
    ):
        path = data / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        tables.write(path, record, found)
    ledgers.write(data / "splits.csv", FrozenSplit, [rows.frozen(name) for name in sorted(whole.released)])
    jsontext.write(data / "split/summary.json", whole.balance)
    for name, place in MANIFESTS.items():
        made = manifest(KINDS[name], whole.captures, whole.annotations, whole.splits)
        write_json(data / place, {"format": KINDS[name], "enabled": False} if name in OPTIONAL else made)
    write_json(data / "verify/verify.json", verification())
    write_json(data / "smoke_train/verdict.json", training())


def write_json(path: Path, made: Any) -> None:
    """Write JSON into a folder that may not exist yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    jsontext.write(path, made)
