"""Withdrawing a version: it stays as it is and can be fetched for ever, but says that it should not be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from captureset.capture.lock import alone
from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc_text
from captureset.release import card, history, journal
from captureset.release.version import parse_version
from captureset.store import git
from captureset.store.repository import Repository

ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A version that should not be used any more."""

    tag: str
    mark: str  # the Git tag that tells GTO, `ecoguide-waste@v0.1.0!`
    commit: str


def withdraw(repository: Repository, name: str, number: str, reason: str) -> Withdrawn:
    """Say that a version should not be used: state `archived` and the reason in manifest, card and history.

    Its tag and bytes stay. One commit, then GTO's tag of a version that is no longer registered; killed between the
    two, the same command makes the tag. Twice changes nothing.

    Raises:
        CapturesetError: no such version, no reason, or its manifest has uncommitted changes.
    """
    version = parse_version(name, number)
    manifest = repository.manifests / f"{version.file_stem}.json"
    with alone(repository):
        git.require_identity(repository.root)
        _require_idle(repository)
        if not manifest.exists():
            raise CapturesetError(f"{version.tag} is no release of this branch; `captureset releases` lists them.")
        git.require_branch(repository.root)
        if not git.git(repository.root, "tag", "--list", version.tag).strip():
            raise CapturesetError(f"this clone lacks the tag {version.tag}; `git fetch --tags`, then withdraw.")
        _require_committed(repository, manifest)
        if jsontext.read(manifest)["state"] != ARCHIVED:
            _archive(repository, manifest, reason)
        commit = git.git(repository.root, "rev-parse", "HEAD").strip()
        return Withdrawn(version.tag, _mark(repository, version.tag, jsontext.read(manifest)), commit)


def _require_idle(repository: Repository) -> None:
    waiting = journal.under_way(repository)
    if waiting is not None:
        raise CapturesetError(
            f"a release of {waiting.tag} was interrupted; run it again to finish or undo it, then withdraw."
        )


def _require_committed(repository: Repository, manifest: Path) -> None:
    changed = git.changed_paths(repository.root, *_own(repository, manifest))
    if changed:
        raise CapturesetError(
            f"{changed[0]} has uncommitted changes, perhaps of a withdrawal that was killed; undo them with "
            f"`git checkout HEAD -- {' '.join(_own(repository, manifest))}`, then withdraw."
        )


def _archive(repository: Repository, manifest: Path, reason: str) -> None:
    said = journal.sentence(reason)
    if not said:
        raise CapturesetError("a version is withdrawn for a reason; say --reason TEXT, its users will read it.")
    now = utc_text(datetime.now(UTC).replace(microsecond=0))
    document = {**jsontext.read(manifest), "state": ARCHIVED, "withdrawn": {"at": now, "reason": said}}
    schema.require("release", document, manifest.name)
    own = _own(repository, manifest)
    try:
        history.withdraw(repository, document)
        jsontext.write_text(manifest.with_suffix(".md"), card.text(document, load_taxonomy(repository.categories)))
        jsontext.write(manifest, document)
        git.commit_paths(repository.root, own, f"Withdraw {document['tag']}")
    except BaseException:
        git.git(repository.root, "checkout", "HEAD", "--", *own)
        raise


def _own(repository: Repository, manifest: Path) -> list[str]:
    """Return the files that a withdrawal changes."""
    files = (manifest, manifest.with_suffix(".md"), history.path(repository))
    return sorted(str(path.relative_to(repository.root)) for path in files)


def _mark(repository: Repository, tag: str, document: Mapping[str, Any]) -> str:
    mark = f"{tag}!"
    if not git.git(repository.root, "tag", "--list", mark).strip():
        reason = document["withdrawn"]["reason"]
        journal.tag(repository, mark, f"Withdrawn: {reason}", f"{tag}^{{commit}}")
    return mark
