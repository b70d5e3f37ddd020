"""What earlier releases said stays said: their manifests stay as they are, and the ids they gave keep their meaning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captureset.formats import jsontext
from captureset.formats.taxonomy import load_taxonomy
from captureset.inspection import growth
from captureset.store.repository import Repository

WITHDRAWING = ("state", "withdrawn")  # the keys that `captureset release --withdraw` changes


def problems(repository: Repository, files: Repository, against: str) -> Iterator[str]:
    """Give manifests that are gone or other; withdrawing is the one change there is.

    Args:
        repository: has Git.
        files: has the manifests; another folder when what is staged is checked.
        against: the revision whose manifests must be there still.
    """
    now = _manifests(files)
    for stem, document in sorted(_manifests_at(repository, against).items()):
        name = f"data/metadata/datasets/{stem}.json"
        if stem not in now:
            yield f"{name} is gone since {against}; restore it with `git checkout {against} -- {name}`."
        elif _lasting(now[stem]) != _lasting(document):
            yield (
                f"{name} is not what it was at {against}, but a released version never changes; restore it with "
                f"`git checkout {against} -- {name}`."
            )


def renumbered(repository: Repository, files: Repository, against: str) -> Iterator[str]:
    """Give ids that a release, there now or at a revision, used otherwise: a model trained then must mean the same."""
    codes = {category.code: category.id for category in load_taxonomy(files.categories).categories}
    for stem, document in sorted({**_manifests(files), **_manifests_at(repository, against)}.items()):
        categories = document.get("categories") if isinstance(document, dict) else None
        if not isinstance(categories, dict):
            yield f"data/metadata/datasets/{stem}.json is no manifest of a release; keep it elsewhere, or restore it."
            continue
        for code, number in categories.items():
            if codes.get(code) != number:
                now = f"has id {codes[code]}" if code in codes else "is gone"
                yield (
                    f"data/categories.yaml: {code} {now}, but {stem} released it with id {number}; "
                    "give it its id back, ids are never renumbered, reused or removed."
                )


def _manifests(files: Repository) -> dict[str, Any]:
    return {path.stem: jsontext.read(path) for path in files.release_manifests}


def _manifests_at(repository: Repository, revision: str) -> dict[str, Any]:
    texts = growth.texts_at(repository, revision, "data/metadata/datasets/")
    named = ((name, Path(name), text) for name, text in texts)
    return {
        path.stem: jsontext.parse(text, f"{name} at {revision}")
        for name, path, text in named
        if path.suffix == ".json" and "." not in path.stem
    }


def _lasting(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    return {key: value for key, value in document.items() if key not in WITHDRAWING}
