"""A version is a promise: verified, frozen, written down, tagged, and fetchable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from captureset import params
from captureset.capture.lock import alone
from captureset.comparison.difference import Difference, difference
from captureset.comparison.semver import require_number
from captureset.comparison.snapshot import WORKSPACE, snapshot
from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, schema, tables
from captureset.formats.schema import read_yaml
from captureset.formats.taxonomy import load_taxonomy
from captureset.inspection import checking, quality_reports
from captureset.records.rows import FrozenSplit, SplitRow
from captureset.release import card, croissant, history, journal
from captureset.release.journal import Journal
from captureset.release.manifest import manifest
from captureset.release.preflight import Version, parse_version, released, require_ready
from captureset.release.remote import require_everything_there, warn_if_embedded
from captureset.splits.minimisation import ALGORITHM
from captureset.store import git
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
    change by a byte, appends every changed score to the ledger of checks, writes quality reports, manifest, card and
    Croissant metadata, sends everything to the DVC remote and asks it for every byte, commits and tags. Killed
    anywhere, the next run finishes or undoes it.

    Raises:
        CapturesetError: something `preflight.require_ready` asks for does not hold, the number promises too little,
            the remote lacks something, or freezing would move a capture; the tree is left as it was.
    """
    version = parse_version(name, number)
    with alone(repository):
        recovered = journal.recover(repository)
        if recovered:
            say(recovered[0].upper() + recovered[1:])
        say("Checking that the state is ready")
        require_ready(repository, version)
        changed = _changes(repository, version)
        warn_if_embedded(repository, say)
        return _make(repository, version, description, changed, say)


def _changes(repository: Repository, version: Version) -> Difference | None:
    """Return what changed since the version before, None for the first one.

    Raises:
        CapturesetError: the number promises less change than there is.
    """
    earlier = released(repository, version.name)
    if not earlier:
        return None
    changed = difference(snapshot(repository, earlier[-1].tag), snapshot(repository, WORKSPACE))
    require_number(earlier[-1].order, version.order, changed)
    return changed


def _make(repository: Repository, version: Version, description: str, changed: Difference | None, say: Say) -> Released:
    head = git.git(repository.root, "rev-parse", "HEAD").strip()
    noted = Journal(version.tag, description or version.tag, head)
    journal.begin(repository, noted)
    try:
        say("Freezing the splits")
        frozen = _freeze(repository, version)
        say("Writing reports, manifest, card and metadata")
        checking.record_release(repository, version.tag)
        known = quality_reports.known(repository)
        quality_reports.write(repository, known, quality_reports.months(known))
        _write_down(repository, version, description, changed, head)
        say("Sending the bytes to the remote")
        git.dvc(repository.root, "push", "--quiet")
        require_everything_there(repository)
        written = git.changed_paths(repository.root)
        commit = git.commit_paths(repository.root, written, journal.commit_subject(version.tag))
    except BaseException:
        journal.undo(repository)
        journal.end(repository)
        raise
    journal.tag(repository, version.tag, noted.message, commit)
    journal.end(repository)
    return Released(version.tag, commit, repository.manifests / f"{version.file_stem}.json", frozen)


def _write_down(
    repository: Repository, version: Version, description: str, changed: Difference | None, head: str
) -> None:
    earlier = released(repository, version.name)
    document = manifest(
        repository,
        version,
        description=description,
        parent=earlier[-1] if earlier else None,
        built_from=head,
        released_at=datetime.now(UTC),
        taxonomy=load_taxonomy(repository.categories),
        changed=changed,
    )
    schema.require("release", document, f"{version.file_stem}.json")
    _write_files(repository, version, document)
    history.add(repository, document)


def _write_files(repository: Repository, version: Version, document: dict[str, Any]) -> None:
    repository.manifests.mkdir(parents=True, exist_ok=True)
    stem = repository.manifests / version.file_stem
    jsontext.write(Path(f"{stem}.json"), document)
    jsontext.write_text(Path(f"{stem}.md"), card.text(document, load_taxonomy(repository.categories)))
    jsontext.write(Path(f"{stem}.croissant.json"), croissant.document(repository, document))


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
