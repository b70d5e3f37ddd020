from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from captureset.comparison import telling
from captureset.comparison.boxes import changes
from captureset.comparison.difference import Difference, difference
from captureset.comparison.semver import level, require_number
from captureset.comparison.snapshot import SeenBox, SeenCapture, SeenFeedback, SeenQuality, SeenSplit, Snapshot
from captureset.errors import CapturesetError
from captureset.formats import jsontext

CODES = ("FURN_SOFA", "FURN_BED", "APPL_TV")
IDS = {code: number for number, code in enumerate(CODES, 1)}


def box(name: str, category: str, x: float, y: float, side: float = 40.0) -> SeenBox:
    """Return a square box of a person."""
    return SeenBox(name, category, x, y, side, side, "person")


def world(seed: int, captures: int = 40) -> dict[str, dict[str, Any]]:
    """Return a drawn dataset: capture id to what it holds."""
    chance = random.Random(seed)
    return {
        f"c-{number:03d}": {
            "photo": f"{number:032x}",
            "boxes": [
                box(f"c-{number:03d}", chance.choice(CODES), 10 + 60 * place, chance.randrange(200))
                for place in range(chance.randrange(1, 4))
            ],
            "said": [],
            "split": chance.choices(("train", "val", "test"), (7, 2, 1))[0],
            "masked": None,
            "grade": chance.choice(("high", "medium", "low")),
            "score": round(chance.random(), 3),
        }
        for number in range(captures)
    }


def snapshot(revision: str, drawn: dict[str, dict[str, Any]]) -> Snapshot:
    """Return a drawn dataset as its tables would tell it."""
    return Snapshot(
        revision,
        {
            name: SeenCapture(
                name,
                held["photo"],
                640,
                480,
                "boxes" if held["boxes"] else "empty",
                "person",
                held["boxes"][0].category if held["boxes"] else None,
                "confirmed",
            )
            for name, held in drawn.items()
        },
        {name: tuple(held["boxes"]) for name, held in drawn.items() if held["boxes"]},
        {
            name: tuple(SeenFeedback(name, said, "2024-01-01T00:00:00Z", "correct") for said in held["said"])
            for name, held in drawn.items()
        },
        {name: SeenQuality(name, held["score"], held["grade"]) for name, held in drawn.items()},
        {name: SeenSplit(name, held["split"], held["masked"]) for name, held in drawn.items()},
        IDS,
        {"data/exports/coco_format": revision},
    )


