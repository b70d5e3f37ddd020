"""data/categories.yaml, read and checked."""

from __future__ import annotations

from pathlib import Path

from captureset.formats import schema
from captureset.records.taxonomy import Taxonomy


def load_taxonomy(path: Path) -> Taxonomy:
    """Return the taxonomy of data/categories.yaml.

    Raises:
        CapturesetError: the file is missing, breaks its schema, or contradicts itself.
    """
    document = schema.read_yaml(path)
    schema.require("categories", document, str(path))
    return Taxonomy.from_document(document)
