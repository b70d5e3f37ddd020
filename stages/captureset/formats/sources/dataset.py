"""What every reader of a foreign dataset gives: images with their boxes, in the source's own words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.formats.sources.fates import Fate, Fates
from captureset.records.box import Box, Frame

MOST_LISTED = 10
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # how Windows begins a text
PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


@dataclass(frozen=True, slots=True)
class SourceBox:
    """One box with the source's own word for its category; pixels of the image's frame.

    `row` is where it stands in the source.
    """

    category: str
    box: Box
    row: str = "a box"


@dataclass(frozen=True, slots=True)
class SourceImage:
    """One photo of a foreign dataset.

    `frame` is the size the source declares, None when it declares none. `labelled` says whether the source looked
    at the photo at all: no boxes in a labelled photo is a verified-empty one.
    """

    path: Path
    name: str  # POSIX, below the images folder
    frame: Frame | None
    boxes: tuple[SourceBox, ...]
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class SourceDataset:
    """A foreign dataset, whole: each of its photos and boxes is in `images` or stands in `fates`.

    `images` are the photos that were found, those with a refused box among them. `notes` say what is no row and was
    left out.
    """

    name: str
    images: tuple[SourceImage, ...]
    notes: tuple[str, ...] = ()
    fates: tuple[Fate, ...] = ()
    photos_read: int = 0
    boxes_read: int = 0

    @classmethod
    def of(cls, name: str, images: Iterable[SourceImage], notes: Iterable[str], fates: Fates) -> SourceDataset:
        """Return the dataset a reading came to, its photos by name."""
        ordered = sorted(images, key=lambda image: image.name)
        return cls(name, tuple(ordered), tuple(notes), tuple(fates.found), fates.photos, fates.boxes)


def refuse(source: Path | str, faults: Sequence[str], remedy: str) -> None:
    """Return when there is no fault.

    Raises:
        CapturesetError: there are faults; the first ten are named, the rest counted.
    """
    if faults:
        more = f" and {len(faults) - MOST_LISTED} more" if len(faults) > MOST_LISTED else ""
        raise CapturesetError(f"{source}: {'; '.join(faults[:MOST_LISTED])}{more}; {remedy}.")


def source_name(path: Path, root: Path) -> str:
    """Return what a photo is called: its POSIX path below `root`, NFC, so every copy of a dataset says the same."""
    return unicodedata.normalize("NFC", path.relative_to(root).as_posix())
