"""Classification: `<split>/<nnn_name>/<capture>_<box>.jpg`, a crop a box, the whole photo where there is no box.

Every category has its folder in every split, so that a loader that numbers folders gives the same class the same
number everywhere; an empty one holds `.keep`. Folder names are the category's number and what a path can bear of its
name; manifest.json leads from folder to category.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from captureset.formats.exports import places
from captureset.formats.exports.items import ExportItem, Naming, TrainingCategory
from captureset.records.reading import ReadBox, ReadImage, Reading
from captureset.records.rows import AnnotationRow
from captureset.records.splits import splits_of

KEEP = ".keep"
LONGEST_NAME = 60


def folder_of(category: TrainingCategory) -> str:
    """Return the folder of a category: its number keeps names apart and in order."""
    safe = re.sub(r"[^\w-]+", "_", unicodedata.normalize("NFC", category.name)).strip("_")[:LONGEST_NAME]
    return f"{category.id:03d}_{safe}".rstrip("_")


def texts(items: Sequence[ExportItem], naming: Naming) -> dict[str, str]:
    """Return the empty files that hold the folders of categories a split has no photo of."""
    used = {(item.split.split, code) for item in items for code in codes_of(item)}
    filled = {(split, naming.ids[code]) for split, code in used}
    return {
        f"{split}/{folder_of(category)}/{KEEP}": ""
        for split in splits_of(item.split.split for item in items)
        for category in naming.categories
        if (split, category.id) not in filled
    }


def codes_of(item: ExportItem) -> list[str]:
    """Return the codes of a capture's boxes, or of the capture as a whole."""
    return [a.category for a in item.annotations] or [str(item.capture.category)]


def pictures(item: ExportItem, data: bytes, naming: Naming, jpeg_quality: int) -> Iterator[tuple[str, bytes]]:
    """Give path and bytes of each picture of a capture: a crop a box, cut outwards to whole pixels."""
    if not item.annotations:
        yield f"{_folder(item, str(item.capture.category), naming)}/{item.file_name}", data
        return
    suffix = item.file_name.rpartition(".")[2]
    with Image.open(io.BytesIO(data)) as image:
        for annotation in item.annotations:
            crop = image.crop(_whole_pixels(annotation, image.width, image.height))
            path = f"{_folder(item, annotation.category, naming)}/{item.stem}_{annotation.position}.{suffix}"
            yield path, _encoded(crop, str(image.format), jpeg_quality)


def _folder(item: ExportItem, code: str, naming: Naming) -> str:
    return f"{item.split.split}/{folder_of(naming.categories[naming.ids[code] - 1])}"


def _whole_pixels(a: AnnotationRow, width: int, height: int) -> tuple[int, int, int, int]:
    right, bottom = min(math.ceil(a.x_px + a.w_px), width), min(math.ceil(a.y_px + a.h_px), height)
    return math.floor(a.x_px), math.floor(a.y_px), right, bottom


def _encoded(crop: Image.Image, kind: str, jpeg_quality: int) -> bytes:
    sink = io.BytesIO()
    if kind == "JPEG":
        crop.save(sink, "JPEG", quality=jpeg_quality, subsampling=0)
    elif kind == "WEBP":
        crop.save(sink, "WEBP", lossless=True)
    else:
        crop.save(sink, "PNG", compress_level=6)
    return sink.getvalue()


def read(root: Path) -> Reading:
    """Return a classification folder as it stands: each picture with the category of its folder."""
    files = [name for name in places.files_below(root) if name.count("/") == 2]  # noqa: PLR2004 - split, folder, file
    splits = splits_of(name.split("/")[0] for name in files)
    folders = {split: sorted({n.split("/")[1] for n in files if n.startswith(f"{split}/")}) for split in splits}
    images = tuple(
        ReadImage(name, name.split("/")[0], name, (ReadBox(name, 0, name.split("/")[1], ()),), label=name)
        for name in files
        if places.is_image(name)
    )
    listed = {split: tuple(enumerate(names, start=1)) for split, names in folders.items()}
    return Reading("classification", root, images, listed)
