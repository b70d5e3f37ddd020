"""One row of a YOLO label file: a class and four fractions of the photo, or the fractions of a polygon's corners."""

from __future__ import annotations

from collections.abc import Mapping

from captureset.formats.sources import numbers
from captureset.formats.sources.fates import DirtError

COLUMNS = 5
FEWEST_POLYGON_COLUMNS = 7

Fractions = tuple[float, float, float, float]  # centre x, centre y, width, height


def read(
    cells: list[str], words: Mapping[int, str], *, keypoints: bool
) -> tuple[str, Fractions, tuple[DirtError, ...]]:
    """Return the category, the place and the repairs of a row.

    Args:
        cells: the columns.
        words: category by class number.
        keypoints: whether the dataset has keypoints, so that columns after the fifth are no polygon.

    Raises:
        DirtError: it is no box of a known class.
    """
    category, repairs = _category(cells[0], words)
    found = [_number(cells, cell) for cell in cells[1:]]
    if any(comma for _, comma in found):
        repairs.append(DirtError("decimal_comma", f"has {' '.join(cells)!r}"))
    place, more = _place(cells, [number for number, _ in found], keypoints=keypoints)
    return category, place, (*repairs, *more)


def _number(cells: list[str], cell: str) -> tuple[float, bool]:
    try:
        return numbers.from_text(cell)
    except DirtError as error:
        raise DirtError(error.code, f"has {' '.join(cells)!r}, in which {cell!r} is no number") from None


def _category(cell: str, words: Mapping[int, str]) -> tuple[str, list[DirtError]]:
    names = {word: word for word in words.values()}
    if cell in names and not cell.isdigit():
        return cell, [DirtError("class_as_name", f"has the class {cell!r}, by its name")]
    try:
        number, _ = numbers.from_text(cell)
    except DirtError:
        number = -1.0
    if number not in words:
        raise DirtError("unknown_category", f"has the class {cell}, which `names` does not have (0 to {max(words)})")
    return words[int(number)], []


def _place(cells: list[str], numbers_: list[float], *, keypoints: bool) -> tuple[Fractions, tuple[DirtError, ...]]:
    count = len(cells)
    box = (numbers_[0], numbers_[1], numbers_[2], numbers_[3]) if count >= COLUMNS else None
    if box is None:
        raise DirtError("no_box", f"has {count} columns (too few) where a box has {COLUMNS}")
    if count == COLUMNS:
        return box, ()
    if keypoints:
        return box, (DirtError("keypoints_left_out", f"has {count} columns, the last {count - COLUMNS} of keypoints"),)
    if count == COLUMNS + 1 and 0 <= numbers_[4] <= 1:
        return box, (DirtError("confidence_left_out", f"has a sixth column, {cells[5]}, as a model writes"),)
    if count >= FEWEST_POLYGON_COLUMNS and count % 2:
        return _enclosing(numbers_), (DirtError("polygon_enclosed", f"has {count} columns, the corners of a polygon"),)
    raise DirtError("columns", f"has {count} columns where a box has {COLUMNS} and a polygon an odd number from 7 up")


def _enclosing(fractions: list[float]) -> Fractions:
    xs, ys = fractions[::2], fractions[1::2]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
