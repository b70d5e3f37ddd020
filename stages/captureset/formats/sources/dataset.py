"""What every reader of a foreign dataset gives: images with their boxes, in the source's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.records.box import Box, Frame

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class SourceBox:
    """One box with the source's own word for its category; pixels of the image's frame."""

    category: str
    box: Box


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
    """A foreign dataset, whole: nothing in it was left out without a word in `notes`."""

    name: str
    images: tuple[SourceImage, ...]
    notes: tuple[str, ...] = ()


def refuse(source: Path | str, faults: Sequence[str], remedy: str) -> None:
    """Return when there is no fault.

    Raises:
        CapturesetError: there are faults; the first ten are named, the rest counted.
    """
    if faults:
        more = f" and {len(faults) - MOST_LISTED} more" if len(faults) > MOST_LISTED else ""
        raise CapturesetError(f"{source}: {'; '.join(faults[:MOST_LISTED])}{more}; {remedy}.")


def contained(folder: Path, name: str) -> Path:
    """Return the file of a name below a folder.

    Raises:
        CapturesetError: the name leads out of the folder or to no file.
    """
    path = folder / Path(*Path(name.replace("\\", "/")).parts)
    inside = path.resolve().is_relative_to(folder.resolve())
    if not inside or not path.is_file():
        fault = "does not exist" if inside else "lies outside"
        raise CapturesetError(f"the image {name!r} {fault} in {folder}; give its folder with --images.")
    return path
