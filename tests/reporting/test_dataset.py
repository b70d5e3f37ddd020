"""Reading what the stages before wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import report_world
import rows
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.reporting.dataset import Dataset, export_facts, load
from captureset.store.repository import Repository


def small() -> Dataset:
    """Two kept captures, one of them masked, and one dropped."""
    return report_world.dataset(
        [rows.capture(name) for name in "abc"],
        [rows.annotation("a"), rows.annotation("b", "FURN_BED")],
        dropped={"c": [("no_label", "nobody has said what it shows")]},
        splits={"b": rows.placed("b", "val", masked="bridges_frozen_splits")},
        said=[report_world.feedback("a")],
    )


def test_what_was_written_is_read_as_it_was(repository: Repository) -> None:
    """Tables, manifests, verdicts and parameters come back equal."""
    dataset = small()
    report_world.write(repository.root, dataset)
    assert load(repository.root / "data", dataset.parameters, dataset.parameters_text) == dataset


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("verify/verify.json", "verdict"),
        ("verify/verify.json", "checks"),
        ("smoke_train/verdict.json", "verdict"),
        ("smoke_train/verdict.json", "images_seen"),
        ("exports/coco_format/manifest.json", "counts"),
        ("exports/coco_format/manifest.json", "left_out"),
    ],
)
def test_a_document_of_another_version_is_refused_by_name(repository: Repository, file: str, key: str) -> None:
    """The sentence has the file and what it lacks."""
    dataset = small()
    report_world.write(repository.root, dataset)
    path: Path = repository.root / "data" / file
    document: dict[str, Any] = jsontext.read(path)
    del document[key]
    jsontext.write(path, document)
    with pytest.raises(CapturesetError, match=rf"{file} has no '{key}'"):
        load(repository.root / "data", dataset.parameters, dataset.parameters_text)


def test_a_place_is_where_a_capture_may_be_exported() -> None:
    """Dropped and masked ones have none."""
    dataset = small()
    assert [dataset.place_of(name) for name in "abc"] == ["train", None, None]
    assert (dataset.kept, dataset.is_kept("b"), dataset.is_kept("c")) == (2, True, False)


def test_every_category_that_occurs_has_a_colour() -> None:
    """Those of boxes and those of whole captures."""
    assert set(small().colours()) == {"FURN_SOFA", "FURN_BED"}


def test_a_manifest_is_counted_by_reason_and_change() -> None:
    """What is left out is sorted by reason and id; changes are counted over images."""
    manifest = {
        "enabled": True,
        "counts": {split: {"images": 1, "boxes": 2, "without_boxes": 0} for split in ("train", "val", "test")},
        "images": [{"changes": ["made_upright"]}, {"changes": ["alpha_composited", "made_upright"]}],
        "left_out": [{"capture_id": name, "reason": "no_box"} for name in ("b", "a")],
    }
    facts = export_facts("COCO", manifest)
    assert (facts.image_count, facts.box_count, facts.left_out_count) == (3, 6, 2)
    assert facts.left_out == {"no_box": ["a", "b"]}
    assert facts.changes == {"alpha_composited": 1, "made_upright": 2}
