"""`artifacts:` in dvc.yaml: the name under which `dvc artifacts get` finds a dataset's releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.formats import jsontext, yamltext
from captureset.formats.schema import read_yaml

EXPORT = "data/exports/yolo_format"
KEY = "artifacts:"


def register(root: Path, name: str) -> bool:
    """Add a dataset to dvc.yaml unless it is there, and return whether it was added; comments stay as they are.

    Raises:
        CapturesetError: `artifacts:` has a form that cannot be added to.
    """
    path = root / "dvc.yaml"
    before = read_yaml(path)
    if name in (before.get("artifacts") or {}):
        return False
    text = path.read_text(encoding="utf-8")
    after = with_artifact(text, name)
    wanted = {**before, "artifacts": {name: dict(entry()), **(before.get("artifacts") or {})}}
    if _parsed(after) != wanted or ("artifacts" in before and f"\n{KEY}\n" not in f"\n{text}"):
        raise CapturesetError(
            f"dvc.yaml has `artifacts:` in a form that {name} cannot be added to; put each artifact on lines of its "
            "own below it, commit, then release."
        )
    jsontext.write_text(path, after)
    return True


def _parsed(text: str) -> Any:
    try:
        return yamltext.parse(text)
    except yaml.YAMLError:
        return None


def entry() -> Mapping[str, Any]:
    """Return what dvc.yaml says of a dataset."""
    return {"path": EXPORT, "type": "dataset", "desc": "Photos with bounding boxes, for `yolo train`."}


def with_artifact(text: str, name: str) -> str:
    """Return the text of a dvc.yaml with one more artifact, first of them."""
    lines = [f'  "{name}":\n', *(f"    {key}: {value}\n" for key, value in entry().items())]
    head, found, tail = f"\n{text}".partition(f"\n{KEY}\n")
    if found:
        return f"{head}{found}{''.join(lines)}{tail}"[1:]
    return f"{text.rstrip(chr(10))}\n\n{KEY}\n{''.join(lines)}"
