"""The four figures, each against its target."""

from __future__ import annotations

import rows
from captureset.records.rows import CaptureRow
from captureset.reporting.kpis import Kpi, Targets, kpis
from captureset.reporting.periods import parse

TARGETS = Targets(
    target_captures_per_month=4, target_high_share=0.5, target_feedback_share=0.5, target_automatic_share=0.5
)


def found(*captures: CaptureRow, released: str = "", targets: Targets = TARGETS) -> dict[str, Kpi]:
    """Return the figures by code; every capture is graded high but those called low."""
    quality = {row.capture_id: rows.quality(row.capture_id, grade=_grade(row.capture_id)) for row in captures}
    return {kpi.code: kpi for kpi in kpis(captures, quality, frozenset(released), targets)}


def _grade(capture_id: str) -> str:
    return "low" if capture_id == "l" else "high"


def test_a_count_reaches_its_target_and_a_share_exceeds_it() -> None:
    """At least 1,000 captures, over 60 %: half is not over half."""
    four = found(*(rows.capture(name, feedback_count=int(name in "ab")) for name in "abcl"))
    assert (four["captures"].value, four["captures"].met) == (4, True)
    assert (four["feedback_share"].value, four["feedback_share"].met) == (0.5, False)
    assert (four["high_share"].value, four["high_share"].met) == (0.75, True)
    assert found(rows.capture())["captures"].met is False


def test_a_share_of_nothing_is_not_judged() -> None:
    """Nothing captured, nothing released: neither reached nor missed."""
    nothing = found()
    assert [nothing[code].met for code in ("high_share", "feedback_share", "automatic_share")] == [None] * 3
    assert found(rows.capture())["automatic_share"].value is None


def test_a_released_capture_came_by_itself_unless_it_was_imported() -> None:
    """Of two in a release one came by `captureset import`; one that waits counts neither way."""
    captures = [rows.capture("a"), rows.capture("b", source_kind="import"), rows.capture("c", source_kind="import")]
    share = found(*captures, released="ab")["automatic_share"]
    assert (share.count, share.whole, share.value) == (1, 2, 0.5)


def test_a_week_should_bring_its_part_of_a_month() -> None:
    """1,000 a month are 231 a week: 12/52, rounded up."""
    week = parse("2024-W03")
    targets = rows.settings(Targets, "report")
    kpi = kpis([], {}, frozenset(), targets, (week.name, 231, week.share_of_month))[0]
    assert (kpi.target, kpi.met, kpi.means) == (231, True, "captures taken in 2024-W03")


def test_a_capture_nobody_has_scored_is_not_high() -> None:
    """It came in after the last `dvc repro` and counts in the whole."""
    assert kpis([rows.capture()], {}, frozenset(), TARGETS)[1].value == 0.0
