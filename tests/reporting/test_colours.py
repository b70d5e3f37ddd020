"""Category colours: distinct, steady, readable."""

from __future__ import annotations

import pytest

from captureset.reporting.colours import PALETTE, colours

READABLE = 4.5  # WCAG 2, normal text


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colour", PALETTE)
def test_white_letters_are_readable_on_every_colour(colour: str) -> None:
    """The contrast is at least what WCAG asks for."""
    assert 1.05 / (luminance(colour) + 0.05) >= READABLE


def test_no_two_categories_share_a_colour_while_there_are_some_left() -> None:
    """Sixteen categories, however their ids lie, have sixteen colours; more share evenly."""
    assert len(set(colours([3, 19, 35, 51, *range(100, 112)]).values())) == len(PALETTE)
    shared = list(colours(range(1, 2 * len(PALETTE) + 1)).values())
    assert all(shared.count(colour) == 2 for colour in PALETTE)


def test_the_order_of_the_ids_does_not_matter() -> None:
    """A colour is a function of the set of ids."""
    assert colours([7, 1, 23]) == colours([23, 7, 1, 1])


def test_a_new_category_of_a_higher_id_changes_no_other() -> None:
    """While there are colours left, what is appended to the taxonomy gives way."""
    before = colours(range(1, 9))
    assert before.items() <= colours([*range(1, 9), 60]).items()
