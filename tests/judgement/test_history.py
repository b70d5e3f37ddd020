"""The ledger of checks: a row per capture and change of its score, with what judged."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from captureset.judgement import history
from captureset.judgement.history import changes, check_of, problem_of, version_of
from captureset.judgement.settings import QualityParams
from captureset.store import checks
from captureset.store.repository import Repository
from rows import quality, settings

OURS = settings(QualityParams, "quality")


def test_the_first_check_is_initial_and_only_changes_follow() -> None:
    """Three releases: everything, nothing, what changed; a manual check in between counts as the latest."""
    now = [quality("a"), quality("b")]
    ledger = changes([], now, "waste@v0.1.0", "v")
    assert [(row.capture_id, row.check_type, row.checked) for row in ledger] == [
        ("a", "initial", "waste@v0.1.0"),
        ("b", "initial", "waste@v0.1.0"),
    ]
    assert changes(ledger, now, "waste@v0.2.0", "w") == []
    ledger += [check_of(quality("b", overall_score=0.5), "manual", "2024-03-01", "w")]
    later = changes(
        ledger, [quality("a", grade="low"), quality("b", overall_score=0.5), quality("c")], "waste@v0.3.0", "w"
    )
    assert [(row.capture_id, row.check_type, row.grade) for row in later] == [
        ("a", "periodic", "low"),
        ("c", "initial", "high"),
    ]


@pytest.mark.parametrize("change", [{"overall_score": 0.81}, {"grade": "low"}, {"flags": ("dark", "small")}])
def test_score_grade_and_flags_are_what_changes(change: dict[str, object]) -> None:
    """Any of the three; flags are written with one space between."""
    ledger = changes([], [quality("a")], "waste@v0.1.0", "v")
    (row,) = changes(ledger, [quality("a", **change)], "waste@v0.2.0", "v")
    assert row.flags == " ".join(quality("a", **change).flags)


def test_the_version_tells_what_changed(tmp_path: Path) -> None:
    """Metric, thresholds and code each have their part; the same three give the same version."""
    code = Path(shutil.copytree(history.HERE, tmp_path / "judgement", ignore=shutil.ignore_patterns("__pycache__")))
    before = version_of(OURS, 2)
    assert version_of(OURS, 2, code) == before
    other = version_of(replace(OURS, usable_from=0.5), 3)
    (code / "scores.py").write_text("# another one\n", encoding="utf-8")
    for mine, theirs, same in zip(before.split("-"), other.split("-"), (False, False, True), strict=True):
        assert (mine == theirs) is same
    mixed = version_of(OURS, 2, code).split("-")
    assert mixed[:2] == before.split("-")[:2]
    assert mixed[2] != before.split("-")[2]


def test_a_row_that_cannot_be_is_named() -> None:
    """Another type of check, a score that is no share."""
    good = check_of(quality("a"), "manual", "2024-03-01", "v")
    assert problem_of(good) is None
    assert "'yearly'" in str(problem_of(replace(good, check_type="yearly")))
    for score in ("high", "1.5", "nan", ""):
        assert f"{score!r}" in str(problem_of(replace(good, overall_score=score)))


def test_the_history_of_a_capture(repository: Repository) -> None:
    """Its own rows, the oldest first; none is written twice, none is lost."""
    first = changes([], [quality("a"), quality("b")], "waste@v0.1.0", "v")
    later = check_of(quality("a", grade="low"), "periodic", "waste@v0.2.0", "v")
    assert checks.history(repository, "a") == []
    assert checks.append(repository, first) == 2
    assert checks.append(repository, [*first, later]) == 1
    assert checks.history(repository, "a") == [first[0], later]
    assert checks.read(repository) == [*first, later]
