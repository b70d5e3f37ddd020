"""What the report is about: every table, the manifests and the verdicts, read once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, tables
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.quality_rows import CollectionRow
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
from captureset.records.splits import SPLITS
from captureset.records.taxonomy import Taxonomy
from captureset.reporting.colours import colours
from captureset.reporting.kpis import Kpi, Targets, kpis
from captureset.reporting.trust import Trust

MANIFESTS = {
    "COCO": Path("exports/coco_format/manifest.json"),
    "YOLO": Path("exports/yolo_format/manifest.json"),
    "custom (ecoguide_v1)": Path("exports/custom/ecoguide_v1/manifest.json"),
    "YOLO-segment": Path("exports/yolo_segment/manifest.json"),
    "classification": Path("exports/classification/manifest.json"),
    "tables": Path("exports/tables/manifest.json"),
}
OPTIONAL = {"YOLO-segment", "classification", "tables"}  # nothing is said of them while they are off
TRAINING_KEYS = (
    *("images_in_train", "images_given", "labels_given", "images_seen", "labels_seen", "backgrounds_seen"),
    *("corrupt", "finite", "fell", "alignment"),
)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What a manifest says, image by image no more."""

    name: str
    enabled: bool
    images: Mapping[str, int]  # by split
    boxes: Mapping[str, int]
    without_boxes: Mapping[str, int]
    left_out: Mapping[str, Sequence[str]]  # reason code: capture ids
    changes: Mapping[str, int]  # images written anew, by why

    @property
    def image_count(self) -> int:
        """Images in all splits."""
        return sum(self.images.values())

    @property
    def box_count(self) -> int:
        """Boxes in all splits."""
        return sum(self.boxes.values())

    @property
    def left_out_count(self) -> int:
        """Captures in a split that this format leaves out."""
        return sum(map(len, self.left_out.values()))


