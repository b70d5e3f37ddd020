"""What every export is written from: captures with their boxes, and what the categories are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow, SplitRow
from captureset.records.taxonomy import Category, Taxonomy


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One capture on its way out: what is known about it and the name of its image file."""

    capture: CaptureRow
    annotations: Sequence[AnnotationRow]
    quality: QualityRow
    split: SplitRow
    file_name: str


@dataclass(frozen=True, slots=True)
class Naming:
    """What an export calls categories and itself."""

    taxonomy: Taxonomy
    category_names: str  # code, name, name_en
    contributor: str
    license_name: str
    license_url: str

    def name_of(self, category: Category) -> str:
        """Return what COCO and YOLO call a category."""
        return str(getattr(category, self.category_names))
