"""Each of the 31 rules trips on what it is for, and lets our own exports pass."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

import exported
from captureset.exporting.layouts import LAYOUTS
from captureset.formats import jsontext
from captureset.records.box import Box
from captureset.records.rows import CaptureRow, SplitRow
from captureset.reporting.wording import LEFT_OUT_BECAUSE
from captureset.verification import gate as gates
from captureset.verification.case import Case, Policy
from captureset.verification.gate import Gate
from captureset.verification.opening import READERS
from captureset.verification.proving import Background, case_of
from captureset.verification.rules import RULES
from deep_pngs import deep_png
from photos import encoded, jpeg, picture

NAN = float("nan")
TRAINER_RULE = 26


@dataclass(slots=True)
class World:
    """One export that may be spoilt, and what the repository knows about it."""

    kind: str
    folder: Path
    known: Background

    def case(self, *, alone: bool) -> Case:
        """Return the export under proof; `alone` takes away the repository and the manifest."""
        if alone:
            (self.folder / "manifest.json").unlink(missing_ok=True)
            return Case(READERS[self.kind](self.folder), Policy())
        root = self.folder.parents[len(Path(LAYOUTS[self.kind].folder).parts) - 1]
        found = case_of(root, self.kind, Policy(), self.known)
        assert found is not None
        return found


Spoil = Callable[[World], object]


def json_of(split: str, change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Change one split's COCO document; NaN is written as Python would."""

    def spoil(world: World) -> None:
        path = world.folder / split / f"{split}.json"
        document = json.loads(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(json.dumps(document), encoding="utf-8")

    return spoil


def first(key: str, **changes: Any) -> Spoil:
    """Change the first row of a list in train."""
    return json_of("train", lambda document: document[key][0].update(changes))


def row(text: str, label: str = "train/cutout") -> Spoil:
    """Replace a YOLO label file."""
    return lambda world: (world.folder / f"labels/{label}.txt").write_text(text, encoding="utf-8")


def data_yaml(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Change data.yaml."""

    def spoil(world: World) -> None:
        path = world.folder / "data.yaml"
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(document)
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    return spoil


def photo(data: bytes | Callable[[bytes], bytes], name: str = "cutout.jpg") -> Spoil:
    """Replace a photo of train."""

    def spoil(world: World) -> None:
        (path,) = world.folder.rglob(f"train/{name}")
        path.write_bytes(data(path.read_bytes()) if callable(data) else data)

    return spoil


def second_stem(world: World) -> None:
    """Give two images of train the same stem."""
    (path,) = world.folder.rglob("train/cutout.jpg")
    path.with_name("CUTOUT.png").write_bytes(encoded(picture(96, 72, 4), "PNG"))
    if world.kind == "coco":
        json_of("train", lambda d: d["images"].append({**d["images"][1], "id": 77, "file_name": "CUTOUT.png"}))(world)
    else:
        (world.folder / "labels/train/CUTOUT.txt").touch()


def decomposed(world: World) -> None:
    """Call an image by a name that macOS would write: letters and accents apart."""
    (path,) = world.folder.rglob("train/cutout.jpg")
    path.rename(path.with_name("cano\u0302e.jpg"))
    json_of("train", lambda d: d["images"][1].update(file_name="cano\u0302e.jpg"))(world)


def numeric_name(world: World) -> None:
    """Call an image by the id of another."""
    (path,) = world.folder.rglob("train/cutout.jpg")
    path.rename(path.with_name("0001.jpg"))
    json_of("train", lambda d: d["images"][1].update(file_name="0001.jpg"))(world)


def nested_images(world: World) -> None:
    """Put the photos below a second folder called images."""
    place = world.folder / "images/train"
    place.rename(world.folder / "images/photos")
    (place / "images").parent.mkdir()
    (world.folder / "images/photos").rename(place / "images")
    shutil.copytree(world.folder / "labels/train", place / "labels")


def across_splits(world: World) -> None:
    """Put a photo of train into val too."""
    name = "images/train/cutout.jpg" if world.kind == "yolo" else "train/cutout.jpg"
    target = "images/val/in-val.jpg" if world.kind == "yolo" else "val/in-val.jpg"
    shutil.copy(world.folder / name, world.folder / target)


def tables_with(**changes: Any) -> Callable[[World], None]:
    """Change the tables that the repository knows; a key is a list of rows, a value makes a row of a row."""

    def spoil(world: World) -> None:
        found = {key: [change(item) for item in getattr(world.known.rows, key)] for key, change in changes.items()}
        world.known = replace(world.known, rows=replace(world.known.rows, **found))

    return spoil


def told_about(name: str, **changes: Any) -> Spoil:
    """Change what sidecar and feedback say about a capture."""

    def spoil(world: World) -> None:
        told = world.known.told
        world.known = replace(world.known, told={**told, name: replace(told[name], **changes)})

    return spoil


def one_group(item: SplitRow) -> SplitRow:
    """Put every capture into one group."""
    return replace(item, group="g")


def unlabelled(item: CaptureRow) -> CaptureRow:
    """Say that nobody ever looked at the empty capture."""
    return replace(item, label_kind="none") if item.capture_id == "empty" else item


def manifest(change: Callable[[dict[str, Any]], object]) -> Spoil:
    """Change manifest.json."""

    def spoil(world: World) -> None:
        document = jsontext.read(world.folder / "manifest.json")
        change(document)
        jsontext.write(world.folder / "manifest.json", document)

    return spoil


def stale(world: World) -> None:
    """Let a stage be stale."""
    world.known = replace(world.known, status=lambda: ["report"])


def turned(data: bytes) -> bytes:
    """Return a photo with an EXIF orientation."""
    with Image.open(io.BytesIO(data)) as image:
        return encoded(image.copy(), "JPEG", exif_orientation=6)


SQUARE = [{"segmentation": [[6, 6, 50, 6, 50, 50]]}]
FOLDER: list[tuple[int, str, Spoil]] = [
    (1, "coco", first("annotations", id=0)),
    (1, "coco", first("annotations", id="1")),
    (1, "coco", first("annotations", id=6)),  # which stands in val
    (2, "coco", json_of("val", lambda d: d["categories"].reverse())),
    (2, "coco", json_of("val", lambda d: d["categories"].pop())),
    (2, "coco", first("categories", id=0)),
    (3, "yolo", data_yaml(lambda d: d["names"].pop(0))),
    (3, "yolo", row("99 0.5 0.5 0.1 0.1\n")),
    (3, "yolo_segment", row("99 0.1 0.1 0.2 0.1 0.2 0.2\n")),
    (4, "coco", json_of("train", lambda d: d["annotations"][0].pop("iscrowd"))),
    (4, "coco", first("annotations", area=0)),
    (4, "coco", json_of("train", lambda d: d["images"][0].pop("width"))),
    (5, "coco", json_of("test", lambda d: d.pop("info"))),
    (5, "coco", json_of("test", lambda d: d.update(licenses=None))),
    (6, "coco", first("annotations", area=NAN)),
    (6, "coco", lambda world: (world.folder / "val/val.json").write_bytes(b'{"images": [')),
    (7, "coco", first("annotations", image_id=77)),
    (7, "coco", first("annotations", category_id=99)),
    (7, "coco", json_of("train", lambda d: d["images"].append({**d["images"][0], "id": 77}))),
    (7, "coco", lambda world: (world.folder / "train/empty.jpg").unlink()),
    (7, "yolo", lambda world: (world.folder / "labels/train/stranger.txt").touch()),
    (8, "coco", first("annotations", id=0)),
    (8, "coco", first("annotations", bbox=[1.0, 2.0])),
    (9, "coco", first("images", id="alpha")),
    (9, "coco", json_of("train", lambda d: d["images"][0].update(id=d["images"][1]["id"]))),
    (9, "coco", numeric_name),
    (10, "coco", first("annotations", bbox=[10, 12, 0, 30])),
    (10, "coco", first("annotations", bbox=[-3, 12, 40, 30])),
    (10, "coco", first("annotations", bbox=[80, 12, 40, 30])),
    (10, "coco", first("annotations", bbox=[NAN, 12, 40, 30])),
    (10, "coco", first("annotations", bbox=None)),
    (10, "yolo", row("1 0.5 0.5 0 0.1\n")),
    (10, "yolo", row("1 0.98 0.5 0.1 0.1\n")),
    (11, "coco", first("annotations", bbox=[10, 12, 0.5, 30])),
    (11, "yolo", row("1 0.5 0.5 0.005 0.1\n")),
    (12, "yolo", row("1 0.975 0.5 0.0500001 0.1\n")),
    (12, "yolo_segment", row("1 0.5 0.5 1.0000001 0.5 0.7 0.7\n")),
    (13, "coco", first("images", width=95)),
    (13, "coco", photo(turned)),
    (13, "yolo", photo(turned)),
    (15, "coco", first("annotations", iscrowd=2)),
    (15, "coco", first("annotations", iscrowd=True)),
    (16, "coco", first("annotations", attributes={"rotation": 30.0})),
    (16, "coco", first("annotations", bbox=[10, 12, 40, 30, 0.5])),
    (16, "coco", first("annotations", segmentation=[[0, 0, 90, 0, 90, 70]])),
    (16, "yolo", row("1 0.5 0.2 0.8 0.5 0.5 0.8 0.2 0.5\n")),
    (17, "coco", first("annotations", segmentation=[[1, 2, 3, 4]])),
    (17, "coco", first("annotations", segmentation={"size": [1, 1], "counts": "0"})),
    (17, "coco", first("annotations", segmentation="none")),
    (17, "coco", first("annotations", iscrowd=1, **SQUARE[0])),
    (18, "coco", second_stem),
    (18, "yolo", second_stem),
    (19, "coco", decomposed),
    (19, "coco", first("categories", name="bed%20sofa")),
    (19, "coco", first("categories", name="FURN_SOFA")),
    (19, "coco", first("categories", name=None)),
    (19, "yolo", data_yaml(lambda d: d["names"].update({0: False}))),
    (19, "yolo", lambda world: (world.folder / "labels/train/empty.txt").write_bytes(b"\xff\xfe")),
    (20, "yolo", nested_images),
    (20, "yolo", lambda world: (world.folder / "labels/train/cutout.txt").unlink()),
    (21, "yolo", data_yaml(lambda d: d.update(path="/data/waste"))),
    (21, "yolo", data_yaml(lambda d: d.update(train="/data/waste/images/train"))),
    (21, "yolo", data_yaml(lambda d: d.update(val="images/valid"))),
    (21, "yolo", data_yaml(lambda d: d.pop("val"))),
    (21, "yolo", data_yaml(lambda d: d.update(download="print(1)"))),
    (21, "yolo", lambda world: (world.folder / "data.yaml").write_text("[")),
    (21, "coco", first("images", file_name="../alpha.png")),
    (22, "coco", photo(encoded(picture(96, 72, 1).convert("L"), "JPEG"))),
    (22, "coco", photo(encoded(picture(96, 72, 1).convert("CMYK"), "JPEG"))),
    (22, "yolo", photo(encoded(picture(96, 72, 1).convert("RGBA"), "PNG"), "alpha.png")),
    (22, "yolo", photo(deep_png(96, 72), "alpha.png")),
    (22, "coco", photo(b"no image")),
    (23, "coco", photo(lambda data: data + b"tail")),
    (23, "yolo", photo(lambda data: data + b"tail")),
    (24, "yolo", row("1 0.5 0.5 0.1\n")),
    (24, "yolo", row("1 0.5 0.5 0.1 0.1 0.9\n")),
    (24, "yolo", row("1.5 0.5 0.5 0.1 0.1\n")),
    (24, "yolo", row("1 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.1 0.1\n")),
    (24, "yolo_segment", row("1 0.5 0.5 0.1 0.1\n")),
    (24, "coco", json_of("train", lambda d: d["annotations"].append({**d["annotations"][0], "id": 99}))),
    (25, "yolo", lambda world: (world.folder / "labels/train/empty.txt").unlink()),
    (25, "coco", json_of("train", lambda d: d["images"].pop(2))),
    (26, "yolo", photo(lambda data: data[:-2])),
    (27, "coco", lambda world: (world.folder / "train/labels.cache").touch()),
    (27, "yolo", lambda world: (world.folder / "images/train/cutout.npy").touch()),
    (29, "coco", across_splits),
    (29, "yolo", across_splits),
]
REPOSITORY: list[tuple[int, str, Spoil]] = [
    (2, "coco", first("categories", name="SOMETHING")),
    (3, "yolo", data_yaml(lambda d: d["names"].update({0: "SOMETHING"}))),
    (6, "custom", lambda world: (world.folder / "ecoguide_v1.json").write_text('{"format": 1}')),
    (6, "tables", lambda world: (world.folder / "images.parquet").write_bytes(b"PAR1")),
    (12, "yolo", row("1 0.3127 0.4166666667 0.5208333333 0.6944444444\n")),
    (14, "coco", first("annotations", bbox=[10.02, 12.0, 40.0, 30.0])),
    (14, "coco", first("annotations", category_id=3)),
    (14, "yolo", told_about("cutout", boxes=(Box(5.0, 5.0, 50.0, 50.02),))),
    (14, "custom", told_about("in-val", boxes=(Box(2.5, 2.5, 25.0, 25.0),))),
    (15, "coco", first("annotations", iscrowd=1)),
    (15, "yolo", tables_with(captures=unlabelled)),
    (22, "yolo", manifest(lambda d: d.pop("background_color"))),
    (25, "coco", manifest(lambda d: d["left_out"].pop())),
    (25, "coco", manifest(lambda d: d["images"].pop())),
    (25, "coco", manifest(lambda d: d["images"].append({**d["images"][0], "capture_id": "stranger"}))),
    (25, "classification", lambda world: (world.folder / "train/001_FURN_BED/alpha_1.png").unlink()),
    (28, "yolo", told_about("cutout", boxes=())),
    (28, "coco", told_about("cutout", rejected=True)),
    (28, "tables", told_about("cutout", boxes=())),
    (29, "coco", tables_with(splits=one_group)),
    (29, "custom", manifest(lambda d: [entry.update(group="g") for entry in d["images"]])),
    (30, "coco", photo(jpeg(96, 72, 77))),
    (30, "yolo", lambda world: (world.folder / "stranger.txt").touch()),
    (30, "classification", lambda world: (world.folder / "train/003_FURN_TABLE/.keep").unlink()),
    (30, "tables", lambda world: (world.folder / "annotations.parquet").unlink()),
    (31, "coco", stale),
]


@pytest.fixture
def world(request: pytest.FixtureRequest, pristine: Path, tmp_path: Path) -> World:
    """A copy of one export, with what the repository knows."""
    layout = LAYOUTS[request.param]
    folder = Path(shutil.copytree(pristine / layout.folder, tmp_path / layout.folder))
    return World(request.param, folder, exported.background(exported.dataset()))


def found(world: World, number: int, *, alone: bool) -> tuple[str, tuple[Any, ...]]:
    """Return status and faults of one rule."""
    gate = Gate()
    gate.prove(world.case(alone=alone), world.kind, [RULES[number - 1]])
    return gate.checks[0].status, gate.checks[0].faults


def test_there_are_thirty_one_rules_and_each_has_a_case() -> None:
    """Numbers run 1 to 31, names are their own, and every rule is spoilt at least once below."""
    assert [rule.number for rule in RULES] == list(range(1, 32))
    assert len({rule.name for rule in RULES}) == 31
    assert {number for number, _, _ in (*FOLDER, *REPOSITORY)} == set(range(1, 32))


def test_the_document_has_the_rules_and_the_formats() -> None:
    """docs/exports.md lists the 31 rules as the code has them, every switch, and every reason to leave out."""
    text = (Path(__file__).resolve().parents[2] / "docs/exports.md").read_text(encoding="utf-8")
    marks = {rule: " R" if rule.needs == "repository" else "" for rule in RULES}
    assert [line for line in text.splitlines() if re.match(r"\| \d", line)] == [
        f"| {rule.number}{marks[rule]} | `{rule.name}` | {rule.proves} |" for rule in RULES
    ]
    assert set(re.findall(r"^\| `export_(\w+)`", text, re.MULTILINE)) == set(LAYOUTS)
    assert all(f"`{code}`" in text for code in set(LEFT_OUT_BECAUSE) - {"bridges_frozen_splits", "copy_in_evaluation"})


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in-repository"])
@pytest.mark.parametrize(("number", "world", "spoil"), FOLDER, indirect=["world"])
def test_a_rule_trips_on_a_folder(world: World, number: int, spoil: Spoil, *, alone: bool) -> None:
    """What a folder alone can prove is found in anybody's folder, and in ours just so."""
    spoil(world)
    status, faults = found(world, number, alone=alone)
    assert status == "failed"
    assert all(fault.value for fault in faults)


@pytest.mark.parametrize(("number", "world", "spoil"), REPOSITORY, indirect=["world"])
def test_a_rule_trips_in_the_repository(world: World, number: int, spoil: Spoil) -> None:
    """What only the repository knows is found there."""
    spoil(world)
    assert found(world, number, alone=False)[0] == "failed"


@pytest.mark.parametrize("source", ["alpha", "whole_image"])
@pytest.mark.parametrize("world", ["coco"], indirect=True)
def test_a_box_that_the_catalog_made_is_no_fault(world: World, source: str) -> None:
    """Nobody told where it is, so rules 14 and 28 do not ask; of anybody's box they would."""
    told_about("cutout", boxes=())(world)
    assert found(world, 28, alone=False)[0] == "failed"
    tables_with(annotations=lambda row: replace(row, derived_from=source))(world)
    assert [found(world, number, alone=False)[0] for number in (14, 28)] == ["passed", "passed"]
    told_about("cutout", rejected=True)(world)
    assert found(world, 28, alone=False)[0] == "failed"


@pytest.mark.parametrize("world", LAYOUTS, indirect=True)
def test_our_exports_pass_every_rule(world: World) -> None:
    """In the repository every rule that is about the format passes; no rule is neither passed nor explained."""
    gate = Gate()
    gate.prove(world.case(alone=False), world.kind)
    assert [check.rule.number for check in gate.checks] == list(range(1, 32))
    for check in gate.checks:
        assert check.status == ("passed" if world.kind in check.rule.kinds else "not_applicable"), check
        assert bool(check.why) == (check.status == "not_applicable")


@pytest.mark.parametrize("world", ["coco", "yolo", "yolo_segment"], indirect=True)
def test_a_folder_alone_never_passes_what_it_cannot_prove(world: World) -> None:
    """Without its repository the same folder passes the rest; what needs the repository is not applicable."""
    gate = Gate()
    gate.prove(world.case(alone=True), world.kind)
    assert gate.verdict == "passed"
    unproved = {check.rule.number for check in gate.checks if check.status == "not_applicable"}
    assert {14, 28, 29, 30, 31} <= unproved


@pytest.mark.parametrize("world", ["yolo"], indirect=True)
def test_without_the_trainer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's folder says that the trainer is not installed; inside the repository that is a failure."""
    monkeypatch.setattr(gates, "trainer_installed", lambda: False)
    monkeypatch.setattr("captureset.trainer.process.importlib.util.find_spec", lambda _: None)
    status, faults = found(world, TRAINER_RULE, alone=False)
    assert status == "failed"
    assert "could not run: The trainer (ultralytics) is not installed" in faults[0].value
    assert found(world, TRAINER_RULE, alone=True)[0] == "not_applicable"
