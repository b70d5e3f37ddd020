"""Section `export` of params.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from captureset.formats.exports.items import Naming, training_categories
from captureset.records.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class ExportParams:
    """Section `export` of params.yaml."""

    export_coco: bool
    export_yolo: bool
    export_yolo_segment: bool
    export_classification: bool
    export_custom: bool
    export_tables: bool
    categories: str | Mapping[str, str]
    category_names: str
    background_ratio: float | None
    outlines: bool
    contributor: str
    license_name: str
    license_url: str
    background_color: str
    jpeg_quality: int

    def wants(self, kind: str) -> bool:
        """Say whether a format is switched on."""
        return bool(getattr(self, f"export_{kind}"))

    def naming(self, taxonomy: Taxonomy) -> Naming:
        """Return what these exports call things."""
        found, ids = training_categories(taxonomy, self.categories, self.category_names)
        return Naming(taxonomy, found, ids, self.contributor, self.license_name, self.license_url)
