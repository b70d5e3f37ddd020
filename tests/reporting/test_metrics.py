"""data/report/metrics.json: counts that add up, shares that are shares."""

from __future__ import annotations

import report_world
import rows
from captureset.formats import jsontext
from captureset.reporting.kpis import Targets
from captureset.reporting.metrics import metrics

TARGETS = rows.settings(Targets, "report")


def test_counts_add_up() -> None:
    """Kept and dropped are all captures; grades, review states and splits are too."""
    dataset = report_world.dataset(
        [rows.confirmed("a"), rows.capture("b"), rows.capture("c", label_kind="category")],
        [rows.annotation("a")],
        quality=[rows.quality("b", grade="low", overall_score=0.2)],
        dropped={"b": [("not_usable", "too low")]},
    )
    found = metrics(dataset, TARGETS)
    assert found["captures"] == found["kept"] + found["dropped"] == 3
    assert sum(found["grade"].values()) == sum(found["review_state"].values()) == 3
    assert found["split"] == {"train": 2, "val": 0, "test": 0}
    assert found["exported"]["coco"] == {"train": 1, "val": 0, "test": 0, "boxes": 1}
    assert found["exported"]["custom"] == {"train": 2, "val": 0, "test": 0, "boxes": 1}


def test_shares_have_six_digits() -> None:
    """A third is 0.333333, and the mean score is rounded too."""
    dataset = report_world.dataset([rows.confirmed("a"), rows.capture("b"), rows.capture("c")])
    found = metrics(dataset, TARGETS)
    assert found["share_confirmed"] == 0.333333
    assert found["share_high"] == 1.0
    assert found["mean_overall_score"] == 0.8


def test_of_nothing_there_is_no_share() -> None:
    """A share without a denominator is left out, not 0."""
    found = metrics(report_world.dataset([]), TARGETS)
    assert found["captures"] == 0
    assert not [name for name in found if name.startswith(("share_", "mean_"))]


def test_gates_are_counts_and_verdicts_only() -> None:
    """No float of the training gets in."""
    found = metrics(report_world.dataset([rows.capture()], gates=report_world.gates(faults=["bad"])), TARGETS)
    assert found["gates"] == {"checks_passed": 0, "checks_failed": 1, "verify_passed": 0, "smoke_train_passed": 1}


def test_every_metric_is_a_number() -> None:
    """DVC shows and compares numbers; lists and nulls it would drop."""

    def leaves(node: object) -> list[object]:
        return [leaf for part in node.values() for leaf in leaves(part)] if isinstance(node, dict) else [node]

    found = metrics(report_world.dataset([rows.capture()]), TARGETS)
    assert all(isinstance(leaf, int | float) for leaf in leaves(found))
    assert jsontext.dump(found)


def test_the_four_figures_are_metrics() -> None:
    """The latest month's captures and three shares, each reached or not; of nothing there is none."""
    captures = [rows.confirmed("a", feedback_count=1), rows.capture("b", captured_at="2023-12-31T23:59:59Z")]
    found = metrics(report_world.dataset(captures), TARGETS)
    assert found["kpi"] == {"captures": 1.0, "high_share": 1.0, "feedback_share": 0.5}
    assert found["kpi_reached"] == {"captures": 0, "high_share": 1, "feedback_share": 1}
    released = metrics(report_world.dataset(captures, released=frozenset("ab")), TARGETS)
    assert released["kpi"]["automatic_share"] == released["kpi_reached"]["automatic_share"] == 1.0
