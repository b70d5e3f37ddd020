"""One annotation of a COCO file: its ids, its box, its category."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from captureset.formats.sources import numbers
from captureset.formats.sources.dataset import SourceBox
from captureset.formats.sources.fates import DirtError
from captureset.records.box import Box

Words = dict[int | str, str]

TURNS = ("rotation", "angle", "theta")  # how tools write a turned box beside its bbox
BOX_NUMBERS = 4
FEWEST_POLYGON_NUMBERS = 6


def own_id(entry: Any) -> int | str | None:
    """Return the id of an entry, None when it has no usable one; 3.0 is 3."""
    identity = entry.get("id") if isinstance(entry, Mapping) else None
    return _plain(identity)


def _plain(identity: Any) -> int | str | None:
    if isinstance(identity, float) and identity.is_integer():
        return int(identity)
    return identity if isinstance(identity, int | str) and not isinstance(identity, bool) else None


def known_id(entry: Mapping[str, Any], key: str, known: Collection[int | str], code: str) -> int | str:
    """Return the id an entry refers to, as `known` has it: text and number of the same digits are one.

    Raises:
        DirtError: `code`; the file has no such id.
    """
    identity = _plain(entry.get(key))
    for candidate in (identity, _otherwise(identity)):
        if candidate is not None and candidate in known:
            return candidate
    raise DirtError(code, f"has the {key} {entry.get(key)!r}, which the file does not have")


def id_spelling(entry: Mapping[str, Any], key: str, found: int | str) -> Iterator[DirtError]:
    """Give the repair of an id that refers to `found` in another spelling, if it does."""
    if _plain(entry.get(key)) != found:
        yield DirtError("id_as_text", f"has the {key} {entry.get(key)!r}, which is {found!r} in the file")


def _otherwise(identity: int | str | None) -> int | str | None:
    if isinstance(identity, str):
        return int(identity) if identity.isascii() and identity.isdigit() else None
    return None if identity is None else str(identity)


def require_object(entry: Any) -> None:
    """Return when an entry is a JSON object.

    Raises:
        DirtError: `not_an_object`.
    """
    if not isinstance(entry, Mapping):
        raise DirtError("not_an_object", "is no object")


def row_name(entry: Any, place: int, taken: Collection[int | str]) -> str:
    """Return what to call an annotation: by its id where it has one of its own, else by its place in the list."""
    identity = own_id(entry)
    return f"annotations[{place}]" if identity is None or identity in taken else f"annotation {identity!r}"


def id_dirt(entry: Any, taken: set[int | str]) -> tuple[DirtError, ...]:
    """Return what is wrong with the id of an annotation, which is not kept, and note it as taken."""
    identity = own_id(entry)
    if identity is None:
        return (DirtError("no_annotation_id", "has no id"),)
    if identity in taken:
        return (DirtError("annotation_id_twice", f"has the id {identity!r}, as another one has"),)
    taken.add(identity)
    return ()


def read(entry: Mapping[str, Any], words: Words) -> tuple[SourceBox, tuple[DirtError, ...]]:
    """Return the box of an annotation, and the repairs it took.

    Crowds and turned boxes are refused, since they would become plain objects.

    Raises:
        DirtError: it is no plain box of a known category.
    """
    category = known_id(entry, "category_id", words, "unknown_category")
    if entry.get("iscrowd"):
        raise DirtError("crowd", "is a crowd (iscrowd 1), which is no single object")
    if _is_turned(entry):
        raise DirtError("turned_box", "is a turned box, which an upright box cannot hold")
    box, repairs = _box(entry)
    return SourceBox(words[category], box), (*repairs, *id_spelling(entry, "category_id", category))


def _box(entry: Mapping[str, Any]) -> tuple[Box, list[DirtError]]:
    bbox = entry.get("bbox")
    if not bbox and (corners := _enclosing(entry.get("segmentation"))):
        return Box.from_xyxy_px(*corners), [DirtError("polygon_enclosed", "has a polygon and no bbox")]
    if not isinstance(bbox, list) or len(bbox) != BOX_NUMBERS:
        raise DirtError("no_box", f"has the bbox {bbox!r}, which is not [x, y, width, height]")
    try:
        found = [numbers.read(number) for number in bbox]
    except DirtError as error:
        raise DirtError(error.code, f"has the bbox {bbox!r}, which is not [x, y, width, height]") from None
    codes = sorted({code for _, code in found if code})
    return Box(*(number for number, _ in found)), [DirtError(code, f"has the bbox {bbox!r}") for code in codes]


def _enclosing(segmentation: Any) -> tuple[float, float, float, float] | None:
    """Return the corners around all polygons of a segmentation, None when it has none; a mask (RLE) is none."""
    rings = segmentation if isinstance(segmentation, list) else []
    sound = [ring for ring in rings if isinstance(ring, list) and len(ring) >= FEWEST_POLYGON_NUMBERS]
    if not sound or len(sound) != len(rings) or any(len(ring) % 2 for ring in sound):
        return None
    xs = [numbers.read(x)[0] for ring in sound for x in ring[::2]]
    ys = [numbers.read(y)[0] for ring in sound for y in ring[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def _is_turned(entry: Mapping[str, Any]) -> bool:
    attributes = entry.get("attributes")
    told = {**entry, **attributes} if isinstance(attributes, Mapping) else entry
    bbox = entry.get("bbox")
    return any(told.get(key) for key in TURNS) or (isinstance(bbox, list) and len(bbox) == BOX_NUMBERS + 1)
