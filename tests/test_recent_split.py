"""An evaluation by time goes all the way: exported in every format, read back, seen by the trainer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import yaml

import exported
from captureset.exporting.layouts import LAYOUTS
from captureset.formats import schema
from rows import placed


def test_test_recent_is_a_fourth_split_of_every_export(tmp_path: Path) -> None:
    """The gate, the trainer's loader in it, passes every format; YOLO's second YAML shows test_recent as `test`."""
    rows = exported.dataset()
    moved = [placed("in-val", "test_recent") if row.capture_id == "in-val" else row for row in rows.splits]
    rows = replace(rows, splits=moved)
    root = exported.write(tmp_path, rows)
    found = exported.proof(root, rows)
    assert found.gate.verdict == "passed", [check for check in found.gate.checks if check.faults]
    exports = root / "data/exports"
    for layout in LAYOUTS.values():
        manifest = json.loads((root / layout.folder / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["counts"]["test_recent"]["images"] == 1
    coco = json.loads((exports / "coco_format/test_recent/test_recent.json").read_text(encoding="utf-8"))
    assert [image["file_name"] for image in coco["images"]] == ["in-val.jpg"]
    yolo = exports / "yolo_format"
    main, recent = (yaml.safe_load((yolo / f"{name}.yaml").read_bytes()) for name in ("data", "test_recent"))
    assert (main["test"], main["test_recent"]) == ("images/test", "images/test_recent")
    assert {**main, "test": main["test_recent"]} == {**recent, "test_recent": main["test_recent"]}
    document = json.loads((exports / "custom/ecoguide_v1/ecoguide_v1.json").read_text(encoding="utf-8"))
    assert schema.problems("custom_export", document) == ()


def test_without_it_nothing_speaks_of_it(pristine: Path) -> None:
    """A dataset that asks for no test_recent has no trace of it in its exports."""
    assert not [path for path in pristine.rglob("*") if "test_recent" in path.name]
    assert "test_recent" not in (pristine / "data/exports/yolo_format/data.yaml").read_text(encoding="utf-8")
