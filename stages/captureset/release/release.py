"""A version is a promise: verified, frozen, written down, tagged, and fetchable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

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
from captureset.release import artifact, card, croissant, history, journal, undoing
from captureset.release.journal import Journal
from captureset.release.manifest import manifest
from captureset.release.preflight import require_ready
from captureset.release.remote import require_answer, require_everything_there, warn_if_embedded
from captureset.release.version import Version, parse_version, released
from captureset.splits.minimisation import ALGORITHM
from captureset.store import git, pushing
from captureset.store.repository import Repository

SPLIT_OUT = "data/split"
READ_THE_LEDGER = ("split", "report")  # the other stages are up to date, and DVC would walk every export to see it

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Released:
    """A version that now exists."""

    tag: str
    commit: str
    manifest: Path
    newly_frozen: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A release that was checked and may be made."""

    version: Version
    description: str
    parent: Version | None  # the version before
    changed: Difference | None  # since the parent
    head: str  # the Git commit whose pipeline made it


def release(
    repository: Repository, name: str, number: str, description: str = "", say: Say = lambda _: None
) -> Released:
    """Name the current state a version.

    Appends the split of every exported capture to the ledger, runs `split` again, asserts that its output did not
    change by a byte, appends every changed score to the ledger of checks, writes quality reports, manifest, card and
    Croissant metadata, names the dataset in dvc.yaml, sends everything to the DVC remote and asks it for every byte,
    commits and tags. Killed anywhere, the next run finishes or undoes it.

    Raises:
        CapturesetError: something `preflight.require_ready` asks for does not hold, the number promises too little,
            the remote lacks something, or freezing would move a capture; the tree is left as it was.
    """
    version, description = parse_version(name, number), journal.sentence(description)
    with alone(repository):
        waiting, recovered = journal.under_way(repository), journal.recover(repository)
        if recovered:
            say(recovered[0].upper() + recovered[1:])
        if waiting and waiting.tag == version.tag and version in released(repository, name):
            return _finished(repository, version)
        git.require_branch(repository.root)
        head = git.git(repository.root, "rev-parse", "HEAD").strip()
        noted = journal.begin(repository, Journal(version.tag, description or version.tag, head))
        try:
            plan = _plan(repository, version, description, head, say)
        except BaseException:
            journal.end(repository)  # nothing was written
            raise
        return _make(repository, plan, noted, say)


def _plan(repository: Repository, version: Version, description: str, head: str, say: Say) -> Plan:
    say("Checking that the state is ready")
    require_ready(repository, version)
    earlier = released(repository, version.name)
    parent = earlier[-1] if earlier else None
    changed = _changes(repository, version, parent) if parent else None
    require_answer(repository)
    warn_if_embedded(repository, say)
    return Plan(version, description, parent, changed, head)


def _changes(repository: Repository, version: Version, parent: Version) -> Difference:
    """Return what changed since the version before.

    Raises:
        CapturesetError: the number promises less change than there is.
    """
    changed = difference(snapshot(repository, parent.tag), snapshot(repository, WORKSPACE))
    require_number(parent.order, version.order, changed)
    return changed


def _make(repository: Repository, plan: Plan, noted: Journal, say: Say) -> Released:
    tag = plan.version.tag
    noted = journal.proceed(repository, noted)
    try:
        frozen = _write(repository, plan, say)
        say("Sending the bytes to the remote")
        pushing.push(repository)
        require_everything_there(repository)
        _require_unmoved(repository, plan)
        written = [path for path in git.changed_paths(repository.root) if undoing.is_written(path, tag)]
        commit = git.commit_paths(repository.root, written, journal.commit_subject(tag))
    except BaseException:
        journal.take_back(repository, noted)
        raise
    journal.tag(repository, tag, noted.message, commit)
    journal.end(repository)
    return Released(tag, commit, repository.manifests / f"{plan.version.file_stem}.json", frozen)


def _require_unmoved(repository: Repository, plan: Plan) -> None:
    if git.git(repository.root, "rev-parse", "HEAD").strip() != plan.head:
        raise CapturesetError("somebody committed while the release was being made; run `captureset release` again.")


def _finished(repository: Repository, version: Version) -> Released:
    """Return the version that recovery has just finished: it is what was asked for."""
    commit = git.git(repository.root, "rev-parse", f"refs/tags/{version.tag}^{{commit}}").strip()
    rows = ledgers.read(repository.frozen_splits, FrozenSplit)
    frozen = sum(row.release == version.tag for row in rows)
    return Released(version.tag, commit, repository.manifests / f"{version.file_stem}.json", frozen)


def _write(repository: Repository, plan: Plan, say: Say) -> int:
    """Write everything a release adds and return how many captures it froze."""
    say("Freezing the splits")
    artifact.register(repository.root, plan.version.name)
    frozen = _freeze(repository, plan.version)
    say("Writing reports, manifest, card and metadata")
    checking.record_release(repository, plan.version.tag)
    known = quality_reports.known(repository)
    quality_reports.write(repository, known, quality_reports.months(known))
    _describe(repository, plan)
    return frozen


def _describe(repository: Repository, plan: Plan) -> None:
    """Write manifest, card, Croissant metadata and the history's entry."""
    taxonomy = load_taxonomy(repository.categories)
    document = manifest(
        repository,
        plan.version,
        description=plan.description,
        parent=plan.parent,
        built_from=plan.head,
        released_at=datetime.now(UTC),
        taxonomy=taxonomy,
        changed=plan.changed,
    )
    schema.require("release", document, f"{plan.version.file_stem}.json")
    repository.manifests.mkdir(parents=True, exist_ok=True)
    stem = repository.manifests / plan.version.file_stem
    jsontext.write(Path(f"{stem}.json"), document)
    jsontext.write_text(Path(f"{stem}.md"), card.text(document, taxonomy))
    jsontext.write(Path(f"{stem}.croissant.json"), croissant.document(repository, document))
    history.add(repository, document)


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
    git.dvc(repository.root, "repro", "--quiet", "--single-item", *READ_THE_LEDGER)
    if _split_address(repository) != before:
        raise CapturesetError(
            "freezing the splits would change data/split, so nothing was released; this is a fault of captureset, "
            "please report it with data/splits.csv."
        )
    return len(new)


def _split_address(repository: Repository) -> str:
    lock = read_yaml(repository.root / "dvc.lock")
    return next(str(out["md5"]) for out in lock["stages"]["split"]["outs"] if out["path"] == SPLIT_OUT)
