"""A folder that shows a YOLO export to the trainer and takes the blows.

The trainer writes `*.cache` beside the labels and re-encodes a JPEG without an end marker in place.
An export is a DVC output, often linked to DVC's cache, so neither may reach it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from captureset.errors import CapturesetError
from captureset.formats.exports.places import IMAGE_SUFFIXES
from captureset.records.splits import ALL_SPLITS

JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"


@contextmanager
def trainer_view(export_dir: Path, scratch: Path | None = None) -> Iterator[Path]:
    """Yield a folder with the export's `data.yaml`, images and labels; it is gone afterwards.

    Images are links, except JPEGs that the trainer would rewrite: those are copies, as labels and
    `data.yaml` are. Anything else stays behind, above all `*.cache` and `*.npy`, which the trainer
    would trust instead of the files. The path is resolved.

    Args:
        export_dir: a YOLO folder; not changed by a byte.
        scratch: where the folder is made, outside the export; created if need be. By default the system's
            temporary folder.

    Raises:
        CapturesetError: no `data.yaml`, one that leads out of the export, or an unreadable file.
    """
    export_dir = export_dir.resolve()
    read_data_yaml(export_dir)
    _refuse_scratch_inside(export_dir, scratch)
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="trainer-view-", dir=scratch) as folder:
        view = Path(folder).resolve()
        for source in _files_below(export_dir):
            _show(source, view / source.relative_to(export_dir))
        yield view


def read_data_yaml(folder: Path) -> dict[str, Any]:
    """Return `data.yaml`, safe to hand to the trainer: relative folders inside `folder`, nothing to run.

    The trainer executes the text under `download` as Python, and resolves `path` against its own
    working directory, so both keys are refused.

    Raises:
        CapturesetError: the file is missing, no YAML mapping, or has such a key or folder.
    """
    path = folder / "data.yaml"
    data = _load_mapping(path)
    for key in ("download", "path"):
        if key in data:
            raise CapturesetError(f"{path} has the key {key!r}, which the trainer must not follow; remove it.")
    for split in ALL_SPLITS:
        for name in split_folders(data, split):
            _refuse_outside(path, split, name)
    return data


def split_folders(data: Mapping[str, Any], split: str) -> list[str]:
    """Return the folders that `data.yaml` names for a split; none if it has no such split."""
    value = data.get(split) or []
    return value if isinstance(value, list) else [value]


def images_below(folder: Path) -> list[Path]:
    """Return the files below a folder that the trainer takes for images, sorted."""
    return [path for path in _files_below(folder) if path.suffix.lower() in IMAGE_SUFFIXES]


def label_of(image: Path) -> Path:
    """Return the label file of an image by the trainer's rule: its last `images` folder becomes `labels`."""
    before, after = str(image).rsplit(f"{os.sep}images{os.sep}", 1)
    return Path(before, "labels", after).with_suffix(".txt")


def _load_mapping(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise CapturesetError(f"{path} cannot be read: {reason}; name a YOLO export folder.") from None
    if not isinstance(data, dict):
        raise CapturesetError(f"{path} holds no mapping; it needs the keys train, val and names.")
    return data


def _refuse_outside(path: Path, split: str, name: object) -> None:
    inner = PurePosixPath(str(name))
    inside = isinstance(name, str) and not inner.is_absolute() and ".." not in inner.parts
    if not inside or not (path.parent / inner).is_dir():
        raise CapturesetError(
            f"{path} names {name!r} for {split}, which is no folder inside the export; name it relative to data.yaml."
        )


def _refuse_scratch_inside(export_dir: Path, scratch: Path | None) -> None:
    if scratch is not None and scratch.resolve().is_relative_to(export_dir):
        raise CapturesetError(f"{scratch} lies inside the export {export_dir}; name a scratch folder outside it.")


def _files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if not path.is_dir())


def _show(source: Path, target: Path) -> None:
    try:
        if source.suffix.lower() in IMAGE_SUFFIXES and not _would_be_rewritten(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.resolve())
        elif source.suffix.lower() in IMAGE_SUFFIXES | {".txt"} or source.name == "data.yaml":
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    except OSError as error:
        raise CapturesetError(f"{source} cannot be shown to the trainer: {error.strerror}; export again.") from None


def _would_be_rewritten(image: Path) -> bool:
    """Return whether the trainer would re-encode the file: a JPEG, by content, that does not end with FFD9."""
    with image.open("rb") as handle:
        if handle.read(2) != JPEG_START:
            return False
        handle.seek(-2, os.SEEK_END)
        return handle.read() != JPEG_END
