"""Where the files of a dataset folder stand: the trainer's rules and the usual layouts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from captureset.records.splits import TEST_RECENT

# ultralytics.data.utils.IMG_FORMATS, 8.4
IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".dng", ".heic", ".heif", ".jp2", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"}
)
SPLIT_WORDS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


def files_below(folder: Path) -> list[str]:
    """Return every file below a folder, as sorted relative paths."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def is_image(name: str) -> bool:
    """Say whether a trainer takes a file for an image."""
    return PurePosixPath(name).suffix.lower() in IMAGE_SUFFIXES


def label_of(image: str) -> str:
    """Return the label file of an image by the trainer's rule: its last `images` folder becomes `labels`."""
    before, found, after = f"/{image}".rpartition("/images/")
    place = f"{before}/labels/{after}" if found else f"/{image}"
    return PurePosixPath(place).with_suffix(".txt").as_posix().lstrip("/")


def split_named_in(name: str) -> str:
    """Return the split a path speaks of (`instances_val2017.json`, `valid/_annotations.coco.json`), or its stem."""
    for part in reversed(PurePosixPath(name).with_suffix("").parts):
        if part == TEST_RECENT:
            return part
        for word in part.replace("-", "_").replace(".", "_").split("_"):
            bare = word.lower().rstrip("0123456789")
            if bare in SPLIT_WORDS:
                return SPLIT_WORDS[bare]
    return PurePosixPath(name).stem


def stem_key(name: str) -> str:
    """Return what must be unique in a split: the name without folder and suffix, NFC, case folded."""
    return unicodedata.normalize("NFC", PurePosixPath(name).stem).casefold()


def unspoken(files: Iterable[str], images: Iterable[str]) -> Iterator[str]:
    """Give the images that stand beside images of a dataset and that nothing speaks of."""
    known = set(images)
    folders = {PurePosixPath(name).parent for name in known}
    yield from (n for n in files if n not in known and is_image(n) and PurePosixPath(n).parent in folders)
