"""The uploads folder of the EcoGuide app: its labels, and the photos they are about.

Read are `labels/*.json` and `user_images/*`, nothing else: `user_location.json`, `districts/`, `monitoring/` and
`waste_links/` are private or no captures. `labels/_index.json` is a hint the app rewrites without a lock: it decides
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError, RefusedCaptureError
from captureset.formats import jsontext
from captureset.formats.sources.dataset import PHOTO_SUFFIXES
from captureset.formats.sources.ecoguide_label import EcoguideLabel, parse

LABELS, PHOTOS, INDEX = "labels", "user_images", "_index.json"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class EcoguideRecord:
    """One file of the labels folder: what it says, or why it cannot be read.

    `file_id` is the UUID of its name, or the name itself when that is none. `photo` may be anything: the app names
    every upload `.jpg`.
    """

    path: Path
    file_id: str
    label: EcoguideLabel | RefusedCaptureError
    photo: Path | None


@dataclass(frozen=True, slots=True)
class EcoguideUploads:
    """Every label of an uploads folder, by name; what else stood there is counted in `notes`."""

    folder: Path
    records: tuple[EcoguideRecord, ...]
    notes: tuple[str, ...] = ()


def read(uploads: Path) -> EcoguideUploads:
    """Return every label of an uploads folder; one that cannot be read is in it as its refusal.

    Raises:
        CapturesetError: the folder has no labels.
    """
    folder = uploads / LABELS
    files = sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []
    labels = [path for path in files if path.suffix.lower() == ".json" and path.name[0] not in "_."]
    if not labels:
        raise CapturesetError(f"{uploads} has no label, {LABELS}/<id>.json; give the app's uploads folder.")
    photos = _photos(uploads / PHOTOS)
    records = tuple(_record(path, photos) for path in labels)
    return EcoguideUploads(uploads, records, tuple(_notes(records, files, photos, folder / INDEX)))


def _photos(folder: Path) -> dict[str, Path]:
    """Return the photo of each id; where several differ in their suffix, the app's own `.jpg` goes first."""
    if not folder.is_dir():
        return {}
    found = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in PHOTO_SUFFIXES and _inside(path)]
    found.sort(key=lambda path: path.suffix != ".jpg")
    return {path.stem.lower(): path for path in reversed(found)}


def _inside(path: Path) -> bool:
    """Say whether a file is really in its folder: a link may lead to what is never to be read."""
    try:
        return path.is_file() and path.resolve().parent == path.parent.resolve()
    except (OSError, RuntimeError):
        return False


def _record(path: Path, photos: dict[str, Path]) -> EcoguideRecord:
    file_id = path.stem.lower() if UUID.fullmatch(path.stem.lower()) else path.stem
    try:
        label: EcoguideLabel | RefusedCaptureError = parse(_document(path, file_id), path.name)
    except RefusedCaptureError as error:
        label = error
    return EcoguideRecord(path, file_id, label, photos.get(file_id))


def _document(path: Path, file_id: str) -> Any:
    """Return the JSON of a label whose name can be trusted.

    Raises:
        RefusedCaptureError: `wrong_name`, `outside` or `not_json`.
    """
    if not UUID.fullmatch(file_id):
        raise RefusedCaptureError("wrong_name", f"{path.name} is no UUID; name the label as its file_id.")
    if not _inside(path):
        raise RefusedCaptureError("outside", f"{path.name} is a link out of its folder; put the label itself there.")
    try:
        document = jsontext.read(path)
    except CapturesetError as error:
        raise RefusedCaptureError("not_json", str(error).replace(str(path), path.name)) from None
    told = document.get("file_id", file_id) if isinstance(document, dict) else file_id
    if str(told).lower() != file_id:
        raise RefusedCaptureError("wrong_name", f"{path.name} holds the label of {told!r}; name it as its file_id.")
    return document


def _notes(
    records: tuple[EcoguideRecord, ...], files: list[Path], photos: dict[str, Path], index: Path
) -> Iterator[str]:
    known = {record.file_id for record in records}
    strangers = len(files) - len(records) - sum(path.name == INDEX for path in files)
    if strangers:
        yield f"{strangers} other files in {LABELS} are no labels and were left out"
    if photos.keys() - known:
        yield f"{len(photos.keys() - known)} photos in {PHOTOS} have no label and were left out"
    yield from _index_notes(index, known)


def _index_notes(index: Path, known: set[str]) -> Iterator[str]:
    """Say where the index disagrees with the labels, which are the truth."""
    if not index.is_file():
        yield f"{INDEX} is missing; it is only a hint, the labels themselves were read"
        return
    try:
        named = set(UUID.findall(jsontext.dump(jsontext.read(index)).lower()))
    except CapturesetError:
        yield f"{INDEX} is corrupt; it is only a hint, the labels themselves were read"
        return
    if named - known:
        yield f"{INDEX} names {len(named - known)} labels that are not there; the labels themselves were read"
