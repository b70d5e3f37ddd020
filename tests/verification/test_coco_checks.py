"""Checks on a COCO export, each shown to fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import exported
from captureset.verification.coco import check_coco
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth

Document = dict[str, Any]


def failing(root: Path, truth: Truth) -> dict[str, str]:
    """Return the first fault of every failed check."""
    gate = Gate()
    check_coco(gate, root, truth)
    return {check.check: check.faults[0] for check in gate.failed}


def edit(root: Path, split: str, change: Callable[[Document], object]) -> None:
    """Change one split's JSON; NaN is written as Python would."""
    path = root / split / f"{split}.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("names", ["code", "name", "name_en"])
def test_our_own_export_passes(tmp_path: Path, truths: dict[str, Truth], names: str) -> None:
    """Every check runs and passes, whatever categories are called."""
    exported.write(tmp_path, exported.dataset(), names)
    gate = Gate()
    check_coco(gate, tmp_path / "coco_format", truths["coco"])
    assert [(check.check, check.status) for check in gate.checks] == [
        (f"coco.{name}", "passed") for name in ("loads", "fields", "ids", "categories", "images", "boxes", "oracle")
    ]


def test_without_a_box_the_oracle_is_not_applicable(tmp_path: Path) -> None:
    """A dataset of empty photos is no failure, and its oracle no pass."""
    rows = exported.dataset()
    rows.splits[:] = [row for row in rows.splits if row.capture_id == "empty"]
    exported.write(tmp_path, rows)
    gate = Gate()
    check_coco(gate, tmp_path / "coco_format", exported.truths(rows)["coco"])
    assert gate.verdict == "passed"
    assert [check.status for check in gate.checks if check.check == "coco.oracle"] == ["not_applicable"]


def first(kind: str, **changes: Any) -> Callable[[Document], None]:
    """Return a change of the first row of a kind."""
    return lambda document: document[kind][0].update(changes)


def without(kind: str, key: str) -> Callable[[Document], object]:
    """Return a change that takes a key from the first row of a kind."""
    return lambda document: document[kind][0].pop(key)


def swap_boxes(document: Document) -> None:
    """Give two boxes each other's place."""
    one, two = document["annotations"][:2]
    for key in ("bbox", "area"):
        one[key], two[key] = two[key], one[key]


def swap_images(document: Document) -> None:
    """Give two images each other's id."""
    one, two = document["images"][0], document["images"][2]
    one["id"], two["id"] = two["id"], one["id"]


def move_box(document: Document) -> None:
    """Move a box by 0.02 px."""
    document["annotations"][0]["bbox"][0] += 0.02


def swap_names(document: Document) -> None:
    """Give two categories each other's name."""
    one, two = document["categories"][:2]
    one["name"], two["name"] = two["name"], one["name"]


def stretch(document: Document) -> None:
    """Let a box reach out of its image."""
    row = document["annotations"][0]
    row["bbox"] = [10.0, 12.0, 90.0, 30.0]
    row["area"] = 2700.0


NAN = float("nan")


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        (move_box, {"coco.boxes"}),
        (swap_boxes, {"coco.boxes"}),
        (stretch, {"coco.boxes"}),
        (swap_images, {"coco.boxes"}),
        (first("annotations", category_id=2 + 5), {"coco.boxes"}),
        (first("annotations", category_id=99), {"coco.boxes"}),
        (first("annotations", image_id=77), {"coco.boxes", "coco.oracle"}),
        (lambda document: document["annotations"].pop(), {"coco.boxes"}),
        (first("annotations", bbox=[NAN, 12.0, 40.0, 30.0]), {"coco.loads"}),
        (first("annotations", area=7.0), {"coco.fields"}),
        (first("annotations", iscrowd=1), {"coco.fields"}),
        (first("annotations", bbox=[1.0, 2.0, 3.0]), {"coco.fields"}),
        (without("annotations", "iscrowd"), {"coco.fields"}),
        (without("annotations", "area"), {"coco.fields"}),
        (without("annotations", "id"), {"coco.loads"}),
        (without("images", "width"), {"coco.fields"}),
        (lambda document: document.pop("info"), {"coco.fields"}),
        (lambda document: document.pop("licenses"), {"coco.fields"}),
        (first("annotations", id=0), {"coco.ids"}),
        (first("annotations", id="1"), {"coco.ids"}),
        (first("annotations", id=5), {"coco.ids"}),
        (swap_names, {"coco.categories"}),
        (lambda document: document["categories"].pop(), {"coco.categories"}),
        (lambda document: document["categories"].reverse(), {"coco.categories"}),
        (first("categories", name="FURN_SOFA"), {"coco.categories"}),
        (first("images", width=95), {"coco.images"}),
        (first("images", file_name="stranger.png"), {"coco.images"}),
        (first("images", file_name="alpha.jpg"), {"coco.images"}),
        (first("images", file_name="empty.jpg"), {"coco.images"}),
        (lambda document: document["images"].pop(1), {"coco.images"}),
    ],
)
def test_each_fault_is_found(
    exports: Path, truths: dict[str, Truth], change: Callable[[Document], object], checks: set[str]
) -> None:
    """A spoilt train.json fails at least the checks that are about it, and never passes."""
    root = exports / "coco_format"
    edit(root, "train", change)
    assert checks <= set(failing(root, truths["coco"]))


def test_moving_a_box_within_the_tolerance_passes(exports: Path, truths: dict[str, Truth]) -> None:
    """0.009 px is within the 0.01 px allowed, so 0.02 px above fails for its distance and nothing else."""
    root = exports / "coco_format"
    edit(root, "train", lambda document: document["annotations"][0]["bbox"].__setitem__(0, 10.009))
    assert failing(root, truths["coco"]) == {}
    edit(root, "train", lambda document: document["annotations"][0]["bbox"].__setitem__(0, 10.02))
    assert failing(root, truths["coco"]) == {
        "coco.boxes": "alpha box 0 lies 0.0200 px off; 0.01 px are allowed",
    }


def test_the_same_category_list_in_every_split(exports: Path, truths: dict[str, Truth]) -> None:
    """A split whose categories are named in another way than the others' fails, though each list alone is right."""
    root = exports / "coco_format"
    english = [category.name_en for category in exported.TAXONOMY.categories]

    def rename(document: Document) -> None:
        for row, name in zip(document["categories"], english, strict=True):
            row["name"] = name

    edit(root, "val", rename)
    assert set(failing(root, truths["coco"])) == {"coco.categories"}


def test_ids_are_unique_over_splits(exports: Path, truths: dict[str, Truth]) -> None:
    """An annotation id that stands in train and in val fails."""
    root = exports / "coco_format"
    edit(root, "val", first("annotations", id=1))
    assert "repeats the id 1" in failing(root, truths["coco"])["coco.ids"]


def test_a_missing_or_broken_split_file_fails(exports: Path, truths: dict[str, Truth]) -> None:
    """A lost file, no JSON, and a list where a dictionary is due fail to load."""
    path = exports / "coco_format/val/val.json"
    for text in ("{", "[]", None):
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        assert set(failing(exports / "coco_format", truths["coco"])) == {"coco.loads"}


@pytest.mark.parametrize("min_side_px", [1.0, 30.0, 31.0])
def test_a_side_too_short_fails(pristine: Path, truths: dict[str, Truth], min_side_px: float) -> None:
    """verify.min_side_px is the shortest side a box may have, itself included."""
    truth = truths["coco"]
    found = failing(pristine / "coco_format", Truth(truth.captures, truth.taxonomy, 0.01, min_side_px))
    assert ("coco.boxes" in found) == (min_side_px > 20)
