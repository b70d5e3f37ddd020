"""What exports carry decides the number too: a trainer reads an export, not the catalog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from captureset.comparison import telling
from captureset.comparison.carried import Classes, carried
from captureset.comparison.difference import difference
from captureset.comparison.semver import level
from captureset.comparison.snapshot import WORKSPACE, SeenCapture, SeenQuality, SeenSplit, Snapshot, classes
from captureset.errors import CapturesetError
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

YOLO, COCO = "data/exports/yolo_format", "data/exports/coco_format"
SEAT = {"FURN_SOFA": (1, "seat"), "FURN_CHAIR": (1, "seat")}


def version(
    carries: dict[str, str], by_code: Mapping[str, tuple[int, str]] | None = None, *, outlines: bool = False
) -> Snapshot:
    """Return a version of captures a, b and c whose exports carry these."""
    return Snapshot(
        "v",
        {name: SeenCapture(name, name * 32, 10, 10, "empty", "person", None, "confirmed") for name in "abc"},
        quality={name: SeenQuality(name, 1.0, "high") for name in "abc"},
        splits={name: SeenSplit(name, "train", None) for name in "abc"},
        carried={path: frozenset(some) for path, some in carries.items()},
        classes=Classes(by_code or {}, outlines),
    )


@pytest.mark.parametrize(
    ("after", "asked", "why"),
    [
        ({YOLO: "abc", COCO: "ab"}, "patch", "no capture, label or split changed"),
        ({YOLO: "ab", COCO: "ab"}, "major", "captures left out of an export that had them: 1 (c first)"),
        ({YOLO: "abc"}, "major", "captures left out of an export that had them: 2 (a first)"),
        ({YOLO: "abc", COCO: "abc"}, "minor", "captures taken into an export that lacked them: 1 (c first)"),
    ],
)
def test_a_format_that_loses_captures_is_major(after: dict[str, str], asked: str, why: str) -> None:
    """Also when all of them are still in the dataset, as with a lower `export.background_ratio`."""
    found = difference(version({YOLO: "abc", COCO: "ab"}), version(after))
    assert level(found) == (asked, why)
    text = "\n".join(telling.lines(found))
    assert ("left  " in text, "came  " in text) == (asked == "major", asked == "minor")


@pytest.mark.parametrize(
    ("after", "asked"),
    [
        (SEAT, "patch"),
        ({**SEAT, "APPL_TV": (2, "screen")}, "minor"),
        ({"FURN_SOFA": (1, "seat")}, "major"),
        ({**SEAT, "FURN_CHAIR": (2, "chair")}, "major"),
        (dict.fromkeys(SEAT, (1, "chair")), "major"),
        (dict.fromkeys(SEAT, (2, "seat")), "major"),
    ],
)
def test_classes_that_mean_another_thing_are_major(after: Mapping[str, tuple[int, str]], asked: str) -> None:
    """A model's class numbers and names must mean the same; what only came on top is an addition."""
    found = difference(version({YOLO: "abc"}, SEAT), version({YOLO: "abc"}, after))
    assert level(found)[0] == asked
    assert found.classes_kept is (asked != "major")
    assert found.classes_added == (("APPL_TV",) if asked == "minor" else ())


def test_outlines_that_are_gone_are_major() -> None:
    """Who trained on COCO's segmentation has none now; that they came is no loss."""
    bare, drawn = version({COCO: "abc"}), version({COCO: "abc"}, outlines=True)
    assert level(difference(drawn, bare)) == ("major", "outlines are no longer exported (export.outlines)")
    assert level(difference(bare, drawn))[0] == "patch"


@pytest.mark.parametrize(("choice", "moved"), [("main", True), ("sub", False), ({"FURN_BED": "bed"}, False)])
def test_classes_follow_the_taxonomy(git_repository: Repository, choice: Any, *, moved: bool) -> None:
    """A category under another main category is another class where main categories are trained on, and only there."""
    root = git_repository.root
    (root / "params.yaml").write_text(f"export: {{categories: {json.dumps(choice)}}}\n", encoding="utf-8")
    before = classes(git_repository, WORKSPACE)
    document = yaml.safe_load(git_repository.categories.read_text(encoding="utf-8"))
    bed = next(entry for entry in document["categories"] if entry["code"] == "FURN_BED")
    bed["supercategory"] = next(
        main["code"] for main in document["supercategories"] if main["code"] != bed["supercategory"]
    )
    git_repository.categories.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    assert classes(git_repository, WORKSPACE).keeps(before) is not moved


def test_a_file_nobody_can_read_is_one_sentence(git_repository: Repository) -> None:
    """Conflict markers of a merge, or a list where a mapping should be: named, with the remedy."""
    for text, sentence in (
        ("<<<<<<< HEAD\na: [\n", "is no YAML .*resolve the merge"),
        ("[1]", "is no mapping; restore"),
    ):
        (git_repository.root / "params.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(CapturesetError, match=f"params.yaml at workspace {sentence}"):
            classes(git_repository, WORKSPACE)


def test_what_left_the_dataset_is_not_counted_twice() -> None:
    """A capture that was removed has left every export; the reason is the removal."""
    new = version({YOLO: "ab"})
    new = replace(new, splits={name: row for name, row in new.splits.items() if name != "c"})
    found = difference(version({YOLO: "abc"}), new)
    assert level(found) == ("major", "captures removed: 1 (c first)")
    assert found.carried == ()


def test_an_export_is_read_by_hash(versions: Repository) -> None:
    """Its own manifest says what it carries; one that is switched off carries nothing, one without is no export."""
    store = ObjectStore(versions.root)

    def folder(name: str, document: object) -> str:
        return store.add(
            json.dumps([{"md5": store.add(json.dumps(document).encode()), "relpath": name}]).encode(), ".dir"
        )

    on = folder("ecoguide_v1/manifest.json", {"images": [{"capture_id": "a"}, {"capture_id": "a"}]})
    off = folder("manifest.json", {"enabled": False})
    assert carried(store, {YOLO: on, COCO: off}) == {YOLO: {"a"}, COCO: frozenset()}
    with pytest.raises(CapturesetError, match=r"data/exports/yolo_format .* has no manifest\.json"):
        carried(store, {YOLO: folder("labels/manifest.json/x", {})})
