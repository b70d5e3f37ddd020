"""What a stage wrote last time, read by hash: the memo behind "work grows with what is new".

DVC deletes a stage's outputs before the stage runs, but dvc.lock still holds their address and the cache their
bytes. Without them the same result comes out, only slower.
"""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from captureset.errors import CapturesetError
from captureset.formats import yamltext
from captureset.store.objects import ObjectStore


def output_file(store: ObjectStore, stage: str, out: str, name: str) -> bytes | None:
    """Return one file of a stage's previous output folder, or None when there is none to be had.

    Args:
        store: objects of the repository.
        stage: stage name in dvc.lock.
        out: path of the output folder, as in dvc.yaml.
        name: file below that folder.
    """
    try:
        lock = yamltext.parse((store.root / "dvc.lock").read_text(encoding="utf-8"))
        outs = lock["stages"][stage]["outs"]
        address = next(entry["md5"] for entry in outs if entry["path"] == out)
        listing = json.loads(store.read(address))
        return store.read(next(entry["md5"] for entry in listing if entry["relpath"] == name))
    except (OSError, CapturesetError, KeyError, StopIteration, TypeError, ValueError, yaml.YAMLError):
        return None  # first run, cleaned cache, merge conflict in dvc.lock: compute everything


def clear_folder(folder: Path) -> None:
    """Remove the files of a scratch folder; a missing folder is fine."""
    for path in sorted(folder.glob("*")):
        path.unlink()
