"""In which format? The split's captures as COCO, YOLO or ecoguide_v1, images by hash, labels beside them.

`python -m captureset.export coco | yolo | custom` writes data/exports/…. Each folder has a manifest.json: every image
with its source, what was changed on it and why, and every capture left out with the reason. Never drops silently.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.formats import jsontext, tables
from captureset.formats.exports import coco, ecoguide, yolo
from captureset.formats.exports.items import ExportItem, Naming
from captureset.formats.taxonomy import load_taxonomy
from captureset.pixels.normalise import ExportedImage, normalised
from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow, SplitRow
from captureset.records.splits import SPLITS
from captureset.store.objects import ObjectStore, md5_of

OUTS = {"coco": "data/exports/coco_format", "yolo": "data/exports/yolo_format", "custom": "data/exports/custom"}
THREADS = 4


@dataclass(frozen=True, slots=True)
class ExportParams:
    """Section `export` of params.yaml."""

    export_coco: bool
    export_yolo: bool
    export_custom: bool
    category_names: str
    contributor: str
    license_name: str
    license_url: str
    background_color: str
    jpeg_quality: int

    def wants(self, kind: str) -> bool:
        """Say whether a format is switched on."""
        return bool(getattr(self, f"export_{kind}"))


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one format puts images, and the text files it has beside them."""

    image_path: Callable[[ExportItem], str]
    texts: Callable[[Sequence[ExportItem], Naming], dict[str, str]]
    needs_boxes: bool
    root: str = ""  # below the export's folder


LAYOUTS = {
    "coco": Layout(
        coco.image_path,
        lambda items, naming: {path: jsontext.dump(doc) for path, doc in coco.documents(items, naming).items()},
        needs_boxes=True,
    ),
    "yolo": Layout(yolo.image_path, yolo.texts, needs_boxes=True),
    "custom": Layout(
        ecoguide.image_path,
        lambda items, naming: {ecoguide.FILE: jsontext.dump(ecoguide.document(items, naming))},
        needs_boxes=False,
        root="ecoguide_v1",
    ),
}


def left_out(captures: Iterable[CaptureRow], splits: Iterable[SplitRow], layout: Layout) -> dict[str, str]:
    """Return the placed captures this format cannot carry, with the reason code."""
    kinds = {capture.capture_id: capture.label_kind for capture in captures}
    reasons = {}
    for row in splits:
        if row.masked is not None:
            reasons[row.capture_id] = row.masked
        elif layout.needs_boxes and kinds[row.capture_id] == "category":
            reasons[row.capture_id] = "no_box"
    return reasons


def gather(
    captures: Iterable[CaptureRow],
    annotations: Iterable[AnnotationRow],
    quality: Iterable[QualityRow],
    splits: Iterable[SplitRow],
    skipped: Iterable[str],
) -> list[ExportItem]:
    """Return the items to export, by capture id, their file names still without a suffix."""
    rows = {capture.capture_id: capture for capture in captures}
    judged = {row.capture_id: row for row in quality}
    boxes: dict[str, list[AnnotationRow]] = defaultdict(list)
    for annotation in annotations:
        boxes[annotation.capture_id].append(annotation)
    left = set(skipped)
    return [
        ExportItem(rows[row.capture_id], boxes[row.capture_id], judged[row.capture_id], row, row.capture_id)
        for row in sorted(splits, key=lambda row: row.capture_id)
        if row.capture_id not in left
    ]


def place_images(
    folder: Path, items: Sequence[ExportItem], read: Callable[[str], bytes], layout: Layout, settings: ExportParams
) -> tuple[list[ExportItem], list[dict[str, Any]]]:
    """Write every image and return the items with their file names, and the manifest's entries."""

    def place(item: ExportItem) -> tuple[ExportItem, dict[str, Any]]:
        image = normalised(read(item.capture.image_md5), settings.background_color, settings.jpeg_quality)
        named = replace(item, file_name=item.file_name + image.suffix)
        path = layout.image_path(named)
        (folder / path).write_bytes(image.data)
        return named, _entry(named, path, image)

    with ThreadPoolExecutor(THREADS) as pool:
        placed = list(pool.map(place, items))
    return [item for item, _ in placed], [entry for _, entry in placed]


def _entry(item: ExportItem, path: str, image: ExportedImage) -> dict[str, Any]:
    return {
        "capture_id": item.capture.capture_id,
        "split": item.split.split,
        "group": item.split.group,
        "file": path,
        "md5": md5_of(image.data),
        "source_md5": item.capture.image_md5,
        "boxes": len(item.annotations),
        "changes": list(image.changes),
    }


def manifest(kind: str, entries: Sequence[dict[str, Any]], skipped: dict[str, str]) -> dict[str, Any]:
    """Return the manifest of an export: what is in it, and what is not and why."""
    counts = {
        name: {
            "images": sum(entry["split"] == name for entry in entries),
            "boxes": sum(entry["boxes"] for entry in entries if entry["split"] == name),
            "without_boxes": sum(entry["split"] == name and not entry["boxes"] for entry in entries),
        }
        for name in SPLITS
    }
    return {
        "format": kind,
        "enabled": True,
        "counts": counts,
        "images": list(entries),
        "left_out": [{"capture_id": name, "reason": reason} for name, reason in sorted(skipped.items())],
        "left_out_counts": dict(Counter(skipped.values())),
    }


def write_export(
    folder: Path,
    kind: str,
    items: Sequence[ExportItem],
    read: Callable[[str], bytes],
    settings: ExportParams,
    naming: Naming,
    skipped: dict[str, str],
) -> None:
    """Write one export into a fresh folder: images, labels, manifest."""
    layout = LAYOUTS[kind]
    root = folder / layout.root
    for parent in {Path(layout.image_path(item)).parent for item in items}:
        (root / parent).mkdir(parents=True, exist_ok=True)
    named, entries = place_images(root, items, read, layout, settings)
    for path, text in layout.texts(named, naming).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="\n")
    jsontext.write(root / "manifest.json", manifest(kind, entries, skipped))


def main() -> None:
    """Write the export named on the command line."""
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in OUTS:
        raise CapturesetError(f"there is no export {kind!r}; choose one of {', '.join(OUTS)}.")
    settings = ExportParams(**params.load("export"))
    with stage.output(Path(OUTS[kind])) as folder:
        if not settings.wants(kind):
            root = folder / LAYOUTS[kind].root
            root.mkdir(exist_ok=True)
            jsontext.write(root / "manifest.json", {"format": kind, "enabled": False})
            return
        captures = tables.read(Path("data/catalog/captures.parquet"), CaptureRow)
        annotations = tables.read(Path("data/catalog/annotations.parquet"), AnnotationRow)
        quality = tables.read(Path("data/quality/quality.parquet"), QualityRow)
        splits = tables.read(Path("data/split/split.parquet"), SplitRow)
        skipped = left_out(captures, splits, LAYOUTS[kind])
        items = gather(captures, annotations, quality, splits, skipped)
        naming = Naming(
            load_taxonomy(Path("data/categories.yaml")),
            settings.category_names,
            settings.contributor,
            settings.license_name,
            settings.license_url,
        )
        store = ObjectStore(Path.cwd())
        store.fetch_missing([item.capture.image_md5 for item in items])
        write_export(folder, kind, items, store.read, settings, naming, skipped)


if __name__ == "__main__":
    stage.run(main, "export")
