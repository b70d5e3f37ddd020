"""One export written, file by file, into whatever takes the files: a folder, or a comparison with one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from captureset.exporting import selecting
from captureset.exporting.layouts import LAYOUTS, Layout
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.formats import jsontext
from captureset.formats.exports import classification
from captureset.formats.exports.items import ExportItem, Naming
from captureset.pixels.normalise import ExportedImage, normalised
from captureset.store.objects import md5_of

Read = Callable[[str], bytes]
Put = Callable[[str, bytes], None]
Entry = dict[str, Any]
THREADS = 4
HANDFUL = 16


@dataclass(frozen=True, slots=True)
class Selection:
    """What one export holds, and what it leaves out by reason."""

    items: tuple[ExportItem, ...]
    left_out: Mapping[str, str]


def select(rows: Tables, kind: str, settings: ExportParams, naming: Naming, read: Read) -> Selection:
    """Return what one export holds; twins are read only by formats that have outlines."""
    layout, items = LAYOUTS[kind], selecting.placed(rows)
    if settings.outlines and kind in {"coco", "yolo_segment"}:
        with ThreadPoolExecutor(THREADS) as pool:
            drawn = pool.map(lambda item: selecting.outline(item, read), items)
            items = [replace(item, outline=outline) for item, outline in zip(items, drawn, strict=True)]
    skipped = selecting.left_out(items, layout, naming, settings.background_ratio)
    return Selection(tuple(item for item in items if item.capture.capture_id not in skipped), skipped)


def write_export(put: Put, kind: str, chosen: Selection, read: Read, settings: ExportParams, naming: Naming) -> None:
    """Put every file of one export: pictures, labels, manifest."""
    layout = LAYOUTS[kind]
    named, entries = _place_pictures(put, layout, chosen.items, read, settings, naming)
    put_files(put, layout.files(named, naming))
    put("manifest.json", jsontext.dump_rows(manifest(kind, named, entries, chosen.left_out, settings, naming)).encode())


def put_files(put: Put, files: Mapping[str, str | bytes]) -> None:
    """Put text files one after the other: threads would only wait for each other over files so small."""
    for path, text in files.items():
        put(path, text.encode() if isinstance(text, str) else text)


def _at_once(job: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """Return what a job gives for each item, in order; threads take a handful at a time."""
    parts = [items[start : start + HANDFUL] for start in range(0, len(items), HANDFUL)]
    with ThreadPoolExecutor(THREADS) as pool:
        return [found for part in pool.map(lambda part: [job(item) for item in part], parts) for found in part]


def into(folder: Path) -> Put:
    """Return what writes files below a folder.

    The calls are the system's own: an export is a hundred thousand small files, and `Path.write_bytes` costs twice.
    """
    made = set[str]()
    root = str(folder)

    def put(path: str, data: bytes) -> None:
        parent = path.rpartition("/")[0]
        if parent not in made:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            made.add(parent)
        handle = os.open(f"{root}/{path}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(handle, rest) :]
        finally:
            os.close(handle)

    return put


def _place_pictures(
    put: Put, layout: Layout, items: Sequence[ExportItem], read: Read, settings: ExportParams, naming: Naming
) -> tuple[list[ExportItem], list[Entry]]:
    """Put every picture; return the items with their file names, and the manifest's entries."""
    if layout.pictures is None:
        return list(items), []
    pictures = layout.pictures

    def place(item: ExportItem) -> tuple[ExportItem, list[Entry]]:
        image = normalised(read(item.capture.image_md5), settings.background_color, settings.jpeg_quality)
        named = replace(item, file_name=item.file_name + image.suffix)
        entries = []
        for path, data in pictures(named, image.data, naming, settings.jpeg_quality):
            put(path, data)
            entries.append(_entry(named, path, data, image))
        return named, entries

    done = _at_once(place, items)
    return [item for item, _ in done], [entry for _, entries in done for entry in entries]


def _entry(item: ExportItem, path: str, data: bytes, image: ExportedImage) -> Entry:
    cut = data is not image.data
    untouched = not cut and not image.changes
    return {
        "capture_id": item.capture.capture_id,
        "split": item.split.split,
        "group": item.split.group,
        "file": path,
        "md5": item.capture.image_md5 if untouched else md5_of(data),
        "source_md5": item.capture.image_md5,
        "boxes": 1 if cut else len(item.annotations),
        "changes": [*image.changes, "cropped"] if cut else list(image.changes),
    }


def manifest(
    kind: str,
    items: Sequence[ExportItem],
    entries: Iterable[Entry],
    skipped: Mapping[str, str],
    settings: ExportParams,
    naming: Naming,
) -> Entry:
    """Return the manifest of an export: what is in it, and what is not and why."""
    folders = {classification.folder_of(c): {"id": c.id, "name": c.name} for c in naming.categories}
    return {
        "format": kind,
        "enabled": True,
        "background_color": settings.background_color,
        "counts": selecting.counts(items),
        "images": list(entries),
        "left_out": [{"capture_id": name, "reason": reason} for name, reason in sorted(skipped.items())],
        "left_out_counts": dict(Counter(skipped.values())),
        **({"folders": folders} if kind == "classification" else {}),
    }
