from __future__ import annotations

import os
from pathlib import Path

import pytest
from drawn_export import make_export, snapshot, write_data_yaml

from captureset.errors import CapturesetError
from captureset.trainer.view import images_below, label_of, read_data_yaml, trainer_view


def test_view_shows_the_same_bytes_under_the_same_names(tmp_path: Path) -> None:
    """The trainer sees exactly the export's images, labels and data.yaml."""
    export = make_export(tmp_path / "export")
    with trainer_view(export, tmp_path / "scratch") as view:
        assert snapshot(view) == snapshot(export)


def test_view_is_gone_afterwards_even_after_an_error(tmp_path: Path) -> None:
    """Nothing stays in the scratch folder, whatever happened inside."""
    export, scratch = make_export(tmp_path / "export"), tmp_path / "scratch"
    with pytest.raises(FileNotFoundError), trainer_view(export, scratch) as view:
        (view / "no such folder" / "train.cache").write_bytes(b"x")
    assert list(scratch.iterdir()) == []


def test_sound_image_is_linked_and_label_is_copied(tmp_path: Path) -> None:
    """Pixels are not copied; a write to a label in the view does not reach the export."""
    export = make_export(tmp_path / "export")
    with trainer_view(export, tmp_path) as view:
        assert (view / "images/train/a000-b1.jpg").is_symlink()
        (view / "labels/train/a000-b1.txt").write_text("changed", encoding="utf-8")
        (view / "data.yaml").write_text("changed", encoding="utf-8")
    assert "changed" not in (export / "labels/train/a000-b1.txt").read_text(encoding="utf-8")
    assert "changed" not in (export / "data.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["a000-b1.jpg", "A000-B1.JPG", "jpeg in disguise.png"])
def test_jpeg_without_its_end_is_copied(tmp_path: Path, name: str) -> None:
    """A file the trainer would re-encode in place, judged by content, never reaches it as a link."""
    export = make_export(tmp_path / "export")
    broken = export / "images/train" / name
    broken.write_bytes((export / "images/train/a001-b1.jpg").read_bytes() + b"tail")
    with trainer_view(export, tmp_path) as view:
        shown = view / "images/train" / name
        assert not shown.is_symlink()
        assert shown.read_bytes() == broken.read_bytes()


def test_caches_that_the_trainer_would_trust_stay_behind(tmp_path: Path) -> None:
    """A pickle or an array lying in the export is not handed to a program that loads it blindly."""
    export = make_export(tmp_path / "export")
    for name in ("labels/train.cache", "images/train/a000-b1.npy", "manifest.json"):
        (export / name).write_bytes(b"poison")
    with trainer_view(export, tmp_path) as view:
        assert b"poison" not in {path.read_bytes() for path in view.rglob("*") if path.is_file()}


def test_dangling_image_is_refused_by_name(tmp_path: Path) -> None:
    """An image whose bytes are not there is not left out silently."""
    export = make_export(tmp_path / "export")
    (export / "images/train/lost.jpg").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CapturesetError, match=r"lost\.jpg cannot be shown"), trainer_view(export, tmp_path):
        pass


def test_scratch_inside_the_export_is_refused(tmp_path: Path) -> None:
    """A view inside the export would change it."""
    export = make_export(tmp_path / "export")
    with pytest.raises(CapturesetError, match="inside the export"), trainer_view(export, export / "tmp"):
        pass


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("download: print(1)\n", "'download'"),
        ("path: .\n", "'path'"),
        ("train: /etc\n", "'/etc' for train"),
        ("train: images/train\nval: ../other\n", r"'\.\./other' for val"),
        ("train: images/train\ntest: images/test\n", "'images/test' for test"),
        ("train: 3\n", "3 for train"),
        ("- train\n", "no mapping"),
        ("train: [\n", "cannot be read"),
    ],
)
def test_data_yaml_that_leads_elsewhere_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The trainer is never handed code to run, or a folder outside the export."""
    export = make_export(tmp_path / "export")
    (export / "data.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CapturesetError, match=said) as refused:
        read_data_yaml(export)
    assert "data.yaml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_missing_data_yaml_is_refused(tmp_path: Path) -> None:
    """A folder that is no YOLO export is named."""
    with pytest.raises(CapturesetError, match=r"data\.yaml cannot be read"), trainer_view(tmp_path):
        pass


def test_split_may_be_a_list_of_folders(tmp_path: Path) -> None:
    """Other people's exports name several folders for a split."""
    export = make_export(tmp_path / "export")
    write_data_yaml(export, "train: [images/train, images/val]\nval: images/val\n")
    assert read_data_yaml(export)["train"] == ["images/train", "images/val"]


def test_last_images_folder_decides_where_the_label_is() -> None:
    """A repository below a folder called images changes nothing."""
    image = Path(os.sep, "images", "repo", "images", "train", "a.b.jpg")
    assert label_of(image) == Path(os.sep, "images", "repo", "labels", "train", "a.b.txt")


def test_images_are_found_by_suffix_in_any_case(tmp_path: Path) -> None:
    """What the trainer takes for an image is what we count as one."""
    for name in ("b.JPG", "a.webp", "c.txt", "d.gif"):
        (tmp_path / name).touch()
    assert [path.name for path in images_below(tmp_path)] == ["a.webp", "b.JPG"]
