"""In which format? The split's captures as COCO, YOLO, folders, tables or ecoguide_v1, images by hash, labels beside.

`python -m captureset.export KIND` writes data/exports/…, KIND being coco, yolo, yolo_segment, classification, custom
or tables. Each folder has a manifest.json: every image with its source, what was changed on it and why, and every
capture left out with the reason. Never drops silently.
"""

from __future__ import annotations

import sys
from pathlib import Path

from captureset import params, stage
from captureset.errors import CapturesetError
from captureset.exporting.layouts import LAYOUTS
from captureset.exporting.selecting import Tables
from captureset.exporting.settings import ExportParams
from captureset.exporting.writing import Selection, into, select, write_export
from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.store.objects import ObjectStore


def main() -> None:
    """Write the export named on the command line."""
    write(sys.argv[1] if len(sys.argv) > 1 else "")


def write(kind: str) -> None:
    """Write one export of the repository that is the current folder.

    Raises:
        CapturesetError: there is no such export, or a table or photo cannot be read.
    """
    if kind not in LAYOUTS:
        raise CapturesetError(f"there is no export {kind!r}; choose one of {', '.join(LAYOUTS)}.")
    settings, layout = ExportParams(**params.load("export")), LAYOUTS[kind]
    with stage.output(Path(layout.out)) as folder:
        root = folder / layout.root
        root.mkdir(exist_ok=True)
        if not settings.wants(kind):
            jsontext.write(root / "manifest.json", {"format": kind, "enabled": False})
            return
        naming, store = settings.naming(load_taxonomy(Path("data/categories.yaml"))), ObjectStore(Path.cwd())
        rows = Tables.read(Path("data"))
        store.fetch_missing([row.twin_md5 for row in rows.captures if row.twin_md5] if settings.outlines else [])
        chosen = select(rows, kind, settings, naming, store.read)
        store.fetch_missing(_photos(chosen) if layout.pictures else [])
        write_export(into(root), kind, chosen, store.read, settings, naming)


def _photos(chosen: Selection) -> list[str]:
    return [item.capture.image_md5 for item in chosen.items]


if __name__ == "__main__":
    stage.run(main, "export")
