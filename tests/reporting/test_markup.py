"""Elements that escape whatever is not HTML already."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captureset.reporting.markup import Markup, escaped, joined, tag


def test_text_is_escaped_between_tags_and_in_attributes() -> None:
    """Quotes and angle brackets cannot end an attribute or open a tag."""
    made = tag("p", "<b>", title='"><script>')
    assert made == '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;</p>'


def test_markup_is_not_escaped_twice() -> None:
    """An element inside another stays as it is."""
    assert tag("p", tag("b", "a & b")) == "<p><b>a &amp; b</b></p>"


def test_markup_with_plain_text_added_is_plain_text_again() -> None:
    """Forgetting `joined` escapes too much, never too little."""
    assert joined(tag("b", "x") + "<i>") == "&lt;b&gt;x&lt;/b&gt;&lt;i&gt;"


def test_none_is_left_out() -> None:
    """Neither a child nor an attribute that is None appears."""
    assert tag("p", None, "x", class_=None) == "<p>x</p>"


def test_attribute_names_lose_their_python_spelling() -> None:
    """class_ is class, stroke_width is stroke-width, viewBox keeps its case."""
    made = tag("svg", class_="a", stroke_width=2, viewBox="0 0 1 1")
    assert made == '<svg class="a" stroke-width="2" viewBox="0 0 1 1"></svg>'


@pytest.mark.parametrize("letter", ["\x00", "\x1b", "\x85", "\u202e", "\u2066", "\ufffe", "\ud800"])
def test_letters_no_page_may_hold_are_replaced(letter: str) -> None:
    """Control characters, those that turn the direction of reading, and half a surrogate pair."""
    shown = escaped(f"a{letter}b")
    assert letter not in shown
    assert shown.encode()


@given(st.text())
def test_what_is_escaped_reads_as_it_was(text: str) -> None:
    """A browser shows the text itself, save for what no page may hold."""
    shown = html.unescape(escaped(text))
    assert len(shown) == len(text)
    assert all(after in {before, "\ufffd", "?"} for before, after in zip(text, shown, strict=True))


def test_markup_is_text() -> None:
    """It can be written to a file as it is."""
    assert isinstance(escaped("x"), Markup)
