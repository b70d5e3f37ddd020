"""HTML and SVG built from elements: whatever is not Markup already is escaped where it is put in."""

from __future__ import annotations

import html
import re

# control characters, and those that turn the direction of what follows them
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_VOID = frozenset({"meta"})


class Markup(str):
    """Text that is HTML already. Adding plain text to it gives plain text again, which is then escaped."""

    __slots__ = ()


def escaped(value: object) -> Markup:
    """Return any value as HTML text, safe between tags and in attributes; what no HTML may hold becomes U+FFFD."""
    if isinstance(value, Markup):
        return value
    whole = str(value).encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair cannot be written
    return Markup(html.escape(_CONTROL.sub("\ufffd", whole)))


def joined(*children: object) -> Markup:
    """Return the children one after the other; None is nothing."""
    return Markup("".join(escaped(child) for child in children if child is not None))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element.

    Args:
        name: of the element.
        children: Markup as it is, anything else escaped, None left out.
        attributes: `class_` is class and `stroke_width` is stroke-width; None leaves one out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{given}>" if name in _VOID else f"<{name}{given}>{joined(*children)}</{name}>")
