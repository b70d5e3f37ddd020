"""A small dataset written in all three formats by the stage's own code: what the gate's tests read and spoil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset import export
from captureset.export import ExportParams
from captureset.formats.exports.items import Naming
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow, SplitRow
from captureset.records.taxonomy import Taxonomy
from captureset.store.objects import md5_of
from captureset.verification.truth import Truth, expected
from photos import encoded, jpeg, picture
from rows import PARAMS, annotation, capture, confirmed, placed, quality, settings

TAXONOMY = load_taxonomy(PARAMS.parent / "data" / "categories.yaml")
WIDTH_PX, HEIGHT_PX = 96, 72


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a small dataset, and its photos by address."""

    captures: list[CaptureRow]
    annotations: list[AnnotationRow]
    quality: list[QualityRow]
    splits: list[SplitRow]
    photos: Mapping[str, bytes]


def dataset() -> Dataset:
    """Return seven: two boxed ones in train (turned, alpha), one in val, one in test, masked, empty, boxless."""
    turned = capture("turned", width_px=HEIGHT_PX, height_px=WIDTH_PX)
    captures = [
        capture("alpha", image_format="png"),
        confirmed("boxless", label_kind="category", category="APPL_TV"),
        confirmed("empty", label_kind="empty", category=None),
        confirmed("in-test", width_cm=190.0, height_cm=80.0, depth_cm=90.0),
        confirmed("in-val"),
        capture("masked"),
        turned,
    ]
    drawn = {name: jpeg(WIDTH_PX, HEIGHT_PX, seed) for seed, name in enumerate(c.capture_id for c in captures)}
    drawn["turned"] = jpeg(WIDTH_PX, HEIGHT_PX, 9, exif_orientation=6)
    drawn["alpha"] = encoded(picture(WIDTH_PX, HEIGHT_PX, 8).convert("RGBA"), "PNG")
    sized = {"turned": (HEIGHT_PX, WIDTH_PX)}
    found = []
    for row in captures:
        width, height = sized.get(row.capture_id, (WIDTH_PX, HEIGHT_PX))
        found.append(_with(row, width_px=width, height_px=height, image_md5=md5_of(drawn[row.capture_id])))
    boxes = [
        annotation("alpha", "FURN_SOFA", (10.0, 12.0, 40.0, 30.0)),
        annotation("alpha", "FURN_BED", (50.5, 20.25, 45.5, 51.75), position=1),
        annotation("in-test", "FURN_SOFA", (1.0, 2.0, 30.0, 40.0)),
        annotation("in-val", "APPL_TV", (5.0, 5.0, 50.0, 50.0)),
        annotation("masked", "APPL_TV", (5.0, 5.0, 50.0, 50.0)),
        annotation("turned", "FURN_SOFA", (0.0, 0.0, 72.0, 96.0)),
        annotation("turned", "FURN_SOFA", (20.0, 30.0, 20.0, 30.0), position=1),
    ]
    where = {"in-test": "test", "in-val": "val", "masked": "test"}
    splits = [
        placed(
            row.capture_id,
            where.get(row.capture_id, "train"),
            masked="bridges_frozen_splits" if row.capture_id == "masked" else None,
        )
        for row in found
    ]
    photos = {md5_of(data): data for data in drawn.values()}
    return Dataset(found, boxes, [quality(row.capture_id) for row in found], splits, photos)


def _with(row: CaptureRow, **changes: Any) -> CaptureRow:
    return CaptureRow(**{**{name: getattr(row, name) for name in row.__slots__}, **changes})


def naming(taxonomy: Taxonomy = TAXONOMY, category_names: str = "code") -> Naming:
    """Return what an export calls things."""
    return Naming(taxonomy, category_names, "EcoGuide.v1", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")


def write(root: Path, rows: Dataset, category_names: str = "code") -> Path:
    """Write the three exports below a folder, as data/exports has them."""
    params = settings(ExportParams, "export")
    for kind, out in export.OUTS.items():
        folder = root / Path(out).name
        folder.mkdir(parents=True)
        skipped = export.left_out(rows.captures, rows.splits, export.LAYOUTS[kind])
        items = export.gather(rows.captures, rows.annotations, rows.quality, rows.splits, skipped)
        export.write_export(
            folder, kind, items, rows.photos.__getitem__, params, naming(category_names=category_names), skipped
        )
    return root


def truths(rows: Dataset) -> dict[str, Truth]:
    """Return what each export must hold."""
    return {
        kind: Truth(
            expected(rows.captures, rows.annotations, rows.splits, TAXONOMY, detection=kind != "custom"),
            TAXONOMY,
            tolerance_px=0.01,
            min_side_px=1.0,
        )
        for kind in export.OUTS
    }
