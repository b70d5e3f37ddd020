"""What exports carry decides the number too: a trainer reads an export, not the catalog."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from captureset.comparison import telling
from captureset.comparison.carried import Classes, carried
from captureset.comparison.difference import difference
from captureset.comparison.semver import level
from captureset.comparison.snapshot import SeenCapture, SeenQuality, SeenSplit, Snapshot
from captureset.errors import CapturesetError
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

YOLO, COCO = "data/exports/yolo_format", "data/exports/coco_format"
SEAT = {"FURN_SOFA": "seat", "FURN_CHAIR": "seat"}


def version(carries: dict[str, str], categories: Any = "sub", names: str = "code") -> Snapshot:
    """Return a version of captures a, b and c whose exports carry these."""
    return Snapshot(
        "v",
        {name: SeenCapture(name, name * 32, 10, 10, "empty", "person", None, "confirmed") for name in "abc"},
        quality={name: SeenQuality(name, 1.0, "high") for name in "abc"},
        splits={name: SeenSplit(name, "train", None) for name in "abc"},
        carried={path: frozenset(some) for path, some in carries.items()},
        classes=Classes(categories, names),
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
    ("before", "after", "kept"),
    [
        (("sub", "code"), ("sub", "code"), True),
        (("sub", "code"), ("main", "code"), False),
        (("sub", "code"), ("sub", "name"), False),
        ((SEAT, "code"), ({**SEAT, "APPL_TV": "screen"}, "code"), True),
        ((SEAT, "code"), ({"APPL_TV": "screen", **SEAT}, "code"), False),
        ((SEAT, "code"), ({"FURN_SOFA": "seat"}, "code"), False),
        (("sub", "code"), (SEAT, "code"), False),
    ],
)
def test_classes_that_mean_another_thing_are_major(
    before: tuple[Any, str], after: tuple[Any, str], *, kept: bool
) -> None:
    """A model's class numbers must mean the same; only a map that grew at its end keeps them."""
    found = difference(version({YOLO: "abc"}, *before), version({YOLO: "abc"}, *after))
    assert level(found)[0] == ("patch" if kept else "major")
    assert found.classes_kept is kept


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
