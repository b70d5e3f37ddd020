"""The contact sheet: which captures it shows, and each as a picture with its boxes."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, zip_longest
from typing import TypeVar

from captureset.records.rows import AnnotationRow, CaptureRow
from captureset.reporting.box_drawing import BoxDrawing
from captureset.reporting.dataset import Dataset
from captureset.reporting.markup import Markup, tag
from captureset.reporting.thumbnails import thumbnail
from captureset.reporting.wording import KIND_MEANS, counted

THREADS = 4
DROPPED_SHARE = 6  # one picture in six is kept free for dropped captures
Item = TypeVar("Item")


def choose(dataset: Dataset, limit: int) -> list[CaptureRow]:
    """Return at most `limit` captures: kept ones spread over the categories, then some dropped, over the reasons.

    Which of a category is decided by a hash of the id, so that no single import or day fills the sheet.
    """
    kept = [capture for capture in dataset.captures if dataset.is_kept(capture.capture_id)]
    dropped = [capture for capture in dataset.captures if not dataset.is_kept(capture.capture_id)]
    room = min(len(dropped), limit // DROPPED_SHARE)
    shown = _spread(kept, lambda capture: capture.category or "", limit - room)
    left = limit - len(shown)
    rest = _spread(dropped, lambda capture: dataset.verdicts[capture.capture_id].reasons[0], left)
    return [*sorted(shown, key=lambda capture: _reading_order(capture, dataset)), *rest]


def _spread(captures: Iterable[CaptureRow], kind: Callable[[CaptureRow], str], limit: int) -> list[CaptureRow]:
    """Return captures in turns, one of each kind, the most frequent kind first."""
    groups: dict[str, list[CaptureRow]] = defaultdict(list)
    for capture in sorted(captures, key=lambda capture: _shuffled(capture.capture_id)):
        groups[kind(capture)].append(capture)
    ranked = [groups[name] for name in sorted(groups, key=lambda name: (-len(groups[name]), name))]
    turns = chain.from_iterable(zip_longest(*ranked))
    return [capture for capture in turns if capture is not None][:limit]


def _shuffled(capture_id: str) -> str:
    return hashlib.sha256(capture_id.encode()).hexdigest()


def _reading_order(capture: CaptureRow, dataset: Dataset) -> tuple[int, str]:
    """Sort by category; captures without one come last."""
    last = len(dataset.taxonomy.categories) + 1
    return (dataset.taxonomy[capture.category].id if capture.category else last), _shuffled(capture.capture_id)


def contact_sheet(
    dataset: Dataset, chosen: Sequence[CaptureRow], read: Callable[[str], bytes], long_side_px: int
) -> Markup:
    """Return the chosen captures as a grid of pictures.

    Args:
        dataset: what is known about them.
        chosen: in the order to show.
        read: gives the bytes of an address.
        long_side_px: of a thumbnail.
    """
    boxes = dataset.boxes_of()
    drawing = BoxDrawing(dataset.taxonomy, dataset.colours(), long_side_px)
    with ThreadPoolExecutor(THREADS) as pool:
        pictures = list(pool.map(lambda capture: thumbnail(read(capture.image_md5), long_side_px), chosen))
    cards = [
        _card(dataset, capture, boxes.get(capture.capture_id, []), picture, drawing)
        for capture, picture in zip(chosen, pictures, strict=True)
    ]
    return tag("div", *cards, class_="sheet")


def _card(
    dataset: Dataset, capture: CaptureRow, boxes: Sequence[AnnotationRow], picture: str | None, drawing: BoxDrawing
) -> Markup:
    kept = dataset.is_kept(capture.capture_id)
    caption = tag(
        "figcaption",
        tag("ul", *_names(dataset, capture, boxes, drawing.colours), class_="names"),
        tag("p", *_badges(dataset, capture), class_="badges"),
        None if kept else tag("p", "; ".join(dataset.verdicts[capture.capture_id].details), class_="why"),
        tag("p", tag("code", capture.capture_id), class_="id"),
    )
    return tag("figure", drawing.picture(capture, boxes, picture), caption, class_="card" if kept else "card gone")


def _names(
    dataset: Dataset, capture: CaptureRow, boxes: Sequence[AnnotationRow], colours: Mapping[str, str]
) -> list[Markup]:
    """Return the categories shown, in the colours of their boxes, each with the number of its boxes."""
    found = Counter(box.category for box in boxes)
    if not found and capture.category is None:
        return [tag("li", KIND_MEANS.get(capture.label_kind, capture.label_kind), class_="muted")]
    categories = sorted((dataset.taxonomy[code] for code in found or [capture.category or ""]), key=lambda c: c.id)
    return [
        tag(
            "li",
            tag("span", class_="swatch", style=f"background:{colours[category.code]}"),
            tag("b", category.name),
            " ",
            tag("span", tag("code", category.code), f" {_box_count(found[category.code])}", class_="muted whole"),
            title=category.name_en,
        )
        for category in categories
    ]


def _box_count(boxes: int) -> str:
    return counted(boxes, "box") if boxes else "no box"


def _badges(dataset: Dataset, capture: CaptureRow) -> Iterable[Markup]:
    quality = dataset.quality[capture.capture_id]
    split = dataset.splits.get(capture.capture_id)
    title = f"grade {quality.grade}, overall score {quality.overall_score:.2f} of 1"
    yield tag("span", quality.grade, class_=f"badge g-{quality.grade}", title=title)
    yield tag("span", capture.review_state, class_=f"badge r-{capture.review_state}")
    if split is None:
        yield tag("span", "dropped", class_="badge dropped")
    else:
        masked = split.masked is not None
        yield tag("span", "masked" if masked else split.split, class_=f"badge s-{'none' if masked else split.split}")
    for flag in quality.flags:
        yield tag("span", flag.replace("_", " "), class_="badge flag")
