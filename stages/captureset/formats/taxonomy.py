"""data/categories.yaml, read and checked."""

from __future__ import annotations

import functools
from pathlib import Path

from captureset.formats import schema
from captureset.records.taxonomy import Taxonomy


def load_taxonomy(path: Path) -> Taxonomy:
    """Return the taxonomy of data/categories.yaml; a file that has not changed is not parsed again.

    Raises:
        CapturesetError: the file is missing, breaks its schema, or contradicts itself.
    """
    try:
        state = path.stat()
    except OSError:
        return _parsed(path, 0, 0)  # says what is wrong
    return _parsed(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=8)
def _parsed(path: Path, _changed_ns: int, _size_bytes: int) -> Taxonomy:
    document = schema.read_yaml(path)
    schema.require("categories", document, str(path))
    return Taxonomy.from_document(document)
