"""`captureset status`: what waits, what is stale, what is not pushed, and the next command."""

from __future__ import annotations

import json
from dataclasses import dataclass

from captureset.capture import inbox
from captureset.errors import CommandFailedError
from captureset.inspection.check import stale_stages
from captureset.release import journal
from captureset.release.journal import Journal
from captureset.store import git, pushing
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a repository; `next_command` is the one to type now."""

    captures_waiting: int
    feedback_waiting: int
    quarantined: int
    months: int
    stale_stages: tuple[str, ...]
    unpushed_files: int | None  # None: the remote did not answer
    remote_fault: str | None  # why it did not
    uncommitted: tuple[str, ...]
    next_command: str


def status(repository: Repository) -> Status:
    """Return the state of a repository; asks DVC and Git, reads no photo."""
    waiting = inbox.waiting(repository)
    months = sum(1 for _ in repository.pointers.glob("*.dvc"))
    stale = tuple(stale_stages(repository)) if months else ()
    unpushed = _unpushed(repository) if months else 0
    uncommitted = tuple(git.changed_paths(repository.root))
    begun = journal.under_way(repository)
    quarantined = sum(1 for path in repository.quarantine.glob("*") if not path.name.endswith(".reason.json"))
    return Status(
        len(waiting.captures),
        len(waiting.feedback),
        quarantined,
        months,
        stale,
        unpushed,
        pushing.silence(repository) if unpushed is None else None,
        uncommitted,
        _again(begun) if begun else _next(len(waiting), months, stale, uncommitted, unpushed),
    )


def _unpushed(repository: Repository) -> int | None:
    try:
        return len(json.loads(git.dvc(repository.root, "status", "--cloud", "--json") or "{}"))
    except CommandFailedError:
        return None


def _again(begun: Journal) -> str:
    """Return the command that finishes or undoes a release which was killed."""
    return f"captureset release {begun.tag.replace('@', ' ')}"


def _next(waiting: int, months: int, stale: tuple[str, ...], uncommitted: tuple[str, ...], unpushed: int | None) -> str:
    if waiting:
        return "captureset commit"
    if not months:
        return "captureset import csv FILE.csv --images DIR, or captureset submit IMAGE SIDECAR"
    if stale:
        return "dvc repro"
    if uncommitted:
        return f"git add {' '.join(uncommitted[:4])}{' …' if len(uncommitted) > 4 else ''} && git commit"  # noqa: PLR2004 - what fits a line
    if unpushed:
        return "dvc push"
    return "captureset release NAME VERSION"
