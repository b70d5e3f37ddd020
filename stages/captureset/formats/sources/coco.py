"""COCO detection: one JSON file with `images`, `annotations` and `categories`; a box is left, top, width, height."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.formats.sources import coco_box, numbers
from captureset.formats.sources.coco_box import Words, own_id
from captureset.formats.sources.dataset import BYTE_ORDER_MARK, SourceBox, SourceDataset, SourceImage
from captureset.formats.sources.fates import DirtError, Fates
from captureset.formats.sources.photos import Found, PhotoFolders, note_spelling
from captureset.records.box import Frame

SIDES = ("width", "height")
SECTIONS = ("images", "annotations", "categories")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One usable entry of `images`: its file, not found yet."""

    name: str
    frame: Frame | None


Entries = dict[int | str, _Entry | None]


def read(annotations: Path, images: Path) -> SourceDataset:
    """Return the dataset in a COCO file; an image without annotations was looked at.

    An image's `width` and `height` are the frame of its boxes. Ids may have gaps, begin at 0 and be text.

    Raises:
        CapturesetError: the file is no COCO, or there is no folder of photos.
    """
    fates, folder = Fates(), PhotoFolders(images)
    sections = require_sections(_document(annotations, fates), annotations)
    words = words_of(sections["categories"], fates)
    entries = _entries(sections["images"], fates)
    photos = _photos(entries, folder, fates)
    boxes = _boxes(sections["annotations"], entries, photos, words, fates)
    every = [
        SourceImage(found.path, found.name, entry.frame, tuple(boxes[identity]))
        for identity, found in photos.items()
        if (entry := entries[identity])
    ]
    used = (found.path for found in photos.values())
    notes = (*_notes(sections["annotations"]), *folder.left_out(used, "are not in the file"))
    return SourceDataset.of(annotations.stem, every, notes, fates)


def _document(path: Path, fates: Fates) -> Any:
    """Return the file's JSON; NaN and its like stay the words they are, so that a box with one is refused by itself."""
    words: list[str] = []

    def kept(token: str) -> str:
        words.append(token)
        return token

    document = jsontext.read(path, constant=kept)
    if words:
        fates.add("loose_json", path.name, f"has {len(words)} times {words[0]} or the like, which is no JSON number")
    with path.open("rb") as handle:
        marked = handle.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
    if marked:
        fates.add("file_mark", path.name, "begins with a byte order mark")
    return document


def require_sections(document: Any, path: Path) -> dict[str, list[Any]]:
    """Return the three lists of a COCO document.

    Raises:
        CapturesetError: it lacks one of them.
    """
    for name in SECTIONS:
        if not isinstance(document, Mapping) or not isinstance(document.get(name), list):
            raise CapturesetError(f"{path} has no list {name!r}; give a COCO detection file (instances_….json).")
    return {name: document[name] for name in SECTIONS}


def words_of(entries: Sequence[Any], fates: Fates) -> Words:
    """Return the name of each category by its id; what is wrong with the others is noted."""
    words: Words = {}
    contested = set()
    for place, entry in enumerate(entries):
        identity, name = own_id(entry), entry.get("name") if isinstance(entry, Mapping) else None
        if identity is None or not isinstance(name, str) or not name.strip():
            fates.add("category_entry", f"categories[{place}]", "has no id or no name")
        elif words.get(identity, name.strip()) != name.strip():
            fates.add("category_id_twice", f"the category id {identity!r}", f"stands twice, for {name.strip()!r} too")
            contested.add(identity)
        else:
            _note_category(identity, name.strip(), words, fates)
            words[identity] = name.strip()
    return {identity: word for identity, word in words.items() if identity not in contested}


def _note_category(identity: int | str, name: str, words: Words, fates: Fates) -> None:
    if identity in words:
        fates.add("category_entry_twice", f"the category id {identity!r}", f"stands twice, both times for {name!r}")
    elif name in words.values():
        fates.add("same_category", f"the category id {identity!r}", f"is called {name!r}, as another one is")


