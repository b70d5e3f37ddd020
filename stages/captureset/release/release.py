"""A version is a promise: verified, frozen, written down, tagged, and fetchable."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from captureset import params
from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats import jsontext, ledgers, schema, tables
from captureset.formats.schema import read_yaml
from captureset.formats.taxonomy import load_taxonomy
from captureset.inspection import checking, quality_reports
from captureset.records.rows import FrozenSplit, SplitRow
from captureset.release.manifest import manifest
from captureset.release.preflight import Version, parse_version, released, require_ready
from captureset.splits.minimisation import ALGORITHM
from captureset.store import checks, git
from captureset.store.repository import Repository

SPLIT_OUT = "data/split"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Released:
    """A version that now exists."""

    tag: str
    commit: str
    manifest: Path
    newly_frozen: int


def release(
    repository: Repository, name: str, number: str, description: str = "", say: Say = lambda _: None
) -> Released:
    """Name the current state a version.

    Appends the split of every exported capture to the ledger, runs `split` again, asserts that its output did not
    change by a byte, appends every changed score to the ledger of checks, writes the quality reports and the manifest,
    sends everything to the DVC remote, commits and tags.

    Raises:
        CapturesetError: something `preflight.require_ready` asks for does not hold, or freezing would move a capture;
            the tree is left as it was.
    """
    version = parse_version(name, number)
    say("Checking that the state is ready")
    require_ready(repository, version)
    earlier = released(repository, version.name)
    built_from = git.git(repository.root, "rev-parse", "HEAD").strip()
    path = repository.manifests / f"{version.file_stem}.json"
    try:
        say("Freezing the splits")
        frozen = _freeze(repository, version)
        checking.record_release(repository, version.tag)
        say("Writing the quality reports")
        known = quality_reports.known(repository)
        quality_reports.write(repository, known, quality_reports.months(known))
        say("Writing the manifest")
        document = manifest(
            repository,
            version,
            description=description,
            parent=earlier[-1] if earlier else None,
            built_from=built_from,
            released_at=datetime.now(UTC),
            taxonomy=load_taxonomy(repository.categories),
        )
        schema.require("release", document, path.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        jsontext.write(path, document)
        say("Sending the bytes to the remote")
        git.dvc(repository.root, "push", "--quiet")
        commit = _commit(repository, version, description)
    except BaseException:
        _undo(repository)
        raise
    return Released(version.tag, commit, path, frozen)


def _freeze(repository: Repository, version: Version) -> int:
    """Append what is exported to the ledger and prove that `split` says the same afterwards."""
    before = _split_address(repository)
    split_set = str(params.load("split", repository.root / params.PARAMS_FILE)["split_set"])
    rows = ledgers.read(repository.frozen_splits, FrozenSplit)
    known = {row.capture_id for row in rows if row.split_set == split_set}
    new = [
        FrozenSplit(row.capture_id, row.group, row.split, row.rule, ALGORITHM, version.tag, split_set)
        for row in tables.read(repository.root / SPLIT_OUT / "split.parquet", SplitRow)
        if row.masked is None and row.capture_id not in known
    ]
    ledgers.write(repository.frozen_splits, FrozenSplit, [*rows, *new])
    git.dvc(repository.root, "repro", "--quiet")
    if _split_address(repository) != before:
        raise CapturesetError(
            "freezing the splits would change data/split, so nothing was released; this is a fault of captureset, "
            "please report it with data/splits.csv."
        )
    return len(new)


def _split_address(repository: Repository) -> str:
    lock = read_yaml(repository.root / "dvc.lock")
    return next(str(out["md5"]) for out in lock["stages"]["split"]["outs"] if out["path"] == SPLIT_OUT)


def _commit(repository: Repository, version: Version, description: str) -> str:
    """Commit whatever the release wrote and tag it; the tag comes last, so a version exists whole or not at all."""
    commit = git.commit_paths(repository.root, git.changed_paths(repository.root), f"Release {version.tag}")
    git.git(repository.root, "tag", "--annotate", version.tag, "--message", description or f"{version.tag}")
    return commit


def _undo(repository: Repository) -> None:
    """Put back what the release wrote before its commit; `require_ready` has seen that nothing else was there."""
    git.git(repository.root, "clean", "--force", "--quiet", "-d", "--", "data/metadata", checks.LEDGER)
    if git.changed_paths(repository.root):
        git.git(repository.root, "checkout", "HEAD", "--", "data", "dvc.lock")
        with suppress(CommandFailedError):  # the fault that led here is the one to tell; `dvc repro` mends this too
            git.dvc(repository.root, "checkout", "--quiet", "--force", "report")
