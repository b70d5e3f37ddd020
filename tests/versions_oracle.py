"""What changed between two tags, from their exports alone: plain JSON out of DVC's cache, plain arithmetic.

An oracle for `captureset diff`: it imports nothing of captureset, and reads COCO and ecoguide_v1 instead of the tables.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CUSTOM, COCO = "data/exports/custom", "data/exports/coco_format"
Box = tuple[str, tuple[float, float, float, float]]  # category, x y w h in pixels


@dataclass(frozen=True)
class Seen:
    """One version as its exports tell it."""

    captures: dict[str, dict[str, Any]]  # ecoguide_v1's rows by id
    boxes: dict[str, list[Box]]  # COCO's
    photos: dict[str, str]  # md5 of the exported photo, by id
    carried: dict[str, set[str]]  # the captures with a picture in each export
    manifest: dict[str, Any]
    exports: dict[str, str]


def seen(root: Path, tag: str) -> Seen:
    """Return a version; both formats must tell the same boxes and splits."""
    lock = yaml.safe_load(_shown(root, tag, "dvc.lock"))
    exports = {
        out["path"]: out["md5"]
        for stage in lock["stages"].values()
        for out in stage.get("outs", ())
        if out["path"].startswith("data/exports/")
    }
    custom, coco = (_listing(root, exports[path]) for path in (CUSTOM, COCO))
    rows = json.loads(_object(root, custom["ecoguide_v1/ecoguide_v1.json"]))["captures"]
    captures = {row["capture_id"]: row for row in rows}
    boxes = dict(_coco(root, coco))
    for name, found in boxes.items():
        told = [(box["category"], tuple(box["xywh_px"])) for box in captures[name]["label"]["boxes"]]
        assert sorted(found) == sorted(told), (tag, name)
    assert boxes.keys() >= {name for name, row in captures.items() if row["label"]["boxes"]}
    name, number = tag.split("@v")
    manifest = json.loads(_shown(root, tag, f"data/metadata/datasets/{name}_v{number.replace('.', '_')}.json"))
    photos = {name: custom[f"ecoguide_v1/{row['file']}"] for name, row in captures.items()}
    carried = {path: _pictured(_listing(root, md5)) for path, md5 in exports.items()}
    return Seen(captures, boxes, photos, carried, manifest, exports)


def _pictured(listing: dict[str, str]) -> set[str]:
    return {Path(path).stem for path in listing if Path(path).suffix in {".jpg", ".png", ".webp"}}


def _coco(root: Path, listing: dict[str, str]) -> Iterator[tuple[str, list[Box]]]:
    """Give the boxes of every photo, which must stand in the split whose file names it."""
    for path in (path for path in listing if path.endswith(".json") and path != "manifest.json"):
        document = json.loads(_object(root, listing[path]))
        code = {category["id"]: category["name"] for category in document["categories"]}
        for image in document["images"]:
            assert f"{Path(path).parent}/{Path(image['file_name']).name}" in listing
            mine = (a for a in document["annotations"] if a["image_id"] == image["id"])
            yield Path(image["file_name"]).stem, [(code[a["category_id"]], tuple(a["bbox"])) for a in mine]


def _shown(root: Path, tag: str, path: str) -> str:
    return subprocess.run(["git", "show", f"{tag}:{path}"], cwd=root, capture_output=True, text=True, check=True).stdout


def _object(root: Path, md5: str) -> bytes:
    return (root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]).read_bytes()


def _listing(root: Path, md5: str) -> dict[str, str]:
    return {entry["relpath"]: entry["md5"] for entry in json.loads(_object(root, md5))}


def label(row: dict[str, Any]) -> tuple[str | None, str]:
    """Return category and kind of a capture as a whole."""
    return row["label"]["category"], row["label"]["kind"]


def iou(a: Box, b: Box) -> float:
    """Return intersection over union of two boxes."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = a[1], b[1]
    wide = max(0.0, min(ax + aw, bx + bw) - max(ax, bx))
    high = max(0.0, min(ay + ah, by + bh) - max(ay, by))
    return wide * high / (aw * ah + bw * bh - wide * high)


def changed_boxes(old: list[Box], new: list[Box]) -> Counter[tuple[str, str]]:
    """Return kinds of change by category, for the best of all ways to pair the boxes off.

    The best has the most pairs of one category and an IoU of 0.5 or more, then the most other pairs, then overlap.
    """
    ways = [_way(pairs, old, new) for pairs in _pairings(len(old), len(new))]
    return max(ways, key=lambda way: way[0])[1]


def _pairings(old: int, new: int) -> Iterator[list[tuple[int, int]]]:
    for size in range(min(old, new) + 1):
        for some in itertools.combinations(range(old), size):
            for others in itertools.permutations(range(new), size):
                yield list(zip(some, others, strict=True))


def _way(
    pairs: list[tuple[int, int]], old: list[Box], new: list[Box]
) -> tuple[tuple[int, int, float], Counter[tuple[str, str]]]:
    found: Counter[tuple[str, str]] = Counter()
    same, overlap = 0, 0.0
    for i, j in pairs:
        if iou(old[i], new[j]) < 0.5:
            return (-1, -1, -1.0), found
        same += old[i][0] == new[j][0]
        overlap += iou(old[i], new[j])
        if old[i][0] != new[j][0]:
            found["renamed", new[j][0]] += 1
        elif max(abs(a - b) for a, b in zip(_corners(old[i]), _corners(new[j]), strict=True)) > 0.01:
            found["moved", new[j][0]] += 1
    found.update(("removed", old[i][0]) for i in range(len(old)) if i not in [a for a, _ in pairs])
    found.update(("added", new[j][0]) for j in range(len(new)) if j not in [b for _, b in pairs])
    return (same, len(pairs), overlap), found


def _corners(box: Box) -> tuple[float, float, float, float]:
    x, y, w, h = box[1]
    return x, y, x + w, y + h
