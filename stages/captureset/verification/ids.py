"""Rules 1 to 9: ids, categories, what every row must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from captureset.formats.exports.coco_reading import rows
from captureset.verification.case import Case, Fault, NotApplicableError, at, named
from captureset.verification.oracle import lowest_precision

FIELDS = ("id", "image_id", "category_id", "bbox", "area", "iscrowd")
IMAGE_FIELDS = ("id", "file_name", "width", "height")
HEAD = {"info": dict, "licenses": list}


def annotation_ids(case: Case) -> Iterator[Fault]:
    """Give annotation ids that are no integers from 1, or stand twice."""
    yield from _id_faults(case, "annotations", least=1)


def image_ids(case: Case) -> Iterator[Fault]:
    """Give image ids that are no integers, stand twice, or are what another image's file name reads as."""
    yield from _id_faults(case, "images", least=0)
    by_split = {image.id: image.name for image in case.reading.images if type(image.id) is int}
    for image in case.reading.images:
        stem = PurePosixPath(image.name).stem
        if stem.isascii() and stem.isdigit() and by_split.get(int(stem), image.name) != image.name:
            yield Fault(
                str(image.label), f"image {image.id!r}", f"{image.name} reads as the id of {by_split[int(stem)]}"
            )


def _id_faults(case: Case, key: str, least: int) -> Iterator[Fault]:
    seen: dict[int, str] = {}
    for name, document in case.reading.documents.items():
        for row in rows(document, key):
            number = row.get("id")
            where = f"{key[:-1]} {number!r}"
            if type(number) is not int or number < least:
                yield Fault(name, where, f"the id {number!r} is no integer from {least}")
            elif number in seen:
                yield Fault(name, where, f"the id {number} stands in {seen[number]} already")
            else:
                seen[number] = name


def category_list(case: Case) -> Iterator[Fault]:
    """Give category lists that do not run 1 to K, differ between splits, or are not the repository's."""
    first_file, first = next(iter(case.reading.categories.items()), ("", ()))
    for file, listed in case.reading.categories.items():
        ids = [number for number, _ in listed]
        if ids != list(range(1, len(ids) + 1)):
            yield Fault(file, "categories", f"the ids are {_shown(ids)}, not 1 to {len(ids)} in order")
        if listed != first:
            yield Fault(file, "categories", f"the list differs from that of {first_file}")
        if case.origin and [name for _, name in listed] != list(case.truth.names):
            yield Fault(file, "categories", f"the names are not the {len(case.truth.names)} that params.yaml asks for")


def _shown(ids: list[Any]) -> str:
    return ", ".join(map(repr, ids[:6])) + (" …" if len(ids) > 6 else "")  # noqa: PLR2004 - enough to see


def class_mapping(case: Case) -> Iterator[Fault]:
    """Give YOLO classes that are not 0 to K-1, or that mean another category than COCO's id - 1."""
    file, listed = next(iter(case.reading.categories.items()))
    keys = [key for key, _ in listed]
    if keys != list(range(len(keys))) or not keys:
        yield Fault(file, "names", f"the keys are {_shown(keys)}, not 0 to {max(len(keys) - 1, 0)}")
    elif case.origin and [name for _, name in listed] != list(case.truth.names):
        yield Fault(file, "names", "a class is not called what the COCO category of its number + 1 is")
    for box in case.reading.boxes:
        if box.category not in keys:
            yield at(box, f"the class {box.category!r} is not in names")


def fields(case: Case) -> Iterator[Fault]:
    """Give rows that lack a field, and areas that are not positive."""
    for name, document in case.reading.documents.items():
        for key, needed in (("annotations", FIELDS), ("images", IMAGE_FIELDS)):
            for row in rows(document, key):
                missing = [field for field in needed if field not in row]
                if missing:
                    yield Fault(name, f"{key[:-1]} {row.get('id')!r}", f"has no {', '.join(missing)}")
    for box in case.reading.boxes:
        area = box.row.get("area", 1)
        if not _is_positive(area):
            yield at(box, f"the area is {area!r}")


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf")


def head(case: Case) -> Iterator[Fault]:
    """Give documents without `info` and `licenses`, which pycocotools copies into every result."""
    for name, document in case.reading.documents.items():
        for key, kind in HEAD.items():
            if not isinstance(document.get(key), kind):
                yield Fault(name, key, f"there is no {kind.__name__} {key}")


def strict_json(case: Case) -> Iterator[Fault]:
    """Give documents that strict JSON readers refuse."""
    yield from (Fault(f.file, "", f.value) for f in case.reading.faults if f.rule == "strict_json")


def orphans(case: Case) -> Iterator[Fault]:
    """Give rows that lead nowhere, images without a file, names that stand twice, labels of no image."""
    yield from (at(box, f"there is no image {box.row.get('image_id')!r}") for box in case.reading.orphans)
    seen = set[tuple[str | None, str]]()
    for image in case.reading.images:
        if image.file not in case.pictures and case.reading.kind != "tables":
            yield Fault(str(image.label), f"image {image.id!r}", f"there is no file {image.name}")
        if (image.label, image.name) in seen:
            yield Fault(str(image.label), f"image {image.id!r}", f"the file name {image.name} stands twice")
        seen.add((image.label, image.name))
    yield from _unknown_categories(case)
    yield from (Fault(name, "", "is the label of no image") for name in case.reading.stray if name.endswith(".txt"))


def _unknown_categories(case: Case) -> Iterator[Fault]:
    known = {file: {repr(number) for number, _ in listed} for file, listed in case.reading.categories.items()}
    if case.reading.kind in {"coco", "custom"}:
        for box in case.reading.boxes:
            if repr(box.category) not in known.get(box.file, ()):
                yield Fault(box.file, named(box), f"there is no category {box.category!r}")


def oracle(case: Case) -> Iterator[Fault]:
    """Give splits whose own ground truth, handed to pycocotools as detections, does not score 1.0."""
    documents: Mapping[str, Any] = case.reading.documents
    with_boxes = [name for name, document in documents.items() if rows(document, "annotations")]
    if not with_boxes:
        raise NotApplicableError("there is no box to detect")
    for name in with_boxes:
        try:
            worst = lowest_precision(documents[name])
        except ImportError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever pycocotools raises on a document is the finding
            yield Fault(name, "", f"pycocotools stops with {type(error).__name__} {error}")
            continue
        if not worst.score > 1 - 1e-9:  # one box of a category: 1 / (1 + epsilon)
            yield Fault(name, f"category {worst.category!r}", f"its own ground truth scores {worst.score:.4f}")
