"""What every reader of a foreign dataset gives: images with their boxes, in the source's own words."""

from __future__ import annotations

import functools
import posixpath
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.records.box import Box, Frame

MOST_LISTED = 10
PHOTO_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


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
    path = _below(folder, name)
    fault = _fault(folder, path)
    if fault:
        raise CapturesetError(f"the image {name!r} {fault} {folder}; give its folder with --images.")
    return path


def _below(folder: Path, name: str) -> Path:
    return folder / Path(*Path(name.replace("\\", "/")).parts)


def _fault(folder: Path, path: Path) -> str | None:
    """Return why a path is no file below a folder, as part of a sentence, or None."""
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            return "lies outside"
        return None if path.is_file() else "does not exist in"
    except (OSError, ValueError, RuntimeError):  # too long, a NUL byte, a ring of links
        return "does not exist in"


def source_name(path: Path, root: Path) -> str:
    """Return what a photo is called: its POSIX path below `root`, NFC, so every copy of a dataset says the same."""
    return unicodedata.normalize("NFC", path.relative_to(root).as_posix())


class PhotoFolders:
    """The photos below one or more folders, found by the names a source gives them.

    A name also finds the file that differs only in the case of its suffix or in Unicode normalisation, as happens
    between Windows, macOS and Linux, if there is just one such file.
    """

    def __init__(self, *roots: Path) -> None:
        missing = [root for root in roots if not root.is_dir()]
        if missing:
            raise CapturesetError(f"{missing[0]} is no folder; give the folder of the photos with --images.")
        self.roots = roots

    def find(self, name: str) -> tuple[Path, str]:
        """Return the file of a photo, and its name as `source_name` gives it.

        Raises:
            CapturesetError: the name is empty, leads out of the folders, or to no file.
        """
        tidy = posixpath.normpath(name.replace("\\", "/"))
        for root in self.roots:
            path = _below(root, tidy)
            if not _fault(root, path):
                return path, source_name(path, root)
        alike = self._by_name.get(_folded(tidy), [])
        if len(alike) == 1:
            return alike[0]
        places = " or ".join(map(str, self.roots))
        raise CapturesetError(f"the image {name!r} {_fault(self.roots[0], _below(self.roots[0], tidy))} {places}")

    def left_out(self, used: Iterable[Path], because: str) -> tuple[str, ...]:
        """Return a note on the photos that are in the folders but not in the source, if there are any."""
        found = {path for paths in self._by_name.values() for path, _ in paths}
        left = sum(1 for path in found - set(used) if path.suffix.lower() in PHOTO_SUFFIXES)
        return (f"{left} photos of {self.roots[0].name} {because} and were left out",) if left else ()

    @functools.cached_property
    def _by_name(self) -> dict[str, list[tuple[Path, str]]]:
        index: dict[str, list[tuple[Path, str]]] = {}
        for root in self.roots:
            for path in sorted(root.rglob("*")):
                name = source_name(path, root)
                if not any(part.startswith(".") for part in name.split("/")) and not _fault(root, path):
                    index.setdefault(_folded(name), []).append((path, name))
        return index


def _folded(name: str) -> str:
    """Return a name with its suffix in lower case and its letters composed."""
    stem, dot, suffix = unicodedata.normalize("NFC", name).rpartition(".")
    return stem + dot + suffix.lower()
