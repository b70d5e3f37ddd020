"""What the collection lacks, what looks alike, and what a model mistakes: as sections of a page."""

from __future__ import annotations

from dataclasses import replace

import report_world
import rows
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.quality_rows import CollectionRow
from captureset.records.rows import DuplicateRow
from captureset.reporting.collection_sections import duplicate_section, gap_section, shown_pairs
from captureset.reporting.kpi_section import kpi_section
from captureset.reporting.kpis import Kpi
from captureset.reporting.markup import Markup
from captureset.reporting.model_sections import model_section
from captureset.reporting.trust import Trust
from collection_world import answered, case

TAXONOMY = load_taxonomy(report_world.ROOT / "data/categories.yaml")
PHOTOS = {name: Markup(f"<i>{name}</i>") for name in "abcdef"}


def test_gaps_are_shown_with_what_is_reached_and_the_rest_folded() -> None:
    """Twelve in sight, three behind a fold, each sentence escaped."""
    gaps = [CollectionRow("few_usable", "X", n, 100.0, n / 100, f"<{n}>: few, 100 wanted") for n in range(15)]
    said = gap_section(gaps)
    assert said.count("<tr>") == 13
    assert "3 more" in said
    assert "&lt;14&gt;: few" in said
    assert "<3>" not in said


def test_a_collection_that_lacks_nothing_says_so() -> None:
    """No empty table."""
    assert "Nothing: every category" in gap_section([])


def test_pairs_for_a_person_come_first_and_copies_are_only_counted() -> None:
    """The same file twice is no question; of near ones the least alike first."""
    pairs = [
        DuplicateRow("a", "b", "same_bytes", 0),
        DuplicateRow("a", "c", "near", 2),
        DuplicateRow("b", "c", "near", 9),
        DuplicateRow("d", "e", "review", 40),
    ]
    assert [row.distance_bits for row in shown_pairs(pairs)] == [40, 9, 2]
    said = duplicate_section(pairs, PHOTOS)
    assert "1 pair a person should look at" in said
    assert "2 pairs of near-duplicates" in said
    assert said.index("<i>d</i><i>e</i>") < said.index("<i>b</i><i>c</i>")
    assert "40 of 256 bits differ" in said


def test_without_a_pair_to_decide_or_any_pair_it_says_so() -> None:
    """Nothing is left open in silence."""
    assert "None is left for a person" in duplicate_section([DuplicateRow("a", "b", "near", 1)], PHOTOS)
    assert "No two captures look alike" in duplicate_section([], PHOTOS)


def test_model_against_person_names_what_is_mistaken_with_pictures() -> None:
    """Category names, counts with their interval, the captures shown."""
    found = [*answered("FURN_SOFA", 3, 1), case(9, "APPL_TV", "empty")]
    picture = Markup("<i>sofa</i>")
    said = model_section(Trust.of(found), TAXONOMY, {"FURN_SOFA-03-1": picture})
    assert "5 answers of a model judged by people" in said
    assert "소파" in said
    assert "3 of 4, 75.0 %" in said
    assert "nothing there" in said
    assert picture in said


def test_nobody_judged_is_no_table() -> None:
    """And no share."""
    assert "Nobody has judged" in model_section(Trust.of([case(0, "FURN_SOFA", None)]), TAXONOMY, {})


def test_answers_without_confidence_have_no_calibration() -> None:
    """The rest is shown."""
    silent = [replace(one, answer=rows.answer(confidence=None)) for one in answered("FURN_SOFA", 2, 0)]
    said = model_section(Trust.of(silent), TAXONOMY, {})
    assert "No answer that was judged came with a confidence." in said
    assert "None: the category of every answer" in said


def test_a_kpi_is_reached_missed_or_nothing_to_judge() -> None:
    """In words, with its target."""
    said = kpi_section(
        [Kpi("a", "captures taken", 5, None, 4), Kpi("b", "good ones", 1, 2, 0.5), Kpi("c", "released", 0, 0, 0.95)]
    )
    assert "wanted: at least 4" in said
    assert "wanted: over 50 % (1 of 2)" in said
    assert [word in said for word in ("reached", "missed", "nothing to judge yet")] == [True] * 3
    assert "(0 of 0)" not in said
