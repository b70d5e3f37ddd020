"""Checks on the files of any export: the bytes the manifest names, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from PIL import Image

from captureset.capture.images import BROKEN, orientation_of
from captureset.pixels.depth import is_deep
from captureset.records.splits import SPLITS
from captureset.store.objects import md5_of
from captureset.verification.gate import Gate
from captureset.verification.truth import ExpectedCapture, Truth

END_OF_JPEG = b"\xff\xd9"
TEXTS = (
    *("manifest.json", "data.yaml", "ecoguide_v1.json"),
    *(f"{name}/{name}.json" for name in SPLITS),
    *(f"labels/{name}/*.txt" for name in SPLITS),  # each of which must belong to an image: yolo.label_files
)


def check_files(gate: Gate, subject: str, root: Path, manifest: Mapping[str, Any], truth: Truth) -> None:
    """Check every image of an export against its manifest and the catalog."""
    entries = manifest["images"]
    gate.check("files.complete", subject, "every capture of the split table is here, once", _missing(entries, truth))
    gate.check(
        "files.bytes",
        subject,
        "every image has the manifest's md5 and the catalog's size",
        _bytes(root, entries, truth),
    )
    gate.check("files.nothing_else", subject, "no file stands here that has no business here", _extra(root, entries))
    gate.check("files.counts", subject, "the manifest's counts are those of its rows", _counts(manifest))
    gate.check("files.groups", subject, "no group stands in two splits", _groups(entries))


def _missing(entries: list[dict[str, Any]], truth: Truth) -> Iterator[str]:
    names = [entry["capture_id"] for entry in entries]
    yield from (f"manifest.json lacks capture {name}" for name in sorted(truth.captures.keys() - set(names)))
    yield from (
        f"manifest.json names capture {name}, unknown here" for name in sorted(set(names) - truth.captures.keys())
    )
    if len(names) != len(set(names)):
        yield "manifest.json names a capture twice"
    for entry in entries:
        wanted = truth.captures.get(entry["capture_id"])
        if wanted:
            yield from _place_faults(entry, wanted)


def _place_faults(entry: Mapping[str, Any], wanted: ExpectedCapture) -> Iterator[str]:
    if wanted.split != entry["split"]:
        yield f"{entry['file']} is in {entry['split']}, the split table says {wanted.split}"
    if wanted.group != entry["group"]:
        yield f"{entry['file']} is of group {entry['group']}, the split table says {wanted.group}"
    if wanted.image_md5 != entry["source_md5"] or (not entry["changes"] and entry["md5"] != wanted.image_md5):
        yield f"{entry['file']} was not made from photo {wanted.image_md5}, the catalog's"
    if len(wanted.boxes) != entry["boxes"]:
        yield f"manifest.json gives {entry['file']} {entry['boxes']} boxes, the catalog {len(wanted.boxes)}"


def _bytes(root: Path, entries: list[dict[str, Any]], truth: Truth) -> Iterator[str]:
    for entry in entries:
        path = root / entry["file"]
        if not path.is_file():
            yield f"{entry['file']} is missing"
            continue
        data = path.read_bytes()
        if md5_of(data) != entry["md5"]:
            yield f"{entry['file']} has other bytes than the manifest says"
        elif entry["capture_id"] in truth.captures:
            yield from _image_faults(entry["file"], data, truth.captures[entry["capture_id"]].frame)


def _image_faults(name: str, data: bytes, frame: Any) -> Iterator[str]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            size, mode, kind, turned = image.size, image.mode, image.format, orientation_of(image)
    except BROKEN as error:
        yield f"{name} is no image: {error}"
        return
    if size != (frame.width_px, frame.height_px):
        yield f"{name} has {size[0]}x{size[1]} px, the catalog {frame.width_px}x{frame.height_px}"
    if mode != "RGB":
        yield f"{name} is {mode}, not RGB"
    if is_deep(data):
        yield f"{name} has more than 8 bits a channel"
    if turned != 1:
        yield f"{name} still has the EXIF orientation {turned}"
    if kind == "JPEG" and not data.endswith(END_OF_JPEG):
        yield f"{name} has bytes after the end of the JPEG, trainers rewrite such files"


def _extra(root: Path, entries: list[dict[str, Any]]) -> Iterator[str]:
    named = {entry["file"] for entry in entries}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.suffix in {".cache", ".npy"}:
            yield f"{relative} was left by a trainer; remove it and train on a copy"
        elif not path.is_dir() and relative not in named and not any(map(PurePath(relative).match, TEXTS)):
            yield f"{relative} is not in the manifest; remove it"


def _counts(manifest: Mapping[str, Any]) -> Iterator[str]:
    for name in SPLITS:
        rows = [entry for entry in manifest["images"] if entry["split"] == name]
        found = {
            "images": len(rows),
            "boxes": sum(entry["boxes"] for entry in rows),
            "without_boxes": sum(not entry["boxes"] for entry in rows),
        }
        if manifest["counts"][name] != found:
            yield f"manifest.json counts {manifest['counts'][name]} for {name}, its rows give {found}"


def _groups(entries: list[dict[str, Any]]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for entry in entries:
        other = seen.setdefault(entry["group"], entry["split"])
        if other != entry["split"]:
            yield f"group {entry['group']} stands in {other} and, with {entry['file']}, in {entry['split']}"
