"""`captureset diff` between three real releases says what their exports and a diary say, which never saw its tables."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

import versions_oracle as oracle
from three_versions import CHAINS, REFUSED, TAGS, TESTED, UNSURE, ThreeVersions

PAIRS = [(a, b) for a, b in itertools.product(TAGS, TAGS) if a != b]
KINDS = ("added", "removed", "moved", "renamed")


@pytest.fixture(scope="module")
def seen(three_versions: ThreeVersions) -> dict[str, oracle.Seen]:
    """The three versions as their exports tell them."""
    return {tag: oracle.seen(three_versions.root, tag) for tag in TAGS}


@pytest.fixture(scope="module")
def told(three_versions: ThreeVersions) -> dict[tuple[str, str], dict[str, Any]]:
    """What the command says of every pair, both ways round."""
    program = (
        "import sys\nfrom captureset.cli.main import app\n"
        "for pair in sys.argv[1:]:\n"
        "    app(['diff', *pair.split(), '--json', '--repo', '.'], standalone_mode=False)\n"
        "    print('---')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *map(" ".join, PAIRS)],
        cwd=three_versions.root,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(PAIRS, map(json.loads, done.stdout.split("---\n")[:-1]), strict=True))


def masked(three_versions: ThreeVersions, seen: dict[str, oracle.Seen]) -> dict[str, set[str]]:
    """Return the captures that each version keeps back: the bridge, the chains' middles and what they override.

    A chain whose ends were frozen in two splits shows one picture in both once its middle is there; the less sacred end
    is kept back, and the middle is dropped as a copy.
    """
    rank = {"test": 0, "val": 1, "train": 2}
    ends = [[f"chain-{number}-{end}" for end in ("first", "last")] for number in range(len(CHAINS))]
    place = {name: row["split"] for name, row in seen[TAGS[0]].captures.items()}
    split = [pair for pair in ends if place[pair[0]] != place[pair[1]]]
    assert len(split) == 2, place
    assert three_versions.diary[TAGS[2]]["gone"][TESTED] == "erased"
    return {
        TAGS[0]: set(),
        TAGS[1]: {"bridge"},
        TAGS[2]: {max(pair, key=lambda name: rank[place[name]]) for pair in split},
    }


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_captures_and_splits(
    old: str,
    new: str,
    three_versions: ThreeVersions,
    seen: dict[str, oracle.Seen],
    told: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """Added, removed and masked captures are those of the exports and the diary; no capture moved, no photo changed."""
    found, before, after = told[old, new], seen[old].captures, seen[new].captures
    kept_back = masked(three_versions, seen)
    assert found["added"] == sorted(after.keys() - before.keys())
    assert found["newly_masked"] == sorted(before.keys() & kept_back[new])
    assert found["removed"] == sorted(before.keys() - after.keys() - kept_back[new])
    assert found["masked_before_added"] == sorted(kept_back[old] & after.keys())
    assert [seen[tag].manifest["counts"]["masked"] for tag in (old, new)] == [len(kept_back[tag]) for tag in (old, new)]
    both = before.keys() & after.keys()
    assert [name for name in both if before[name]["split"] != after[name]["split"]] == []
    assert [name for name in both if seen[old].photos[name] != seen[new].photos[name]] == []
    assert (found["splits"], found["replaced"], found["renumbered"]) == ([], [], [])
    assert found["exports_changed"] == sorted(
        path for path in seen[old].exports if seen[old].exports[path] != seen[new].exports[path]
    )
    moves = {
        path: (sorted(there - here), sorted((here - there) & after.keys()))
        for path, (here, there) in (
            (path, (seen[old].carried[path], seen[new].carried[path])) for path in seen[old].carried
        )
    }
    assert {change["path"]: (change["came"], change["left"]) for change in found["carried"]} == {
        path: both_ways for path, both_ways in moves.items() if any(both_ways)
    }


def test_what_goes_is_what_the_diary_says(
    three_versions: ThreeVersions, told: dict[tuple[str, str], dict[str, Any]]
) -> None:
    """Rejected, excluded, erased, or below the new threshold, and nothing else; what it was a copy of comes instead."""
    gone = three_versions.diary[TAGS[2]]["gone"]
    assert set(gone.values()) == {"rejected", "excluded", "erased", "confidence"}
    assert told[TAGS[1], TAGS[2]]["removed"] == sorted(gone)
    assert told[TAGS[0], TAGS[1]]["removed"] == []
    assert {"bridge", "scene-0010", "scene-0046"} <= set(told[TAGS[1], TAGS[2]]["added"])
    assert {name for name in gone if gone[name] == "confidence"} == set(UNSURE)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_labels_and_who_said_so(
    old: str,
    new: str,
    three_versions: ThreeVersions,
    seen: dict[str, oracle.Seen],
    told: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """Labels changed where exports differ, by the feedback that the diary has between the two; backwards by nobody."""
    found, before, after = told[old, new], seen[old], seen[new]
    expected = {}
    for name in before.captures.keys() & after.captures.keys():
        labels = oracle.label(before.captures[name]), oracle.label(after.captures[name])
        boxes = oracle.changed_boxes(before.boxes.get(name, []), after.boxes.get(name, []))
        if labels[0] != labels[1] or boxes:
            expected[name] = (*labels, boxes)
    assert {
        change["capture_id"]: (
            (change["old_category"], change["old_kind"]),
            (change["new_category"], change["new_kind"]),
            Counter((box["kind"], (box["new"] or box["old"])["category"]) for box in change["boxes"]),
        )
        for change in found["labels"]
    } == expected
    since = TAGS[TAGS.index(old) + 1 : TAGS.index(new) + 1]
    said = {name: feedback for tag in since for name, feedback in three_versions.diary[tag]["said"].items()}
    assert expected.keys() == {name for name in said if name in before.captures} or not since
    assert {change["capture_id"]: sorted(change["said_by"]) for change in found["labels"]} == {
        name: sorted(said.get(name, [])) for name in expected
    }


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_boxes_by_category(
    old: str, new: str, seen: dict[str, oracle.Seen], told: dict[tuple[str, str], dict[str, Any]]
) -> None:
    """Counts of added, removed, moved and renamed boxes, and the IoU of each pair, are those of plain arithmetic."""
    before, after = seen[old], seen[new]
    expected: Counter[tuple[str, str]] = Counter()
    for name in before.captures.keys() | after.captures.keys():
        expected += oracle.changed_boxes(before.boxes.get(name, []), after.boxes.get(name, []))
    found = told[old, new]
    counted = {(kind, code): n for code, kinds in found["box_counts"].items() for kind, n in kinds.items() if n}
    assert counted == dict(expected)
    for box in (box for change in found["labels"] for box in change["boxes"] if box["iou"] is not None):
        one, other = ((b["category"], (b["x_px"], b["y_px"], b["w_px"], b["h_px"])) for b in (box["old"], box["new"]))
        assert box["iou"] == round(oracle.iou(one, other), 4)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_counts_and_quality(
    old: str, new: str, seen: dict[str, oracle.Seen], told: dict[tuple[str, str], dict[str, Any]]
) -> None:
    """Captures per category, grade and split, and the mean score, before and after."""
    found, rows = told[old, new], [seen[tag].captures.values() for tag in (old, new)]
    for key, value in (
        ("captures", lambda row: row["label"]["category"]),
        ("grades", lambda row: row["quality"]["grade"]),
        ("split_sizes", lambda row: row["split"]),
    ):
        before, after = (Counter(filter(None, map(value, some))) for some in rows)
        assert found[key] == {name: {"old": before[name], "new": after[name]} for name in before | after}
    means = [sum(row["quality"]["overall_score"] for row in some) / len(some) for some in rows]
    assert found["mean_score"] == {"old": pytest.approx(means[0], abs=1e-6), "new": pytest.approx(means[1], abs=1e-6)}
    for tag, side in ((old, "old"), (new, "new")):
        sizes = {name: shift[side] for name, shift in found["split_sizes"].items() if shift[side]}
        assert sizes == {name: n for name, n in seen[tag].manifest["counts"]["splits"].items() if n}


def test_two_steps_are_one(told: dict[tuple[str, str], dict[str, Any]], seen: dict[str, oracle.Seen]) -> None:
    """From any version over any other to the third, the captures and the balance of boxes are those of one step."""
    for a, b, c in itertools.permutations(TAGS):
        steps = told[a, b], told[b, c]
        members = set(seen[a].captures)
        for step in steps:
            members = (members - set(step["removed"]) - set(step["newly_masked"])) | set(step["added"])
        direct = told[a, c]
        left = set(direct["removed"]) | set(direct["newly_masked"])
        assert members == (set(seen[a].captures) - left) | set(direct["added"])
        total = Counter(balance(steps[0]))
        total.update(balance(steps[1]))
        assert {code: n for code, n in total.items() if n} == {code: n for code, n in balance(direct).items() if n}
        assert steps[0]["mean_score"]["old"] == direct["mean_score"]["old"]
        assert steps[1]["mean_score"]["new"] == direct["mean_score"]["new"]


def balance(found: dict[str, Any]) -> Counter[str]:
    """Return by how much the boxes of each category grew."""
    grown = Counter({code: kinds["added"] - kinds["removed"] for code, kinds in found["box_counts"].items()})
    for box in (box for change in found["labels"] for box in change["boxes"] if box["kind"] == "renamed"):
        grown[box["new"]["category"]] += 1
        grown[box["old"]["category"]] -= 1
    return grown


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(TAGS, 2)))
def test_backwards_is_the_mirror(old: str, new: str, told: dict[tuple[str, str], dict[str, Any]]) -> None:
    """What is added one way is gone the other way; what changed is the same, with old and new exchanged."""
    there, back = told[old, new], told[new, old]
    for one, other in ((there, back), (back, there)):
        assert set(one["added"]) == set(other["removed"]) | set(other["newly_masked"])
    assert [change["capture_id"] for change in there["labels"]] == [change["capture_id"] for change in back["labels"]]
    assert there["mean_score"] == {"old": back["mean_score"]["new"], "new": back["mean_score"]["old"]}
    assert balance(there) == Counter({code: -n for code, n in balance(back).items()})


def test_the_numbers_follow_semver(three_versions: ThreeVersions, told: dict[tuple[str, str], dict[str, Any]]) -> None:
    """Additions alone make a MINOR version, the rest a MAJOR one; other numbers were refused, the right one named."""
    assert told[TAGS[0], TAGS[1]]["asks_for"]["level"] == "minor"
    assert told[TAGS[1], TAGS[2]]["asks_for"]["level"] == "major"
    for tag in TAGS[1:]:
        number = tag.partition("@")[2]
        refusals = three_versions.diary[tag]["refusals"]
        assert sorted(refusals) == sorted(REFUSED[number])
        assert all(f" {number.removeprefix('v')}." in sentence for sentence in refusals.values()), refusals


def test_the_oracle_finds_something(seen: dict[str, oracle.Seen]) -> None:
    """The three versions differ in boxes of every kind of change, so no comparison above is of nothing with nothing."""
    before, after = seen[TAGS[1]], seen[TAGS[2]]
    kinds: Counter[str] = Counter()
    for name in before.captures.keys() & after.captures.keys():
        for (kind, _), n in oracle.changed_boxes(before.boxes.get(name, []), after.boxes.get(name, [])).items():
            kinds[kind] += n
    assert set(kinds) == set(KINDS)
