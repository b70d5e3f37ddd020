"""Which categories are shown as reliable, and in what order."""

from __future__ import annotations

import rows
from captureset.judgement.reliability import Case
from captureset.reporting.trust import Trust, model_name, several


def case(number: int, said: str, person: str | None, model: str = "1") -> Case:
    """Return one answer and what a person made of it."""
    state = "unreviewed" if person is None else "confirmed" if said == person else "corrected"
    capture = rows.capture(f"{said}-{number:02d}-{model}", category=person, review_state=state)
    return Case(rows.known(capture), rows.answer(capture.capture_id, said, model_version=model), said, person)


def cases(said: str, right: int, wrong: int, model: str = "1") -> list[Case]:
    """Return so many right answers and so many that were a bed."""
    return [case(n, said, said if n < right else "FURN_BED", model) for n in range(right + wrong)]


def test_the_surest_category_comes_first_and_chance_does_not() -> None:
    """19 of 20 go before 3 of 3; 2 of 2 is too little; one below the average of all is no success case."""
    found = [*cases("FURN_SOFA", 19, 1), *cases("APPL_TV", 3, 0), *cases("APPL_PC", 2, 0), *cases("FURN_DESK", 3, 3)]
    assert [row.category for row in Trust.of(found).most_reliable] == ["FURN_SOFA", "APPL_TV"]


def test_the_worst_category_comes_first_and_needs_a_mistake() -> None:
    """0 of 10 is worse than 0 of 1, of which less is known; without a mistake a category is not bad."""
    found = [*cases("FURN_SOFA", 0, 10), *cases("APPL_TV", 0, 1), *cases("APPL_PC", 5, 0)]
    assert [row.category for row in Trust.of(found).least_reliable] == ["FURN_SOFA", "APPL_TV"]


def test_mistakes_are_the_most_frequent_first_without_what_was_right() -> None:
    """Over all models."""
    found = [*cases("FURN_SOFA", 5, 1), *cases("APPL_TV", 0, 2)]
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
    trust = Trust.of([*cases("FURN_SOFA", 1, 0, "1"), *cases("FURN_SOFA", 1, 0, "2")])
    assert [model_name(row) for row in trust.models] == ["m 1", "m 2"]
    assert several(trust.models)
    assert not several(trust.models[:1])
