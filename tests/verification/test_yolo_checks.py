"""Checks on a YOLO export, each shown to fail; the trainer's loader is the real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import exported
from captureset.errors import CapturesetError
from captureset.export import gather
from captureset.formats.exports import yolo as writer
from captureset.trainer.reader import TrainerSplit, read_with_trainer
from captureset.trainer.view import trainer_view
from captureset.verification import yolo
from captureset.verification.gate import Gate
from captureset.verification.truth import Truth

Found = Mapping[str, TrainerSplit]
ALPHA = "labels/train/alpha.txt"
CX = "0.3125000000"  # of its first box


@pytest.fixture(scope="session")
def found(pristine: Path) -> Found:
    """What the trainer's own loader says about the export as it was written."""
    with trainer_view(pristine / "yolo_format") as view:
        return read_with_trainer(view)


def failing(
    root: Path, truth: Truth, monkeypatch: pytest.MonkeyPatch, found: Found | CapturesetError | None = None
) -> dict[str, str]:
    """Return the first fault of every failed check; with `found`, that is what the trainer says."""

    def told(_: Path) -> Found:
        if isinstance(found, CapturesetError):
            raise found
        assert found is not None
        return found

    if found is not None:
        monkeypatch.setattr(yolo, "read_with_trainer", told)
    gate = Gate()
    yolo.check_yolo(gate, root, truth)
    return {check.check: check.faults[0] for check in gate.failed}


def test_our_own_export_passes(
    pristine: Path, truths: dict[str, Truth], found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every check passes on what the stage wrote."""
    assert failing(pristine / "yolo_format", truths["yolo"], monkeypatch, found) == {}


def rewritten(root: Path, name: str, change: Callable[[str], str]) -> None:
    """Change a text file of the export."""
    path = root / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def moved(text: str) -> str:
    """Move the first box by 0.02 px to the right."""
    number, cx, *rest = text.split(" ")
    return " ".join([number, f"{float(cx) + 0.02 / exported.WIDTH_PX:.10f}", *rest])


def other_class(text: str) -> str:
    """Give the first box another class."""
    return "5" + text[text.index(" ") :]


@pytest.mark.parametrize(
    ("spoil", "check", "fault"),
    [
        (moved, "yolo.boxes", "alpha box 0 lies 0.0200 px off"),
        (other_class, "yolo.boxes", "alpha box 0 has category id 6"),
        (lambda text: text.splitlines()[0] + "\n", "yolo.loader", "the trainer finds 3 boxes in train, 4 are due"),
        (lambda text: text.replace(CX, "1.5", 1), "yolo.loader", "corrupt"),
    ],
)
def test_the_real_loader_finds_it(
    exports: Path,
    truths: dict[str, Truth],
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[str], str],
    check: str,
    fault: str,
) -> None:
    """A box moved by 0.02 px, another class, a lost row, a row outside [0, 1]: the trainer's own reading fails."""
    rewritten(exports / "yolo_format", ALPHA, spoil)
    faults = failing(exports / "yolo_format", truths["yolo"], monkeypatch)
    assert fault in faults[check]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + text.splitlines()[0] + "\n",
        lambda text: text.replace(CX, "1.5", 1),
        lambda text: text.replace(CX, "-0.5", 1),
        lambda text: text.replace(CX, "nan", 1),
        lambda text: text.replace(CX, "5e-1", 1),
        lambda text: text.replace(CX, "0,5", 1),
        lambda text: "52" + text[text.index(" ") :],
        lambda text: "sofa" + text[text.index(" ") :],
        lambda text: "²" + text[text.index(" ") :],
        lambda text: text.replace("\n", " 0.1\n", 1),
        lambda text: text.replace(" ", "\t", 1),
        lambda _: "1 0.5 0.5 1.0000001 0.5\n",
        lambda text: "\n" + text,
    ],
)
def test_a_bad_row_is_found(
    exports: Path,
    truths: dict[str, Truth],
    found: Found,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], str],
) -> None:
    """A row twice, outside [0, 1], NaN, of a sixth column, of an unknown class or in another form fails."""
    rewritten(exports / "yolo_format", ALPHA, change)
    faults = failing(exports / "yolo_format", truths["yolo"], monkeypatch, found)
    assert set(faults) == {"yolo.rows"}
    assert faults["yolo.rows"].startswith(ALPHA)


