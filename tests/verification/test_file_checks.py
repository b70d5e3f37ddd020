"""Checks on an export's files, each shown to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from captureset.formats import jsontext
from captureset.store.objects import md5_of
from captureset.verification.files import check_files
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth
from deep_pngs import deep_png
from photos import encoded, jpeg, picture

FOLDERS = {"coco_format": "coco", "yolo_format": "yolo", "custom/ecoguide_v1": "custom"}

Manifest = dict[str, Any]


def failing(root: Path, subject: str, truths: dict[str, Truth]) -> dict[str, str]:
    """Return the first fault of every failed check."""
    gate = Gate()
    manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    check_files(gate, subject, root, manifest, truths[FOLDERS[subject]])
    assert len(gate.checks) == 5
    return {check.check: check.faults[0] for check in gate.failed}


@pytest.mark.parametrize("subject", FOLDERS)
def test_our_own_exports_pass(pristine: Path, truths: dict[str, Truth], subject: str) -> None:
    """What the stage wrote has every file and nothing else."""
    assert failing(pristine / subject, subject, truths) == {}


def entry_of(manifest: Manifest, name: str) -> dict[str, Any]:
    """Return the manifest's row of a capture."""
    return next(row for row in manifest["images"] if row["capture_id"] == name)


def drop_image(root: Path, _: Manifest) -> None:
    """Lose an image file."""
    (root / "train/empty.jpg").unlink()


def flip_byte(root: Path, _: Manifest) -> None:
    """Change one bit in the middle of an image."""
    path = root / "train/empty.jpg"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def extra_image(root: Path, _: Manifest) -> None:
    """Add an image nobody knows."""
    (root / "val/stranger.jpg").write_bytes(jpeg(10, 10))


def extra_text(root: Path, _: Manifest) -> None:
    """Leave a note."""
    (root / "val/notes.txt").write_text("remember")


def trainer_cache(root: Path, _: Manifest) -> None:
    """Leave what a trainer leaves."""
    (root / "train.cache").write_bytes(b"x")


def drop_row(_: Path, manifest: Manifest) -> None:
    """Leave a capture out of the manifest, with its count."""
    manifest["images"] = [row for row in manifest["images"] if row["capture_id"] != "empty"]
    manifest["counts"]["train"] = {"images": 2, "boxes": 4, "without_boxes": 0}


def unknown_row(_: Path, manifest: Manifest) -> None:
    """Name a capture the tables do not have."""
    entry_of(manifest, "empty")["capture_id"] = "stranger"


def twice(_: Path, manifest: Manifest) -> None:
    """Name a capture twice."""
    manifest["images"].append(entry_of(manifest, "empty"))
    manifest["counts"]["train"] = {"images": 4, "boxes": 4, "without_boxes": 2}


def other_split(_: Path, manifest: Manifest) -> None:
    """Say that a test capture is in train."""
    entry_of(manifest, "in-test")["split"] = "train"
    manifest["counts"]["train"] = {"images": 4, "boxes": 5, "without_boxes": 1}
    manifest["counts"]["test"] = {"images": 0, "boxes": 0, "without_boxes": 0}


def other_group(_: Path, manifest: Manifest) -> None:
    """Say that a test capture is of a train capture's group."""
    entry_of(manifest, "in-test")["group"] = entry_of(manifest, "empty")["group"]


def other_photo(root: Path, manifest: Manifest) -> None:
    """Put another photo of the same size in a capture's place, manifest and all."""
    other = jpeg(96, 72, seed=77)
    (root / "train/empty.jpg").write_bytes(other)
    entry_of(manifest, "empty")["md5"] = md5_of(other)


def wrong_count(_: Path, manifest: Manifest) -> None:
    """Count one image too many."""
    manifest["counts"]["val"]["images"] += 1


def fewer_boxes(_: Path, manifest: Manifest) -> None:
    """Say that a capture has a box less."""
    entry_of(manifest, "alpha")["boxes"] -= 1
    manifest["counts"]["train"]["boxes"] -= 1


@pytest.mark.parametrize(
    ("spoil", "checks"),
    [
        (drop_image, {"files.bytes"}),
        (flip_byte, {"files.bytes"}),
        (extra_image, {"files.nothing_else"}),
        (extra_text, {"files.nothing_else"}),
        (trainer_cache, {"files.nothing_else"}),
        (drop_row, {"files.complete", "files.nothing_else"}),
        (unknown_row, {"files.complete"}),
        (twice, {"files.complete"}),
        (other_split, {"files.complete"}),
        (other_group, {"files.complete", "files.groups"}),
        (other_photo, {"files.complete"}),
        (wrong_count, {"files.counts"}),
        (fewer_boxes, {"files.complete"}),
    ],
)
def test_each_fault_is_found(
    exports: Path, truths: dict[str, Truth], spoil: Callable[[Path, Manifest], None], checks: set[str]
) -> None:
    """A spoilt export fails exactly the checks that are about it."""
    root = exports / "coco_format"
    manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    spoil(root, manifest)
    jsontext.write(root / "manifest.json", manifest)
    assert set(failing(root, "coco_format", truths)) == checks


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (jpeg(96, 72, 1, exif_orientation=6), "still has the EXIF orientation 6"),
        (jpeg(72, 96, 1), "has 72x96 px, the catalog 96x72"),
        (encoded(picture(96, 72, 1).convert("L"), "JPEG"), "is L, not RGB"),
        (encoded(picture(96, 72, 1).convert("RGBA"), "PNG"), "is RGBA, not RGB"),
        (deep_png(96, 72), "has more than 8 bits a channel"),
        (jpeg(96, 72, 1) + b"tail", "has bytes after the end of the JPEG"),
        (b"<html></html>", "is no image"),
    ],
)
def test_an_image_no_trainer_should_see_is_found(
    exports: Path, truths: dict[str, Truth], data: bytes, fault: str
) -> None:
    """Turned, mis-sized, gray, transparent, 16-bit, trailing and broken images fail even if the manifest names them."""
    root = exports / "coco_format"
    (root / "train/empty.jpg").write_bytes(data)
    manifest = json.loads((root / "manifest.json").read_text(encoding="utf-8"))
    entry_of(manifest, "empty").update(md5=md5_of(data), changes=["something"])
    jsontext.write(root / "manifest.json", manifest)
    found = failing(root, "coco_format", truths)
    assert set(found) == {"files.bytes"}
    assert fault in found["files.bytes"]
    assert found["files.bytes"].startswith("train/empty.jpg ")
