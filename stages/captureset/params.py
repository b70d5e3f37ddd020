"""params.yaml: one section per stage, every key checked against schemas/params.schema.json before a stage runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from captureset.formats import schema

PARAMS_FILE = Path("params.yaml")


def load(section: str, path: Path = PARAMS_FILE) -> Mapping[str, Any]:
    """Return one section of params.yaml; the whole file is checked, so a misspelt key anywhere is refused.

    Raises:
        InvalidDocumentError: an unknown section or key, or a value out of range; every problem at once.
        CapturesetError: the file is missing or no YAML.
    """
    document = schema.read_yaml(path)
    schema.require("params", document, str(path))
    values: Mapping[str, Any] = document[section]
    return values
