"""The stage filter: every criterion by name, every capture with every reason."""

from __future__ import annotations

from typing import Any

import pytest

from captureset.errors import CapturesetError
from captureset.filter import Facts, FilterParams, gather, judge, require_known
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.rows import CaptureRow, DuplicateRow
from rows import PARAMS, annotation, capture, confirmed, quality, settings

TAXONOMY = load_taxonomy(PARAMS.parent / "data" / "categories.yaml")


def facts(
    row: CaptureRow, excluded: str | None = None, categories: tuple[str, ...] = ("FURN_SOFA",), **good: Any
) -> Facts:
    """Return what the criteria look at."""
    return Facts(row, quality(row.capture_id, **good), frozenset(categories), excluded)


def reasons(item: Facts, **changes: Any) -> tuple[str, ...]:
    """Return why a capture is dropped under changed settings, empty when it is kept."""
    (row,) = judge([item], [], settings(FilterParams, "filter", **changes))
    assert row.kept == (not row.reasons)
    assert len(row.details) == len(row.reasons)
    return row.reasons


def test_a_good_capture_is_kept_by_the_defaults() -> None:
    """The defaults keep a sure, usable, boxed capture."""
    assert reasons(facts(capture())) == ()


@pytest.mark.parametrize(
    ("confidence", "why"), [(0.5, ()), (0.49, ("confidence",)), (None, ("confidence",)), (0.0, ("confidence",))]
)
def test_min_confidence_is_for_the_models_labels(confidence: float | None, why: tuple[str, ...]) -> None:
    """A model's label needs the confidence, the threshold included; an unknown one falls short."""
    assert reasons(facts(capture(model_confidence=confidence))) == why


def test_a_persons_label_has_no_confidence_to_fall_short_of() -> None:
    """What a person gave, confirmed or corrected passes min_confidence, however unsure the model was."""
    for state in ("confirmed", "corrected"):
        row = confirmed(review_state=state, model_confidence=0.01)
        assert reasons(facts(row), min_confidence=1.0) == ()
    assert reasons(facts(confirmed(model_confidence=None)), min_confidence=1.0) == ()


def test_a_label_nobody_vouches_for_is_the_models_equal() -> None:
    """An unreviewed import has no confidence and so passes only where none is asked for."""
    row = capture(label_origin="source", source_kind="import", model_confidence=None)
    assert reasons(facts(row)) == ("confidence",)
    assert reasons(facts(row), min_confidence=0.0) == ()


@pytest.mark.parametrize(
    ("captured_at", "why"),
    [
        ("2024-01-14T23:59:59.999999Z", ("date",)),
        ("2024-01-15T00:00:00.000000Z", ()),
        ("2024-02-01T23:59:59.999999Z", ()),
        ("2024-02-02T00:00:00.000000Z", ("date",)),
    ],
)
def test_date_range_includes_both_days(captured_at: str, why: tuple[str, ...]) -> None:
    """The range is whole UTC days, first and last included; null takes every day."""
    item = facts(capture(captured_at=captured_at))
    assert reasons(item, date_range=["2024-01-15", "2024-02-01"]) == why
    assert reasons(item, date_range=None) == ()


@pytest.mark.parametrize(
    ("state", "why"),
    [("unreviewed", ("no_feedback",)), ("confirmed", ()), ("corrected", ()), ("rejected", ("rejected", "no_feedback"))],
)
def test_feedback_only_wants_a_persons_word(state: str, why: tuple[str, ...]) -> None:
    """feedback_only keeps what a person confirmed or corrected."""
    assert reasons(facts(capture(review_state=state)), feedback_only=True) == why


def test_categories_drop_half_labelled_photos() -> None:
    """A photo that also shows an unwanted category is dropped whole, and the sentence names it."""
    wanted = {"categories": ["FURN_SOFA", "FURN_BED"]}
    assert reasons(facts(capture(), categories=("FURN_SOFA",)), **wanted) == ()
    assert reasons(facts(capture(), categories=("FURN_BED", "FURN_SOFA")), **wanted) == ()
    mixed = facts(capture(), categories=("FURN_SOFA", "APPL_TV", "APPL_PC"))
    (row,) = judge([mixed], [], settings(FilterParams, "filter", **wanted))
    assert row.reasons == ("category",)
    assert row.details == ("shows APPL_PC, APPL_TV, which filter.categories leaves out",)
    assert reasons(mixed, categories="all") == ()


def test_a_verified_empty_photo_passes_categories() -> None:
    """A photo in which a person saw nothing teaches every selection of categories."""
    assert reasons(facts(confirmed(label_kind="empty", category=None), categories=()), categories=["FURN_BED"]) == ()


@pytest.mark.parametrize(
    ("least", "kept"),
    [(None, "low medium high"), ("low", "low medium high"), ("medium", "medium high"), ("high", "high")],
)
def test_min_quality_grade(least: str | None, kept: str) -> None:
    """The least grade and those above it are kept."""
    found = [
        grade
        for grade in ("low", "medium", "high")
        if not reasons(facts(capture(), grade=grade), min_quality_grade=least)
    ]
    assert found == kept.split()


