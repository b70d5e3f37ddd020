"""A dataset folder as it was read back: images, boxes and categories exactly as they stand there, faults and all.

Nothing is repaired on the way in, so that a check sees what any other reader would see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from captureset.records.box import Frame


@dataclass(frozen=True, slots=True)
class ReadBox:
    """One annotation: `id` is its own or its line number, `category` and `numbers` are as written.

    `numbers` are left, top, width, height in pixels, in YOLO centre and size as fractions of the image. `polygons`
    are in the same unit; `row` is the whole COCO annotation.
    """

    file: str
    id: Any
    category: Any
    numbers: tuple[float, ...]
    polygons: tuple[tuple[float, ...], ...] = ()
    row: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadImage:
    """One image: where it stands below the folder, its split, the size that is declared for it, its boxes.

    `label` is the file that speaks of it, None when there is none; `name` is what that file calls it.
    """

    file: str
    split: str
    name: str
    boxes: tuple[ReadBox, ...]
    id: Any = None
    frame: Frame | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class ReadFault:
    """Something that could not be read: the name of the rule that it breaks, the file, what is wrong."""

    rule: str
    file: str
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A folder in one format: coco, yolo, yolo_segment, custom, classification or tables.

    `categories` has id and name as listed, by file; `documents` every JSON or YAML document by file; `orphans` the
    boxes of no image; `stray` the label files and images that nothing speaks of.
    """

    kind: str
    root: Path
    images: tuple[ReadImage, ...]
    categories: Mapping[str, tuple[tuple[Any, Any], ...]]
    documents: Mapping[str, Any] = field(default_factory=dict)
    orphans: tuple[ReadBox, ...] = ()
    stray: tuple[str, ...] = ()
    faults: tuple[ReadFault, ...] = ()

    @property
    def boxes(self) -> tuple[ReadBox, ...]:
        """Every annotation, those of no image last."""
        return (*(box for image in self.images for box in image.boxes), *self.orphans)