def test_label_files_and_images_go_together(
    exports: Path, truths: dict[str, Truth], found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost label file, also an empty one, and one without an image fail."""
    root = exports / "yolo_format"
    (root / "labels/train/empty.txt").unlink()
    (root / "labels/train/stranger.txt").touch()
    faults = failing(root, truths["yolo"], monkeypatch, found)
    assert faults == {"yolo.label_files": "labels/train lacks capture empty; run `dvc repro --force export`"}
    (root / "labels/train/empty.txt").touch()
    assert "stranger" in failing(root, truths["yolo"], monkeypatch, found)["yolo.label_files"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda text: "path: /data\n" + text, "the key 'path'"),
        (lambda text: text.replace("train: images", "train: /data/images"), "names an absolute place"),
        (lambda text: text.replace("val: images/val", "val: images/train"), "does not lead to images/val"),
        (lambda text: text.replace("test: images/test\n", ""), "does not lead to images/test"),
        (lambda text: text.replace('  0: "FURN_BED"\n', ""), "does not name the classes 0 to 51"),
        (lambda text: text + '  52: "MORE"\n', "does not name the classes 0 to 51"),
        (lambda text: text.replace('"FURN_BED"', "no"), "does not name the taxonomy's 52 categories"),
        (lambda text: text.replace('"FURN_BED"', '"FURN_DESK"'), "does not name the taxonomy's 52 categories"),
        (lambda text: text.partition("names:")[0], "does not name the classes"),
        (lambda text: text.partition("names:")[0] + "names: [a, b]\n", "does not name the classes"),
        (lambda text: text + "download: rm\n", "the key 'download'"),
        (lambda _: "[", "is no YAML"),
        (lambda _: "[1]", "holds no mapping"),
    ],
)
def test_a_bad_data_yaml_is_found(
    exports: Path,
    truths: dict[str, Truth],
    found: Found,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], str],
    fault: str,
) -> None:
    """A place only this machine has, a split elsewhere, and classes that are not the taxonomy's fail."""
    rewritten(exports / "yolo_format", "data.yaml", change)
    assert fault in failing(exports / "yolo_format", truths["yolo"], monkeypatch, found)["yolo.data_yaml"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"images_found": 2}, "2 images in train, 3 are due"),
        ({"labels_found": 3}, "3 boxes in train, 4 are due"),
        ({"backgrounds": 0}, "0 backgrounds in train, 1 are due"),
        ({"missing": 1}, "1 missing labels in train, 0 are due"),
        (
            {"corrupt": 1, "notes": ("train/alpha.png: cut off",)},
            "1 corrupt images in train, 0 are due (train/alpha.png",
        ),
        ({"rewritten": 1}, "1 rewritten files in train, 0 are due"),
        ({"folder": "images/elsewhere"}, "the trainer does not see train, which has 3 images"),
    ],
)
def test_whatever_the_trainer_counts_differently_is_found(
    pristine: Path,
    truths: dict[str, Truth],
    found: Found,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    fault: str,
) -> None:
    """Images, boxes, backgrounds, missing, corrupt and rewritten files must be as many as the tables say."""
    told = {**found, "train": replace(found["train"], **changes)}
    assert fault in failing(pristine / "yolo_format", truths["yolo"], monkeypatch, told)["yolo.loader"]


def test_a_split_the_trainer_does_not_see_is_found(
    pristine: Path, truths: dict[str, Truth], found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test split that the trainer leaves unread fails."""
    told = {name: split for name, split in found.items() if name != "test"}
    assert "does not see test" in failing(pristine / "yolo_format", truths["yolo"], monkeypatch, told)["yolo.loader"]


def test_a_trainer_that_cannot_run_has_failed(
    pristine: Path, truths: dict[str, Truth], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without ultralytics the check is not skipped, it fails with the sentence."""
    told = CapturesetError("ultralytics is not installed; install the extra train.")
    assert failing(pristine / "yolo_format", truths["yolo"], monkeypatch, told) == {
        "yolo.loader": "ultralytics is not installed; install the extra train."
    }


def test_an_empty_export_has_nothing_to_load(tmp_path: Path) -> None:
    """With every capture dropped the loader is not applicable, and the rest still checked."""
    rows = exported.dataset()
    rows.splits.clear()
    exported.write(tmp_path, rows)
    gate = Gate()
    yolo.check_yolo(gate, tmp_path / "yolo_format", exported.truths(rows)["yolo"])
    assert {check.check: check.status for check in gate.checks}["yolo.loader"] == "not_applicable"
    assert gate.verdict == "passed"


def test_an_empty_val_borrows_train_and_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dataset without val is legal: the real loader reads train for it, and no check is misled."""
    rows = exported.dataset()
    rows.splits[:] = [row for row in rows.splits if row.split == "train"]
    exported.write(tmp_path, rows)
    assert failing(tmp_path / "yolo_format", exported.truths(rows)["yolo"], monkeypatch) == {}


def test_the_writer_and_the_gate_agree_on_the_form() -> None:
    """A row as the writer makes it is a row as the gate reads it."""
    rows = exported.dataset()
    items = gather(rows.captures, rows.annotations, rows.quality, rows.splits, ())
    written = [writer.label_row(box, item, exported.naming()) for item in items for box in item.annotations]
    assert written
    assert all(yolo.ROW.fullmatch(row.rstrip("\n")) for row in written)
