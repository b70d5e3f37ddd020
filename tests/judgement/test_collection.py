"""What the collection lacks: each gap has a row, following it raises its share, and at the target it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from captureset.formats.taxonomy import load_taxonomy
from captureset.judgement.collection import gaps
from captureset.judgement.settings import QualityParams
from captureset.records.quality_rows import CollectionRow, ConfusionRow
from captureset.records.rows import CaptureRow
from rows import PARAMS, capture, confirmed, quality, settings

TAXONOMY = load_taxonomy(PARAMS.parent / "data/categories.yaml")
OURS = settings(QualityParams, "quality", feedback_wanted=40, captures_wanted=50)
SOFA = "FURN_SOFA"


def found(
    captures: Sequence[CaptureRow], confused: Sequence[ConfusionRow] = (), params: QualityParams = OURS
) -> dict[str, CollectionRow]:
    """Return the gaps of a collection of one category by their codes; every capture is usable."""
    rows = gaps(captures, [quality(row.capture_id) for row in captures], confused, TAXONOMY, params)
    return {row.code: row for row in rows}


def many(count: int, state: str = "confirmed", **changes: object) -> list[CaptureRow]:
    """Return captures of sofas."""
    return [confirmed(f"{state}{n}", review_state=state, **changes) for n in range(count)]


def flip(person: str, captures: int) -> ConfusionRow:
    """Return how often a model said sofa where people said this."""
    return ConfusionRow("m", "1", SOFA, person, captures, ())


CASES = {
    "few_answered": ("소파: 3 captures with feedback, 40 wanted", many(3), many(10), many(40)),
    "few_usable": ("소파: 3 usable captures, 50 wanted", many(3), many(10), many(50)),
    "without_box": (
        "소파: 2 of 3 captures without a box, draw them",
        [*many(2, "corrected", label_kind="category"), *many(1)],
        [*many(1, "corrected", label_kind="category"), *many(2)],
        many(3),
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_following_a_recommendation_raises_its_share(code: str) -> None:
    """It names what is there and what is wanted; more raises the share, enough ends it."""
    sentence, few, more, enough = CASES[code]
    row = found(few)[code]
    assert (row.recommendation, row.category) == (sentence, SOFA)
    assert row.share == pytest.approx(row.have / row.wanted, abs=1e-6)
    assert row.share < found(more)[code].share < 1
    assert code not in found(enough)


def test_a_confused_pair_is_named_until_the_model_is_better() -> None:
    """Three or more of the same mistake; a better model raises the share, one without it has no row."""
    row = found(many(50), [flip(SOFA, 5), flip("FURN_BED", 4), flip("FURN_CHAIR", 2)])["confused"]
    assert row.recommendation == (
        "소파: in 4 of 11 captures that model m 1 calls so, people see 침대/매트리스; collect both and train again"
    )
    better = found(many(50), [flip(SOFA, 20), flip("FURN_BED", 4)])["confused"]
    assert row.share == pytest.approx(7 / 11, abs=1e-6)
    assert row.share < better.share
    assert "confused" not in found(many(50), [flip(SOFA, 20), flip("FURN_BED", 2)])


def test_unseen_categories_share_a_row() -> None:
    """51 of 52 are missing, five are named; one more capture of another category raises the share."""
    row = found(many(1))["unseen"]
    assert row.recommendation.startswith(
        "51 of 52 categories have no capture yet: 침대/매트리스, 거실장/테이블/서랍장, "
    )
    assert row.recommendation.endswith(" …")
    assert found([*many(1), confirmed("bed", category="FURN_BED")])["unseen"].share > row.share
    every = [confirmed(each.code, category=each.code) for each in TAXONOMY.categories]
    assert "unseen" not in found(every)


def test_only_answers_and_usable_captures_count() -> None:
    """Silence and rejections are no feedback; what is not usable or rejected is not usable."""
    captures = [capture("a"), confirmed("b", review_state="rejected"), confirmed("c")]
    rows = gaps(captures, [quality("a"), quality("b"), quality("c", usable_for_training=False)], (), TAXONOMY, OURS)
    have = {row.code: row.have for row in rows}
    assert (have["few_answered"], have["few_usable"]) == (1, 1)


def test_the_widest_gap_comes_first_and_a_target_of_zero_asks_for_nothing() -> None:
    """Sorted by share; targets of 0 leave only what needs no target."""
    rows = gaps(many(3), [quality(row.capture_id) for row in many(3)], (), TAXONOMY, OURS)
    assert [row.share for row in rows] == sorted(row.share for row in rows)
    assert set(found(many(3), params=replace(OURS, feedback_wanted=0, captures_wanted=0))) == {"unseen"}
