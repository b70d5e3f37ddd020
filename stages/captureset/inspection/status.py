"""`captureset status`: what waits, what is stale, what is not pushed, and the next command."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from captureset.capture import inbox
from captureset.errors import CommandFailedError
from captureset.inspection.check import stale_stages
from captureset.release import journal
from captureset.release.journal import Journal
from captureset.store import git, pushing
from captureset.store.repository import Repository

FITTING_PATHS = 4  # on a line


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
    fault = pushing.silence(repository) if unpushed is None else None
    begun = journal.under_way(repository)
    quarantined = sum(1 for path in repository.quarantine.glob("*") if not path.name.endswith(".reason.json"))
    return Status(
        len(waiting.captures),
        len(waiting.feedback),
        quarantined,
        months,
        stale,
        unpushed,
        fault,
        uncommitted,
        _again(begun) if begun else _next(len(waiting), months, stale, uncommitted) or _sent(unpushed, fault),
    )


def _unpushed(repository: Repository) -> int | None:
    try:
        return len(json.loads(git.dvc(repository.root, "status", "--cloud", "--json") or "{}"))
    except CommandFailedError:
        return None


def _again(begun: Journal) -> str:
    """Return the command that finishes or undoes a release which was killed."""
    return f"captureset release {begun.tag.replace('@', ' ')}"


def _next(waiting: int, months: int, stale: tuple[str, ...], uncommitted: tuple[str, ...]) -> str | None:
    """Return the command that gets work into Git, None when all of it is there."""
    if waiting:
        return "captureset commit"
    if not months:
        return "captureset import csv FILE.csv --images DIR, or captureset submit IMAGE SIDECAR"
    if stale:
        return "dvc repro"
    if uncommitted:
        paths = ("--all",) if len(uncommitted) > FITTING_PATHS else ("--", *uncommitted)
        return f"{shlex.join(('git', 'add', *paths))} && git commit"
    return None


def _sent(unpushed: int | None, fault: str | None) -> str:
    """Return the command for work that is in Git; a release would ask the remote, so a silent one comes first."""
    if unpushed is None:
        remedy = fault.rpartition("; ")[2].rstrip(".") if fault else ""
        return f"{remedy}, then captureset status" if remedy else "dvc status --cloud"
    return "dvc push" if unpushed else "captureset release NAME VERSION"
