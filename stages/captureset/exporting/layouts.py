"""What distinguishes one format from another; a new format is a row here, a module in formats/exports, a switch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from captureset.formats.exports import classification, coco, ecoguide, tables, yolo, yolo_segment
from captureset.formats.exports.items import ExportItem, Naming

Files = Callable[[Sequence[ExportItem], Naming], Mapping[str, str | bytes]]
Pictures = Callable[[ExportItem, bytes, Naming, int], Iterable[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Layout:
    """One format: where it stands, its text files, its pictures, and which captures it can carry.

    `boxed` formats refuse a category without a box and limit backgrounds, `labelled` ones refuse verified-empty
    photos, `outlined` ones refuse a box without an outline; `mapped` ones know only the categories to train on, and
    one with `own_ids` numbers categories as data/categories.yaml does.
    """

    out: str
    files: Files
    pictures: Pictures | None
    root: str = ""  # below `out`
    boxed: bool = False
    labelled: bool = False
    outlined: bool = False
    mapped: bool = True
    own_ids: bool = False

    @property
    def folder(self) -> str:
        """Where the files stand."""
        return f"{self.out}/{self.root}".rstrip("/")


def _whole(path: Callable[[ExportItem], str]) -> Pictures:
    return lambda item, data, _naming, _quality: [(path(item), data)]


LAYOUTS = {
    "coco": Layout("data/exports/coco_format", coco.texts, _whole(coco.image_path), boxed=True),
    "yolo": Layout("data/exports/yolo_format", yolo.texts, _whole(yolo.image_path), boxed=True),
    "yolo_segment": Layout(
        "data/exports/yolo_segment", yolo_segment.texts, _whole(yolo.image_path), boxed=True, outlined=True
    ),
    "classification": Layout(
        "data/exports/classification", classification.texts, classification.pictures, labelled=True
    ),
    "custom": Layout(
        "data/exports/custom",
        ecoguide.texts,
        _whole(ecoguide.image_path),
        root="ecoguide_v1",
        mapped=False,
        own_ids=True,
    ),
    "tables": Layout("data/exports/tables", tables.files, None, mapped=False),
}
