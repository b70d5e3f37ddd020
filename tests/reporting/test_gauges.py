"""Bars of shares."""

from __future__ import annotations

from captureset.reporting.gauges import counted_share, gauge, interval_text


def test_bar_interval_and_mark_stand_where_they_are() -> None:
    """On a bar from 0 to 100."""
    drawn = gauge(0.5, "half", (0.25, 0.75), 0.9)
    assert 'width="50.00"' in drawn
    assert 'x1="25.00" x2="75.00"' in drawn
    assert 'x1="90.00" x2="90.00"' in drawn
    assert "<title>half</title>" in drawn


def test_an_unknown_share_is_an_empty_bar() -> None:
    """Its target is marked all the same, its interval is not."""
    drawn = gauge(None, "unknown", (0.0, 1.0), 0.6)
    assert "<rect" not in drawn
    assert "known" not in drawn.replace("unknown", "")
    assert 'x1="60.00"' in drawn


def test_words() -> None:
    """A share with its denominator, an interval in whole percents, nothing of nothing."""
    assert counted_share(19, 20) == "19 of 20, 95.0 %"
    assert counted_share(0, 0) == "\u2013"
    assert interval_text((0.764, 0.991)) == "76 to 99 %"