def evolve(drawn: dict[str, dict[str, Any]], seed: int) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return the dataset after random events, and a diary of them: the oracle."""
    chance = random.Random(seed)
    after = {name: {**held, "boxes": list(held["boxes"]), "said": list(held["said"])} for name, held in drawn.items()}
    names = chance.sample(sorted(after), 12)
    diary: dict[str, Any] = {"added": set(), "removed": set(), "masked": set(), "labels": {}, "splits": set()}
    for name in names[:2]:
        del after[name]
        diary["removed"].add(name)
    for name in names[2:4]:
        after[name]["masked"] = "bridges_frozen_splits"
        diary["masked"].add(name)
    for name in names[4:6]:
        after[name]["boxes"][0] = replace(after[name]["boxes"][0], x_px=after[name]["boxes"][0].x_px + 5)
        diary["labels"][name] = ("moved", ())
    for name in names[6:8]:
        other = next(code for code in CODES if code != after[name]["boxes"][0].category)
        after[name]["boxes"][0] = replace(after[name]["boxes"][0], category=other)
        after[name]["said"].append(f"fb-{name}")
        diary["labels"][name] = ("renamed", (f"fb-{name}",))
    for name in names[8:10]:
        after[name]["boxes"].append(box(name, "APPL_TV", 400, 300))
        diary["labels"][name] = ("added", ())
    for name in names[10:11]:
        after[name]["boxes"].pop()
        diary["labels"][name] = ("removed", ())
    moved = names[11]
    after[moved]["split"] = next(split for split in ("train", "val", "test") if split != after[moved]["split"])
    diary["splits"].add(moved)
    for number in range(chance.randrange(1, 6)):
        new = f"n-{seed}-{number}"
        after[new] = {**world(seed + 1, 1)["c-000"], "photo": f"{seed * 100 + number:032x}"}
        after[new]["boxes"] = [replace(found, capture_id=new) for found in after[new]["boxes"]]
        diary["added"].add(new)
    return after, diary


@pytest.mark.parametrize("seed", range(30))
def test_a_difference_is_what_a_diary_says(seed: int) -> None:
    """Random events between two versions: each is found, none is invented, box counts add up."""
    before = world(seed)
    after, diary = evolve(before, 1000 + seed)
    found = difference(snapshot("v1", before), snapshot("v2", after))
    assert set(found.added) == diary["added"]
    assert set(found.removed) == diary["removed"]
    assert set(found.newly_masked) == diary["masked"]
    assert {moved.capture_id for moved in found.splits} == diary["splits"]
    told = {label.capture_id: ([change.kind for change in label.boxes], label.said_by) for label in found.labels}
    assert told == {name: ([kind], said) for name, (kind, said) in diary["labels"].items()}
    kept = {name for name in after if after[name]["masked"] is None}
    old_boxes = Counter(b.category for name, held in before.items() for b in held["boxes"])
    new_boxes = Counter(b.category for name in kept for b in after[name]["boxes"])
    renamed = [c for label in found.labels for c in label.boxes if c.kind == "renamed"]
    for code in CODES:
        counts = found.box_counts.get(code, {"added": 0, "removed": 0})
        came = sum(change.new is not None and change.new.category == code for change in renamed)
        left = sum(change.old is not None and change.old.category == code for change in renamed)
        assert new_boxes[code] - old_boxes[code] == counts["added"] - counts["removed"] + came - left
    assert sum(shift.new for shift in found.split_sizes.values()) == len(kept)
    assert level(found)[0] == "major"
    assert jsontext.dump(telling.document(found))


def test_two_equal_versions_differ_in_nothing() -> None:
    """The same tables under two names: a PATCH, no line tells of a change."""
    found = difference(snapshot("v1", world(1)), snapshot("v1", world(1)))
    assert (found.added, found.removed, found.labels, found.splits, found.exports_changed) == ((), (), (), (), ())
    assert level(found) == ("patch", "no capture, label or split changed")
    assert next(telling.lines(found)) == "v1 -> v1: PATCH (no capture, label or split changed)"


def test_boxes_are_matched_by_category_first_then_by_overlap() -> None:
    """Two boxes in one place keep their own categories; one far away is another thing."""
    old = [box("c", "FURN_SOFA", 0, 0), box("c", "FURN_BED", 4, 0)]
    assert changes(old, list(reversed(old))) == []
    (moved,) = changes(old, [old[0], replace(old[1], x_px=6.0)])
    assert (moved.kind, moved.category, moved.iou) == ("moved", "FURN_BED", 0.9048)
    kinds = [change.kind for change in changes([old[0]], [replace(old[0], x_px=300.0)])]
    assert kinds == ["removed", "added"]
    assert changes([old[0]], [replace(old[0], x_px=0.005)]) == []


@pytest.mark.parametrize(
    ("edit", "level_of"),
    [("none", "patch"), ("add", "minor"), ("remove", "major"), ("relabel", "major"), ("renumber", "major")],
)
def test_the_level_follows_from_the_change(edit: str, level_of: str) -> None:
    """PATCH repackaged, MINOR only additions, MAJOR edited, removed or renumbered."""
    before = world(5)
    after = {name: {**held, "boxes": list(held["boxes"])} for name, held in before.items()}
    if edit == "add":
        after["c-new"] = after["c-000"]
    elif edit == "remove":
        del after["c-000"]
    elif edit == "relabel":
        after["c-000"]["boxes"][0] = replace(after["c-000"]["boxes"][0], y_px=-3.0)
    new = snapshot("v2", after)
    new = replace(new, category_ids={**IDS, "FURN_BED": 9}) if edit == "renumber" else new
    assert level(difference(snapshot("v1", before), new))[0] == level_of


def changed(kind: str) -> Difference:
    """Return a difference that asks for this level."""
    before, after = world(6), world(6)
    if kind == "minor":
        after["c-new"] = after["c-000"]
    elif kind == "major":
        del after["c-000"]
    return difference(snapshot("v1", before), snapshot("v2", after))


@pytest.mark.parametrize(
    ("old", "new", "kind", "refusal"),
    [
        ((1, 0, 0), (1, 0, 1), "patch", None),
        ((1, 0, 0), (1, 1, 0), "patch", None),
        ((1, 0, 0), (1, 1, 0), "minor", None),
        ((1, 0, 0), (2, 0, 0), "major", None),
        (
            (1, 0, 0),
            (1, 0, 1),
            "minor",
            r"1\.0\.1 would be a patch version, but it has captures added: 1 \(c-new first\).*1\.1\.0",
        ),
        ((1, 4, 2), (1, 5, 0), "major", r"1\.5\.0 would be a minor version, but it has captures removed: 1.*2\.0\.0"),
        ((1, 0, 0), (1, 2, 0), "minor", r"1\.2\.0 does not follow 1\.0\.0; the next number is 1\.1\.0"),
        ((0, 1, 0), (0, 2, 0), "major", None),
        ((0, 1, 0), (0, 1, 1), "major", r"0\.1\.1 would be a patch version.*which is major; release it as 0\.2\.0"),
        ((0, 3, 0), (1, 0, 0), "patch", None),
    ],
)
def test_a_number_that_promises_too_little_is_refused(
    old: tuple[int, int, int], new: tuple[int, int, int], kind: str, refusal: str | None
) -> None:
    """The sentence says what changed and which number is right; to promise more change than there is does no harm."""
    if refusal is None:
        require_number(old, new, changed(kind))
    else:
        with pytest.raises(CapturesetError, match=refusal):
            require_number(old, new, changed(kind))


def test_the_terminal_names_who_said_so() -> None:
    """A label that feedback changed names the feedback; one that nobody touched says so."""
    before = world(7, 3)
    after = {name: {**held, "boxes": list(held["boxes"]), "said": list(held["said"])} for name, held in before.items()}
    for name, said in (("c-000", ["fb-9"]), ("c-001", [])):
        after[name]["boxes"] = [replace(found, y_px=found.y_px + 9) for found in after[name]["boxes"]]
        after[name]["said"] = said
    text = "\n".join(telling.lines(difference(snapshot("v1", before), snapshot("v2", after))))
    assert "a person said so (fb-9)" in text
    assert "no feedback: parameters or taxonomy" in text
    assert "splits     0 moved" in text
