"""`captureset check`: params, taxonomy, releases, schemas, pointers and ledgers are sound. What CI runs first.

Looks at Git's files and, for pointers that changed, at their manifests; never at a photo.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from captureset import params
from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, schema
from captureset.inspection import staging
from captureset.judgement import history
from captureset.records.quality_rows import Check
from captureset.records.rows import Erasure, Exclusion, FrozenSplit
from captureset.records.splits import ALL_SPLITS
from captureset.store import git
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in one sentence, under the name of the check that found it."""

    check: str
    message: str


def check(
    repository: Repository, against: str = "HEAD", *, staged: bool = False, with_data: bool = True
) -> list[Finding]:
    """Return everything wrong with a repository.

    Args:
        repository: the one to look at.
        against: the Git revision that pointers and ledgers may only grow from, and whose releases stay; in CI the base.
        staged: look at what is staged in Git instead of the files in the folder, as a Git hook must.
        with_data: False where neither cache nor remote has the months' lists: pointers are compared by their counts.
    """
    if staged:
        with staging.exported(repository) as files:
            found = _findings(repository, files, against, with_data=with_data)
            return [Finding(one.check, one.message.replace(f"{files.root}/", "")) for one in found]
    return _findings(repository, repository, against, with_data=with_data)


def _findings(repository: Repository, files: Repository, against: str, *, with_data: bool) -> list[Finding]:
    from captureset.inspection import growth, released  # noqa: PLC0415 - needs the extra `pipeline`

    grown = growth.problems if with_data else growth.counted
    parts = {
        "params": _params(files),
        "categories": released.renumbered(repository, files, against),
        "releases": released.problems(repository, files, against),
        "schemas": _schemas(files),
        "pointers": grown(repository, files, against),
        "ledgers": _ledgers(repository, files, against),
    }
    found: dict[str, Finding] = {}  # by message: what two checks stumble over is said once
    for name, messages in parts.items():
        for message in _caught(messages):
            found.setdefault(message, Finding(name, message))
    return list(found.values())


def _caught(messages: Iterable[str]) -> Iterator[str]:
    try:
        yield from messages
    except CapturesetError as error:
        yield str(error)


def _params(repository: Repository) -> Iterator[str]:
    params.load("catalog", repository.root / params.PARAMS_FILE)
    yield from ()


def _schemas(repository: Repository) -> Iterator[str]:
    for path in sorted((repository.root / "schemas").glob("*.schema.json")):
        try:
            Draft202012Validator.check_schema(jsontext.read(path))
        except SchemaError as error:
            yield f"{path.name} is no JSON Schema: {error.message}; restore it with `git checkout`."
    for path in sorted((repository.root / "schemas" / "examples").glob("*.json")):
        found = schema.problems(path.name.partition(".")[0], jsontext.read(path))
        yield from (f"{path.name} breaks its schema at {problem}." for problem in found)


def _ledgers(repository: Repository, files: Repository, against: str) -> Iterator[str]:
    taken = set()
    for row in ledgers.read(files.frozen_splits, FrozenSplit):
        if row.split not in ALL_SPLITS:
            yield f"data/splits.csv puts {row.capture_id} into {row.split!r}; {', '.join(ALL_SPLITS)} exist."
        if (row.split_set, row.capture_id) in taken:
            yield f"data/splits.csv lists {row.capture_id} twice; a released capture has one split in a split set."
        taken.add((row.split_set, row.capture_id))
    for check in ledgers.read(files.checks, Check):
        problem = history.problem_of(check)
        if problem is not None:
            yield f"data/checks.csv: the row of {check.capture_id} at {check.checked} {problem}; restore it from Git."
    ledgers.read(files.exclusions, Exclusion)
    ledgers.read(files.erasures, Erasure)
    yield from _lost_rows(repository, files.frozen_splits, FrozenSplit, against, "released captures never move")
    yield from _lost_rows(repository, files.checks, Check, against, "what was once checked stays known")
    yield from _lost_rows(repository, files.erasures, Erasure, against, "what is erased stays erased")


def _lost_rows(repository: Repository, ledger: Path, record: type[Any], against: str, why: str) -> Iterator[str]:
    from captureset.inspection import growth  # noqa: PLC0415 - needs the extra `pipeline`

    name = f"data/{ledger.name}"
    for _, text in growth.texts_at(repository, against, name):
        now = set(ledgers.read(ledger, record))
        gone = [row for row in ledgers.parse(text, record, f"{name} at {against}") if row not in now]
        if gone:
            yield (
                f"{name} lost or changed {len(gone)} rows since {against} ({','.join(astuple(gone[0]))}); {why}, "
                f"restore it with `git checkout {against} -- {name}`."
            )


def stale_stages(repository: Repository) -> list[str]:
    """Return the stages `dvc repro` would run, by name, as far as the workspace tells."""
    found = json.loads(git.dvc(repository.root, "status", "dvc.yaml", "--json") or "{}")
    return sorted(found)