@dataclass(frozen=True, slots=True)
class Check:
    """One line of data/verify/verify.json."""

    check: str
    subject: str
    status: str  # passed, failed, not_applicable
    proves: str
    faults: Sequence[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Check:
        """Return a row of verify.json, its faults as sentences."""
        faults = [
            f"{', '.join(filter(None, (fault['file'], fault['id'])))}: {fault['value']}; {fault['remedy']}"
            for fault in row["faults"]
        ]
        return cls(f"{row['rule']:02d} {row['check']}", row["subject"], row["status"], row["proves"], faults)


@dataclass(frozen=True, slots=True)
class Gates:
    """What verify and smoke_train say: verdicts and counts, no float of the training."""

    verify: str
    checks: Sequence[Check]
    smoke_train: str
    training: Mapping[str, Any]  # TRAINING_KEYS: counts, two flags, and whether alignment is proved

    @classmethod
    def of(cls, verify: Mapping[str, Any], smoke_train: Mapping[str, Any]) -> Gates:
        """Return what verify.json and verdict.json say."""
        return cls(
            verify=verify["verdict"],
            checks=[Check.of(row) for row in verify["checks"]],
            smoke_train=smoke_train["verdict"],
            training={key: smoke_train[key] for key in TRAINING_KEYS},
        )


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything the report counts and shows."""

    taxonomy: Taxonomy
    captures: Sequence[CaptureRow]
    annotations: Sequence[AnnotationRow]
    feedback: Sequence[FeedbackRow]
    quality: Mapping[str, QualityRow]  # by capture id, as the next two
    verdicts: Mapping[str, FilterRow]
    splits: Mapping[str, SplitRow]
    released: frozenset[str]  # ids of captures that a release has exported
    trust: Trust  # what people made of the answers of models
    gaps: Sequence[CollectionRow]  # what the collection as a whole lacks
    duplicates: Sequence[DuplicateRow]
    balance: Mapping[str, Any]  # data/split/summary.json
    exports: Sequence[ExportFacts]
    gates: Gates
    parameters: Mapping[str, Mapping[str, Any]]  # params.yaml
    parameters_text: str

    @property
    def kept(self) -> int:
        """How many captures the filter kept."""
        return sum(row.kept for row in self.verdicts.values())

    def is_kept(self, capture_id: str) -> bool:
        """Say whether the filter kept a capture."""
        return self.verdicts[capture_id].kept

    def place_of(self, capture_id: str) -> str | None:
        """Return the split a capture may be exported in; None when it was dropped or masked."""
        row = self.splits.get(capture_id)
        return row.split if row is not None and row.masked is None else None

    def colours(self) -> dict[str, str]:
        """Return the colour of every category that occurs, by code."""
        codes = {box.category for box in self.annotations} | {c.category for c in self.captures if c.category}
        by_id = colours(self.taxonomy[code].id for code in codes)
        return {code: by_id[self.taxonomy[code].id] for code in sorted(codes)}

    def kpis(self, targets: Targets) -> list[Kpi]:
        """Return the four figures of all captures; the first is of the latest month that has any."""
        months = Counter(capture.captured_at[:7] for capture in self.captures)
        latest = max(months, default="no month yet")
        return kpis(self.captures, self.quality, self.released, targets, (latest, months[latest], 1.0))

    def boxes_of(self) -> dict[str, list[AnnotationRow]]:
        """Return the boxes of every capture that has any."""
        found: dict[str, list[AnnotationRow]] = defaultdict(list)
        for annotation in self.annotations:
            found[annotation.capture_id].append(annotation)
        return found


def load(data: Path, parameters: Mapping[str, Mapping[str, Any]], parameters_text: str) -> Dataset:
    """Return everything below the folder `data`; the photos are not read.

    Raises:
        CapturesetError: a table, manifest or verdict is missing or of another version.
    """
    return Dataset(
        taxonomy=load_taxonomy(data / "categories.yaml"),
        captures=tables.read(data / "catalog/captures.parquet", CaptureRow),
        annotations=tables.read(data / "catalog/annotations.parquet", AnnotationRow),
        feedback=tables.read(data / "catalog/feedback.parquet", FeedbackRow),
        quality={row.capture_id: row for row in tables.read(data / "quality/quality.parquet", QualityRow)},
        verdicts={row.capture_id: row for row in tables.read(data / "filter/filter.parquet", FilterRow)},
        splits={row.capture_id: row for row in tables.read(data / "split/split.parquet", SplitRow)},
        released=frozenset(row.capture_id for row in ledgers.read(data / "splits.csv", FrozenSplit)),
        trust=Trust.read(data / "quality"),
        gaps=tables.read(data / "quality/collection.parquet", CollectionRow),
        duplicates=tables.read(data / "quality/duplicates.parquet", DuplicateRow),
        balance=jsontext.read(data / "split/summary.json"),
        exports=[export for export in _exports(data) if export.enabled or export.name not in OPTIONAL],
        gates=_gates(data / "verify/verify.json", data / "smoke_train/verdict.json"),
        parameters=parameters,
        parameters_text=parameters_text,
    )


def _exports(data: Path) -> Iterable[ExportFacts]:
    return (_export(name, data / place) for name, place in MANIFESTS.items())


def _export(name: str, path: Path) -> ExportFacts:
    document = jsontext.read(path)
    if not document.get("enabled"):
        return ExportFacts(name, enabled=False, images={}, boxes={}, without_boxes={}, left_out={}, changes={})
    try:
        return export_facts(name, document)
    except KeyError as error:
        raise _other_version(path, error) from None


def export_facts(name: str, manifest: Mapping[str, Any]) -> ExportFacts:
    """Return the facts of the manifest of an export that is switched on."""
    counts = manifest["counts"]
    left_out: dict[str, list[str]] = defaultdict(list)
    for entry in manifest["left_out"]:
        left_out[entry["reason"]].append(entry["capture_id"])
    images, boxes, bare = (
        {split: counts[split][what] for split in SPLITS} for what in ("images", "boxes", "without_boxes")
    )
    return ExportFacts(
        name,
        enabled=True,
        images=images,
        boxes=boxes,
        without_boxes=bare,
        left_out={reason: sorted(left_out[reason]) for reason in sorted(left_out)},
        changes=_sorted_counts(change for entry in manifest["images"] for change in entry["changes"]),
    )


def _sorted_counts(codes: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(codes).items()))


def _gates(verify_path: Path, smoke_path: Path) -> Gates:
    verify, smoke_train = jsontext.read(verify_path), jsontext.read(smoke_path)
    try:
        return Gates.of(verify, smoke_train)
    except KeyError as error:
        lacking = smoke_path if error.args[0] in {"verdict", *TRAINING_KEYS} - set(smoke_train) else verify_path
        raise _other_version(lacking, error) from None


def _other_version(path: Path, error: KeyError) -> CapturesetError:
    return CapturesetError(f"{path} has no {error.args[0]!r}, it is of another version; run `dvc repro` again.")
