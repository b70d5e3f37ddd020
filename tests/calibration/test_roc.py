"""The ROC curve against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.calibration.roc import roc

VALUES = st.lists(st.integers(0, 30), min_size=1, max_size=25)


@given(VALUES, VALUES)
def test_the_area_is_the_share_of_pairs_in_order(sharp: list[int], blurred: list[int]) -> None:
    """Of all pairs, how often the blurred one has the lower number; ties count half."""
    pairs = [(s > b) + (s == b) / 2 for s in sharp for b in blurred]
    assert roc(sharp, blurred).auc == pytest.approx(sum(pairs) / len(pairs))


@given(VALUES, VALUES)
def test_every_point_is_what_its_threshold_does(sharp: list[int], blurred: list[int]) -> None:
    """Rates are counted over the values themselves, from no photo called blurred to all; no cut beats the best."""
    found = roc(sharp, blurred)
    for point in found.points:
        assert point.true_positive_rate == sum(b < point.threshold for b in blurred) / len(blurred)
        assert point.false_positive_rate == sum(s < point.threshold for s in sharp) / len(sharp)
    first, last = found.points[0], found.points[-1]
    assert (first.true_positive_rate, first.false_positive_rate) == (0, 0)
    assert (last.true_positive_rate, last.false_positive_rate) == (1, 1)
    assert found.best.gain == pytest.approx(max(point.gain for point in found.points))


def test_a_clean_gap_is_cut_in_its_middle() -> None:
    """Between 10 and 20 nothing lies: the threshold is 15, without an error."""
    found = roc([20, 30, 40], [1, 10])
    assert (found.best.threshold, found.best.gain, found.auc) == (15, 1, 1)
    assert (found.sharp, found.blurred) == (3, 2)