def test_require_usable() -> None:
    """What is not usable for training is dropped, unless that is not required; the sentence names the flags."""
    item = facts(capture(), usable_for_training=False, overall_score=0.45, flags=("blurred",))
    (row,) = judge([item], [], settings(FilterParams, "filter"))
    assert (row.reasons, row.details) == (("not_usable",), ("overall score 0.45 is too low for training (blurred)",))
    assert reasons(item, require_usable=False) == ()


def test_a_label_that_fails_the_gate_is_told_apart_from_a_low_score() -> None:
    """Its score may be high; the sentence names what the gate found, not what is wrong with the photo."""
    item = facts(capture(), usable_for_training=False, overall_score=0.9, flags=("dark", "box_tiny"))
    (row,) = judge([item], [], settings(FilterParams, "filter"))
    assert (row.reasons, row.details) == (("not_usable",), ("its label fails the gate (box_tiny)",))


def test_what_no_setting_lets_through() -> None:
    """A rejected, unlabelled, set aside or unreadable capture is dropped whatever the settings say."""
    lax = {"min_confidence": 0.0, "require_usable": False, "duplicates": "keep_all"}
    assert reasons(facts(capture(review_state="rejected")), **lax) == ("rejected",)
    assert reasons(facts(capture(label_kind="none", label_origin="none", category=None)), **lax) == ("no_label",)
    assert reasons(facts(capture(), excluded="shows a face"), **lax) == ("excluded",)
    assert reasons(facts(capture(), flags=("unreadable",)), **lax) == ("unreadable",)


def test_every_reason_is_given() -> None:
    """A capture that fails every criterion carries every code, not the first one only."""
    row = capture(review_state="rejected", model_confidence=0.1)
    item = facts(row, "shows a face", ("APPL_TV",), grade="low", usable_for_training=False)
    strict = {
        "date_range": ["2023-01-01", "2023-12-31"],
        "feedback_only": True,
        "categories": ["FURN_SOFA"],
        "min_quality_grade": "high",
    }
    assert set(reasons(item, **strict)) == {
        *("excluded", "rejected", "date", "confidence", "no_feedback", "category", "grade", "not_usable")
    }


def test_copies_give_way_to_the_best() -> None:
    """keep_best keeps the best of what looks alike and says which and why; keep_all keeps every one."""
    items = [facts(capture("a"), overall_score=0.7), facts(capture("b"), overall_score=0.9)]
    pairs = [DuplicateRow("a", "b", "near", 7)]
    first, second = judge(items, pairs, settings(FilterParams, "filter"))
    assert (first.reasons, second.reasons) == (("near_duplicate",), ())
    assert first.details == (
        "near-duplicate of b (7 bits apart), whose label is better founded: score 0.90 against 0.70",
    )
    assert all(row.kept for row in judge(items, pairs, settings(FilterParams, "filter", duplicates="keep_all")))


def test_a_copy_gives_way_only_to_a_kept_capture() -> None:
    """When the best copy is dropped for another reason, the next best stands in; no photo is lost to a dropped one."""
    items = [
        facts(capture("a"), overall_score=0.7),
        facts(capture("b"), "shows a face", overall_score=0.9),
        facts(capture("c"), overall_score=0.6),
    ]
    pairs = [DuplicateRow("a", "b", "same_bytes", 0), DuplicateRow("a", "c", "near", 3)]
    rows = judge(items, pairs, settings(FilterParams, "filter"))
    assert [row.reasons for row in rows] == [(), ("excluded",), ("near_duplicate",)]


def test_rows_come_in_the_catalogs_order() -> None:
    """One row a capture, in the order of the catalog, dropped ones too."""
    rows = judge(
        [facts(capture("c")), facts(capture("a"), "x"), facts(capture("b"))], [], settings(FilterParams, "filter")
    )
    assert [(row.capture_id, row.kept) for row in rows] == [("c", True), ("a", False), ("b", True)]


def test_facts_name_the_categories_of_boxes_or_else_of_the_capture() -> None:
    """Boxes say what a photo shows; without boxes the capture's own category does, and an empty photo shows none."""
    captures = [capture("a"), capture("b", label_kind="category", category="APPL_TV"), confirmed("c", category=None)]
    boxes = [annotation("a", "FURN_BED"), annotation("a", "FURN_SOFA", position=1)]
    found = gather(captures, boxes, [quality(name) for name in "abc"], {"b": "shows a face"})
    assert [item.categories for item in found] == [{"FURN_BED", "FURN_SOFA"}, {"APPL_TV"}, frozenset()]
    assert [item.excluded for item in found] == [None, "shows a face", None]


def test_an_unknown_category_is_refused_with_the_near_one() -> None:
    """filter.categories may only name categories that exist; the refusal names file, value and the near one."""
    require_known(settings(FilterParams, "filter", categories=["FURN_SOFA"]), TAXONOMY)
    require_known(settings(FilterParams, "filter"), TAXONOMY)
    with pytest.raises(CapturesetError, match=r"params.yaml: filter.categories names 'FURN_SOFT', .*FURN_SOFA\?"):
        require_known(settings(FilterParams, "filter", categories=["FURN_SOFT"]), TAXONOMY)
    with pytest.raises(CapturesetError, match="소파"):
        require_known(settings(FilterParams, "filter", categories=["소파"]), TAXONOMY)
