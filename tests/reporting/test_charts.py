"""Charts: whole axes, every mark in its place and inside the frame."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.reporting.charts import (
    HEIGHT,
    PLOT_H,
    WIDTH,
    Columns,
    Mark,
    Part,
    columns,
    legend,
    rising_line,
    stacked_bar,
    steps,
)


def tree_of(markup: str) -> ET.Element:
    """A chart as a tree."""
    return ET.fromstring(markup)  # noqa: S314 - made here


def stacks_of(*sums: int) -> list[list[Part]]:
    """Columns of one part each."""
    return [[Part("kept", count, "c-kept")] for count in sums]


@given(st.integers(min_value=0, max_value=10**9))
def test_an_axis_has_few_round_whole_steps_and_reaches_the_top(top: int) -> None:
    """From 0, evenly, two to six numbers, the last at least the largest value."""
    axis = steps(top)
    assert axis[0] == 0
    assert axis[-1] >= max(top, 1)
    assert 2 <= len(axis) <= 6
    assert len({b - a for a, b in pairwise(axis)}) == 1


def test_column_heights_are_in_proportion() -> None:
    """Ten of an axis to ten fill the plot, five fill half of it."""
    chart = tree_of(columns(Columns(["a", "b"], stacks_of(10, 5), "capture", "x")))
    heights = [float(node.attrib["height"]) for node in chart.iter("rect")]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.01)
    assert heights[0] <= PLOT_H


def test_every_column_says_its_number() -> None:
    """The title under the pointer has label, part, count and unit; parts of nothing are not drawn."""
    chart = tree_of(columns(Columns(["2024-01"], [[Part("high", 1, "c"), Part("low", 0, "c")]], "capture", "x")))
    assert [node.text for node in chart.iter("title")] == ["2024-01 · high: 1 capture"]


@given(st.lists(st.integers(0, 5000), max_size=62))
def test_nothing_is_drawn_outside_the_frame(sums: list[int]) -> None:
    """Any columns, none at all included, stay inside the view box."""
    labels = [f"2024-01-{n:02d}" for n in range(len(sums))]
    marks = [Mark("usable from 0.6", place) for place in (0.0, 0.6, 1.0)]
    chart = tree_of(columns(Columns(labels, stacks_of(*sums), "capture", "x", end="end", marks=marks)))
    for node in chart.iter("rect"):
        x, y, w, h = (float(node.attrib[key]) for key in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= WIDTH
        assert 0 <= y <= y + h <= HEIGHT


def test_labels_never_overlap() -> None:
    """Of 62 days as many are named as have room, the first among them."""
    labels = [f"2024-01-{n:02d}" for n in range(62)]
    chart = tree_of(columns(Columns(labels, stacks_of(*range(62)), "capture", "x")))
    named = [node for node in chart.iter("text") if (node.text or "").startswith("2024")]
    places = [float(node.attrib["x"]) for node in named]
    assert named[0].text == labels[0]
    assert 3 <= len(named) <= 10
    assert min(b - a for a, b in pairwise(places)) > 6 * len(labels[0])


def test_a_line_rises_to_the_last_total() -> None:
    """One point a period, the last one the highest, each with its number."""
    chart = tree_of(rising_line(["a", "b", "c"], [1, 1, 10], "capture", "x"))
    heights = [float(node.attrib["cy"]) for node in chart.iter("circle")]
    assert heights[0] == heights[1] > heights[2]
    assert [node.text for node in chart.iter("title")] == ["a: 1 capture", "b: 1 capture", "c: 10 captures"]


def test_a_bar_shows_the_parts_of_a_whole() -> None:
    """A quarter is 25 % wide; of an empty whole there is no part."""
    bar = tree_of(stacked_bar([Part("train", 1, "c-train"), Part("val", 0, "c-val")], 4, "capture"))
    assert [(node.attrib["style"], node.attrib["title"]) for node in bar] == [
        ("width:25.000%", "train: 1 capture (25.0 %)")
    ]
    assert len(tree_of(stacked_bar([Part("train", 0, "c")], 0, "capture"))) == 0


def test_a_legend_gives_counts_and_shares() -> None:
    """Colour is never the only bearer of a number."""
    text = "".join(tree_of(legend([Part("high", 3, "c-high")], 4)).itertext())
    assert text == "high 3 75.0 %"
