from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from drawn_export import NAMES, draw_photo, make_export, snapshot, write_data_yaml
from PIL import Image

from captureset.errors import CapturesetError
from captureset.trainer import reader
from captureset.trainer.reader import TrainerSplit, read_with_trainer
from captureset.trainer.view import trainer_view


@dataclass(frozen=True)
class Reading:
    """One reading of the hard export, and what lay around it before and after."""

    splits: dict[str, TrainerSplit]
    again: dict[str, TrainerSplit]
    export_before: dict[str, str]
    export_after: dict[str, str]
    home: Path
    folder: Path
    printed: str


def make_hard(export: Path) -> Path:
    """Draw an export with everything the trainer has an opinion on, below a folder called images."""
    make_export(export, train=3, val=1)
    images, labels = export / "images/train", export / "labels/train"
    for stem in ("empty", "missing", "twice", "tail"):
        (images / f"{stem}.jpg").write_bytes(draw_photo(9)[0])
        (labels / f"{stem}.txt").write_text(draw_photo(9)[1], encoding="utf-8")
    (labels / "empty.txt").write_text("", encoding="utf-8")
    (labels / "missing.txt").unlink()
    (labels / "twice.txt").write_text(draw_photo(9)[1] * 2, encoding="utf-8")
    (images / "tail.jpg").write_bytes(draw_photo(9)[0] + b"after the end")
    (images / "page.jpg").write_text("<html>", encoding="utf-8")
    return export


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """Read the hard export once, twice in the same view, with an empty home and working folder."""
    root = tmp_path_factory.mktemp("reading")
    export = make_hard(root / "images" / "내보내기 v1.0")
    home, folder, scratch = root / "home", root / "cwd", root / "images" / "scratch"
    home.mkdir()
    folder.mkdir()
    before = snapshot(export)
    with pytest.MonkeyPatch.context() as patch, (root / "printed").open("w+") as printed:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "YOLO_CONFIG_DIR", "MPLCONFIGDIR", "TMPDIR"):
            patch.setenv(name, str(home))
        patch.chdir(folder)
        patch.setattr(sys, "stdout", printed)
        with trainer_view(export, scratch) as view:
            splits, again = read_with_trainer(view), read_with_trainer(view)
        printed.seek(0)
        yield Reading(splits, again, before, snapshot(export), home, folder, printed.read())


def test_counts_are_the_trainers_own(reading: Reading) -> None:
    """Found, empty, missing, corrupt and changed images are told apart; a corrupt one loses its boxes."""
    train = reading.splits["train"]
    counts = (train.images_found, train.labels_found, train.backgrounds, train.missing, train.corrupt, train.rewritten)
    assert counts == (8, 5, 1, 1, 1, 2)
    assert sorted(train.boxes) == ["a000-b1", "a001-b1", "a002-b1", "empty", "missing", "tail", "twice"]


def test_notes_name_the_files_in_the_trainers_words(reading: Reading) -> None:
    """A user learns which image and why, without the throw-away folder's name."""
    corrupt, tail, twice = reading.splits["train"].notes
    assert corrupt.startswith("images/train/page.jpg: ignoring corrupt image/label")
    assert tail == "images/train/tail.jpg: corrupt JPEG restored and saved"
    assert twice == "images/train/twice.jpg: 1 duplicate labels removed"


def test_boxes_are_the_rows_of_the_label_files(reading: Reading) -> None:
    """Class and box come back to float32 precision; an empty image has a (0, 5) array."""
    for number in range(3):
        row = np.array([draw_photo(number)[1].split()], float)
        np.testing.assert_allclose(reading.splits["train"].boxes[f"a00{number}-b1"], row, rtol=0, atol=1e-7)
    assert reading.splits["train"].boxes["empty"].shape == (0, 5)


def test_names_survive_data_yaml(reading: Reading) -> None:
    """Korean and a name that YAML takes for False arrive as they were written."""
    assert reading.splits["val"].class_names == NAMES


def test_only_the_splits_of_data_yaml_are_read(reading: Reading) -> None:
    """No test split, no entry; each entry names the folder it was read from."""
    assert {split: found.folder for split, found in reading.splits.items()} == {
        "train": "images/train",
        "val": "images/val",
    }


def test_second_reading_of_a_view_finds_the_same(reading: Reading) -> None:
    """The trainer's cache from the first reading changes no count, and the repaired JPEG stays noted."""
    first, second = reading.splits["train"], reading.again["train"]
    assert (second.images_found, second.labels_found, second.corrupt) == (8, 5, 1)
    assert first.boxes.keys() == second.boxes.keys()


def test_export_is_not_changed_by_a_byte(reading: Reading) -> None:
    """No cache beside the labels, no JPEG re-encoded, also where the trainer rewrites one."""
    assert reading.export_after == reading.export_before


def test_nothing_is_written_at_home_or_here_and_nothing_printed(reading: Reading) -> None:
    """Settings, caches and fonts of the trainer stay in the view; our user's output stays ours."""
    assert list(reading.home.iterdir()) == []
    assert list(reading.folder.iterdir()) == []
    assert reading.printed == ""


def test_trainer_stays_out_of_our_process(reading: Reading) -> None:
    """Importing ultralytics would replace PIL.Image.open for everybody."""
    assert reading.splits
    assert "ultralytics" not in sys.modules
    assert Image.open.__module__ == "PIL.Image"


def test_split_without_a_valid_image_is_refused(tmp_path: Path) -> None:
    """A split of damaged images is an error in one sentence, not an empty result."""
    export = make_export(tmp_path / "export")
    (export / "images/val/a002-b1.jpg").write_bytes(b"")
    with trainer_view(export, tmp_path) as view, pytest.raises(CapturesetError) as refused:
        read_with_trainer(view)
    assert "a002-b1.jpg" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_empty_val_borrows_train(tmp_path: Path) -> None:
    """Where data.yaml points val at train, both splits say so by their folder."""
    export = make_export(tmp_path / "export")
    shutil.rmtree(export / "images/val")
    write_data_yaml(export, "train: images/train\nval: images/train\n")
    with trainer_view(export, tmp_path) as view:
        splits = read_with_trainer(view)
    assert splits["train"].folder == splits["val"].folder == "images/train"
    assert splits["train"].boxes.keys() == splits["val"].boxes.keys()


def test_two_images_of_one_stem_are_refused() -> None:
    """They share one label file, so one of them has wrong labels."""
    label = {"cls": np.zeros((1, 1), np.float32), "bboxes": np.zeros((1, 4), np.float32)}
    with pytest.raises(CapturesetError, match=r"b\.png shares its stem"):
        reader._boxes_by_stem([{**label, "im_file": "/x/b.jpg"}, {**label, "im_file": "/x/b.png"}])
