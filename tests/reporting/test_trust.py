"""Which categories are shown as reliable, and in what order."""

from __future__ import annotations

from captureset.reporting.trust import Trust, model_name, several
from collection_world import answered, case


def test_the_surest_category_comes_first_and_chance_does_not() -> None:
    """19 of 20 go before 3 of 3; 2 of 2 is too little; one below the average of all is no success case."""
    found = [
        *answered("FURN_SOFA", 19, 1),
        *answered("APPL_TV", 3, 0),
        *answered("APPL_PC", 2, 0),
        *answered("FURN_DESK", 3, 3),
    ]
    assert [row.category for row in Trust.of(found).most_reliable] == ["FURN_SOFA", "APPL_TV"]


def test_the_worst_category_comes_first_and_needs_a_mistake() -> None:
    """0 of 10 is worse than 0 of 1, of which less is known; without a mistake a category is not bad."""
    found = [*answered("FURN_SOFA", 0, 10), *answered("APPL_TV", 0, 1), *answered("APPL_PC", 5, 0)]
    assert [row.category for row in Trust.of(found).least_reliable] == ["FURN_SOFA", "APPL_TV"]


def test_mistakes_are_the_most_frequent_first_without_what_was_right() -> None:
    """Over all models."""
    found = [*answered("FURN_SOFA", 5, 1), *answered("APPL_TV", 0, 2)]
    assert [(row.said, row.person, row.captures) for row in Trust.of(found).mistakes] == [
        ("APPL_TV", "FURN_BED", 2),
        ("FURN_SOFA", "FURN_BED", 1),
    ]


def test_silence_is_no_judgement() -> None:
    """An answer nobody looked at is in no figure."""
    trust = Trust.of([case(0, "FURN_SOFA", None)])
    assert (trust.judged, trust.models, trust.categories, trust.mistakes) == (0, [], [], [])


def test_models_are_told_apart_by_name_and_version() -> None:
    """Two versions are two rows."""
    trust = Trust.of([*answered("FURN_SOFA", 1, 0, "1"), *answered("FURN_SOFA", 1, 0, "2")])
    assert [model_name(row) for row in trust.models] == ["m 1", "m 2"]
    assert several(trust.models)
    assert not several(trust.models[:1])