def _entries(images: Sequence[Any], fates: Fates) -> Entries:
    """Return the images by id; None stands for one that is refused, and for an id that different images have."""
    claims: dict[int | str, list[tuple[str, _Entry]]] = defaultdict(list)
    broken: set[int | str] = set()
    for place, entry in enumerate(images):
        fates.photos += 1
        try:
            claims[_required_id(entry)].append((f"images[{place}]", _entry(entry)))
        except DirtError as error:
            fates.fail(error, f"images[{place}]")
            broken |= {identity for identity in (own_id(entry),) if identity is not None}
    return dict.fromkeys(broken) | {identity: _agreed(identity, made, fates) for identity, made in claims.items()}


def _agreed(identity: int | str, claims: list[tuple[str, _Entry]], fates: Fates) -> _Entry | None:
    """Return what all entries of one id say, None when they say different things."""
    agreed = len({one for _, one in claims}) == 1
    for row, one in claims[1:] if agreed else claims:
        code, said = (
            ("photo_entry_twice", "once more")
            if agreed
            else ("image_id_twice", f"under the id {identity!r}, as another")
        )
        fates.add(code, row, f"is about {one.name} {said}")
    return claims[0][1] if agreed else None


def _required_id(entry: Any) -> int | str:
    identity = own_id(entry)
    if identity is None:
        raise DirtError("image_entry", "has no id or no file_name")
    return identity


def _entry(entry: Mapping[str, Any]) -> _Entry:
    name = entry.get("file_name")
    if not isinstance(name, str) or not name:
        raise DirtError("image_entry", "has no id or no file_name")
    return _Entry(name, numbers.size([entry.get(side) for side in SIDES]))


def _photos(entries: Entries, folder: PhotoFolders, fates: Fates) -> dict[int | str, Found]:
    """Return the photo of each image; an image without one, or with another's, is noted."""
    sound = {identity: entry for identity, entry in entries.items() if entry}
    results = folder.find_all(entry.name for entry in sound.values())
    holders = Counter(found.path for entry in sound.values() if isinstance(found := results[entry.name], Found))
    photos: dict[int | str, Found] = {}
    for identity, entry in sound.items():
        found, row = results[entry.name], f"the image {entry.name!r}"
        if isinstance(found, DirtError):
            fates.fail(found, row)
        elif holders[found.path] > 1:
            fates.add("photo_twice", f"{row} (id {identity!r})", "is not the only entry about its photo")
        else:
            note_spelling(found, entry.name, fates)
            photos[identity] = found
    return photos


def _boxes(
    annotations: Sequence[Any], entries: Entries, photos: Mapping[int | str, Found], words: Words, fates: Fates
) -> dict[int | str, list[SourceBox]]:
    """Return the boxes of each photo; those that are none, and those of images without a photo, are noted."""
    boxes: dict[int | str, list[SourceBox]] = defaultdict(list)
    taken: set[int | str] = set()
    for place, entry in enumerate(annotations):
        fates.boxes += 1
        row, photo, own = coco_box.row_name(entry, place, taken), None, coco_box.id_dirt(entry, taken)
        try:
            coco_box.require_object(entry)
            identity = coco_box.known_id(entry, "image_id", entries, "orphan")
            photo = photos[identity].name if identity in photos else None
            box, repairs = coco_box.read(entry, words)
        except DirtError as error:
            fates.fail(error, row, photo)
            continue
        if photo is None:
            fates.leave_out([row], None)
            continue
        for repair in (*repairs, *coco_box.id_spelling(entry, "image_id", identity), *own):
            fates.fail(repair, row, photo)
        boxes[identity].append(replace(box, row=row))
    return boxes


def _notes(annotations: Sequence[Any]) -> Iterator[str]:
    for key in ("segmentation", "keypoints"):
        count = sum(1 for entry in annotations if isinstance(entry, Mapping) and entry.get(key))
        if count:
            yield f"{count} annotations also have a {key}, which was left out: captures hold boxes"
    scored = sum(1 for entry in annotations if isinstance(entry, Mapping) and "score" in entry)
    if scored:
        yield f"{scored} annotations have a score, as a model writes: say --unreviewed when nobody has looked at them"
