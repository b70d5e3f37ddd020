"""The torture set through the real pipeline: dirt is refused at the door, the rest passes all 31 rules."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import torture
from captureset import export, verify
from captureset.capture.submit import submit
from captureset.errors import CapturesetError
from captureset.exporting.layouts import LAYOUTS
from captureset.formats import jsontext
from captureset.store.objects import md5_of
from captureset.store.repository import Repository
from captureset.verification.case import Policy
from captureset.verification.proving import Proof, verify_folder


@pytest.fixture(scope="module")
def proof(tortured: Path) -> Proof:
    """What the gate finds in all six exports of the set, with nothing stale."""
    before = Path.cwd()
    os.chdir(tortured)
    try:
        return verify.proof(Path(), list(LAYOUTS), status=list)
    finally:
        os.chdir(before)


def test_all_thirty_one_rules_are_green(proof: Proof) -> None:
    """Nothing fails in any of the six exports, and every one of the 31 rules passes where it applies."""
    assert [check.document() for check in proof.gate.failed] == []
    assert {check.rule.number for check in proof.gate.checks if check.status == "passed"} == set(range(1, 32))
    assert proof.gate.verdict == "passed"
    assert proof.switched_off == []


def wrong() -> list[torture.Picture]:
    """Return the photos whose boxes at the source no trainer may see."""
    return [item for item in torture.pictures() if item.wrong and item.name != "duplicate.jpg"]


@pytest.mark.parametrize("item", wrong(), ids=lambda item: item.name)
def test_a_wrong_box_is_refused_at_the_door(tortured: Path, item: torture.Picture) -> None:
    """A box without area or outside its photo never comes in; the refusal names it."""
    with pytest.raises(CapturesetError, match="boxes"):
        submit(Repository(tortured), item.data, torture.sidecar(item, item.wrong))


@pytest.mark.parametrize("key", ["iscrowd", "rotation"])
def test_a_crowd_or_a_rotated_box_cannot_be_said(tortured: Path, key: str) -> None:
    """A sidecar has no word for either, so neither can be taken for a plain box."""
    item = torture.pictures()[0]
    document = torture.sidecar(item, item.boxes)
    document["label"]["boxes"][0][key] = 1
    with pytest.raises(CapturesetError, match=key):
        submit(Repository(tortured), item.data, document)


@pytest.mark.parametrize("kind", ["coco_format", "yolo_format", "yolo_segment", "classification", "tables"])
def test_a_photo_nobody_looked_at_is_nowhere(tortured: Path, kind: str) -> None:
    """The crowd's photo has no label here, so it is in no export: above all it is no empty negative."""
    assert not list((tortured / "data/exports" / kind).rglob("*crowd*"))


def rows(tortured: Path) -> dict[str, list[tuple[str, list[float]]]]:
    """Return category name and box of each object by capture, from the three COCO files read by hand."""
    found: dict[str, list[tuple[str, list[float]]]] = {}
    for path in (tortured / "data/exports/coco_format").glob("*/*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        names = {category["id"]: category["name"] for category in document["categories"]}
        stems = {image["id"]: image["file_name"].rpartition(".")[0] for image in document["images"]}
        found |= {stem.removeprefix("capture_"): [] for stem in stems.values()}
        for a in document["annotations"]:
            found[stems[a["image_id"]].removeprefix("capture_")].append((names[a["category_id"]], a["bbox"]))
    return found


def test_nothing_is_lost_and_nothing_is_added(tortured: Path) -> None:
    """Every photo that somebody looked at is there once, with exactly its boxes under their own names."""
    found, wanted = rows(tortured), dict(torture.expected())
    assert found.keys() == wanted.keys()
    for name, boxes in wanted.items():
        assert [category for category, _ in found[name]] == [category for category, _ in boxes]
        for (_, mine), (_, theirs) in zip(found[name], boxes, strict=True):
            assert mine == pytest.approx(theirs, abs=0.01)


def test_pixels_are_untouched_or_the_manifest_says_why(tortured: Path) -> None:
    """Upright 8-bit RGB keeps its bytes; every other photo is written anew with its reason."""
    manifest: dict[str, Any] = jsontext.read(tortured / "data/exports/coco_format/manifest.json")
    changes = {entry["capture_id"]: entry["changes"] for entry in manifest["images"] if entry["changes"]}
    assert changes == {
        "t-portrait-jpg": ["made_upright"],
        "t-grey-jpg": ["converted_from_L"],
        "t-cmyk-jpg": ["converted_from_CMYK"],
        "t-alpha-png": ["alpha_composited"],
        "t-deep-png": ["converted_from_16_bit"],
    }
    for entry in manifest["images"]:
        path = tortured / "data/exports/coco_format" / entry["file"]
        assert md5_of(path.read_bytes()) == entry["md5"]
        assert (entry["md5"] == entry["source_md5"]) == (not entry["changes"])
        with Image.open(path) as image:
            assert image.mode == "RGB"


def files(folder: Path) -> dict[str, bytes]:
    """Return the files below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_exports_are_byte_identical(tortured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written a second time over itself, every export has the same files with the same bytes."""
    before = files(tortured / "data/exports")
    monkeypatch.chdir(tortured)
    for kind in LAYOUTS:
        export.write(kind)
    assert files(tortured / "data/exports") == before
    assert len(before) > 150


def test_the_strangers_set_fails_by_name(tmp_path: Path) -> None:
    """The same set as a stranger's COCO folder: the gate finds the wrong boxes, ids and pixels, and says where."""
    torture.write_coco(tmp_path)
    found = verify_folder(tmp_path, Policy())
    failed = {check.rule.name: {fault.file for fault in check.faults} for check in found.gate.failed}
    geometry, pixels = {"inside", "fields", "label_rows", "oracle"}, {"frames", "pixels", "jpeg_ends"}
    assert set(failed) == {*geometry, *pixels, "category_list", "image_ids", "stems"}
    assert failed["jpeg_ends"] == {"images/tail.jpg"}
    assert failed["stems"] == {"images/camB/0001.jpg", "images/same.png"}
    assert len(failed["pixels"]) == 4
