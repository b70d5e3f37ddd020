"""What every export is written from: captures with their boxes, and what the categories are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from captureset.errors import CapturesetError
from captureset.records.rows import AnnotationRow, CaptureRow, QualityRow, SplitRow
from captureset.records.taxonomy import Category, Supercategory, Taxonomy

Polygons = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One capture on its way out: what is known about it, the name of its image file, the outline of its one box."""

    capture: CaptureRow
    annotations: Sequence[AnnotationRow]
    quality: QualityRow
    split: SplitRow
    file_name: str
    outline: Polygons = ()

    @property
    def stem(self) -> str:
        """The file name without its suffix."""
        return self.file_name.rpartition(".")[0]

    @property
    def outline_area_px2(self) -> float:
        """What the outline encloses, square pixels."""
        return sum(map(_area_px2, self.outline))


def _area_px2(polygon: tuple[float, ...]) -> float:
    xs, ys = polygon[::2], polygon[1::2]
    corners = zip(xs, ys, (*xs[1:], xs[0]), (*ys[1:], ys[0]), strict=True)
    return abs(sum(x * next_y - next_x * y for x, y, next_x, next_y in corners)) / 2


@dataclass(frozen=True, slots=True)
class TrainingCategory:
    """A category as a trainer sees it; `id` is the COCO category id, the YOLO class is id - 1."""

    id: int
    name: str
    supercategory: str


@dataclass(frozen=True, slots=True)
class Naming:
    """What an export calls categories and itself; `ids` leads from our codes to the ids of `categories`."""

    taxonomy: Taxonomy
    categories: tuple[TrainingCategory, ...]
    ids: Mapping[str, int]
    contributor: str
    license_name: str
    license_url: str


def training_categories(
    taxonomy: Taxonomy, choice: str | Mapping[str, str], names: str
) -> tuple[tuple[TrainingCategory, ...], dict[str, int]]:
    """Return the categories to train on, ids 1 to K, and the id each of our codes leads to.

    Args:
        taxonomy: data/categories.yaml.
        choice: `sub` takes its categories, `main` its main categories, a map leads from codes to names; codes with
            the same name are one category, ids follow the order in which names appear, other codes lead nowhere.
        names: code, name or name_en; a map says its names itself.

    Raises:
        CapturesetError: the map names a code that data/categories.yaml does not have.
    """
    mains = {main.code: main for main in taxonomy.supercategories}
    if choice == "sub":
        found = [
            TrainingCategory(c.id, called(c, names), called(mains[c.supercategory], names)) for c in taxonomy.categories
        ]
        return tuple(found), {c.code: c.id for c in taxonomy.categories}
    if isinstance(choice, str):
        choice = {c.code: called(mains[c.supercategory], names) for c in _by_main(taxonomy)}
    unknown = [code for code in choice if code not in taxonomy]
    if unknown:
        raise CapturesetError(
            f"params.yaml, export.categories: data/categories.yaml has no category {unknown[0]!r}"
            f"{taxonomy.hint(unknown[0])}."
        )
    order = {name: number for number, name in enumerate(dict.fromkeys(choice.values()), start=1)}
    parents = {name: {taxonomy[code].supercategory for code, n in choice.items() if n == name} for name in order}
    found = [TrainingCategory(n, name, _parent(mains, parents[name], name, names)) for name, n in order.items()]
    return tuple(found), {code: order[name] for code, name in choice.items()}


def _by_main(taxonomy: Taxonomy) -> list[Category]:
    order = [main.code for main in taxonomy.supercategories]
    return sorted(taxonomy.categories, key=lambda category: (order.index(category.supercategory), category.id))


def _parent(mains: Mapping[str, Supercategory], codes: set[str], name: str, names: str) -> str:
    """Return what a mapped category belongs to: the one main category it is taken from, else itself."""
    return called(mains[next(iter(codes))], names) if len(codes) == 1 else name


def called(category: Category | Supercategory, names: str) -> str:
    """Return what COCO and YOLO call a category."""
    return str(getattr(category, names))
