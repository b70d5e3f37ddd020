"""The outside of every page: self-contained HTML, no script, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from captureset.reporting.markup import Markup, tag
from captureset.reporting.style import CSS

NO_NETWORK = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html_page(title: str, *main: object) -> str:
    """Return a whole page."""
    body = tag("body", tag("main", *main))
    return "<!DOCTYPE html>\n" + tag("html", _head(title), body, lang="en") + "\n"


def _head(title: str) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=NO_NETWORK),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(CSS)),
    )


def navigation(titles: Iterable[str]) -> Markup:
    """Return links to the sections of these titles."""
    return tag("nav", *(tag("a", title, href=f"#{_anchor(title)}") for title in titles))


def sections(parts: Mapping[str, Markup]) -> list[Markup]:
    """Return one section for each title."""
    return [tag("section", tag("h2", title), inner, id=_anchor(title)) for title, inner in parts.items()]


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
