"""The contact sheet: a fair choice, each capture with what is known about it."""

from __future__ import annotations

from collections import Counter

import photos
import report_world
import rows
from captureset.reporting.contact_sheet import choose, contact_sheet
from captureset.reporting.dataset import Dataset

REJECTED = [("rejected", "a person rejected it")]
BLURRED = [("not_usable", "overall score 0.40 is too low for training (blurred)")]


def uneven() -> Dataset:
    """A hundred sofas, three beds, one television, and twenty dropped captures for two reasons."""
    captures = [rows.confirmed(f"sofa-{n:03d}") for n in range(100)]
    captures += [rows.confirmed(f"bed-{n}", category="FURN_BED") for n in range(3)]
    captures += [rows.confirmed("tv", category="APPL_TV")]
    captures += [rows.capture(f"gone-{n:02d}") for n in range(20)]
    dropped = {f"gone-{n:02d}": REJECTED if n == 0 else BLURRED for n in range(20)}
    return report_world.dataset(captures, dropped=dropped)


def drawn(dataset: Dataset, limit: int = 10, photo: bytes | None = None) -> str:
    """The sheet of a dataset."""
    data = photos.jpeg(80, 60) if photo is None else photo
    return contact_sheet(dataset, choose(dataset, limit), lambda _: data, 120)


def test_rare_categories_are_on_the_sheet() -> None:
    """Twelve places show all three beds, the television and some sofas, then a dropped one of each reason."""
    chosen = choose(uneven(), 12)
    kinds = Counter(capture.capture_id.split("-")[0] for capture in chosen)
    assert kinds == {"sofa": 6, "bed": 3, "tv": 1, "gone": 2}
    assert [capture.capture_id.startswith("gone") for capture in chosen] == [False] * 10 + [True] * 2
    assert "gone-00" in {capture.capture_id for capture in chosen}


def test_captures_of_a_category_stand_together_in_the_order_of_the_taxonomy() -> None:
    """Beds (1), sofas (2), television (14)."""
    order = [capture.category for capture in choose(uneven(), 12)[:10]]
    assert order == ["FURN_BED"] * 3 + ["FURN_SOFA"] * 6 + ["APPL_TV"]


def test_the_choice_does_not_depend_on_the_order_of_the_catalog() -> None:
    """The same captures backwards give the same sheet."""
    dataset = uneven()
    turned = report_world.dataset(
        dataset.captures[::-1], dropped={f"gone-{n:02d}": REJECTED if n == 0 else BLURRED for n in range(20)}
    )
    assert choose(turned, 12) == choose(dataset, 12)


def test_dropped_captures_fill_what_kept_ones_leave() -> None:
    """With two kept and five dropped, a sheet of six has both kept ones and four dropped."""
    captures = [rows.capture(name) for name in "abcdefg"]
    dataset = report_world.dataset(captures, dropped=dict.fromkeys("cdefg", REJECTED))
    assert Counter(dataset.is_kept(capture.capture_id) for capture in choose(dataset, 6)) == {True: 2, False: 4}


def test_a_sheet_of_none_is_empty_and_none_is_shown_twice() -> None:
    """The limit holds at 0 and above the number of captures."""
    dataset = uneven()
    assert choose(dataset, 0) == []
    assert len({capture.capture_id for capture in choose(dataset, 1000)}) == len(dataset.captures)


def test_a_card_says_what_is_known() -> None:
    """Korean name and code, number of boxes, grade, review state, split, flags, and the id."""
    dataset = report_world.dataset(
        [rows.confirmed("cap-1")],
        [rows.annotation("cap-1", "FURN_SOFA"), rows.annotation("cap-1", "FURN_SOFA", position=1)],
        quality=[rows.quality("cap-1", grade="medium", flags=("low_contrast",))],
        splits={"cap-1": rows.placed("cap-1", "test")},
    )
    sheet = drawn(dataset)
    for part in ("<b>소파</b>", "<code>FURN_SOFA</code> 2 boxes", ">medium<", ">confirmed<", ">test<"):
        assert part in sheet
    assert ">low contrast<" in sheet
    assert "<code>cap-1</code>" in sheet


def test_a_dropped_card_says_why_and_a_masked_one_that_it_is() -> None:
    """Every sentence of the filter stands on it."""
    dataset = report_world.dataset(
        [rows.capture("a"), rows.capture("b")],
        dropped={"a": [*REJECTED, *BLURRED]},
        splits={"b": rows.placed("b", masked="bridges_frozen_splits")},
    )
    sheet = drawn(dataset)
    assert "a person rejected it; overall score 0.40 is too low for training (blurred)" in sheet
    assert ">dropped<" in sheet
    assert ">masked<" in sheet


def test_captures_without_a_box_say_what_their_label_is() -> None:
    """A category without a box, a verified empty photo and one without a label are told apart."""
    dataset = report_world.dataset(
        [
            rows.capture("a", label_kind="category", category="FURN_BED"),
            rows.capture("b", label_kind="empty", category=None),
            rows.capture("c", label_kind="none", category=None),
        ]
    )
    sheet = drawn(dataset)
    assert "<code>FURN_BED</code> no box" in sheet
    assert ">verified empty<" in sheet
    assert ">no label<" in sheet


def test_a_photo_that_cannot_be_decoded_is_a_gray_area_that_says_so() -> None:
    """Its card stands in its place all the same."""
    sheet = drawn(report_world.dataset([rows.capture("a")]), photo=b"<html>")
    assert "cannot be decoded" in sheet
    assert "data:image" not in sheet
    assert "<code>a</code>" in sheet
