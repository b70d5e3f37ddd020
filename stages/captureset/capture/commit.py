"""Inbox to DVC: strict checks, bytes into the cache, rows into month pointers, one Git commit.

Every step can be repeated: killed anywhere, the next run ends in the same state, because a capture is cleared from
the inbox only after the Git commit that names it, and all it names, are on disk for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from captureset.capture import inbox
from captureset.capture.durable import UNFINISHED, kept
from captureset.capture.intake import Intake, Progress, Refusal
from captureset.capture.lock import alone
from captureset.store import erasures, git, pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

OWN_PATHS = ("data/captures", "data/categories.yaml", "data/exclusions.csv", "data/erasures.csv")
MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class Committed:
    """What came in; `commit` is None when there was nothing to record."""

    captures: int
    feedback: int
    already_in: int
    refusals: tuple[Refusal, ...]
    months: tuple[str, ...]
    commit: str | None


def commit(repository: Repository, progress: Progress = lambda _: None) -> Committed:
    """Bring everything in the inbox into DVC and make one Git commit of exactly that.

    Args:
        repository: where to.
        progress: told after each delivery how many are done.

    Raises:
        CapturesetError: another commit is running, Git has no identity, a manifest is missing, a month pointer lost
            files since the last Git commit, or the disk did not take something. What was in the inbox is there still.
    """
    with kept("what is in the inbox"), alone(repository):
        git.require_identity(repository.root)
        store = ObjectStore(repository.root)
        _sweep(repository, store)
        _require_sound_pointers(repository, store)
        batch = Intake(repository, store).take(progress)
        for month, new in sorted(batch.months.items()):
            pointers.append(store, repository.pointers, month, new)
        changed = git.changed_paths(repository.root, *OWN_PATHS)
        made = git.commit_paths(repository.root, changed, _message(repository, store, changed)) if changed else None
        store.flush()  # Git leaves its names to the system's leisure; the inbox is the only other copy
        inbox.clear(repository, batch.done)
    return Committed(
        batch.captures, batch.feedback, batch.already_in, tuple(batch.refusals), tuple(sorted(batch.months)), made
    )


def _sweep(repository: Repository, store: ObjectStore) -> None:
    """Remove what killed runs left unfinished."""
    for unfinished in repository.pointers.glob(UNFINISHED):
        unfinished.unlink()
    inbox.sweep(repository)
    store.sweep()


def _require_sound_pointers(repository: Repository, store: ObjectStore) -> None:
    """Refuse a pointer that lists less than the last Git commit."""
    changed = git.changed_paths(repository.root, "data/captures/*.dvc")
    before = {Path(path).name: git.committed_text(repository.root, path) for path in changed}
    pointers.require_grown(store, repository.pointers, before, erasures.ids(repository))


def _message(repository: Repository, store: ObjectStore, changed: list[str]) -> str:
    """Return what came in since the last Git commit, whichever run wrote it: counts, months, then the ids."""
    came: dict[str, list[str]] = {"photo": [], "feedback": []}
    months = set()
    for path in changed:
        for relpath in _new_rows(repository, store, path) if path.endswith(".dvc") else ():
            identity, part = pointers.capture_of(relpath)
            months.add(Path(path).stem)
            if part in came:
                came[part].append(identity if part == "photo" else Path(relpath).stem.partition(".feedback.")[2])
    if not months:
        return "Record captures and the taxonomy"
    counts = [f"{len(ids)} {noun}" for ids, noun in _counted(came) if ids]
    names = sorted(came["photo"]) + sorted(came["feedback"])
    more = [f"and {len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    body = "\n".join([*names[:MOST_NAMED], *more])
    return f"Add {' and '.join(counts)} ({', '.join(sorted(months))})\n\n{body}"


def _counted(came: dict[str, list[str]]) -> list[tuple[list[str], str]]:
    photos = came["photo"]
    return [(photos, "capture" if len(photos) == 1 else "captures"), (came["feedback"], "feedback")]


def _new_rows(repository: Repository, store: ObjectStore, path: str) -> set[str]:
    """Return the rows of a month that the last Git commit did not list."""
    texts = (git.committed_text(repository.root, path), (repository.root / path).read_text(encoding="utf-8"))
    old, new = (set(pointers.rows(store, pointers.parse(text, path))) if text else set() for text in texts)
    return new - old
