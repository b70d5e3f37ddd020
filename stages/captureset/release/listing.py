"""The releases of a repository with their states: created, processing, ready, archived."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.release import journal
from captureset.release.version import of_tag, parse_version
from captureset.store.repository import Repository

SAID = ("tag", "state", "released_at", "description")


@dataclass(frozen=True, slots=True)
class Release:
    """One version: `ready` may be used, `archived` was withdrawn, `created` and `processing` are under way."""

    tag: str
    state: str
    released_at: str  # RFC 3339, UTC; empty while under way
    captures: int
    said: str  # the description, or why it was withdrawn


def releases(repository: Repository) -> list[Release]:
    """Return every release this branch knows, the latest version of each dataset last, and the one under way."""
    found = [_manifest(path) for path in repository.release_manifests]
    done = [
        Release(
            one["tag"],
            one["state"],
            one["released_at"],
            sum(one["counts"]["splits"].values()),
            one.get("withdrawn", {}).get("reason") or one["description"],
        )
        for one in sorted(found, key=lambda one: _order(one["tag"]))
    ]
    waiting = journal.under_way(repository)
    return done if waiting is None else [*done, Release(waiting.tag, waiting.state, "", 0, waiting.message)]


def _manifest(path: Path) -> dict[str, Any]:
    """Return a manifest, also one of an older schema: what is listed must be in it."""
    document: dict[str, Any] = jsontext.read(path)
    try:
        known = all(isinstance(document[key], str) for key in SAID) and of_tag(document["tag"])
        counted = sum(document["counts"]["splits"].values())
    except (KeyError, TypeError, AttributeError):
        known = counted = None
    if not known or counted is None:
        raise CapturesetError(
            f"{path} is no manifest of a release; keep other files elsewhere, or restore it from Git."
        )
    return document


def _order(tag: str) -> tuple[str, tuple[int, int, int]]:
    version = parse_version(*tag.split("@"))
    return version.name, version.order
