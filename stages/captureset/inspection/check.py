"""`captureset check`: params, taxonomy, schemas, pointers and ledgers are sound. What CI runs first.

Looks at Git's files and, for pointers that changed, at their manifests; never at a photo.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from captureset import params
from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats import jsontext, ledgers, schema
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.rows import Exclusion, FrozenSplit
from captureset.store import git
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in one sentence, under the name of the check that found it."""

    check: str
    message: str


def check(repository: Repository, against: str = "HEAD") -> list[Finding]:
    """Return everything wrong with a repository.

    Args:
        repository: the one to look at.
        against: the Git revision that pointers and ledgers may only grow from; in CI the base branch.
    """
    parts = {
        "params": _params(repository),
        "categories": _categories(repository),
        "schemas": _schemas(repository),
        "pointers": _pointers(repository, against),
        "ledgers": _ledgers(repository, against),
    }
    return [Finding(name, message) for name, messages in parts.items() for message in _caught(messages)]


def _caught(messages: Iterable[str]) -> Iterator[str]:
    try:
        yield from messages
    except CapturesetError as error:
        yield str(error)


def _params(repository: Repository) -> Iterator[str]:
    params.load("catalog", repository.root / params.PARAMS_FILE)
    yield from ()


def _categories(repository: Repository) -> Iterator[str]:
    """Give ids that earlier releases used otherwise: a model trained then must still mean the same."""
    taxonomy = load_taxonomy(repository.categories)
    codes = {category.code: category.id for category in taxonomy.categories}
    for path in sorted(repository.manifests.glob("*.json")):
        for code, number in jsontext.read(path)["categories"].items():
            if codes.get(code) != number:
                now = f"has id {codes[code]}" if code in codes else "is gone"
                yield (
                    f"data/categories.yaml: {code} {now}, but {path.stem} released it with id {number}; "
                    "give it its id back, ids are never renumbered, reused or removed."
                )


def _schemas(repository: Repository) -> Iterator[str]:
    for path in sorted((repository.root / "schemas").glob("*.schema.json")):
        try:
            Draft202012Validator.check_schema(jsontext.read(path))
        except SchemaError as error:
            yield f"{path.name} is no JSON Schema: {error.message}; restore it with `git checkout`."
    for path in sorted((repository.root / "schemas" / "examples").glob("*.json")):
        found = schema.problems(path.name.partition(".")[0], jsontext.read(path))
        yield from (f"{path.name} breaks its schema at {problem}." for problem in found)


def _pointers(repository: Repository, against: str) -> Iterator[str]:
    from captureset.store import pointers  # noqa: PLC0415 - needs the extra `pipeline`
    from captureset.store.objects import ObjectStore  # noqa: PLC0415

    now = {pointer.month: pointer for pointer in pointers.read(repository.pointers)}
    store = ObjectStore(repository.root)
    for name, text in _texts_at(repository, against, "data/captures/"):
        if not name.endswith(".dvc"):
            continue
        old = pointers.parse(text, name)
        new = now.get(old.month)
        if new is None:
            yield f"{name} is gone since {against}; restore it with `git checkout {against} -- {name}`."
        elif new.manifest != old.manifest:
            kept = pointers.rows(store, new)
            lost = sorted(path for path, md5 in pointers.rows(store, old).items() if kept.get(path) != md5)
            if lost:
                yield (
                    f"{name} lost or changed {len(lost)} files since {against} ({', '.join(lost[:3])}); a month only "
                    f"grows, restore it with `git checkout {against} -- {name}`."
                )


def _ledgers(repository: Repository, against: str) -> Iterator[str]:
    taken: dict[str, str] = {}
    for row in ledgers.read(repository.frozen_splits, FrozenSplit):
        if row.split not in {"train", "val", "test"}:
            yield f"data/splits.csv puts {row.capture_id} into {row.split!r}; train, val and test exist."
        if row.capture_id in taken:
            yield f"data/splits.csv lists {row.capture_id} twice; a released capture has one split."
        taken[row.capture_id] = row.split
    ledgers.read(repository.exclusions, Exclusion)
    for _, text in _texts_at(repository, against, "data/splits.csv"):
        now = repository.frozen_splits.read_text(encoding="utf-8").splitlines()
        gone = [line for line in text.splitlines() if line not in set(now)]
        if gone:
            yield (
                f"data/splits.csv lost or changed {len(gone)} rows since {against} ({gone[0]}); released captures "
                f"never move, restore it with `git checkout {against} -- data/splits.csv`."
            )


def _texts_at(repository: Repository, revision: str, path: str) -> Iterator[tuple[str, str]]:
    """Give the files below a path as they were at a revision; none before the first commit."""
    try:
        listing = git.git(repository.root, "ls-tree", "-r", "--name-only", "-z", revision, "--", path)
    except CommandFailedError as error:
        if revision == "HEAD":
            return  # nothing is committed yet
        raise CapturesetError(f"--against {revision} is no revision of this repository: {error}") from None
    for name in filter(None, listing.split("\0")):
        yield name, git.git(repository.root, "show", f"{revision}:{name}")


def stale_stages(repository: Repository) -> list[str]:
    """Return the stages `dvc repro` would run, by name, as far as the workspace tells."""
    found = json.loads(git.dvc(repository.root, "status", "dvc.yaml", "--json") or "{}")
    return sorted(found)
