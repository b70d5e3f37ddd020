"""Which captures show the same picture."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from captureset.duplicates.pairs import DuplicateParams, Duplicates, find_duplicates
from captureset.formats import tables
from captureset.records.rows import CaptureRow, DuplicateRow, MeasurementRow
from rows import capture, measurement, settings

OURS = settings(DuplicateParams, "quality")
SOME = int("5a" * 32, 16)


def turned(bits: int, value: int = SOME) -> str:
    """Return a hash that differs from `SOME` in so many bits."""
    return f"{value ^ ((1 << bits) - 1):064x}"


def photo(capture_id: str, phash: str | None, **changes: Any) -> tuple[CaptureRow, MeasurementRow]:
    """Return a capture and the measurement of its photo."""
    numbers = {"phash_texture": changes.pop("phash_texture", 1.0)}
    row = capture(capture_id, **changes)
    return row, measurement(row.image_md5, phash=phash, **numbers)


def found(*photos: tuple[CaptureRow, MeasurementRow], **changes: Any) -> Duplicates:
    """Return what is found among photos."""
    own = settings(DuplicateParams, "quality", **changes)
    return find_duplicates([row for row, _ in photos], [numbers for _, numbers in photos], [], own)


def pairs(*photos: tuple[CaptureRow, MeasurementRow], **changes: Any) -> list[tuple[str, str, str, int]]:
    """Return the pairs as tuples."""
    rows = found(*photos, **changes).pairs
    return [(row.one_id, row.other_id, row.kind, row.distance_bits) for row in rows]


@pytest.mark.parametrize(
    ("bits", "kind"), [(0, "near"), (1, "near"), (31, "near"), (32, "review"), (48, "review"), (49, None), (102, None)]
)
def test_the_radii_are_inclusive(bits: int, kind: str | None) -> None:
    """Up to near_bits apart is a near-duplicate, up to review_bits is for review, beyond is nothing."""
    expected = [("a", "b", kind, bits)] if kind else []
    assert pairs(photo("a", turned(0)), photo("b", turned(bits))) == expected


def test_the_radii_are_parameters() -> None:
    """Radii of params.yaml decide; with 0 and 0 only equal hashes are near."""
    two = photo("a", turned(0)), photo("b", turned(2))
    assert pairs(*two, near_bits=1, review_bits=2) == [("a", "b", "review", 2)]
    assert pairs(*two, near_bits=0, review_bits=0) == []
    assert pairs(photo("a", turned(0)), photo("b", turned(0)), near_bits=0, review_bits=0) == [("a", "b", "near", 0)]


@pytest.mark.parametrize(("width_px", "kind"), [(1000, "near"), (1050, "near"), (1060, "review"), (940, "review")])
def test_another_aspect_ratio_is_no_duplicate(width_px: int, kind: str) -> None:
    """The hash does not see proportions: 5 % is allowed, beyond it the pair is for review, however near or equal."""
    for bits in (0, 4):
        square = photo("a", turned(0), width_px=1000, height_px=1000)
        other = photo("b", turned(bits), width_px=width_px, height_px=1000)
        assert pairs(square, other) == [("a", "b", kind, bits)]


def test_size_does_not_matter() -> None:
    """A quarter of the pixels at the same proportions is a near-duplicate."""
    small = photo("b", turned(3), width_px=200, height_px=150)
    assert pairs(photo("a", turned(0)), small) == [("a", "b", "near", 3)]


def test_bytes_go_before_pixels_before_hashes() -> None:
    """Copies are paired once, by the strongest reason, and the copies' own hashes are not compared again."""
    a = photo("a", turned(0))
    b = photo("b", turned(0), image_sha256=a[0].image_sha256, pixel_sha256=a[0].pixel_sha256)
    c = photo("c", turned(0), pixel_sha256=a[0].pixel_sha256)
    d = photo("d", turned(7))
    expected = [("a", "b", "same_bytes", 0), ("a", "c", "same_pixels", 0), ("a", "d", "near", 7)]
    assert pairs(d, c, b, a) == expected
    assert found(a, b, c, d).summary["photos"] == 2


def test_flat_and_unreadable_photos_are_left_out_and_counted() -> None:
    """A hash of too little texture is compared with none, a photo without a hash neither; both are counted."""
    photos = [photo("a", turned(0)), photo("b", turned(0), phash_texture=0.01), photo("c", None), photo("d", turned(2))]
    result = found(*photos)
    assert [(row.one_id, row.other_id) for row in result.pairs] == [("a", "d")]
    assert result.summary["not_compared"] == {"no_hash": 1, "low_texture": 1}
    assert found(*photos, min_hash_texture=0.0).summary["not_compared"] == {"no_hash": 1, "low_texture": 0}


def test_a_texture_of_exactly_the_least_is_compared() -> None:
    """The least texture itself is enough."""
    two = photo("a", turned(0), phash_texture=0.1), photo("b", turned(0), phash_texture=0.1)
    assert pairs(*two, min_hash_texture=0.1) == [("a", "b", "near", 0)]


def test_many_equal_copies_make_few_pairs() -> None:
    """1,000 photos of one hash are 999 pairs with the lowest id, not half a million; another hash meets only that."""
    photos = [photo(f"c{number:04}", turned(0)) for number in range(1000)]
    rows = pairs(*photos, photo("z", turned(5)))
    assert len(rows) == 1000
    assert {one for one, *_ in rows} == {"c0000"}


def test_summary_counts_every_kind() -> None:
    """The summary has every kind, those nobody has too."""
    result = found(photo("a", turned(0)), photo("b", turned(1)), photo("c", turned(45)))
    assert result.summary == {
        "photos": 3,
        "hashes": 3,
        "not_compared": {"no_hash": 0, "low_texture": 0},
        "pairs": {"same_bytes": 0, "same_pixels": 0, "near": 1, "review": 2},
    }


def drawn(seed: int, count: int = 80) -> list[tuple[CaptureRow, MeasurementRow]]:
    """Return photos of which many are copies of one kind or another."""
    rng = random.Random(seed)
    photos: list[tuple[CaptureRow, MeasurementRow]] = []
    for number in range(count):
        like, width = rng.choice(photos)[0] if photos and rng.random() < 0.3 else None, rng.choice((800, 805, 900))
        same: dict[str, Any] = (
            {"pixel_sha256": like.pixel_sha256, "width_px": like.width_px} if like else {"width_px": width}
        )
        if like and rng.random() < 0.5:
            same["image_sha256"] = like.image_sha256
        phash = turned(rng.randrange(60), rng.choice((SOME, SOME << 3 & (1 << 256) - 1)))
        photos.append(photo(f"{rng.random()}-{number}", phash, **same))
    return photos


@pytest.mark.parametrize("seed", range(5))
def test_order_and_memo_do_not_matter(seed: int) -> None:
    """The same photos in any order, with any memory of earlier ones, give the same bytes; ids stand in order."""
    photos = drawn(seed)
    fresh = found(*photos)
    shuffled = random.Random(seed).sample(photos, len(photos))
    earlier = found(*shuffled[:50]).neighbours
    captures, numbers = [row for row, _ in shuffled], [each for _, each in shuffled]
    again = find_duplicates(captures, numbers, earlier, OURS)
    assert again == fresh
    assert tables.to_bytes(DuplicateRow, again.pairs) == tables.to_bytes(DuplicateRow, fresh.pairs)
    keys = [(row.one_id, row.other_id) for row in fresh.pairs]
    assert all(one < other for one, other in keys)
    assert all(before < after for before, after in pairwise(keys))
