"""Which captures show the same picture, from their bytes, pixels and hashes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from captureset.duplicates.neighbours import NeighbourRow, distance_bits, find_neighbours
from captureset.records.rows import CaptureRow, DuplicateRow, MeasurementRow

KINDS = ("same_bytes", "same_pixels", "near", "review")
SAME_ASPECT = 0.05  # a near-duplicate's width/height differs by no more, as a share of the smaller
ASPECT_DIGITS = 3

Shape = tuple[str, float]  # hash, width/height


@dataclass(frozen=True, slots=True)
class DuplicateParams:
    """The keys of section `quality` of params.yaml about duplicates."""

    near_bits: int
    review_bits: int
    min_hash_texture: float  # gray levels


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What was found."""

    pairs: list[DuplicateRow]
    neighbours: list[NeighbourRow]
    summary: dict[str, object]


def find_duplicates(
    captures: Iterable[CaptureRow],
    measured: Iterable[MeasurementRow],
    known: Iterable[NeighbourRow],
    settings: DuplicateParams,
) -> Duplicates:
    """Return the pairs that tie together all captures of a picture, and what could not be compared.

    Of many copies not every pair is listed: captures of the same bytes, the same pixels, or the same hash and shape
    are each paired with the lowest id of them, and these lowest ids stand for the others in every further pair.

    Args:
        captures: the catalog.
        measured: the hash of every photo.
        known: neighbours of an earlier run; the result does not depend on them.
        settings: the two radii, and the least texture of a hash that is trusted.
    """
    exact, photos = _same_photos(captures)
    by_md5 = {row.image_md5: row for row in measured}
    shapes, skipped = _shapes(photos, by_md5, settings)
    neighbours = find_neighbours((phash for phash, _ in shapes), known, settings.review_bits)
    alike = [*_same_shape(shapes), *_near(shapes, neighbours, settings)]
    pairs = sorted([*exact, *alike], key=lambda row: (row.one_id, row.other_id))
    return Duplicates(pairs, neighbours, _summary(photos, neighbours, skipped, pairs))


def _same_photos(captures: Iterable[CaptureRow]) -> tuple[list[DuplicateRow], list[CaptureRow]]:
    """Return the pairs of equal bytes or pixels, and the lowest id of each photo."""
    rows: list[DuplicateRow] = []
    first_file: dict[str, CaptureRow] = {}
    first_pixels: dict[str, CaptureRow] = {}
    for capture in sorted(captures, key=lambda row: row.capture_id):
        same = first_file.setdefault(capture.image_sha256, capture)
        kind = "same_bytes"
        if same is capture:
            same, kind = first_pixels.setdefault(capture.pixel_sha256, capture), "same_pixels"
        if same is not capture:
            rows.append(DuplicateRow(same.capture_id, capture.capture_id, kind, 0))
    return rows, list(first_pixels.values())


def _shapes(
    photos: Sequence[CaptureRow], measured: Mapping[str, MeasurementRow], settings: DuplicateParams
) -> tuple[dict[Shape, list[str]], Counter[str]]:
    """Return the photos of every hash and shape that is trusted, and how many are left out, by reason."""
    shapes: dict[Shape, list[str]] = defaultdict(list)
    skipped = Counter({"no_hash": 0, "low_texture": 0})
    for photo in photos:
        row = measured[photo.image_md5]
        if row.phash is None or row.phash_texture is None:
            skipped["no_hash"] += 1
        elif row.phash_texture < settings.min_hash_texture:
            skipped["low_texture"] += 1
        else:
            shapes[row.phash, round(photo.width_px / photo.height_px, ASPECT_DIGITS)].append(photo.capture_id)
    return shapes, skipped


def _same_shape(shapes: Mapping[Shape, Sequence[str]]) -> Iterator[DuplicateRow]:
    for first, *others in shapes.values():
        for other in others:
            yield DuplicateRow(first, other, "near", 0)


def _near(
    shapes: Mapping[Shape, Sequence[str]], neighbours: Iterable[NeighbourRow], settings: DuplicateParams
) -> Iterator[DuplicateRow]:
    """Give the pairs of different hashes or shapes, each through the lowest id that has it."""
    of_hash: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for (phash, aspect), names in sorted(shapes.items()):
        of_hash[phash].append((aspect, names[0]))
    for row in neighbours:
        here = of_hash[row.phash]
        together = [(a, b, 0) for k, a in enumerate(here) for b in here[k + 1 :]]
        for other in row.neighbours:
            bits = distance_bits(row.phash, other)
            together += [(a, b, bits) for a in here for b in of_hash[other]]
        for (aspect, name), (other_aspect, other_name), bits in together:
            near = bits <= settings.near_bits and _same_aspect(aspect, other_aspect)
            first, last = sorted((name, other_name))
            yield DuplicateRow(first, last, "near" if near else "review", bits)


def _same_aspect(one: float, other: float) -> bool:
    return max(one, other) <= (1 + SAME_ASPECT) * min(one, other)


def _summary(
    photos: Sequence[CaptureRow],
    neighbours: Sequence[NeighbourRow],
    skipped: Mapping[str, int],
    pairs: Sequence[DuplicateRow],
) -> dict[str, object]:
    kinds = Counter(row.kind for row in pairs)
    return {
        "photos": len(photos),
        "hashes": len(neighbours),
        "not_compared": dict(skipped),
        "pairs": {kind: kinds[kind] for kind in KINDS},
    }
