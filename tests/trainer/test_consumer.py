"""A consumer's training run leaves the export it trains on as it is."""

from __future__ import annotations

import shutil
from pathlib import Path

import consumer

from captureset.trainer.process import run_apart
from captureset.verification.case import Policy
from captureset.verification.proving import verify_folder


def files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_training_changes_no_file_of_a_consumers_copy(tortured: Path, tmp_path: Path) -> None:
    """Every file is the same byte for byte; the trainer only adds its label caches, which rule 27 names."""
    copy = Path(shutil.copytree(tortured / "data/exports/yolo_format", tmp_path / "waste"))
    before = files(copy)
    assert run_apart(consumer.train, tmp_path / "work", str(copy / "data.yaml")) == {"trained": True}
    after = files(copy)
    assert {name: after[name] for name in before} == before
    added = set(after) - set(before)
    assert added == {"labels/train.cache", "labels/val.cache"}
    failed = {
        check.rule.name: {fault.file for fault in check.faults} for check in verify_folder(copy, Policy()).gate.failed
    }
    assert failed == {"caches": added}
    for name in added:
        (copy / name).unlink()
    assert verify_folder(copy, Policy()).gate.verdict == "passed"
