"""Shares with their intervals, and calibration."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.judgement.proportions import calibration_error, confidence_bins, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(successes: int, trials: int, low: float, high: float) -> None:
    """The intervals of Newcombe (1998), table I, method 3."""
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.data())
def test_wilson_holds_the_share_and_stays_inside(trials: int, data: st.DataObject) -> None:
    """The interval contains the share and lies in 0 to 1; turned round it is the failures' interval."""
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials)
    assert low is not None
    assert high is not None
    assert 0 <= low <= successes / trials + 1e-6
    assert successes / trials - 1e-6 <= high <= 1
    assert wilson(trials - successes, trials) == pytest.approx((1 - high, 1 - low), abs=2e-6)


def test_nothing_asked_nothing_known() -> None:
    """No trials, no interval; no confidence, no calibration."""
    assert wilson(0, 0) == (None, None)
    assert calibration_error([]) is None
    assert list(confidence_bins([(None, True), (95.0, True), (-1.0, False)])) == []


def test_calibration_error_is_the_mean_distance() -> None:
    """Two bins, weighted: .9 sure and right 3 of 4, .55 sure and never right."""
    told = [(0.9, True), (0.9, True), (0.9, True), (0.9, False), (0.55, False)]
    assert list(confidence_bins(told)) == [((0.5, 0.6), 1, 0.55, 0.0), ((0.9, 1.0), 4, 0.9, 0.75)]
    assert calibration_error(told) == pytest.approx((1 * 0.55 + 4 * 0.15) / 5)


def test_the_ends_have_a_bin() -> None:
    """0 is in the first, 1 in the last."""
    assert [bounds for bounds, *_ in confidence_bins([(0.0, True), (1.0, True)])] == [(0.0, 0.1), (0.9, 1.0)]
