"""A small dataset written in all three formats by the stage's own code: what the gate's tests read and spoil."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.exporting.writing import into, select, write_export
from captureset.formats.exports.items import Naming
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.box import Box
from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow, SplitRow
from captureset.records.taxonomy import Taxonomy
from captureset.store.objects import md5_of
from captureset.verification.case import Policy
from captureset.verification.proving import Background, Proof, verify_exports
from captureset.verification.sources import Told
from photos import encoded, jpeg, picture
from rows import PARAMS, annotation, capture, confirmed, placed, quality, settings

TAXONOMY = load_taxonomy(PARAMS.parent / "data" / "categories.yaml")
WIDTH_PX, HEIGHT_PX = 96, 72


def _twin() -> bytes:
    """Return a disc of 48 px in a photo that is clear elsewhere, with a hole in it and a speck of dust beside it."""
    alpha = Image.new("L", (WIDTH_PX, HEIGHT_PX))
    draw = ImageDraw.Draw(alpha)
    draw.ellipse((6, 6, 53, 53), fill=255)
    draw.ellipse((20, 20, 30, 30), fill=0)
    draw.rectangle((56, 56, 57, 57), fill=255)
    image = picture(WIDTH_PX, HEIGHT_PX, 3)
    image.putalpha(alpha)
    return encoded(image, "PNG")


TWIN = _twin()


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of a small dataset, and its photos by address."""

    captures: list[CaptureRow]
    annotations: list[AnnotationRow]
    quality: list[QualityRow]
    splits: list[SplitRow]
    photos: Mapping[str, bytes]

    @property
    def tables(self) -> Tables:
        """The rows as exports take them."""
        return Tables(self.captures, self.annotations, self.quality, self.splits)


def dataset() -> Dataset:
    """Return eight: three boxed ones in train (alpha, cutout, turned), one in val, in test, masked, empty, boxless.

    `cutout` and `in-val` have a twin that shows their one box.
    """
    turned = capture("turned", width_px=HEIGHT_PX, height_px=WIDTH_PX)
    captures = [
        capture("alpha", image_format="png"),
        confirmed("boxless", label_kind="category", category="APPL_TV"),
        confirmed("cutout", twin_md5=md5_of(TWIN), feedback_count=1),
        confirmed("empty", label_kind="empty", category=None),
        confirmed("in-test", width_cm=190.0, height_cm=80.0, depth_cm=90.0),
        confirmed("in-val", twin_md5=md5_of(TWIN)),
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
        annotation("cutout", "FURN_SOFA", (5.0, 5.0, 50.0, 50.0)),
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
    photos = {md5_of(data): data for data in (*drawn.values(), TWIN)}
    return Dataset(found, boxes, [quality(row.capture_id) for row in found], splits, photos)


def _with(row: CaptureRow, **changes: Any) -> CaptureRow:
    return CaptureRow(**{**{name: getattr(row, name) for name in row.__slots__}, **changes})


def params(**changes: Any) -> ExportParams:
    """Return this repository's own settings with every format switched on."""
    return settings(ExportParams, "export", **{**{f"export_{kind}": True for kind in LAYOUTS}, **changes})


def naming(taxonomy: Taxonomy = TAXONOMY, category_names: str = "code", **changes: Any) -> Naming:
    """Return what an export calls things."""
    return params(category_names=category_names, **changes).naming(taxonomy)


def write(root: Path, rows: Dataset, **changes: Any) -> Path:
    """Write every export below the root of a repository; `changes` are keys of params.yaml's section `export`."""
    chosen = params(**changes)
    called = chosen.naming(TAXONOMY)
    for kind, layout in LAYOUTS.items():
        selection = select(rows.tables, kind, chosen, called, rows.photos.__getitem__)
        write_export(into(root / layout.folder), kind, selection, rows.photos.__getitem__, chosen, called)
    return root


def background(rows: Dataset, **changes: Any) -> Background:
    """Return what a repository would know about these exports; sidecars say what the tables say."""
    chosen = params(**changes)
    told: dict[str, Told] = {}
    for row in rows.captures:
        boxes = [Box(a.x_px, a.y_px, a.w_px, a.h_px) for a in rows.annotations if a.capture_id == row.capture_id]
        told[row.capture_id] = Told(tuple(boxes), rejected=False, by_feedback=row.feedback_count > 0)
    return Background(rows.tables, chosen, chosen.naming(TAXONOMY), told, rows.photos.__getitem__, list)


def proof(root: Path, rows: Dataset, *kinds: str, **changes: Any) -> Proof:
    """Return what the gate finds in some exports, all of them by default, as inside the repository."""
    return verify_exports(root, kinds or LAYOUTS, Policy(), background(rows, **changes))
